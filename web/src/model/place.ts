import { type Signal, signal } from "@preact/signals";
import type { Cursor, FoldedPage, Message, Receipt } from "@topicstream/client";
import type { NotifyLevel, Place } from "./chat.js";
import type { Context } from "./context.js";
import { Kept } from "./kept.js";
import { nameOf } from "./items.js";
import { OutgoingMessages } from "./outgoing.js";
import type { Heard } from "./ports.js";
import { Readers } from "./readers.js";
import { isRecord } from "./store.js";
import { lineOf, mentionOf, partnerOf, textOf } from "./text.js";
import { Timeline } from "./timeline.js";
import { Typing } from "./typing.js";
import { Unread } from "./unread.js";
import { codeOf, isRetryable, wordsOf } from "./words.js";

/** How many messages are read of a place that is not open. */
const FIRST_PAGE = 30;
const ACK_EVERY_MS = 1000;
/** What is older was said while this page was away, and is not notified of one by one. */
const FRESH_MS = 60_000;

/** What a place tells the chat that it belongs to. */
export interface PlaceEvents {
  changed(place: PlaceModel): void;
  /** Somebody else has said something. */
  said(place: PlaceModel, message: Message, text: string, isMention: boolean): void;
  /** It has ended: the room was deleted, or this user may not listen to it any more. */
  ended(place: PlaceModel, words: string): void;
}

/** What shows a place while it is open. */
export interface Showing {
  paint(): void;
  presence(change: {
    event?: "join" | "leave";
    user: string | null;
    name: string | null;
    count: number;
  }): void;
}

/** A room or a chat that this user is in: its subscription, and what is known of it. */
export class PlaceModel {
  readonly kind: "room" | "chat";
  readonly partner: string | undefined;
  readonly place: Signal<Place>;
  readonly timeline: Timeline;
  readonly unread = new Unread();
  readonly readers = new Readers();
  readonly outgoing = new OutgoingMessages();
  readonly typing: Typing;
  readonly kept: Kept;
  showing: Showing | undefined;
  title: string | undefined;
  owner: string | null | undefined;
  members: number | undefined;
  /** When its newest messages are there. */
  readonly loaded: Promise<void>;
  #isLoaded!: () => void;
  /** This user deletes it. */
  isGoing = false;
  /** When it was made or joined, for those in which nobody has said anything. */
  since = 0;
  #last: { offset: number; text: string; from: string; at: number } | undefined;
  #subscription: Heard | undefined;
  #starting: Promise<void> | undefined;
  #isClosed = false;
  #ackTimer: (() => void) | undefined;
  /** The last message that the subscription has brought, or needs not bring. */
  #heardTo = 0;
  #delivered = 0;
  #ackedDelivered = 0;
  #ackedRead = 0;
  #isHeld = false;
  #mentions!: (text: string) => boolean;
  #mentionedName: string | undefined;

  constructor(
    readonly context: Context,
    readonly topic: string,
    private readonly events: PlaceEvents,
  ) {
    this.partner = partnerOf(topic, context.user);
    this.kind = this.partner === undefined ? "room" : "chat";
    this.timeline = new Timeline(context.user);
    this.loaded = new Promise((resolve) => {
      this.#isLoaded = resolve;
    });
    this.kept = new Kept(context.store, topic);
    this.typing = new Typing(
      context.ports.clock,
      () => {
        this.changed();
      },
      (typing) => {
        // It may be lost, as it may on its way.
        context.client.signal(topic, { typing }).catch(() => undefined);
      },
    );
    this.#isHeld = this.kept.markedUnread() !== undefined;
    for (const one of this.kept.failed()) {
      this.outgoing.add(one);
    }
    this.place = signal(this.#describe());
  }

  get isOwner(): boolean {
    return this.kind === "room" && this.owner === this.context.user;
  }

  mentions(text: string): boolean {
    const name = this.context.name.peek();
    if (this.#mentionedName !== name) {
      this.#mentionedName = name;
      const { user } = this.context;
      this.#mentions = mentionOf([name, user, user.replace(/^guest\./, "")]);
    }
    return this.#mentions(text);
  }

  /** It is to be painted with the next frame. */
  changed(): void {
    this.context.painter.soon(this.#paint);
  }

  readonly #paint = (): void => {
    const described = this.#describe();
    if (JSON.stringify(described) !== JSON.stringify(this.place.peek())) {
      this.place.value = described;
    }
    this.showing?.paint();
    this.events.changed(this);
  };

  #describe(): Place {
    const { topic, kind, partner, context } = this;
    const last = this.#last;
    return {
      topic,
      kind,
      title:
        partner === undefined ? (this.title ?? topic.replace(/^room:/, "")) : context.people.name(partner),
      ...(partner === undefined ? {} : { with: context.people.person(partner) }),
      owner: this.isOwner,
      unread: this.unread.count,
      mentions: this.unread.mentions,
      pinned: this.kept.pinned(),
      level: this.kept.level(),
      ...(last === undefined ? {} : { last: { text: last.text, from: last.from, at: last.at } }),
      hasDraft: this.kept.hasDraft(),
    };
  }

