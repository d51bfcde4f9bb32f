import type { ReadonlySignal } from "@preact/signals";

/**
 * What the page knows and can do: the whole of what the view sees. Everything is a signal that the model alone sets; the
 * view calls the functions. None of them throws: what fails is told in a signal (`notices`, a message's `state`).
 */
export interface Chat {
  readonly session: ReadonlySignal<Session>;
  readonly connection: ReadonlySignal<Connection>;
  /** Rooms and chats of this user: those with the newest message first, pinned ones before all. */
  readonly places: ReadonlySignal<readonly Place[]>;
  /** Rooms that others have made, to be joined; `undefined` until `findRooms` was answered. */
  readonly found: ReadonlySignal<readonly FoundRoom[] | undefined>;
  readonly current: ReadonlySignal<Conversation | undefined>;
  /** What went wrong, or was done, in words; each goes by itself or by `dismiss`. */
  readonly notices: ReadonlySignal<readonly Notice[]>;
  readonly preferences: ReadonlySignal<Preferences>;

  signIn(as: SignIn): void;
  /** Forgets the credential, what is in the outbox and the drafts; ends the connection. */
  signOut(): void;
  rename(name: string): void;

  findRooms(text: string): void;
  /** Makes `room:` and this name the topic, or joins the room that has it. */
  createRoom(name: string, title?: string): void;
  join(topic: string): void;
  leave(topic: string): void;
  /** Ends the room for all; for its owner. */
  deleteRoom(topic: string): void;
  pin(topic: string, pinned: boolean): void;
  level(topic: string, level: NotifyLevel): void;
  /** Opens the chat with this user, `guest.` included for guests. */
  talkTo(user: string): void;
  /** Shows a place: at its first unread message, or at the message that is named. */
  open(topic: string, at?: MessageId): void;
  /** Shows no place: the list alone, on a narrow window. */
  close(): void;
  prefer(change: Partial<Preferences>): void;
  dismiss(notice: Notice): void;
  /** The view says whether the page is seen. */
  seen(isVisible: boolean): void;
}

export type Session =
  | { readonly kind: "out"; readonly problem?: string }
  /** A credential was shown; the server has not said yet whose it is. Guests are `in` at once. */
  | { readonly kind: "entering" }
  | { readonly kind: "in"; readonly user: string; readonly name: string; readonly isGuest: boolean };

export type SignIn =
  { readonly kind: "name"; readonly name: string } | { readonly kind: "credential"; readonly token: string };

/**
 * `connecting` is the first attempt, `online` as long as the server answers, `waiting` between two attempts. `offline`:
 * the browser has no network. The state changes only after a short while, so that a short loss is not seen.
 */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "online" }
  | { readonly kind: "waiting"; readonly retryAt: number }
  | { readonly kind: "offline" }
  | { readonly kind: "ended"; readonly reason: string };

/** A room, or a chat with one user. */
export interface Place {
  readonly topic: string;
  readonly kind: "room" | "chat";
  readonly title: string;
  /** The other user of a chat. */
  readonly with?: Person;
  readonly owner: boolean;
  readonly unread: number;
  readonly mentions: number;
  readonly pinned: boolean;
  readonly level: NotifyLevel;
  /** The last message, for the list. */
  readonly last?: { readonly text: string; readonly from: string; readonly at: number };
  readonly hasDraft: boolean;
}

export type NotifyLevel = "all" | "mentions" | "none";

export interface FoundRoom {
  readonly topic: string;
  readonly title: string;
  readonly members: number;
  readonly joined: boolean;
}

export interface Person {
  readonly user: string;
  readonly name: string;
  /** `undefined` where it is not known. */
  readonly online?: boolean;
  readonly lastSeen?: number;
}

export interface MessageId {
  readonly epoch: number;
  readonly offset: number;
}

