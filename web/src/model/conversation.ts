import { batch, signal } from "@preact/signals";
import type { FoldedPage, PresenceChange } from "@topicstream/client";
import type { Conversation, Draft, Item, MessageId, MessageItem } from "./chat.js";
import type { Context } from "./context.js";
import { Drafting } from "./drafting.js";
import { isSame, itemOf, itemOfOutgoing, type Making, nameOf } from "./items.js";
import { Membership } from "./membership.js";
import type { PlaceModel, Showing } from "./place.js";
import { Quotes } from "./quotes.js";
import { Searching } from "./searching.js";
import { Sending } from "./sending.js";
import { textOf } from "./text.js";

const PAGE = 50;
/** How many messages before the first unread one, or a target, are shown. */
const CONTEXT = 20;

/** What is shown of a place that is open. */
export class ConversationModel implements Conversation, Showing, Making {
  readonly topic: string;
  readonly place: Conversation["place"];
  readonly items = signal<readonly Item[]>([]);
  readonly hasOlder = signal(false);
  readonly hasNewer = signal(false);
  readonly loading = signal<"none" | "first" | "older" | "newer">("first");
  readonly firstUnread = signal<number | undefined>(undefined);
  readonly below = signal(0);
  readonly target = signal<{ readonly offset: number; readonly tick: number } | undefined>(undefined);
  readonly members;
  readonly memberCount;
  readonly typing = signal<readonly string[]>([]);
  readonly draft;
  readonly search;
  readonly context: Context;
  readonly #membership: Membership;
  readonly #drafting: Drafting;
  readonly #sending: Sending;
  readonly #quotes: Quotes;
  readonly #searching: Searching;
  /** By offset, those that stand as they are shown. */
  readonly #made = new Map<number, MessageItem>();
  #spots = new Map<number, readonly string[]>();
  #madeOutgoing = new Map<string, MessageItem>();
  #seenTo = 0;
  #tick = 0;
  #isOpen = false;
  /** Counts what makes an awaited page worthless. */
  #turn = 0;
  /** How many pages were asked for. */
  #pages = 0;

