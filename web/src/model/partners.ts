import type { Context } from "./context.js";
import type { Places } from "./places.js";

const ASKED_EVERY_MS = 30_000;
/** So many does the server take at a time. */
const MOST = 500;

/** Asks whether the other users of chats are there: only while the page is seen and has a connection. */
export class Partners {
  #timer: (() => void) | undefined;
  #isOnline = false;
  #hasEnded = false;

  constructor(
    private readonly context: Context,
    private readonly places: Places,
  ) {}

  /** The connection is there, or not; the page is seen, or not. */
  changed(isOnline: boolean): void {
    this.#timer?.();
    this.#timer = undefined;
    if (!isOnline && this.#isOnline) {
      this.places.disconnected();
    }
    this.#isOnline = isOnline;
    if (isOnline && this.context.isSeen.peek() && !this.#hasEnded) {
      void this.#ask();
    }
  }

  end(): void {
    this.#hasEnded = true;
    this.#timer?.();
  }

  /** A chat has come. */
  added(): void {
    if (this.#isOnline) {
      this.changed(true);
    }
  }

  async #ask(): Promise<void> {
    this.#timer = this.context.ports.clock.schedule(() => {
      void this.#ask();
    }, ASKED_EVERY_MS);
    const users = this.places.all.flatMap(({ partner }) => partner ?? []).slice(0, MOST);
    if (users.length === 0) {
      return;
    }
    try {
      const answers = await this.context.client.online(users);
      if (this.#isOnline) {
        for (const { user, online, lastSeen } of answers) {
          this.context.people.seen(user, online, lastSeen);
        }
        for (const place of this.places.all) {
          if (place.partner !== undefined) {
            place.changed();
          }
        }
      }
    } catch {
      // Who may not know does not know.
    }
  }
}
