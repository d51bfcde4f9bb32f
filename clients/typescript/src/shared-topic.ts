import type { TopicStreamClient } from "./client.js";
import type { Clock } from "./clock.js";
import { EndedError, RefusedError } from "./errors.js";
import type { SharedListening } from "./shared-listening.js";
import type { Standing, Subscription } from "./subscription.js";
import type { Message, Position, Receipt, SubscribeOptions, SubscriptionListener } from "./types.js";

/** Of how many users it is kept how far they are. */
const MOST_RECEIPTS = 100;
const MESSAGE_BYTES = 128;

/** What the topics of a worker have in common. */
export interface Around {
  client: TopicStreamClient;
  clock: Clock;
  /** A message of the topic has come. */
  heard(topic: string, offset: number): void;
  /** Nobody listens to the topic any more. */
  left(topic: string): void;
  /** The topic belongs to the user now, by what a tab has asked for; `undefined`: it does not any more. */
  durable(topic: string, standing: Standing | undefined): void;
}

/**
 * One subscription for all tabs that listen to a topic.
 *
 * It begins where the first of them wants to begin. Each tab has a place of its own: it takes the message after that, and
 * leaves those before it. A tab whose place is behind what was brought reads what it lacks, page by page, and so goes on with
 * the others. It is behind because it began earlier, or because it was slow; nothing waits for it here.
 */
export class SharedTopic {
  readonly #subscription: Subscription;
  readonly #listenings = new Set<SharedListening>();
  readonly #receipts = new Map<string, Receipt>();
  #epoch = 0;
  #last: number | undefined;
  #kind: Pick<SubscribeOptions, "durable" | "presence">;

  constructor(
    readonly topic: string,
    readonly around: Around,
    options: SubscribeOptions,
  ) {
    const { durable, presence } = options;
    this.#kind = {
      ...(durable === undefined ? {} : { durable }),
      ...(presence === undefined ? {} : { presence }),
    };
    this.#subscription = around.client.subscribe(topic, options, this.#listener());
    this.#subscription.ready.then(
      ({ epoch, offset }) => {
        this.#epoch ||= epoch;
        this.#last ??= offset;
        if (durable === true) {
          around.durable(topic, { epoch, offset });
        }
      },
      () => undefined,
    );
  }

  /** When the server has taken the subscription for the first time, with the place where it began. */
  get ready(): Promise<Standing> {
    return this.#subscription.ready;
  }

  /** The life of the log of which messages are brought. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The offset of the last message that was brought. */
  get last(): number | undefined {
    return this.#last;
  }

  /** How far users are, as they were heard of. */
  get receipts(): Iterable<Receipt> {
    return this.#receipts.values();
  }

  add(listening: SharedListening): void {
    this.#listenings.add(listening);
  }

  remove(listening: SharedListening): void {
    if (this.#listenings.delete(listening) && this.#listenings.size === 0) {
      this.around.left(this.topic);
      this.#subscription.close();
    }
  }

  /** Takes the topic from the user, for all tabs. */
  forget(by: SharedListening): Promise<void> {
    this.#listenings.delete(by);
    this.#end(new EndedError(1000, "another tab has taken the topic from the user"));
    this.around.durable(this.topic, undefined);
    return this.#subscription.forget();
  }

  /** Makes the subscription such as the tab wants it too. */
  async widen({ durable, presence }: SubscribeOptions): Promise<void> {
    const more: Pick<SubscribeOptions, "durable" | "presence"> = {
      ...(durable === true && this.#kind.durable !== true ? { durable } : {}),
      // One tab that wants to be seen prevails over others that do not.
      ...(presence === true && this.#kind.presence !== true ? { presence } : {}),
    };
    if (Object.keys(more).length > 0) {
      await this.#subscription.change(more);
      this.#kind = { ...this.#kind, ...more };
      if (more.durable === true) {
        this.around.durable(this.topic, { epoch: this.#epoch, offset: this.#last ?? 0 });
      }
    }
  }

  /** Only the server knows what an earlier life has in common with this one: so it is asked, and all that follows comes. */
  goBack(position: Position, by: SharedListening): void {
    for (const other of this.#listenings) {
      if (other !== by) {
        other.hasBegun(this.#subscription.epoch);
      }
    }
    this.#last = position.offset;
    this.#subscription.goBack(position);
  }

  /** Some time has passed: a subscription that lost nothing does not tell in which life of the log it goes on. */
  refresh(): void {
    this.#epoch = this.#subscription.epoch;
  }

  isOurs(message: Message): boolean {
    return message.from !== undefined && message.from === this.around.client.welcome?.user;
  }

  #listener(): SubscriptionListener {
    const all = (task: (one: SharedListening) => void): void => {
      for (const one of [...this.#listenings]) {
        task(one);
      }
    };
    return {
      message: (message) => {
        this.#epoch = message.epoch;
        this.#last = message.offset;
        const bytes = bytesOfMessage(message);
        all((one) => {
          one.onMessage(message, bytes);
        });
        this.around.heard(this.topic, message.offset);
      },
      truncated: (event) => {
        this.#last = Math.max(this.#last ?? 0, event.firstOffset - 1);
        all((one) => {
          one.onTruncated(event);
        });
      },
      reset: (event) => {
        this.#epoch = event.epoch;
        this.#last = event.commonOffset;
        all((one) => {
          one.onReset(event);
        });
      },
      signal: (event) => {
        const bytes = bytesOf(event.message);
        all((one) => {
          one.hint("signal", event, bytes);
        });
      },
      presence: (change) => {
        all((one) => {
          one.onPresence(change);
        });
      },
      receipt: (receipt) => {
        this.#keep(receipt);
        all((one) => {
          one.hint("receipt", receipt, MESSAGE_BYTES);
        });
      },
      redacted: (event) => {
        all((one) => {
          one.onRedacted(event);
        });
      },
      ended: (reason) => {
        this.around.left(this.topic);
        this.#end(reason);
      },
    };
  }

  #keep(receipt: Receipt): void {
    const before = this.#receipts.get(receipt.user);
    this.#receipts.delete(receipt.user);
    this.#receipts.set(receipt.user, { ...before, ...receipt });
    for (const [oldest] of this.#receipts) {
      if (this.#receipts.size <= MOST_RECEIPTS) {
        break;
      }
      this.#receipts.delete(oldest);
    }
  }

  #end(reason: Error | undefined): void {
    const all = [...this.#listenings];
    this.#listenings.clear();
    for (const one of all) {
      one.end(reason);
    }
  }
}

/** About how much memory a message takes. */
export function bytesOfMessage(message: Message): number {
  return (
    MESSAGE_BYTES + bytesOf(message.message) + (message.headers === undefined ? 0 : bytesOf(message.headers))
  );
}

function bytesOf(value: unknown): number {
  const text = JSON.stringify(value) as string | undefined;
  return 2 * (text?.length ?? 0);
}

/** Whether trying again may help. */
export function mayHelp(error: unknown): boolean {
  return !(error instanceof EndedError) && !(error instanceof RefusedError && !error.retryable);
}