  constructor(readonly model: PlaceModel) {
    const { context, topic } = model;
    this.context = context;
    this.topic = topic;
    this.place = model.place;
    this.#membership = new Membership(model);
    this.members = this.#membership.members;
    this.memberCount = this.#membership.count;
    this.#drafting = new Drafting(model);
    this.draft = this.#drafting.draft;
    this.#sending = new Sending(model);
    this.#quotes = new Quotes(context, topic, (offset) => {
      this.#touchRepliesTo(offset);
      model.changed();
    });
    this.#searching = new Searching(model);
    this.search = this.#searching.search;
  }

  // ---- what items are made with

  get outgoing(): PlaceModel["outgoing"] {
    return this.model.outgoing;
  }

  get readers(): PlaceModel["readers"] {
    return this.model.readers;
  }

  get isOwner(): boolean {
    return this.model.isOwner;
  }

  mentions(text: string): boolean {
    return this.model.mentions(text);
  }

  quote(offset: number): { name: string; text: string } | undefined {
    const folded = this.model.timeline.get(offset);
    if (folded === undefined) {
      return this.#quotes.get(offset);
    }
    const text = this.edited(offset) ?? textOf(folded.message).text;
    return { name: nameOf(folded.message, this.context), text };
  }

  edited(offset: number): string | undefined {
    return this.#sending.edited(offset);
  }

  reacted(offset: number): ReadonlyMap<string, boolean> | undefined {
    return this.#sending.reacted(offset);
  }

  readBy(offset: number): readonly string[] {
    return this.#spots.get(offset) ?? [];
  }

  // ---- opening

  /** It is shown: at the message that is named, or else at the first unread one. */
  async open(at: MessageId | undefined): Promise<void> {
    const { model } = this;
    this.#isOpen = true;
    model.showing = this;
    this.#membership.open();
    this.#turn++;
    if (!model.timeline.isLoaded) {
      this.loading.value = "first";
      const turn = this.#turn;
      await model.loaded;
      if (turn !== this.#turn) {
        return;
      }
    }
    const first = model.unread.first;
    model.opened();
    this.#seenTo = model.unread.read;
    this.firstUnread.value = undefined;
    if (at !== undefined) {
      this.goTo(at.offset);
    } else if (first !== undefined && (first < model.timeline.first || first > model.timeline.last + 1)) {
      await this.#load({ after: Math.max(0, first - 1 - CONTEXT), limit: PAGE }, () => undefined);
    } else if (first === undefined && !model.timeline.atEnd) {
      this.toLatest();
    } else {
      this.loading.value = "none";
    }
    this.#setFirstUnread(first);
    this.paint();
  }

  close(): void {
    this.#isOpen = false;
    this.#turn++;
    this.#membership.close();
    this.#searching.stop();
    this.model.typing.types(false);
    if (this.model.showing === this) {
      this.model.showing = undefined;
    }
  }

  presence(change: PresenceChange): void {
    this.#membership.presence(change);
  }

  /** There is a connection again. */
  connected(): void {
    if (this.#isOpen) {
      this.#membership.open();
    }
  }

  /** The page is seen again: what came meanwhile is new. */
  returned(): void {
    this.#setFirstUnread(this.model.unread.first);
  }

  disconnected(): void {
    this.#membership.disconnected();
  }

  #setFirstUnread(first: number | undefined): void {
    const { timeline } = this.model;
    if (first === undefined) {
      return;
    }
    this.firstUnread.value = timeline.order
      .slice(timeline.indexOf(first))
      .find((offset) => timeline.get(offset)?.message.from !== this.context.user);
  }

  // ---- the window

  older(): void {
    const { timeline } = this.model;
    if (this.loading.peek() !== "none" || !timeline.hasOlder) {
      return;
    }
    void this.#page("older", { before: timeline.first, limit: PAGE }, (page) => {
      timeline.prepend(page);
    });
  }

  newer(): void {
    const { timeline } = this.model;
    if (this.loading.peek() !== "none" || !timeline.isLoaded || timeline.atEnd) {
      return;
    }
    void this.#page("newer", { after: timeline.last, limit: PAGE }, (page) => {
      timeline.append(page);
    });
  }

  toLatest(): void {
    const { timeline } = this.model;
    if (timeline.atEnd) {
      this.#aim(timeline.order.at(-1));
      return;
    }
    void this.#load({ limit: PAGE }, () => {
      this.#aim(timeline.order.at(-1));
    });
  }

  goTo(offset: number): void {
    const { timeline } = this.model;
    if (timeline.has(offset)) {
      this.#aim(offset);
      return;
    }
    void this.#load({ after: Math.max(0, offset - 1 - CONTEXT), limit: PAGE }, () => {
      // What was an edit or a reaction, or is not kept, has its neighbour shown.
      const nearest = timeline.order[timeline.indexOf(offset)] ?? timeline.order.at(-1);
      if (nearest !== offset) {
        this.context.notice("info", "This message is not there any more.");
      }
      this.#aim(nearest);
    });
  }

  goToTime(time: number): void {
    this.context.client.readFolded(this.topic, { since: Math.max(0, Math.floor(time)), limit: 1 }).then(
      ({ messages }) => {
        const first = messages[0];
        if (first === undefined) {
          this.toLatest();
        } else {
          this.goTo(first.message.offset);
        }
      },
      (error: unknown) => {
        this.context.failed(error);
      },
    );
  }

  #aim(offset: number | undefined): void {
    if (offset !== undefined) {
      this.context.painter.flush();
      this.target.value = { offset, tick: ++this.#tick };
    }
  }

  /** The window is another one. */
  #load(which: Parameters<Context["client"]["readFolded"]>[1], then: () => void): Promise<void> {
    this.#turn++;
    const { timeline } = this.model;
    return this.#page("first", which, (page) => {
      timeline.replace(page);
      this.#made.clear();
      this.paint();
      then();
    });
  }

  async #page(
    what: "first" | "older" | "newer",
    which: Parameters<Context["client"]["readFolded"]>[1],
    take: (page: FoldedPage) => void,
  ): Promise<void> {
    const turn = this.#turn;
    const number = ++this.#pages;
    this.loading.value = what;
    try {
      await this.model.timeline.await(this.context.client.readFolded(this.topic, which), (page) => {
        if (turn === this.#turn) {
          batch(() => {
            take(page);
            this.model.settle(page);
            this.loading.value = "none";
            this.paint();
          });
        }
      });
    } catch (error) {
      this.context.failed(error);
    } finally {
      // What was painted may have asked for the next page: that one is under way.
      if (turn === this.#turn && number === this.#pages) {
        this.loading.value = "none";
      }
    }
  }

  // ---- painting

  paint(): void {
    const { timeline, readers } = this.model;
    const { dirty, order } = timeline;
    const spots = readers.spots((offset) => timeline.indexOf(offset), order, timeline.atEnd);
    for (const offset of new Set([...this.#spots.keys(), ...spots.keys()])) {
      if (String(this.#spots.get(offset)) !== String(spots.get(offset))) {
        dirty.add(offset);
      }
    }
    this.#spots = spots;
    for (const offset of [...dirty]) {
      this.#touchRepliesTo(offset);
      if (!timeline.has(offset)) {
        this.#made.delete(offset);
      }
    }
    const items: Item[] = [];
    const { gap } = timeline;
    for (const offset of order) {
      if (gap !== undefined && gap.before <= offset && items.at(-1)?.kind !== "gap" && !hasGap(items)) {
        items.push({ kind: "gap", key: gap.key, reason: gap.reason });
      }
      const item = this.#itemAt(offset);
      if (item !== undefined) {
        items.push(item);
      }
    }
    if (gap !== undefined && !hasGap(items)) {
      items.push({ kind: "gap", key: gap.key, reason: gap.reason });
    }
    dirty.clear();
    this.#forgetOld(order);
    if (timeline.atEnd || !timeline.isLoaded) {
      items.push(...this.#outgoingItems());
    }
    batch(() => {
      if (!isAlike(items, this.items.peek())) {
        this.items.value = items;
      }
      this.hasOlder.value = timeline.hasOlder;
      this.hasNewer.value = timeline.isLoaded && !timeline.atEnd;
      this.below.value = this.#countBelow();
      const typing = this.model.typing.users.map((user) => this.context.people.name(user));
      if (String(typing) !== String(this.typing.peek())) {
        this.typing.value = typing;
      }
    });
  }

  #itemAt(offset: number): MessageItem | undefined {
    const { timeline } = this.model;
    const made = this.#made.get(offset);
    if (made !== undefined && !timeline.dirty.has(offset)) {
      return made;
    }
    const folded = timeline.get(offset);
    if (folded === undefined) {
      return undefined;
    }
    const item = itemOf(folded, this);
    if (made !== undefined && isSame(made, item)) {
      return made;
    }
    this.#made.set(offset, item);
    return item;
  }

  #outgoingItems(): MessageItem[] {
    const made = new Map<string, MessageItem>();
    for (const outgoing of this.model.outgoing.all) {
      const item = itemOfOutgoing(outgoing, this);
      const before = this.#madeOutgoing.get(outgoing.id);
      made.set(outgoing.id, before !== undefined && isSame(before, item) ? before : item);
    }
    this.#madeOutgoing = made;
    return [...made.values()];
  }

  #forgetOld(order: readonly number[]): void {
    if (this.#made.size > 2 * order.length + PAGE) {
      const kept = new Set(order);
      for (const offset of [...this.#made.keys()]) {
        if (!kept.has(offset)) {
          this.#made.delete(offset);
        }
      }
    }
  }

  #touchRepliesTo(offset: number): void {
    for (const [reply, item] of this.#made) {
      if (item.replyTo?.offset === offset) {
        this.model.timeline.dirty.add(reply);
      }
    }
  }

  #countBelow(): number {
    const { timeline, unread } = this.model;
    let below = 0;
    for (let i = timeline.order.length - 1; i >= 0; i--) {
      const offset = timeline.order[i] ?? 0;
      if (offset <= this.#seenTo) {
        break;
      }
      if (timeline.get(offset)?.message.from !== this.context.user) {
        below++;
      }
    }
    return timeline.atEnd ? below : Math.max(below, unread.count);
  }

  // ---- reading

  read(offset: number): void {
    if (!this.context.isSeen.peek()) {
      return;
    }
    if (offset > this.#seenTo) {
      this.#seenTo = offset;
      this.model.changed();
    }
    this.model.read(offset);
  }

  markUnread(offset: number): void {
    this.model.markUnread(offset);
    this.firstUnread.value = offset;
  }

  // ---- writing

  edit(change: Partial<Draft>): void {
    this.#drafting.edit(change);
  }

  send(): void {
    const draft = this.#drafting.take();
    if (draft === undefined) {
      return;
    }
    if (draft.editing !== undefined) {
      this.#sending.edit(draft.editing, draft.text);
      this.context.painter.flush();
      return;
    }
    if (!this.model.timeline.atEnd && this.model.timeline.isLoaded) {
      this.toLatest();
    }
    this.#sending.send(draft.text, draft.replyTo);
    this.context.painter.flush();
  }

  editLast(): void {
    const last = this.items.peek().findLast((item) => item.kind === "message" && item.may.edit);
    if (last?.kind === "message" && last.id !== undefined) {
      this.#drafting.edit({ editing: last.id.offset, text: last.text, replyTo: undefined });
    }
  }

  retry(id: string): void {
    this.#sending.retry(id);
    this.context.painter.flush();
  }

  discard(id: string): void {
    this.#sending.discard(id);
    this.context.painter.flush();
  }

  react(offset: number, value: string): void {
    const item = this.#made.get(offset);
    const mine = item?.reactions.find((one) => one.value === value)?.mine ?? false;
    this.#sending.react(offset, value, !mine);
    this.context.painter.flush();
  }

  redact(offset: number): void {
    this.#sending.redact(offset);
  }

  find(text: string): void {
    this.#searching.find(text);
  }
}

function hasGap(items: readonly Item[]): boolean {
  return items.some(({ kind }) => kind === "gap");
}

function isAlike(one: readonly Item[], other: readonly Item[]): boolean {
  return one.length === other.length && one.every((item, i) => item === other[i]);
}
