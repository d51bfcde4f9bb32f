import type { Buffer } from "./buffer.js";
import type { Conversation } from "./conversation.js";
import { deferred } from "./deferred.js";
import { RefusedError } from "./errors.js";
import { bytesOf, type Frame } from "./frames.js";
import type { Draft, Outbox } from "./outbox.js";

/** The largest frame that is sent, in bytes: what the server takes as one WebSocket message. */
const MAX_FRAME_BYTES = 128 * 1024;
const REQUEST_BYTES = 256;

/** What has become of a draft that an earlier client left in the outbox. */
export type OutboxEvent = { draft: Draft } & ({ reply: Frame } | { error: Error });

/** Publishes, by way of the outbox if there is one. */
export class Publisher {
  /** What earlier clients left has been asked for on the first connection, or there will be none. */
  readonly #begun = deferred<undefined>();
  /** What earlier clients left has been asked for. */
  #takenOver: Promise<void> = Promise.resolve();
  /** All that was published before has been asked for: so the order stays. */
  #before: Promise<unknown> = this.#begun.promise;

  constructor(
    private readonly conversation: Conversation,
    private readonly buffer: Buffer,
    private readonly outbox: Outbox | undefined,
    private readonly onOutbox: (event: OutboxEvent) => void,
  ) {}

  /** Sends what earlier clients left behind, before all that is published from now on. */
  takeOver(): void {
    const outbox = this.outbox;
    if (outbox === undefined) {
      return;
    }
    const taking = this.#takenOver.then(async () => {
      try {
        for (const { key, draft } of await outbox.takeOver()) {
          this.#sendOld(key, draft);
        }
      } catch (error) {
        if (this.conversation.ended === undefined) {
          this.conversation.settings.log("the outbox cannot be read", error);
        }
      }
    });
    this.#takenOver = taking;
    void taking.then(() => {
      this.#begun.resolve(undefined);
    });
    this.#before = Promise.allSettled([this.#before, taking]);
  }

  /** The client has ended. What was published before that is still kept. */
  close(): void {
    this.#begun.resolve(undefined);
    const close = (): void => this.outbox?.close();
    this.#before.then(close, close);
  }

  #sendOld(key: number, draft: Draft): void {
    this.#ask(
      draft,
      key,
      (reply) => {
        this.onOutbox({ draft, reply });
      },
      (error) => {
        if (error instanceof RefusedError) {
          this.onOutbox({ draft, error });
        }
      },
    );
  }

  /** @param whenFree whether to wait for room in the buffer, or else to fail */
  async publish(draft: Draft, whenFree: boolean): Promise<Frame> {
    const bytes = REQUEST_BYTES + bytesOf(draft.payload);
    if (bytes > MAX_FRAME_BYTES) {
      throw new RefusedError("too_large", `a message of ${bytes} bytes is more than a server takes`, false);
    }
    if (!whenFree) {
      this.buffer.takeInTurn(bytes);
      return this.#counted(draft, bytes);
    }
    return new Promise((resolve) => {
      this.buffer.takeWhenFree(bytes, (taken) => {
        resolve(this.#counted(draft, taken));
      });
    });
  }

  async #counted(draft: Draft, taken: number): Promise<Frame> {
    try {
      return await this.#published(draft);
    } finally {
      this.buffer.give(taken);
    }
  }

  #published(draft: Draft): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const outbox = this.outbox;
      if (outbox === undefined) {
        this.#ask(draft, undefined, resolve, reject);
        return;
      }
      if (this.conversation.ended !== undefined) {
        reject(this.conversation.ended);
        return;
      }
      const kept = this.#takenOver.then(() => outbox.add(draft));
      this.#before = Promise.allSettled([this.#before, kept]).then(([, keeping]) => {
        if (keeping.status === "fulfilled") {
          this.#ask(draft, keeping.value, resolve, reject);
        } else {
          reject(keeping.reason as Error);
        }
      });
    });
  }

  #ask(
    draft: Draft,
    key: number | undefined,
    onReply: (reply: Frame) => void,
    onFailure: (error: Error) => void,
  ): void {
    const { action, members, payload } = draft;
    const id = members["message_id"] as string;
    const topic = members["topic"];
    const subscription = (): ReturnType<Conversation["subscription"]> =>
      members["echo"] === false && typeof topic === "string"
        ? this.conversation.subscription(topic)
        : undefined;
    subscription()?.onQuietPublish(id);
    this.conversation.ask(
      { action, ...members },
      payload,
      "in-order",
      (reply) => {
        this.#answered(key);
        onReply(reply);
        // The last, for it throws where the server answers what it should not.
        subscription()?.onQuietAnswered(id, reply);
      },
      (error) => {
        subscription()?.onQuietAnswered(id, undefined);
        // What the client did not get answered before its end stays in the outbox.
        if (error instanceof RefusedError) {
          this.#answered(key);
        }
        onFailure(error);
      },
    );
  }

  #answered(key: number | undefined): void {
    if (key !== undefined) {
      this.outbox?.remove(key).catch((error: unknown) => {
        this.conversation.settings.log("an answered message stays in the outbox", error);
      });
    }
  }
}
