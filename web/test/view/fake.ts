import { signal, type Signal } from "@preact/signals";
import type {
  Chat,
  Connection,
  Conversation,
  Draft,
  FoundRoom,
  Item,
  MessageItem,
  Notice,
  Person,
  Place,
  Preferences,
  Search,
  Session,
} from "../../src/model/chat.js";

/** A signal in the place of each that the view only reads: the test sets it. */
type Settable<T> = {
  -readonly [K in keyof T]: T[K] extends { readonly value: infer V } ? Signal<V> : T[K];
};

export type FakeConversation = Settable<Conversation> & { readonly calls: unknown[][] };

export type FakeChat = Settable<Chat> & { readonly calls: unknown[][] };

export const ADA: Person = { user: "guest.ada", name: "Ada", online: true };
export const BOB: Person = { user: "guest.bob", name: "Bob", online: true };
export const EVE: Person = { user: "eve", name: "Eve", online: false, lastSeen: Date.now() - 3_600_000 };

export const PREFERENCES: Preferences = {
  theme: "system",
  enterSends: true,
  notifications: false,
  sound: false,
  sendReceipts: true,
  textSize: "normal",
};

export function place(change: Partial<Place> = {}): Place {
  return {
    topic: "room:tea",
    kind: "room",
    title: "Tea",
    owner: false,
    unread: 0,
    mentions: 0,
    pinned: false,
    level: "all",
    hasDraft: false,
    ...change,
  };
}

export function message(offset: number, change: Partial<MessageItem> = {}): MessageItem {
  return {
    kind: "message",
    key: `1.${offset}`,
    id: { epoch: 1, offset },
    user: ADA.user,
    name: ADA.name,
    mine: false,
    at: new Date(2026, 5, 1, 12, 0).getTime() + offset * 1000,
    text: `message ${offset}`,
    isRaw: false,
    redacted: false,
    mentionsMe: false,
    reactions: [],
    replies: 0,
    readBy: [],
    may: { edit: false, redact: false },
    ...change,
  };
}

/** A conversation in which nothing happens but what the test sets; its calls are kept. */
export function conversation(items: readonly Item[] = [], of: Place = place()): FakeConversation {
  const calls: unknown[][] = [];
  const call =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args]);
    };
  const draft = signal<Draft>({ text: "" });
  return {
    calls,
    topic: of.topic,
    place: signal(of),
    items: signal(items),
    hasOlder: signal(false),
    hasNewer: signal(false),
    loading: signal<"none" | "first" | "older" | "newer">("none"),
    firstUnread: signal<number | undefined>(undefined),
    below: signal(0),
    target: signal<{ readonly offset: number; readonly tick: number } | undefined>(undefined),
    members: signal<readonly Person[]>([ADA, BOB, EVE]),
    memberCount: signal(3),
    typing: signal<readonly string[]>([]),
    draft,
    search: signal<Search>({ text: "", hits: [], state: "none" }),
    older: call("older"),
    newer: call("newer"),
    toLatest: call("toLatest"),
    goTo: call("goTo"),
    read: call("read"),
    markUnread: call("markUnread"),
    edit: (change) => {
      call("edit")(change);
      draft.value = { ...draft.value, ...change };
    },
    send: () => {
      call("send")(draft.value);
      draft.value = { text: "" };
    },
    editLast: call("editLast"),
    retry: call("retry"),
    discard: call("discard"),
    react: call("react"),
    redact: call("redact"),
    find: call("find"),
    goToTime: call("goToTime"),
  };
}

export function chat(current?: FakeConversation, places: readonly Place[] = [place()]): FakeChat {
  const calls: unknown[][] = [];
  const call =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args]);
    };
  const preferences = signal(PREFERENCES);
  return {
    calls,
    session: signal<Session>({ kind: "in", user: BOB.user, name: BOB.name, isGuest: true }),
    connection: signal<Connection>({ kind: "online" }),
    places: signal(places),
    found: signal<readonly FoundRoom[] | undefined>(undefined),
    current: signal<Conversation | undefined>(current),
    notices: signal<readonly Notice[]>([]),
    preferences,
    signIn: call("signIn"),
    signOut: call("signOut"),
    rename: call("rename"),
    findRooms: call("findRooms"),
    createRoom: call("createRoom"),
    join: call("join"),
    leave: call("leave"),
    deleteRoom: call("deleteRoom"),
    pin: call("pin"),
    level: call("level"),
    talkTo: call("talkTo"),
    open: call("open"),
    close: call("close"),
    prefer: (change) => {
      call("prefer")(change);
      preferences.value = { ...preferences.value, ...change };
    },
    dismiss: call("dismiss"),
    seen: call("seen"),
  };
}
