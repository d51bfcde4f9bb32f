/**
 * What a user has not read of a topic. Of what was heard or read page by page it knows which messages count (those of
 * others that say something); of what came before that only how many there are.
 */
export class Unread {
  /** Ascending. */
  readonly #counting: number[] = [];
  readonly #mentions: number[] = [];
  #read = 0;
  /** From here on it is known which messages count. */
  #knownFrom = 1;

  get read(): number {
    return this.#read;
  }

  get count(): number {
    return this.#counting.length + Math.max(0, this.#knownFrom - 1 - this.#read);
  }

  get mentions(): number {
    return this.#mentions.length;
  }

  /** The first that counts, or may. */
  get first(): number | undefined {
    return this.#knownFrom - 1 > this.#read ? this.#read + 1 : this.#counting[0];
  }

  /** All from this offset on will be told by `hear`. */
  begin(knownFrom: number): void {
    this.#knownFrom = knownFrom;
    this.#counting.length = 0;
    this.#mentions.length = 0;
  }

  hear(offset: number, isMention: boolean): void {
    if (offset <= this.#read) {
      return;
    }
    this.#counting.push(offset);
    if (isMention) {
      this.#mentions.push(offset);
    }
    if (this.#counting.length > MOST_KNOWN) {
      // Who has that much to read needs no exact number.
      this.#knownFrom = (this.#counting.splice(0, MOST_KNOWN / 2).at(-1) ?? 0) + 1;
    }
  }

  /** @returns whether that changes anything */
  readTo(offset: number): boolean {
    if (offset <= this.#read) {
      return false;
    }
    this.#read = offset;
    dropTo(this.#counting, offset);
    dropTo(this.#mentions, offset);
    return true;
  }

  forget(offset: number): void {
    for (const list of [this.#counting, this.#mentions]) {
      const index = list.indexOf(offset);
      if (index >= 0) {
        list.splice(index, 1);
      }
    }
  }

  /** The log has lost what came after this offset. */
  cutAfter(offset: number): void {
    this.#read = Math.min(this.#read, offset);
    this.#knownFrom = Math.min(this.#knownFrom, offset + 1);
    for (const list of [this.#counting, this.#mentions]) {
      while ((list.at(-1) ?? 0) > offset) {
        list.pop();
      }
    }
  }

  /** Nothing from this offset on counts as read. @param counting what is known of it to count, ascending */
  unreadFrom(offset: number, counting: readonly { offset: number; isMention: boolean }[]): void {
    this.#read = offset - 1;
    this.#knownFrom = Math.min(this.#knownFrom, offset);
    this.#counting.length = 0;
    this.#mentions.length = 0;
    for (const one of counting) {
      this.hear(one.offset, one.isMention);
    }
  }
}

const MOST_KNOWN = 4000;

function dropTo(list: number[], offset: number): void {
  let below = 0;
  while (below < list.length && (list[below] ?? 0) <= offset) {
    below++;
  }
  list.splice(0, below);
}
