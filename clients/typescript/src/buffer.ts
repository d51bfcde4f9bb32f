import { BufferFullError } from "./errors.js";

/** Counts the bytes that wait for an answer, up to a bound. */
export class Buffer {
  #bytes = 0;
  readonly #seekers: { bytes: number; found: (taken: number) => void }[] = [];

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes room. @throws BufferFullError where there is none */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.maxBytes) {
      throw new BufferFullError(this.#bytes, this.maxBytes);
    }
    this.#bytes += bytes;
  }

  /** Takes room, unless somebody waits for it. @throws BufferFullError where there is none, or somebody waits */
  takeInTurn(bytes: number): void {
    if (this.#seekers.length > 0) {
      throw new BufferFullError(this.#bytes, this.maxBytes);
    }
    this.take(bytes);
  }

  /**
   * Takes room as soon as there is some, in the order of those who ask.
   *
   * @param found called with what was taken, at once if there is room
   */
  takeWhenFree(bytes: number, found: (taken: number) => void): void {
    // What is larger than the whole has it alone.
    this.#seekers.push({ bytes: Math.min(bytes, this.maxBytes), found });
    this.#serve();
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
    this.#serve();
  }

  #serve(): void {
    for (let next = this.#seekers[0]; next !== undefined; next = this.#seekers[0]) {
      if (this.#bytes + next.bytes > this.maxBytes) {
        return;
      }
      this.#bytes += next.bytes;
      this.#seekers.shift();
      next.found(next.bytes);
    }
  }
}
