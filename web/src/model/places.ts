import { signal } from "@preact/signals";
import type { Cursor, Message, Welcome } from "@topicstream/client";
import type { MessageId, Place } from "./chat.js";
import type { Context } from "./context.js";
import { ConversationModel } from "./conversation.js";
import { PlaceModel, type PlaceEvents } from "./place.js";
import { lineOf } from "./text.js";

/** How many places are begun at a time; the server takes eight questions. */
const AT_ONCE = 4;
const CURSORS = 500;

/** The places that this user is in, and the one that is open. */
export class Places {
  readonly list = signal<readonly Place[]>([]);
  readonly current = signal<ConversationModel | undefined>(undefined);
  readonly #all = new Map<string, PlaceModel>();
  readonly #conversations = new Map<string, ConversationModel>();
  /** Joined or begun on this page, and not known to the server as this user's yet. */
  readonly #new = new Set<string>();
  readonly #events: PlaceEvents;
  /** To be opened once it is known that the user is in it. */
  #wanted: { topic: string; at: MessageId | undefined } | undefined;
  #isReady = false;
  /** How far this user was when the server was asked last; undefined until it has answered. */
  #cursors: ReadonlyMap<string, Cursor> | undefined;

  constructor(
    private readonly context: Context,
    private readonly titled: (topics: readonly string[]) => void,
  ) {
    this.#events = {
      changed: () => {
        context.painter.soon(this.#paint);
      },
      said: (place, message, text, isMention) => {
        this.#said(place, message, text, isMention);
      },
      ended: (place, words) => {
        this.#remove(place);
        context.notice("error", `${place.place.peek().title}: ${words}`);
      },
    };
  }

  get(topic: string): PlaceModel | undefined {
    return this.#all.get(topic);
  }

