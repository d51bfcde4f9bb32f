import { signal } from "@preact/signals";
import type { FoldedMessage } from "@topicstream/client";
import type { Search } from "./chat.js";
import { nameOf } from "./items.js";
import type { PlaceModel } from "./place.js";
import { lineOf, textOf } from "./text.js";

const ENOUGH = 50;
const PAGE = 200;

type Hit = Search["hits"][number];

/** Looks for words in a place: first in what is loaded, then back through the log, until there are enough. */
export class Searching {
  readonly search = signal<Search>({ text: "", hits: [], state: "none" });
  #turn = 0;

  constructor(private readonly model: PlaceModel) {}

  stop(): void {
    this.#turn++;
    if (this.search.peek().state === "looking") {
      this.search.value = { ...this.search.peek(), state: "done" };
    }
  }

  find(text: string): void {
    const turn = ++this.#turn;
    const { words, from } = parsed(text);
    if (words.length === 0 && from.length === 0) {
      this.search.value = { text, hits: [], state: "none" };
      return;
    }
    const isHit = (hit: Hit): boolean => {
      const said = hit.text.toLowerCase();
      const name = hit.name.toLowerCase();
      return words.every((word) => said.includes(word)) && from.every((one) => name.includes(one));
    };
    const hits = new Map<number, Hit>();
    const look = (messages: readonly FoldedMessage[]): void => {
      for (const { message } of messages) {
        const { text: said } = textOf(message);
        const hit = {
          offset: message.offset,
          name: nameOf(message, this.model.context),
          text: said,
          at: message.timestamp,
        };
        if (!message.redacted && isHit(hit)) {
          hits.set(hit.offset, hit);
        }
      }
    };
    const show = (state: Search["state"]): void => {
      const found = [...hits.values()].sort((a, b) => b.offset - a.offset).slice(0, ENOUGH);
      this.search.value = {
        text,
        state,
        hits: found.map((hit) => ({ ...hit, text: around(hit.text, words[0] ?? "") })),
      };
    };
    const { timeline } = this.model;
    look(timeline.order.flatMap((offset) => timeline.get(offset) ?? []));
    show("looking");
    void this.#goOn(turn, look, show, () => hits.size >= ENOUGH);
  }

  async #goOn(
    turn: number,
    look: (messages: readonly FoldedMessage[]) => void,
    show: (state: Search["state"]) => void,
    isEnough: () => boolean,
  ): Promise<void> {
    const { client } = this.model.context;
    const { timeline, topic } = this.model;
    // A window that goes to the end has been looked at.
    let before = timeline.atEnd ? timeline.first : undefined;
    try {
      while (!isEnough() && (before === undefined || before > 1)) {
        const page = await client.readFolded(topic, {
          limit: PAGE,
          ...(before === undefined ? {} : { before }),
        });
        if (turn !== this.#turn) {
          return;
        }
        if (page.covers.last < page.covers.first) {
          break;
        }
        look(page.messages);
        show("looking");
        before = page.covers.first;
      }
    } catch (error) {
      this.model.context.failed(error);
    }
    if (turn === this.#turn) {
      show("done");
    }
  }
}

/** Words that must all be there; `from:name` is who said it. */
function parsed(text: string): { words: string[]; from: string[] } {
  const all = text
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== "");
  const from = all.filter((word) => word.startsWith("from:")).map((word) => word.slice("from:".length));
  return { words: all.filter((word) => !word.startsWith("from:")), from: from.filter((one) => one !== "") };
}

/** The piece of a long text in which a word stands. */
function around(text: string, word: string): string {
  const at = word === "" ? 0 : text.toLowerCase().indexOf(word);
  return at > 100 ? `… ${lineOf(text.slice(at - 60))}` : lineOf(text);
}
