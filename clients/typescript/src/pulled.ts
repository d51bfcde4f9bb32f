import { type Deferred, deferred } from "./deferred.js";
import type { Message } from "./types.js";

type Result = IteratorResult<Message, undefined>;

/**
 * Messages that a loop takes one by one. One is offered at a time, and the next only when the loop has come back for it:
 * so those behind it wait in the mailbox, which pauses the subscription when it is full.
 */
export class Pulled implements AsyncIterator<Message, undefined> {
  #offered: { message: Message; done: (taken: boolean) => void } | undefined;
  #inHand: ((taken: boolean) => void) | undefined;
  #next: Deferred<Result> | undefined;
  #isOver = false;
  #reason: Error | undefined;

  constructor(private readonly close: () => void) {}

  /** @returns true when the loop has dealt with it; false if it will not */
  offer(message: Message): Promise<boolean> {
    if (this.#isOver) {
      return Promise.resolve(false);
    }
    return new Promise((done) => {
      this.#offered = { message, done };
      this.#match();
    });
  }

  end(reason: Error | undefined): void {
    this.#isOver = true;
    this.#reason = reason;
    this.#match();
  }

  next(): Promise<Result> {
    this.#inHand?.(true);
    this.#inHand = undefined;
    if (this.#next !== undefined) {
      return Promise.reject(new TypeError("the next message is being waited for already"));
    }
    this.#next = deferred<Result>();
    const { promise } = this.#next;
    this.#match();
    return promise;
  }

  return(): Promise<Result> {
    this.#isOver = true;
    this.#inHand?.(true);
    this.#offered?.done(false);
    this.#inHand = undefined;
    this.#offered = undefined;
    this.close();
    this.#match();
    return Promise.resolve({ done: true, value: undefined });
  }

  #match(): void {
    const next = this.#next;
    if (next === undefined) {
      return;
    }
    if (this.#offered !== undefined) {
      const { message, done } = this.#offered;
      this.#offered = undefined;
      this.#inHand = done;
      this.#next = undefined;
      next.resolve({ done: false, value: message });
    } else if (this.#isOver) {
      this.#next = undefined;
      const reason = this.#reason;
      this.#reason = undefined;
      if (reason === undefined) {
        next.resolve({ done: true, value: undefined });
      } else {
        next.reject(reason);
      }
    }
  }
}
