import type { Clock } from "./clock.js";

/** What is done later, unless it is all cancelled before. */
export class Timers {
  readonly #all = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** @returns what cancels it */
  schedule(task: () => void, delayMs: number): () => void {
    const stop = this.clock.schedule(() => {
      this.#all.delete(cancel);
      task();
    }, delayMs);
    const cancel = (): void => {
      this.#all.delete(cancel);
      stop();
    };
    this.#all.add(cancel);
    return cancel;
  }

  cancelAll(): void {
    for (const cancel of [...this.#all]) {
      cancel();
    }
  }
}
