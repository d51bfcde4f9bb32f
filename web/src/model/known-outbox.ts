import type { Draft, Outbox } from "@topicstream/client";

/**
 * The outbox of a user who may not be known yet, and of whom the page shows what is in it. Where the browser does not
 * keep anything, messages are kept as long as the page.
 */
export class KnownOutbox implements Outbox {
  #inner: Outbox | undefined;
  #isClosed = false;
  #opened!: () => void;
  readonly #ready = new Promise<void>((resolve) => {
    this.#opened = resolve;
  });
  #nextOwnKey = -1;

  /** @param found told of what earlier pages have left, before it is sent */
  constructor(
    private readonly create: (user: string) => Outbox | undefined,
    private readonly found: (drafts: readonly Draft[]) => void,
  ) {}

  /** It is known whose it is. */
  open(user: string): void {
    if (this.#inner === undefined && !this.#isClosed) {
      this.#inner = this.create(user);
      this.#opened();
    }
  }

  async add(draft: Draft): Promise<number> {
    await this.#ready;
    try {
      if (this.#inner !== undefined) {
        return await this.#inner.add(draft);
      }
    } catch {
      // It is sent all the same; only a reload would lose it.
    }
    return this.#nextOwnKey--;
  }

  async remove(key: number): Promise<void> {
    if (key >= 0) {
      await this.#inner?.remove(key);
    }
  }

  async takeOver(): Promise<{ key: number; draft: Draft }[]> {
    await this.#ready;
    try {
      const left = (await this.#inner?.takeOver()) ?? [];
      this.found(left.map(({ draft }) => draft));
      return left;
    } catch {
      return [];
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#opened();
    this.#inner?.close();
  }
}
