import type { ClientSubscription } from "./api.js";
import type { Backoff } from "./backoff.js";
import type { Conversation } from "./conversation.js";
import { deferred } from "./deferred.js";
import { Delivery } from "./delivery.js";
import { EndedError, RefusedError } from "./errors.js";
import { type Frame, isFrame, number, pageOf, text, textOrNull } from "./frames.js";
import type {
  From,
  Message,
  Position,
  PresenceChange,
  Receipt,
  SubscribeOptions,
  SubscriptionListener,
} from "./types.js";

const READ_LIMIT = 500;
/** What is held while a gap is closed; what comes beyond it is read from the log. */
const MAX_HELD_BYTES = 1024 * 1024;

/** Where a subscription stands: before its first message it may not know that. */
export interface Standing {
  epoch: number;
  offset: number | undefined;
}

type State =
  /** Not asked for on this connection, or no answer yet. */
  | "asked"
  | "live"
  /** Something is missing and is being read. */
  | "filling"
  /** The listener's mailbox is full. */
  | "paused"
  | "ended";

/**
 * The client's interest in one topic, until it is closed. Iterated over, it gives its messages; the end of the loop
 * closes it.
 *
 * `last` is the offset of the last message that was put into the listener's mailbox. A message at or below it is a
 * repeat and is dropped; the one after it is taken; any other is held, and what is missing before it is read from the
 * log. After a lost connection the subscription names `(epoch, last)` and the server goes on from there. A mailbox that
 * is full pauses it: it leaves the topic, and comes back in the same way. So there is one way to come back.
 *
 * Messages of the client's own that it did not want back (`echo: false`) leave holes that are none: their offsets are
 * known from the replies, or, after a reconnect, the messages by their ids.
 */
export class Subscription implements ClientSubscription {
  readonly #delivery: Delivery;
  readonly #ready = deferred<Standing>();
  readonly #held = new Map<number, { message: Message; bytes: number }>();
  readonly #withheld = new Set<number>();
  readonly #quietIds = new Set<string>();
  #state: State = "asked";
  #epoch = 0;
  #last: number | undefined;
  #highestSeen = 0;
  #heldBytes = 0;
  /** Counts what makes answers to earlier questions worthless. */
  #turn = 0;
  readonly #tries: Backoff;