  get all(): PlaceModel[] {
    return [...this.#all.values()];
  }

  // ---- what the server says

  /** There is a connection: these are the durable subscriptions of the user. */
  async connected({ subscriptions }: Welcome): Promise<void> {
    const topics = new Set(subscriptions.map(({ topic }) => topic));
    for (const place of this.all) {
      const { topic } = place;
      if (topics.has(topic)) {
        this.#new.delete(topic);
      } else if (!this.#new.has(topic)) {
        // Left on another device.
        this.#remove(place);
      }
    }
    const added = [...topics].filter((topic) => !this.#all.has(topic));
    for (const topic of added) {
      this.#all.set(topic, new PlaceModel(this.context, topic, this.#events));
    }
    this.#isReady = true;
    this.current.peek()?.connected();
    this.context.painter.soon(this.#paint);
    this.titled(added);
    const wanted = this.#wanted;
    if (wanted !== undefined) {
      this.open(wanted.topic, wanted.at);
    }
    await this.refresh();
  }

  /** The connection is gone, and with it the knowledge of who is there. */
  disconnected(): void {
    this.context.people.forgetPresence();
    this.current.peek()?.disconnected();
    for (const place of this.all) {
      place.typing.clear();
      if (place.partner !== undefined) {
        place.changed();
      }
    }
  }

  /** Asks how far this user is, and begins what is not begun. */
  async refresh(): Promise<void> {
    const cursors = new Map<string, Cursor>();
    let isComplete = false;
    try {
      let startAfter: string | undefined;
      do {
        const options = { limit: CURSORS, ...(startAfter === undefined ? {} : { startAfter }) };
        const page = await this.context.client.cursors(options);
        for (const cursor of page.cursors) {
          cursors.set(cursor.topic, cursor);
          this.#all.get(cursor.topic)?.raiseRead(cursor.read);
        }
        startAfter = page.next;
      } while (startAfter !== undefined);
      isComplete = true;
    } catch (error) {
      this.context.failed(error);
    }
    if (isComplete) {
      this.#cursors = cursors;
    }
    const waiting = this.all.filter((place) => !place.isStarted);
    // What is unread is of more interest.
    waiting.sort((a, b) => unreadOf(cursors.get(b.topic)) - unreadOf(cursors.get(a.topic)));
    const beginNext = async (): Promise<void> => {
      for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
        await place.start(cursors.get(place.topic), false);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, beginNext));
  }

  /** A message has come of a topic that is new to this page: a chat that somebody begins, a room joined elsewhere. */
  appeared(topic: string): void {
    if (!this.#all.has(topic)) {
      this.#all.set(topic, new PlaceModel(this.context, topic, this.#events));
      this.titled([topic]);
      void this.#begin(topic);
    }
  }

  async #begin(topic: string): Promise<void> {
    try {
      const { cursors } = await this.context.client.cursors({ topics: [topic] });
      await this.#all.get(topic)?.start(cursors[0], false);
    } catch (error) {
      this.context.failed(error);
    }
  }

  // ---- what the user does

  /** Joins a room, or begins a chat. */
  join(topic: string): PlaceModel {
    const known = this.#all.get(topic);
    if (known !== undefined) {
      return known;
    }
    const place = new PlaceModel(this.context, topic, this.#events);
    place.since = this.context.ports.clock.now();
    this.#new.add(topic);
    this.#all.set(topic, place);
    this.context.painter.soon(this.#paint);
    this.titled([topic]);
    if (place.kind === "chat") {
      // There may be an old one that was left.
      void this.#begin(topic);
    } else {
      void place.start(undefined, true);
    }
    return place;
  }

  leave(topic: string): void {
    const place = this.#all.get(topic);
    if (place !== undefined) {
      place.leave().catch((error: unknown) => {
        this.context.failed(error);
      });
      this.#remove(place);
    }
  }

  open(topic: string, at: MessageId | undefined): void {
    if (!this.#isReady && !this.#all.has(topic)) {
      this.#wanted = { topic, at };
      return;
    }
    this.#wanted = undefined;
    const place = this.join(topic);
    const before = this.current.peek();
    let conversation = this.#conversations.get(topic);
    if (conversation === undefined) {
      conversation = new ConversationModel(place);
      this.#conversations.set(topic, conversation);
    }
    if (this.#cursors !== undefined && !this.#new.has(topic)) {
      // It is not kept waiting for the others.
      void place.start(this.#cursors.get(topic), false);
    }
    if (before !== conversation) {
      before?.close();
      void conversation.open(at);
      this.current.value = conversation;
    } else if (at !== undefined) {
      conversation.goTo(at.offset);
    }
  }

  close(): void {
    this.#wanted = undefined;
    this.current.peek()?.close();
    this.current.value = undefined;
  }

  /** The client has ended. */
  end(): void {
    this.close();
    for (const place of this.all) {
      place.close();
    }
    this.#all.clear();
    this.#conversations.clear();
    this.list.value = [];
    this.context.ports.notifier.badge(0);
  }

  #remove(place: PlaceModel): void {
    if (this.current.peek()?.topic === place.topic) {
      this.close();
    }
    place.close();
    this.#new.delete(place.topic);
    this.#all.delete(place.topic);
    this.#conversations.delete(place.topic);
    this.context.painter.soon(this.#paint);
  }

  // ---- what is shown

  readonly #paint = (): void => {
    const sorted = this.all.sort((a, b) => order(b) - order(a) || a.topic.localeCompare(b.topic));
    const list = sorted.map(({ place }) => place.peek());
    const before = this.list.peek();
    if (list.length !== before.length || list.some((place, i) => place !== before[i])) {
      this.list.value = list;
      this.context.ports.notifier.badge(total(list));
    }
  };

  #said(place: PlaceModel, message: Message, text: string, isMention: boolean): void {
    const { preferences, isSeen, ports, people } = this.context;
    const { topic } = place;
    const { level, title, kind } = place.place.peek();
    const isWanted = level === "all" || (level === "mentions" && (isMention || kind === "chat"));
    const isLookedAt = isSeen.peek() && this.current.peek()?.topic === topic;
    if (!preferences.peek().notifications || !isWanted || isLookedAt) {
      return;
    }
    const name = message.name ?? people.name(message.from ?? "");
    ports.notifier.notify({
      title: kind === "chat" ? name : `${name} · ${title}`,
      text: lineOf(text),
      tag: topic,
      sound: preferences.peek().sound,
      onOpen: () => {
        this.open(topic, undefined);
      },
    });
  }
}

/** By the newest message; those that are pinned before all. */
function order(place: PlaceModel): number {
  return place.newestAt + (place.place.peek().pinned ? Number.MAX_SAFE_INTEGER / 2 : 0);
}

function unreadOf(cursor: Cursor | undefined): number {
  return cursor?.unread ?? 0;
}

/** What is told on the title: of places that are quiet only who names this user. */
function total(places: readonly Place[]): number {
  return places.reduce(
    (sum, { level, unread, mentions }) =>
      sum + (level === "all" ? unread : level === "mentions" ? mentions : 0),
    0,
  );
}
