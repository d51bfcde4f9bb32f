import type { ClientSubscription } from "./api.js";
import { deferred } from "./deferred.js";
import { Delivery } from "./delivery.js";
import { EndedError } from "./errors.js";
import type { FromTab, FromWorker } from "./shared-wire.js";
import type { Message, Position, SubscribeOptions, SubscriptionListener } from "./types.js";

/** So much is dealt with before the worker is told of it, while there is more. */
const TAKEN_BYTES = 64 * 1024;

/** What a subscription uses of its client. */
export interface Owner {
  readonly maxUnhandledBytes: number;
  post(message: FromTab): void;
  /** Gives a subscription a number, for what is told of it from now on. */
  number(subscription: SharedSubscription): number;
  forgetSubscription(subscription: SharedSubscription): void;
  forgetTopic(sub: number): Promise<void>;
  log(message: string, error?: unknown): void;
}

/** A tab's side of its interest in a topic. */
export class SharedSubscription implements ClientSubscription {
  readonly #delivery: Delivery;
  readonly #ready = deferred<unknown>();
  /** Where it goes on if the worker does not know it any more. */
  #next: Position | undefined;
  #taken = 0;
  #tellsTaken = false;
  #isOver = false;
  #sub: number;

  constructor(
    private readonly owner: Owner,
    readonly topic: string,
    private readonly options: SubscribeOptions,
    listener: SubscriptionListener,
  ) {
    this.#delivery = new Delivery(topic, listener, owner.maxUnhandledBytes, {
      // The worker counts what it has sent, and holds back what is too much.
      drained: () => undefined,
      close: () => {
        this.close();
      },
      taken: (bytes) => {
        this.#onTaken(bytes);
      },
      log: (message, error) => {
        owner.log(message, error);
      },
    });
    this.#ready.promise.catch(() => undefined);
    this.#sub = this.#ask();
  }

  get sub(): number {
    return this.#sub;
  }

  get ready(): Promise<unknown> {
    return this.#ready.promise;
  }

  get position(): Position | undefined {
    return this.#delivery.handled;
  }

  close(): void {
    if (!this.#isOver) {
      this.owner.post({ kind: "unsubscribe", sub: this.#sub });
      this.end(undefined);
    }
  }

  forget(): Promise<void> {
    const forgotten = this.owner.forgetTopic(this.#sub);
    this.end(undefined);
    return forgotten;
  }

  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    return this.#delivery.iterator();
  }

  // ---- of the client

  /** The worker does not know it any more: it begins once more where it stands. */
  askAgain(): void {
    this.#sub = this.#ask();
  }

  /** Asks the worker for the topic, under another number than before: what is late does not count. */
  #ask(): number {
    const sub = this.owner.number(this);
    const next = this.#next === undefined ? {} : { from: { resume: this.#next } };
    this.#taken = 0;
    this.owner.post({ kind: "subscribe", sub, topic: this.topic, options: { ...this.options, ...next } });
    return sub;
  }

  on(message: FromWorker): void {
    switch (message.kind) {
      case "ready":
        this.#next ??= message.position;
        this.#ready.resolve(undefined);
        break;
      case "messages":
        for (const one of message.messages) {
          this.#next = { epoch: one.message.epoch, offset: one.message.offset };
          this.#delivery.message(one.message, one.bytes);
        }
        break;
      case "told":
        this.#onTold(message);
        break;
      default:
    }
  }

  #onTold({ name, event, bytes }: Extract<FromWorker, { kind: "told" }>): void {
    if (name === "truncated") {
      const { epoch, firstOffset } = event as { epoch: number; firstOffset: number };
      this.#next = { epoch, offset: firstOffset - 1 };
    } else if (name === "reset") {
      const { epoch, commonOffset } = event as { epoch: number; commonOffset: number };
      this.#next = { epoch, offset: commonOffset };
    }
    this.#delivery.tell(name, event as never, bytes);
  }

  end(reason: Error | undefined): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.owner.forgetSubscription(this);
      this.#delivery.end(reason);
      this.#ready.reject(reason ?? new EndedError(1000, "the subscription was closed"));
    }
  }

  /** What is dealt with in one turn is told at once. */
  #onTaken(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken >= TAKEN_BYTES) {
      this.#tellTaken();
    } else if (!this.#tellsTaken) {
      this.#tellsTaken = true;
      setTimeout(() => {
        this.#tellsTaken = false;
        this.#tellTaken();
      });
    }
  }

  #tellTaken(): void {
    if (this.#taken > 0 && !this.#isOver) {
      this.owner.post({ kind: "taken", sub: this.#sub, bytes: this.#taken });
      this.#taken = 0;
    }
  }
}
