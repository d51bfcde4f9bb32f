/**
 * How long to wait before the next attempt: each wait is drawn evenly from 0 to a bound that doubles. So clients that
 * lost a server at one moment do not come back at one moment.
 */
export class Backoff {
  #failures = 0;

  constructor(
    readonly baseMs: number,
    readonly capMs: number,
    private readonly random: () => number,
  ) {}

  next(): number {
    const bound = Math.min(this.capMs, this.baseMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return Math.floor(this.random() * (bound + 1));
  }

  /** Makes the next wait as long as after so many failures, if it would be shorter. */
  atLeast(failures: number): void {
    this.#failures = Math.max(this.#failures, failures);
  }

  reset(): void {
    this.#failures = 0;
  }
}
