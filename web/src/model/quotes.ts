import type { Context } from "./context.js";
import { nameOf } from "./items.js";
import { lineOf, textOf } from "./text.js";

const MOST = 500;

/** What is quoted above replies to messages that are not in the window. Each is read once. */
export class Quotes {
  readonly #known = new Map<number, { name: string; text: string } | undefined>();

  constructor(
    private readonly context: Context,
    private readonly topic: string,
    private readonly changed: (offset: number) => void,
  ) {}

  get(offset: number): { name: string; text: string } | undefined {
    if (!this.#known.has(offset)) {
      if (this.#known.size >= MOST) {
        this.#known.clear();
      }
      this.#known.set(offset, undefined);
      this.#read(offset).catch(() => {
        this.#known.delete(offset);
      });
    }
    return this.#known.get(offset);
  }

  async #read(offset: number): Promise<void> {
    const page = await this.context.client.readFolded(this.topic, { after: offset - 1, limit: 1 });
    const message = page.messages[0]?.message;
    if (message?.offset === offset) {
      this.#known.set(offset, { name: nameOf(message, this.context), text: lineOf(textOf(message).text) });
      this.changed(offset);
    }
  }
}
