import { FoldedMessages, type FoldedMessage, type FoldedPage, type Message } from "@topicstream/client";

/** The window is cut back to this many messages when it has more than `MOST`. */
const KEPT = 300;
const MOST = 600;

export interface Gap {
  /** The first message behind it. */
  readonly before: number;
  readonly reason: "truncated" | "reset";
  readonly key: string;
}

/**
 * A window over the log of a topic: a piece of it without holes, in which edits, reactions and replies are put together
 * with what they are about.
 *
 * Pages come in answer to questions, live messages by the subscription, and either may overtake the other. So what is
 * heard while a page is awaited is told again after it; what is in the page already has no effect then.
 */
export class Timeline {
  /** The offsets of the messages in the window, ascending. */
  order: number[] = [];
  /** Which piece of the log the window stands for. */
  first = 1;
  last = 0;
  /** Whether the window goes on with what is heard. */
  atEnd = false;
  isLoaded = false;
  /** Messages that are to be shown anew. */
  readonly dirty = new Set<number>();
  gap: Gap | undefined;
  #fold: FoldedMessages;
  #logFirst = 1;
  /** The newest offset that was heard or is known from a page. */
  #newest = 0;
  /** What is heard while pages are awaited. */
  #awaited = 0;
  #heard: Message[] = [];
  #redacted: number[] = [];
  #gaps = 0;

  constructor(private readonly user: string) {
    this.#fold = new FoldedMessages(Infinity, user);
  }

  get hasOlder(): boolean {
    return this.isLoaded && this.first > this.#logFirst;
  }

  get newest(): number {
    return this.#newest;
  }

  get(offset: number): FoldedMessage | undefined {
    return this.#fold.get(offset);
  }

  has(offset: number): boolean {
    return this.#fold.get(offset) !== undefined;
  }