export interface Conversation {
  readonly topic: string;
  readonly place: ReadonlySignal<Place>;
  /** Ascending; a window of the log that `older` and `newer` move. What this page sends is at its end. */
  readonly items: ReadonlySignal<readonly Item[]>;
  readonly hasOlder: ReadonlySignal<boolean>;
  /** True while the window ends before the newest message, as after a jump to an old one. */
  readonly hasNewer: ReadonlySignal<boolean>;
  readonly loading: ReadonlySignal<"none" | "first" | "older" | "newer">;
  /** The first message that was unread when the place was opened: where the line "New" is. */
  readonly firstUnread: ReadonlySignal<number | undefined>;
  /** How many messages of others are below what has been seen. */
  readonly below: ReadonlySignal<number>;
  /** To be scrolled to and marked: the target of a link or a search. `tick` tells the same target apart. */
  readonly target: ReadonlySignal<{ readonly offset: number; readonly tick: number } | undefined>;
  readonly members: ReadonlySignal<readonly Person[]>;
  readonly memberCount: ReadonlySignal<number>;
  /** Names of who is typing now, not this user. */
  readonly typing: ReadonlySignal<readonly string[]>;
  readonly draft: ReadonlySignal<Draft>;
  readonly search: ReadonlySignal<Search>;

  older(): void;
  newer(): void;
  /** Puts the window at the end of the log. */
  toLatest(): void;
  /** Loads what is around a message and makes it the target. */
  goTo(offset: number): void;
  /** Messages up to this one have been on the screen while the page was seen. */
  read(offset: number): void;
  /** Nothing from here on counts as read. */
  markUnread(offset: number): void;
  /** What is typed; tells the others that this user types. */
  edit(draft: Partial<Draft>): void;
  /** Sends the draft, or saves the edit that it is. */
  send(): void;
  /** The last own message becomes the draft, to be edited; for users with a credential. */
  editLast(): void;
  /** Sends a failed message again under its id. */
  retry(id: string): void;
  /** Takes a failed message away. */
  discard(id: string): void;
  react(offset: number, value: string): void;
  redact(offset: number): void;
  /** Looks in what is loaded, and goes on in the log page by page until `enough` are found or it ends. */
  find(text: string): void;
  /** Goes to the first message at or after this time, in epoch milliseconds. */
  goToTime(time: number): void;
}

export interface Draft {
  readonly text: string;
  readonly replyTo?: number | undefined;
  /** The offset of the own message that is edited. */
  readonly editing?: number | undefined;
}

export interface Search {
  readonly text: string;
  readonly hits: readonly {
    readonly offset: number;
    readonly name: string;
    readonly text: string;
    readonly at: number;
  }[];
  readonly state: "none" | "looking" | "done";
}

/** One message of the timeline, or something in its place. The same object as long as it is to be shown alike. */
export type Item = MessageItem | GapItem;

/** The log does not have what was here: it is said once, and only where continuity was lost. */
export interface GapItem {
  readonly kind: "gap";
  readonly key: string;
  readonly reason: "truncated" | "reset";
}

export interface MessageItem {
  readonly kind: "message";
  /** Of the message for its life, from "sending" on: the message id, or epoch and offset. */
  readonly key: string;
  /** `undefined` until the server has answered. */
  readonly id?: MessageId;
  readonly user: string | undefined;
  readonly name: string;
  readonly mine: boolean;
  /** Epoch milliseconds; of the server, or of this machine while it is being sent. */
  readonly at: number;
  readonly text: string;
  /** Where it is no `{"text": …}`: then `text` is its JSON, and is shown as code. */
  readonly isRaw: boolean;
  readonly redacted: boolean;
  readonly editedAt?: number;
  readonly mentionsMe: boolean;
  readonly replyTo?: { readonly offset: number; readonly name: string; readonly text: string };
  readonly reactions: readonly Reaction[];
  readonly replies: number;
  /** Of own messages. */
  readonly state?: MessageState;
  /** Who has read up to here and not further; for rooms with few members and chats. */
  readonly readBy: readonly Person[];
  readonly may: { readonly edit: boolean; readonly redact: boolean };
}

export type MessageState =
  | { readonly kind: "sending" }
  | { readonly kind: "sent" }
  | { readonly kind: "delivered" }
  | { readonly kind: "read" }
  | { readonly kind: "failed"; readonly reason: string; readonly retryable: boolean };

export interface Reaction {
  readonly value: string;
  readonly count: number;
  readonly names: readonly string[];
  readonly mine: boolean;
}

export interface Notice {
  readonly kind: "error" | "info";
  readonly text: string;
}

export interface Preferences {
  readonly theme: "system" | "light" | "dark";
  readonly enterSends: boolean;
  readonly notifications: boolean;
  readonly sound: boolean;
  readonly sendReceipts: boolean;
  readonly textSize: "small" | "normal" | "large";
}
