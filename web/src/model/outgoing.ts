import type { MessageId, MessageState } from "./chat.js";

/** A message that this page sends, until it is heard as one of the log. */
export interface Outgoing {
  readonly id: string;
  readonly text: string;
  readonly replyTo?: number;
  readonly at: number;
  readonly state: MessageState;
  /** Where it stands, once the server has said so. */
  readonly position?: MessageId;
}

/** What this page sends to one topic, in the order of sending. */
export class OutgoingMessages {
  #all: Outgoing[] = [];
  /** The ids of all that was ever shown as being sent: by these its items are known for their lives. */
  readonly #ids = new Set<string>();

  /** Those that the log has given a place before the others, as they will stand. */
  get all(): readonly Outgoing[] {
    const placed = this.#all.filter(({ position }) => position !== undefined);
    placed.sort((a, b) => (a.position?.offset ?? 0) - (b.position?.offset ?? 0));
    return [...placed, ...this.#all.filter(({ position }) => position === undefined)];
  }

  get failed(): readonly Outgoing[] {
    return this.#all.filter(({ state }) => state.kind === "failed");
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  get(id: string): Outgoing | undefined {
    return this.#all.find((one) => one.id === id);
  }

  add(outgoing: Outgoing): void {
    this.#ids.add(outgoing.id);
    if (this.get(outgoing.id) === undefined) {
      this.#all.push(outgoing);
    }
  }

  change(id: string, change: Partial<Outgoing>): void {
    this.#all = this.#all.map((one) => (one.id === id ? { ...one, ...change } : one));
  }

  /** It is one of the log's messages now, or is not to be sent any more. */
  remove(id: string): Outgoing | undefined {
    const found = this.get(id);
    if (found !== undefined) {
      this.#all = this.#all.filter((one) => one !== found);
    }
    return found;
  }
}
