import type { MessageState } from "./chat.js";

/** The server tells how far others are only in rooms with at most this many members. */
const MOST = 50;

interface Progress {
  delivered: number;
  read: number;
}

/** How far the others are in a topic. */
export class Readers {
  readonly #all = new Map<string, Progress>();
  #delivered = 0;
  #read = 0;

  /** @returns from behind which offset up to which own messages change their state; undefined where nothing is new */
  raise(user: string, delivered: number, read: number): { after: number; to: number } | undefined {
    let progress = this.#all.get(user);
    if (progress === undefined) {
      if (this.#all.size >= MOST) {
        return undefined;
      }
      progress = { delivered: 0, read: 0 };
      this.#all.set(user, progress);
    }
    const isNew = read > progress.read || Math.max(delivered, read) > progress.delivered;
    if (!isNew) {
      return undefined;
    }
    progress.read = Math.max(progress.read, read);
    progress.delivered = Math.max(progress.delivered, delivered, read);
    const after = Math.min(this.#read, this.#delivered);
    this.#read = Math.max(this.#read, read);
    this.#delivered = Math.max(this.#delivered, delivered, read);
    return { after, to: this.#delivered };
  }

  /** How far an own message has come: where somebody else has read it, it was read. */
  stateOf(offset: number): MessageState {
    return { kind: offset <= this.#read ? "read" : offset <= this.#delivered ? "delivered" : "sent" };
  }

  /** The last message of a list that each has read, for those of whom it is in the list. */
  spots(
    indexOf: (offset: number) => number,
    order: readonly number[],
    atEnd: boolean,
  ): Map<number, string[]> {
    const spots = new Map<number, string[]>();
    for (const [user, { read }] of this.#all) {
      const index = indexOf(read + 1) - 1;
      const offset = order[index];
      // Behind the last message of a list that does not go to the end there are others, which may be the last one read.
      if (offset !== undefined && (atEnd || index < order.length - 1 || offset === read)) {
        spots.set(offset, [...(spots.get(offset) ?? []), user]);
      }
    }
    return spots;
  }
}