  /** @internal */
  constructor(
    private readonly conversation: Conversation,
    readonly topic: string,
    private options: SubscribeOptions,
    listener: SubscriptionListener,
  ) {
    const { maxUnhandledBytes, log } = conversation.settings;
    this.#delivery = new Delivery(topic, listener, maxUnhandledBytes, {
      drained: () => {
        this.#drained();
      },
      close: () => {
        this.close();
      },
      log,
    });
    this.#tries = conversation.tries();
    this.#ready.promise.catch(() => undefined);
  }

  get ready(): Promise<Standing> {
    return this.#ready.promise;
  }

  get position(): Position | undefined {
    return this.#delivery.handled;
  }

  close(): void {
    if (this.#state !== "ended") {
      this.conversation.tell({ action: "unsubscribe", topic: this.topic });
      this.end(undefined);
    }
  }

  forget(): Promise<void> {
    this.end(undefined);
    return new Promise((resolve, reject) => {
      this.conversation.ask(
        { action: "unsubscribe", topic: this.topic, durable: true },
        undefined,
        "before-subscription",
        () => {
          resolve();
        },
        reject,
      );
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    return this.#delivery.iterator();
  }

  // ---- of the conversation

  /** @internal */
  end(reason: Error | undefined): void {
    if (this.#state === "ended") {
      return;
    }
    this.#state = "ended";
    this.#turn++;
    this.#clearHeld();
    this.conversation.forget(this);
    this.#delivery.end(reason);
    this.#ready.reject(reason ?? new EndedError(1000, "the subscription was closed"));
  }

  /** @internal Asks the server for the topic, on a connection on which it has not been asked or has been left. */
  ask(): void {
    if (this.#state === "ended" || this.#state === "paused") {
      return;
    }
    this.#state = "asked";
    this.#clearHeld();
    const asked = ++this.#turn;
    const from: From =
      this.#last === undefined
        ? (this.options.from ?? "new")
        : { resume: { epoch: this.#epoch, offset: this.#last } };
    const { durable, presence } = this.options;
    this.conversation.ask(
      {
        action: "subscribe",
        topic: this.topic,
        from,
        ...(durable === true ? { durable } : {}),
        ...(presence === undefined ? {} : { presence }),
      },
      undefined,
      "now",
      (reply) => {
        if (this.#turn === asked) {
          this.#onSubscribed(from, reply);
        }
      },
      (error) => {
        this.#onRefused(asked, error, () => {
          this.ask();
        });
      },
    );
  }

  /** @internal In which life of the log it is. */
  get epoch(): number {
    return this.#epoch;
  }

  /** @internal Begins once more behind that place; what follows it comes again. */
  goBack(position: Position): void {
    this.#epoch = position.epoch;
    this.#last = position.offset;
    this.#withheld.clear();
    if (this.conversation.isOpen) {
      this.ask();
    }
  }

  /** @internal Becomes a subscription of another kind where it stands; where that is refused it stays what it is. */
  change(kind: Pick<SubscribeOptions, "durable" | "presence">): Promise<void> {
    return new Promise((resolve, reject) => {
      this.conversation.ask(
        { action: "subscribe", topic: this.topic, ...kind },
        undefined,
        "until-answered",
        () => {
          if (this.#state === "ended") {
            this.conversation.tell({ action: "unsubscribe", topic: this.topic });
          }
          this.options = { ...this.options, ...kind };
          resolve();
        },
        reject,
      );
    });
  }

  /** @internal The connection is gone; there will be another one. */
  disconnected(): void {
    if (this.#state !== "ended" && this.#state !== "paused") {
      this.#state = "asked";
      this.#turn++;
      this.#clearHeld();
    }
  }

  #onSubscribed(from: From, reply: Frame): void {
    this.#state = "live";
    this.#tries.reset();
    const first = number(reply, "first_offset");
    const next = number(reply, "next_offset");
    if (from === "new") {
      this.#last = next - 1;
    } else if (from === "earliest") {
      this.#last = first - 1;
    } else if (typeof from === "number") {
      this.#last = Math.max(1, from) - 1;
    } else if ("last" in from) {
      this.#last = Math.max(first, next - from.last) - 1;
    } else if ("resume" in from) {
      this.#epoch = from.resume.epoch;
      this.#last = from.resume.offset;
    } else if (this.conversation.renewal.isToCome(from.time)) {
      // To the server it is like what is new, and by the next connection it may have come.
      this.#last = next - 1;
    }
    // Another time: the first message shows it.
    this.#epoch = Math.max(this.#epoch, number(reply, "epoch"));
    this.#skipWithheld();
    this.#ready.resolve({ epoch: this.#epoch, offset: this.#last });
  }

  #onRefused(asked: number, error: Error, again: () => void): void {
    if (this.#turn !== asked) {
      return;
    }
    if (error instanceof RefusedError && error.retryable) {
      this.conversation.later(() => {
        if (this.#turn === asked) {
          again();
        }
      }, this.#tries);
    } else if (error instanceof RefusedError) {
      this.end(error);
    }
  }

  /** @internal */
  onMessage(message: Message, bytes: number): void {
    if (this.#state === "filling") {
      this.#hold(message, bytes);
      this.#goOn();
    } else if (this.#state === "live") {
      this.#last ??= message.offset - 1;
      this.#skipWithheld();
      if (message.offset === this.#last + 1) {
        this.#deliver(message, bytes);
      } else if (message.offset > this.#last) {
        this.#state = "filling";
        this.#highestSeen = 0;
        this.#hold(message, bytes);
        this.#readOn();
      }
    }
  }

  #hold(message: Message, bytes: number): void {
    const { offset } = message;
    this.#highestSeen = Math.max(this.#highestSeen, offset);
    if (offset > (this.#last ?? 0) && !this.#held.has(offset) && this.#heldBytes + bytes <= MAX_HELD_BYTES) {
      this.#held.set(offset, { message, bytes });
      this.#heldBytes += bytes;
    }
  }

  #clearHeld(): void {
    this.#held.clear();
    this.#heldBytes = 0;
  }

  /** Delivers what was held and is next; with the last of what was seen the gap is closed. */
  #goOn(): void {
    while (this.#state === "filling" && this.#last !== undefined) {
      this.#skipWithheld();
      const next = this.#held.get(this.#last + 1);
      if (next !== undefined) {
        this.#held.delete(next.message.offset);
        this.#heldBytes -= next.bytes;
        this.#deliver(next.message, next.bytes);
      } else {
        if (this.#last >= this.#highestSeen) {
          this.#state = "live";
          this.#turn++;
          this.#clearHeld();
        }
        return;
      }
    }
  }

  /** Puts the next message into the mailbox. */
  #deliver(message: Message, bytes: number): void {
    this.#last = message.offset;
    const id = message.messageId;
    const known = { ...message, epoch: this.#epoch };
    const isQuiet = id !== undefined && this.#quietIds.has(id) && this.conversation.isOurs(message.from);
    if (this.#withheld.delete(message.offset) || isQuiet) {
      return;
    }
    this.#delivery.message(known, bytes);
    if (this.#delivery.isFull) {
      this.#state = "paused";
      this.#turn++;
      this.#clearHeld();
      this.conversation.tell({ action: "unsubscribe", topic: this.topic });
    }
  }

  #drained(): void {
    if (this.#state === "paused") {
      this.#state = "asked";
      if (this.conversation.isOpen) {
        this.ask();
      }
    }
  }

  #readOn(): void {
    const asked = ++this.#turn;
    this.conversation.ask(
      { action: "read", topic: this.topic, after: this.#last ?? 0, limit: READ_LIMIT },
      undefined,
      "now",
      (reply) => {
        if (this.#turn === asked) {
          this.#onPage(reply);
        }
      },
      (error) => {
        this.#onRefused(asked, error, () => {
          this.#readOn();
        });
      },
    );
  }

  #onPage(reply: Frame): void {
    const page = pageOf(reply, this.topic);
    if (page.epoch !== this.#epoch) {
      // Another life: only the server can say what is common.
      this.ask();
      return;
    }
    const turn = this.#turn;
    const before = this.#last ?? 0;
    if (this.#last !== undefined && page.firstOffset > this.#last + 1) {
      this.#onTruncated(page.epoch, page.firstOffset);
    }
    for (const message of page.messages) {
      if (this.#state === "filling" && message.offset === (this.#last ?? 0) + 1) {
        this.#deliver(message, 2 * JSON.stringify(message.message).length);
        this.#goOn();
      }
    }
    this.#goOn();
    // Another turn: the gap is closed, or the mailbox is full.
    if (turn !== this.#turn) {
      return;
    }
    if ((this.#last ?? 0) > before) {
      this.#tries.reset();
      this.#readOn();
    } else {
      this.conversation.later(() => {
        if (turn === this.#turn) {
          this.#readOn();
        }
      }, this.#tries);
    }
  }

  #onTruncated(epoch: number, firstOffset: number): void {
    if (this.#state === "live" || this.#state === "filling") {
      this.#epoch = Math.max(this.#epoch, epoch);
      this.#last = Math.max(this.#last ?? 0, firstOffset - 1);
      this.#delivery.tell("truncated", { epoch, firstOffset });
      this.#goOn();
    }
  }

  #onReset(epoch: number, commonOffset: number): void {
    if (this.#state !== "live" && this.#state !== "filling") {
      return;
    }
    this.#turn++;
    this.#epoch = epoch;
    this.#withheld.clear();
    this.#clearHeld();
    if (this.#last !== undefined && this.#last < commonOffset) {
      // Nothing that was taken is gone; what was missing before it is in the new life too.
      this.#state = "filling";
      this.#highestSeen = commonOffset;
      this.#readOn();
    } else {
      this.#state = "live";
      this.#last = commonOffset;
      this.#delivery.tell("reset", { epoch, commonOffset });
    }
  }

  /** @internal What the server tells of the topic, but for messages. */
  onEvent(frame: Frame): void {
    switch (frame["type"]) {
      case "truncated":
        this.#onTruncated(number(frame, "epoch"), number(frame, "first_offset"));
        return;
      case "reset":
        this.#onReset(number(frame, "epoch"), number(frame, "common_offset"));
        return;
      default:
        // What may be lost is told if there is room.
        if (this.#state !== "ended" && this.#delivery.takesHints) {
          this.#onHint(frame);
        }
    }
  }

  #onHint(frame: Frame): void {
    switch (frame["type"]) {
      case "signal":
        this.#delivery.tell("signal", { from: textOrNull(frame, "from"), message: frame["message"] });
        break;
      case "presence":
        this.#delivery.tell("presence", presenceOf(frame));
        break;
      case "receipt":
        this.#delivery.tell("receipt", receiptOf(frame));
        break;
      case "redacted": {
        const offsets: unknown = frame["offsets"];
        if (Array.isArray(offsets)) {
          this.#delivery.tell("redacted", { offsets: offsets.filter((one) => typeof one === "number") });
        }
        break;
      }
      default:
    }
  }

  /** @internal A message of the client's own is on its way that is not to come back. */
  onQuietPublish(messageId: string): void {
    this.#quietIds.add(messageId);
  }

  /** @internal It has its offset, or will not be stored. */
  onQuietAnswered(messageId: string, reply: Frame | undefined): void {
    this.#quietIds.delete(messageId);
    if (!isFrame(reply)) {
      return;
    }
    const offset = number(reply, "offset");
    const isOfThisLife = this.#epoch === 0 || number(reply, "epoch") === this.#epoch;
    if (isOfThisLife && (this.#last === undefined || offset > this.#last)) {
      this.#withheld.add(offset);
      this.#skipWithheld();
      this.#goOn();
    }
  }

  #skipWithheld(): void {
    if (this.#last !== undefined) {
      while (this.#withheld.delete(this.#last + 1)) {
        this.#last++;
      }
    }
  }
}

function presenceOf(frame: Frame): PresenceChange {
  const change: PresenceChange = {
    user: textOrNull(frame, "user"),
    name: textOrNull(frame, "name"),
    count: number(frame, "count"),
  };
  if (frame["event"] === "join" || frame["event"] === "leave") change.event = frame["event"];
  return change;
}

function receiptOf(frame: Frame): Receipt {
  const receipt: Receipt = { user: text(frame, "user") };
  if (typeof frame["delivered"] === "number") receipt.delivered = frame["delivered"];
  if (typeof frame["read"] === "number") receipt.read = frame["read"];
  return receipt;
}
