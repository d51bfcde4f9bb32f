import { Mailbox } from "./mailbox.js";
import { Pulled } from "./pulled.js";
import type { Message, Position, SubscriptionListener } from "./types.js";

const CALL_BYTES = 128;

/** What of a subscription goes on outside of its delivery. */
interface Around {
  /** The listener is no longer behind. */
  drained(): void;
  /** A loop has ended. */
  close(): void;
  /** The application has dealt with something of this size. */
  taken?(bytes: number): void;
  log(message: string, error?: unknown): void;
}

type Told = Exclude<keyof SubscriptionListener, "message" | "ended">;

/** Hands to the application what a subscription has for it, one after the other: to a listener or to a loop. */
export class Delivery {
  readonly #mailbox: Mailbox;
  /** For what does not wait until a loop has taken the messages before it. */
  readonly #hints: Mailbox;
  readonly #pulled: Pulled | undefined;
  #handled: Position | undefined;

  constructor(
    private readonly topic: string,
    private readonly listener: SubscriptionListener,
    maxUnhandledBytes: number,
    private readonly around: Around,
  ) {
    const failed = (error: unknown): void => {
      around.log(`a listener to ${topic} failed`, error);
    };
    const isLoop = listener.message === undefined;
    this.#mailbox = new Mailbox(
      maxUnhandledBytes,
      () => {
        around.drained();
      },
      failed,
    );
    this.#hints = isLoop ? new Mailbox(maxUnhandledBytes, () => undefined, failed) : this.#mailbox;
    this.#pulled = isLoop
      ? new Pulled(() => {
          around.close();
        })
      : undefined;
  }

  /** Whether the application is so far behind that no more messages should come. */
  get isFull(): boolean {
    return this.#mailbox.isFull;
  }

  /** Whether there is room for what may be lost. */
  get takesHints(): boolean {
    return !this.#hints.isFull;
  }

  /** The last message that the application has dealt with. */
  get handled(): Position | undefined {
    return this.#handled;
  }

  iterator(): AsyncIterator<Message, undefined> {
    if (this.#pulled === undefined) {
      throw new TypeError("this subscription has a listener to messages: it cannot be iterated over too");
    }
    return this.#pulled;
  }

  message(message: Message, bytes: number): void {
    this.#mailbox.enqueue(async () => {
      let isTaken = true;
      try {
        if (this.#pulled === undefined) {
          await this.listener.message?.(message);
        } else {
          isTaken = await this.#pulled.offer(message);
        }
      } finally {
        if (isTaken) {
          this.#handled = { epoch: message.epoch, offset: message.offset };
          this.around.taken?.(bytes);
        }
      }
    }, CALL_BYTES + bytes);
  }

  tell<K extends Told>(name: K, event: Parameters<NonNullable<SubscriptionListener[K]>>[0], bytes = 0): void {
    const listener = this.listener as Partial<Record<K, (event: unknown) => unknown>>;
    if (listener[name] === undefined) {
      this.around.taken?.(bytes);
      return;
    }
    const mailbox = name === "truncated" || name === "reset" ? this.#mailbox : this.#hints;
    mailbox.enqueue(async () => {
      try {
        await listener[name]?.(event);
      } finally {
        this.around.taken?.(bytes);
      }
    }, CALL_BYTES + bytes);
  }

  /** The last that is told. */
  end(reason: Error | undefined): void {
    const pulled = this.#pulled;
    this.#mailbox.enqueue(() => {
      pulled?.end(reason);
      if (this.listener.ended !== undefined) {
        return this.listener.ended(reason);
      }
      if (reason !== undefined && pulled === undefined) {
        this.around.log(`the subscription to ${this.topic} ended`, reason);
      }
      return undefined;
    }, CALL_BYTES);
  }
}
