/** A JSON value. Integers above 2^53 lose digits, as everywhere in JavaScript. */
export type Json = unknown;

/** Where a subscription begins: with what is new, the first that is kept, an offset, the last n, a time, a position. */
export type From = "new" | "earliest" | number | { last: number } | { time: number } | { resume: Position };

/** A message's place: the epoch names the life of the log. */
export interface Position {
  epoch: number;
  offset: number;
}

/** Which earlier message a message is about. */
export interface About {
  offset: number;
  as: "reply" | "edit" | "reaction" | "unreaction";
  value?: string;
}

export interface Message extends Position {
  topic: string;
  /** Epoch milliseconds of the server's clock. */
  timestamp: number;
  /** The user who published it. */
  from?: string;
  /** The display name that the user had then. */
  name?: string;
  /** The payload; of bytes (`encoding`) their base64; null where the message was taken back. */
  message: Json;
  messageId?: string;
  key?: string;
  headers?: Record<string, string>;
  about?: About;
  contentType?: string;
  encoding?: string;
  redacted: boolean;
}

export interface Edit {
  offset: number;
  timestamp: number;
}

export interface Reaction {
  value: string;
  /** How many users. */
  count: number;
  /** Some of them, those who came first. */
  users: string[];
  mine: boolean;
}

/** A message with what was said about it. */
export interface FoldedMessage {
  message: Message;
  edited?: Edit;
  reactions: Reaction[];
  /** How many replies there are, and the offset of the last, 0 for none. */
  replies: number;
  lastReply: number;
}

interface LogEnds {
  epoch: number;
  /** The first offset that the topic keeps, and the one that its next message gets. */
  firstOffset: number;
  nextOffset: number;
}

export interface Page extends LogEnds {
  messages: Message[];
}

export interface FoldedPage extends LogEnds {
  messages: FoldedMessage[];
  /** Which piece of the log the page stands for. */
  covers: { first: number; last: number };
}

export interface Published extends Position {
  topic: string;
  timestamp: number;
  durability?: string;
}

export interface Sent extends Published {
  /** Whether the other user has a connection. */
  online: boolean;
}

export interface Welcome {
  connectionId: string;
  user: string | null;
  name: string | null;
  serverTime: number;
  durability: string;
  expiresAt?: number;
  subscriptions: { topic: string; epoch: number; nextOffset: number }[];
}

export interface PublishOptions {
  /** Under which the server knows a repeat, 1 to 128 characters; one is made up otherwise. */
  messageId?: string;
  key?: string;
  headers?: Record<string, string>;
  about?: About;
  /** The offset that the message must get; else it is refused with `conflict`. */
  expectedOffset?: number;
  /** False keeps the message from the client's own subscription. */
  echo?: boolean;
}

export type SendOptions = Omit<PublishOptions, "expectedOffset" | "echo">;

export interface PresenceChange {
  /** Missing where only the number is told. */
  event?: "join" | "leave";
  user: string | null;
  name: string | null;
  count: number;
}

export interface Receipt {
  user: string;
  delivered?: number;
  read?: number;
}

/** What a subscription tells. Calls come one at a time; one that gives back a promise is waited for. */
export interface SubscriptionListener {
  message?(message: Message): unknown;
  /** What was asked for is not kept any more; it goes on at `firstOffset`. */
  truncated?(event: { epoch: number; firstOffset: number }): unknown;
  /** The log has another life; it goes on after `commonOffset`. What came after that is not in the log. */
  reset?(event: { epoch: number; commonOffset: number }): unknown;
  signal?(event: { from: string | null; message: Json }): unknown;
  presence?(change: PresenceChange): unknown;
  receipt?(receipt: Receipt): unknown;
  redacted?(event: { offsets: number[] }): unknown;
  /** The last call; with a reason where the application did not want it. */
  ended?(reason?: Error): unknown;
}

export interface SubscribeOptions {
  /** By default what is new. */
  from?: From;
  /** Whether the subscription belongs to the user, not to the connection. */
  durable?: boolean;
  /** Whether to be seen in the topic and to hear who comes and goes; the topic's policy decides otherwise. */
  presence?: boolean;
}

export interface ReadOptions {
  after?: number;
  before?: number;
  since?: number;
  until?: number;
  limit?: number;
}

/** Which part of a list: at most `limit`, after `startAfter`. */
export interface ListOptions {
  limit?: number;
  startAfter?: string;
}

export interface Member {
  user: string | null;
  name: string | null;
  connections: number;
  since: number;
}

export interface OnlineUser {
  user: string;
  online: boolean;
  lastSeen: number | null;
}

export interface Room {
  topic: string;
  title: string | null;
  owner: string | null;
  created: number | null;
  members?: number;
  policy?: { presence?: string };
}

export interface RoomOptions {
  title?: string;
  /** Who is seen in the room: `off`, `on_request`, `counts` or `names`. */
  policy?: { presence?: string };
}

export interface Cursor {
  topic: string;
  delivered: number;
  read: number;
  nextOffset: number;
  unread: number;
}

/** The state of the connection: `waiting` is told for each attempt that failed, with the time until the next. */
export type StateChange =
  | { state: "connected"; welcome: Welcome }
  | { state: "waiting"; code: number; reason: string; inMs: number }
  | { state: "ended"; error: Error };