  /** The newest message, or when it was made. */
  get newestAt(): number {
    return Math.max(this.#last?.at ?? 0, this.since);
  }

  pin(pinned: boolean): void {
    this.kept.pin(pinned);
    this.changed();
  }

  level(level: NotifyLevel): void {
    this.kept.setLevel(level);
    this.changed();
  }

  // ---- the subscription

  /**
   * Reads the newest messages and listens from there on.
   *
   * @param cursor how far the user has come, if that is known
   * @param joins whether the user joins with it: nothing of what was said before is unread then
   */
  start(cursor: Cursor | undefined, joins: boolean): Promise<void> {
    this.#starting ??= this.#start(cursor, joins).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  get isStarted(): boolean {
    return this.#subscription !== undefined;
  }

  async #start(cursor: Cursor | undefined, joins: boolean): Promise<void> {
    if (this.#subscription !== undefined || this.#isClosed) {
      return;
    }
    const { client } = this.context;
    try {
      await this.timeline.await(client.readFolded(this.topic, { limit: FIRST_PAGE }), (page) => {
        if (!this.#isClosed) {
          this.#begin(page, cursor, joins);
        }
      });
    } catch (error) {
      this.#refused(error);
    }
  }

  #begin(page: FoldedPage, cursor: Cursor | undefined, joins: boolean): void {
    this.timeline.replace(page);
    const marked = this.kept.markedUnread();
    const read = joins ? page.nextOffset - 1 : Math.max(cursor?.read ?? 0, this.kept.read());
    this.#ackedRead = cursor?.read ?? 0;
    this.unread.begin(Math.min(page.covers.first, page.nextOffset));
    this.unread.readTo(marked === undefined ? read : marked - 1);
    this.#heardTo = page.nextOffset - 1;
    for (const { message } of page.messages) {
      if (message.from !== undefined) {
        this.context.people.named(message.from, message.name);
      }
      this.#count(message);
      this.#remember(message);
    }
    this.settle(page);
    if (joins) {
      this.#ackRead(read);
    }
    this.#arrived(page.nextOffset - 1);
    this.#subscribe(page.nextOffset, joins && this.kind === "room");
    this.#isLoaded();
    this.changed();
  }

  #subscribe(from: number, durable: boolean): void {
    const subscription = this.context.client.subscribe(
      this.topic,
      { from, ...(durable ? { durable } : {}) },
      {
        message: (message) => {
          this.#hear(message);
        },
        truncated: ({ firstOffset }) => {
          this.timeline.truncated(firstOffset);
          this.changed();
        },
        reset: ({ commonOffset }) => {
          this.timeline.reset(commonOffset);
          this.unread.cutAfter(commonOffset);
          this.changed();
        },
        signal: ({ from: user, message }) => {
          if (user !== null && user !== this.context.user && isRecord(message) && "typing" in message) {
            this.typing.heard(user, message["typing"] === true);
          }
        },
        presence: (change) => {
          this.members = change.count;
          if (change.user !== null) {
            this.context.people.named(change.user, change.name);
          }
          this.showing?.presence(change);
        },
        receipt: (receipt) => {
          this.#receipt(receipt);
        },
        redacted: ({ offsets }) => {
          this.#redacted(offsets);
        },
        ended: (reason) => {
          this.#subscription = undefined;
          if (reason !== undefined) {
            this.#refused(reason);
          }
        },
      },
    );
    subscription.ready.catch(() => undefined);
    this.#subscription = subscription;
  }

  /** What is refused for good ends the place; what ends the client does not. */
  #refused(error: unknown): void {
    const code = codeOf(error);
    if (this.#isClosed || this.isGoing || typeof code !== "string" || isRetryable(error)) {
      return;
    }
    this.close();
    this.events.ended(this, code === "not_found" ? "The room was deleted." : wordsOf(error));
  }

  /** Stops listening here. */
  close(): void {
    this.#isClosed = true;
    this.#ackTimer?.();
    this.typing.clear();
    this.#subscription?.close();
    this.#subscription = undefined;
  }

  /** Leaves the place for good. */
  async leave(): Promise<void> {
    const { client } = this.context;
    const subscription = this.#subscription ?? client.subscribe(this.topic, {}, {});
    this.#subscription = undefined;
    this.close();
    this.kept.clear();
    await subscription.forget();
  }

  // ---- what is heard

  #hear(message: Message): void {
    const { from, name, offset, timestamp } = message;
    this.timeline.hear(message);
    this.#heardTo = offset;
    if (from !== undefined) {
      this.context.people.named(from, name);
      if (from !== this.context.user) {
        this.typing.heard(from, false);
        this.#raise({ user: from, read: offset });
      }
    }
    while ((this.#whenHeard[0]?.offset ?? Infinity) <= offset) {
      this.#whenHeard.shift()?.task();
    }
    this.#settle(message);
    this.#remember(message);
    if (this.#count(message)) {
      const { text } = textOf(message);
      if (this.context.ports.clock.now() - timestamp < FRESH_MS) {
        this.events.said(this, message, text, this.mentions(text));
      }
    }
    this.#arrived(offset);
    this.timeline.trim(this.showing === undefined || this.unread.count === 0);
    this.changed();
  }

  /** @returns whether it is something that others have said */
  #count(message: Message): boolean {
    const { about, from, redacted, offset } = message;
    const says = about === undefined || about.as === "reply";
    if (!says || redacted || from === this.context.user) {
      return false;
    }
    this.unread.hear(offset, this.mentions(textOf(message).text));
    return true;
  }

  #remember(message: Message): void {
    const { about, offset, timestamp, redacted } = message;
    if (about !== undefined && about.as !== "reply") {
      if (about.as === "edit" && about.offset === this.#last?.offset) {
        this.#last = { ...this.#last, text: lineOf(textOf(message).text) };
      }
    } else if (offset >= (this.#last?.offset ?? 0)) {
      const text = redacted ? "" : lineOf(textOf(message).text);
      this.#last = { offset, text, from: nameOf(message, this.context), at: timestamp };
    }
  }

  /** An own message has come by the log: it is the one that is being sent. */
  #settle(message: Message): void {
    const { messageId, from } = message;
    if (messageId !== undefined && from === this.context.user) {
      if (this.outgoing.remove(messageId)?.state.kind === "failed") {
        this.kept.keepFailed(this.outgoing.failed);
      }
    }
  }

  #redacted(offsets: number[]): void {
    this.timeline.redact(offsets);
    for (const offset of offsets) {
      this.unread.forget(offset);
      if (offset === this.#last?.offset) {
        this.#last = { ...this.#last, text: "" };
      }
    }
    this.changed();
  }

  /** The server has given a message of this page its place. */
  answered(id: string, { epoch, offset }: { epoch: number; offset: number }): void {
    if (offset <= Math.max(this.#heardTo, this.timeline.last)) {
      // It was heard, or stood in a page, before the answer came.
      this.outgoing.remove(id);
    } else {
      this.outgoing.change(id, { position: { epoch, offset }, state: { kind: "sent" } });
    }
    this.changed();
  }

  /** The server will not take it. */
  refused(id: string, reason: string, retryable: boolean): void {
    this.outgoing.change(id, { state: { kind: "failed", reason, retryable } });
    this.kept.keepFailed(this.outgoing.failed);
    this.changed();
  }

  /** Runs a task when the message with this offset was heard. */
  whenHeard(offset: number, task: () => void): void {
    if (offset <= this.#heardTo || this.#subscription === undefined) {
      task();
    } else {
      this.#whenHeard.push({ offset, task });
    }
  }

  /** A page may have what this page sends before it is answered. */
  settle(page: FoldedPage): void {
    for (const { message } of page.messages) {
      this.#settle(message);
    }
  }

  readonly #whenHeard: { offset: number; task: () => void }[] = [];

  // ---- how far this user and the others have come

  #receipt(receipt: Receipt): void {
    if (receipt.user === this.context.user) {
      this.raiseRead(receipt.read ?? 0);
    } else {
      this.#raise(receipt);
      this.changed();
    }
  }

  #raise({ user, delivered, read }: Receipt): void {
    const changed = this.readers.raise(user, delivered ?? 0, read ?? 0);
    if (changed === undefined) {
      return;
    }
    const { timeline } = this;
    for (let i = timeline.indexOf(changed.after + 1); i < timeline.order.length; i++) {
      const offset = timeline.order[i] ?? 0;
      if (offset > changed.to) {
        return;
      }
      timeline.dirty.add(offset);
    }
  }

  /** Another device of this user has come so far. */
  raiseRead(offset: number): void {
    this.#ackedRead = Math.max(this.#ackedRead, offset);
    if (!this.#isHeld && this.unread.readTo(offset)) {
      this.changed();
    }
  }

  /** The place is opened: what was marked as unread may be read again. */
  opened(): void {
    if (this.#isHeld) {
      this.#isHeld = false;
      this.kept.markUnread(undefined);
    }
  }

  /** Messages up to this one were seen. */
  read(offset: number): void {
    if (this.#isHeld || !this.unread.readTo(Math.min(offset, this.timeline.newest))) {
      return;
    }
    this.#ackRead(this.unread.read);
    this.changed();
  }

  /** Nothing from here on counts as read. The server's cursors only go up, so it is kept in this browser alone. */
  markUnread(offset: number): void {
    this.#isHeld = true;
    this.kept.markUnread(offset);
    const { timeline, context } = this;
    const counting = timeline.order.slice(timeline.indexOf(offset)).flatMap((one) => {
      const message = timeline.get(one)?.message;
      return message === undefined || message.redacted || message.from === context.user
        ? []
        : [{ offset: one, isMention: this.mentions(textOf(message).text) }];
    });
    this.unread.unreadFrom(offset, counting);
    this.changed();
  }

  #ackRead(offset: number): void {
    if (this.context.preferences.peek().sendReceipts) {
      this.#ackSoon();
    } else {
      this.kept.keepRead(offset);
    }
  }

  #arrived(offset: number): void {
    if (offset > this.#delivered) {
      this.#delivered = offset;
      if (this.context.preferences.peek().sendReceipts) {
        this.#ackSoon();
      }
    }
  }

  /** At most once a second; the first at once. */
  #ackSoon(): void {
    if (this.#ackTimer !== undefined) {
      return;
    }
    this.#ack();
    this.#ackTimer = this.context.ports.clock.schedule(() => {
      this.#ackTimer = undefined;
      this.#ack();
    }, ACK_EVERY_MS);
  }

  #ack(): void {
    const { client, preferences } = this.context;
    if (!preferences.peek().sendReceipts || this.#isClosed) {
      return;
    }
    const read = this.#isHeld ? 0 : this.unread.read;
    const saying: Promise<void>[] = [];
    if (read > this.#ackedRead) {
      this.#ackedRead = read;
      saying.push(client.ackRead(this.topic, read));
    }
    if (this.#delivered > Math.max(this.#ackedDelivered, this.#ackedRead)) {
      this.#ackedDelivered = this.#delivered;
      saying.push(client.ackDelivered(this.topic, this.#delivered));
    }
    for (const one of saying) {
      // Who may not acknowledge reads all the same.
      one.catch(() => undefined);
    }
  }
}
