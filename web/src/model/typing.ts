import type { Clock } from "./ports.js";

const SAID_EVERY_MS = 3000;
const VANISHES_AFTER_MS = 6000;

/** Who types: the others, as they say, and this user, as is said to them. */
export class Typing {
  readonly #others = new Map<string, () => void>();
  #saidAt: number | undefined;

  /** @param changed called when others begin or stop */
  constructor(
    private readonly clock: Clock,
    private readonly changed: () => void,
    private readonly say: (isTyping: boolean) => void,
  ) {}

  get users(): readonly string[] {
    return [...this.#others.keys()];
  }

  heard(user: string, isTyping: boolean): void {
    this.#others.get(user)?.();
    const wasTyping = this.#others.delete(user);
    if (isTyping) {
      const cancel = this.clock.schedule(() => {
        this.heard(user, false);
      }, VANISHES_AFTER_MS);
      this.#others.set(user, cancel);
    }
    if (isTyping !== wasTyping) {
      this.changed();
    }
  }

  /** This user types, or has sent or cleared it. */
  types(isTyping: boolean): void {
    const now = this.clock.now();
    if (isTyping && (this.#saidAt === undefined || now - this.#saidAt >= SAID_EVERY_MS)) {
      this.#saidAt = now;
      this.say(true);
    } else if (!isTyping && this.#saidAt !== undefined) {
      const wasHeard = now - this.#saidAt < VANISHES_AFTER_MS;
      this.#saidAt = undefined;
      if (wasHeard) {
        this.say(false);
      }
    }
  }

  /** Nothing is heard any more. */
  clear(): void {
    const wereThere = this.#others.size > 0;
    for (const cancel of this.#others.values()) {
      cancel();
    }
    this.#others.clear();
    this.#saidAt = undefined;
    if (wereThere) {
      this.changed();
    }
  }
}