  /** Where in the window the first message at or behind an offset is. */
  indexOf(offset: number): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.order[middle] ?? 0) < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  // ---- pages

  /** Reads a page. What is heard meanwhile is not missing in it. */
  async await<T>(page: Promise<T>, take: (page: T) => void): Promise<void> {
    this.#awaited++;
    try {
      take(await page);
    } finally {
      if (--this.#awaited === 0) {
        this.#heard = [];
        this.#redacted = [];
      }
    }
  }

  /** The window is this page. */
  replace(page: FoldedPage): void {
    this.#fold = new FoldedMessages(Infinity, this.user);
    this.order = [];
    this.dirty.clear();
    this.gap = undefined;
    this.isLoaded = true;
    this.atEnd = false;
    this.first = page.covers.first;
    this.last = page.covers.last;
    this.#take(page);
  }

  prepend(page: FoldedPage): void {
    if (!this.isLoaded || page.covers.last >= this.first) {
      return;
    }
    const isEmpty = page.covers.last < page.covers.first;
    this.first = Math.min(this.first, isEmpty ? page.firstOffset : page.covers.first);
    this.#take(page);
    if (this.order.length > MOST) {
      this.last = (this.order[KEPT] ?? 0) - 1;
      this.atEnd = false;
      this.#cut();
    }
  }

  append(page: FoldedPage): void {
    if (!this.isLoaded || this.atEnd || page.covers.first > this.last + 1) {
      return;
    }
    this.last = Math.max(this.last, page.covers.last);
    this.#take(page);
    if (this.order.length > MOST) {
      this.#cutOldest();
    }
  }

  #take(page: FoldedPage): void {
    this.#logFirst = page.firstOffset;
    this.#newest = Math.max(this.#newest, page.nextOffset - 1);
    this.#fold.begin(page);
    const added = page.messages.map(({ message }) => message.offset);
    this.order = [...new Set([...this.order, ...added])].sort((a, b) => a - b);
    if (this.last >= page.nextOffset - 1) {
      this.#goOn();
    }
    for (const message of this.#heard) {
      this.#change(this.#fold.apply(message));
    }
    for (const changed of this.#fold.redact(this.#redacted)) {
      this.dirty.add(changed.message.offset);
    }
  }

  /** The window has come to the end of a page that went to the end of the log: what was heard since goes on from there. */
  #goOn(): void {
    for (const message of this.#heard) {
      if (message.offset === this.last + 1) {
        this.#push(message);
      }
    }
    this.atEnd = this.last >= this.#newest;
  }

  // ---- what is heard

  /** Takes the next message of the subscription. */
  hear(message: Message): void {
    this.#newest = Math.max(this.#newest, message.offset);
    if (this.#awaited > 0) {
      this.#heard.push(message);
    }
    if (this.atEnd && message.offset > this.last) {
      this.#push(message);
    } else {
      this.#change(this.#fold.apply(message));
    }
  }

  #push(message: Message): void {
    const { about, offset } = message;
    this.last = offset;
    const changed = this.#fold.add(message);
    if (about === undefined || about.as === "reply") {
      this.order.push(offset);
      if (about !== undefined) {
        this.#touch(about.offset);
      }
    } else {
      this.#change(changed);
    }
  }

  #change(changed: FoldedMessage | undefined): void {
    if (changed !== undefined) {
      this.#touch(changed.message.offset);
    }
  }

  #touch(offset: number): void {
    if (this.has(offset)) {
      this.dirty.add(offset);
    }
  }

  redact(offsets: number[]): void {
    if (this.#awaited > 0) {
      this.#redacted.push(...offsets);
    }
    for (const changed of this.#fold.redact(offsets)) {
      this.dirty.add(changed.message.offset);
    }
  }

  /** The window has grown by what was heard. @param isReadHere whether its end is what is looked at */
  trim(isReadHere: boolean): void {
    if (this.order.length <= MOST) {
      return;
    }
    if (isReadHere) {
      this.#cutOldest();
    } else {
      this.last = (this.order[MOST] ?? 0) - 1;
      this.atEnd = false;
      this.#cut();
    }
  }

  #cutOldest(): void {
    this.first = this.order[this.order.length - KEPT] ?? this.first;
    this.#cut();
  }

  #cut(): void {
    this.#fold.keep(this.first, this.last);
    this.order = this.order.filter((offset) => offset >= this.first && offset <= this.last);
    for (const offset of [...this.dirty]) {
      if (offset < this.first || offset > this.last) {
        this.dirty.delete(offset);
      }
    }
    if (this.gap !== undefined && (this.gap.before <= this.first || this.gap.before > this.last + 1)) {
      this.gap = undefined;
    }
  }

  // ---- where continuity was lost

  /** What is between the last message that was heard and this one is not kept any more. */
  truncated(firstOffset: number): void {
    this.#heard = [];
    this.#logFirst = firstOffset;
    this.#newest = Math.max(this.#newest, firstOffset - 1);
    if (!this.atEnd || firstOffset <= this.last + 1) {
      return;
    }
    this.last = firstOffset - 1;
    this.#setGap("truncated", firstOffset);
  }

  /** What the log had after this offset is gone; other messages take its place. */
  reset(commonOffset: number): void {
    this.#heard = [];
    this.#newest = commonOffset;
    const wasBeyond = this.last > commonOffset;
    for (const offset of this.order.slice(this.indexOf(commonOffset + 1))) {
      this.dirty.add(offset);
    }
    this.#fold.keep(1, commonOffset, commonOffset);
    this.order = this.order.filter((offset) => offset <= commonOffset);
    if (wasBeyond) {
      this.last = commonOffset;
      this.first = Math.min(this.first, commonOffset + 1);
      this.atEnd = true;
      this.#setGap("reset", commonOffset + 1);
    }
  }

  #setGap(reason: Gap["reason"], before: number): void {
    if (this.order.length > 0) {
      this.gap = { reason, before, key: `gap-${++this.#gaps}` };
    }
  }
}
