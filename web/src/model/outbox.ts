import { type About, type Draft, EndedError, type Outbox, type Published } from "@topicstream/client";
import type { ChatClient } from "./ports.js";

/** What has become of a draft that a closed tab left. */
export type LeftSettled = { readonly draft: Draft } & (
  { readonly published: Published } | { readonly error: unknown }
);

/** Told of what closed tabs have left. */
export interface LeftListener {
  /** Before it is sent. */
  found(drafts: readonly Draft[]): void;
  settled(event: LeftSettled): void;
}

/**
 * Publishes, and keeps what is published in the browser until the server has answered it. This is done in the tab, and not by
 * its client: that may be one which several tabs share, and the page shows what is in here.
 */
export class PageOutbox {
  /** What closed tabs left has been asked for once, or there will be no connection. */
  readonly #begun: Promise<void>;
  #begin!: () => void;
  #taking: Promise<void> = Promise.resolve();
  /** All that was said before has been given to the client: so the order stays. */
  #before: Promise<unknown>;
  #isClosed = false;

  /** @param kept where drafts are kept; `undefined` where the browser keeps nothing */
  constructor(
    private readonly kept: Outbox | undefined,
    private readonly client: Pick<ChatClient, "publish" | "send">,
    private readonly listener: LeftListener,
  ) {
    this.#begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.#before = this.#begun;
  }

  /** While there is a connection: sends what closed tabs left, before all that is said from now on. */
  takeOver(): void {
    if (this.#isClosed) {
      return;
    }
    const taking = this.#taking.then(() => this.#sendLeft());
    this.#taking = taking;
    void taking.then(this.#begin);
    this.#before = Promise.all([this.#before, taking]);
  }

  /** Rejects with what the client says; what its end interrupts stays here, for another tab. */
  publish(draft: Draft): Promise<Published> {
    if (this.#isClosed) {
      return Promise.reject(new EndedError(1000, "the outbox was closed"));
    }
    return new Promise((resolve, reject) => {
      const adding = this.#taking.then(() => this.#add(draft));
      this.#before = Promise.all([this.#before, adding]).then(([, key]) => {
        this.#send(draft, key).then(resolve, reject);
      });
    });
  }

  /** What was said before is still kept, and may be taken over then. */
  close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#begin();
      void this.#before.then(() => this.kept?.close());
    }
  }

  /** @returns the key of the draft; `undefined` if it is not kept, so that only a reload would lose it */
  async #add(draft: Draft): Promise<number | undefined> {
    try {
      return await this.kept?.add(draft);
    } catch {
      return undefined;
    }
  }

  async #sendLeft(): Promise<void> {
    let left: { key: number; draft: Draft }[];
    try {
      left = (await this.kept?.takeOver()) ?? [];
    } catch {
      return;
    }
    if (left.length > 0) {
      this.listener.found(left.map(({ draft }) => draft));
    }
    for (const { key, draft } of left) {
      this.#send(draft, key).then(
        (published) => {
          this.listener.settled({ draft, published });
        },
        (error: unknown) => {
          if (!(error instanceof EndedError)) {
            this.listener.settled({ draft, error });
          }
        },
      );
    }
  }

  async #send(draft: Draft, key: number | undefined): Promise<Published> {
    try {
      const published = await this.#ask(draft);
      this.#remove(key);
      return published;
    } catch (error) {
      if (!(error instanceof EndedError)) {
        this.#remove(key);
      }
      throw error;
    }
  }

  async #ask({ action, members, payload }: Draft): Promise<Published> {
    const message: unknown = JSON.parse(payload);
    const about = members["about"] as About | undefined;
    const options = {
      messageId: members["message_id"] as string,
      ...(about === undefined ? {} : { about }),
    };
    return action === "send"
      ? this.client.send(members["to"] as string, message, options)
      : this.client.publish(members["topic"] as string, message, options);
  }

  #remove(key: number | undefined): void {
    if (key !== undefined) {
      // What stays is sent once more by another tab, and stored once by its id.
      this.kept?.remove(key).catch(() => undefined);
    }
  }
}
