import type { History } from "./history.js";
import type {
  Cursor,
  FoldedPage,
  Json,
  ListOptions,
  Member,
  Message,
  OnlineUser,
  Page,
  Position,
  Published,
  PublishOptions,
  ReadOptions,
  Room,
  RoomOptions,
  SendOptions,
  Sent,
  SubscribeOptions,
  SubscriptionListener,
  Welcome,
} from "./types.js";

/** A listener, or only its function for messages. */
export type ListenerOrFunction = SubscriptionListener | NonNullable<SubscriptionListener["message"]>;

/** The interest in one topic, until it is closed. Iterated over, it gives its messages; the end of the loop closes it. */
export interface ClientSubscription extends AsyncIterable<Message> {
  readonly topic: string;
  /** When the server has taken the subscription for the first time; rejects if it never does. */
  readonly ready: Promise<unknown>;
  /** The last message that the listener has dealt with: where a later subscription goes on, as `{ resume: … }`. */
  readonly position: Position | undefined;
  /** Stops listening on this client. A durable subscription stays with the user. */
  close(): void;
  /** Stops listening, and on all of the user's connections, for good. */
  forget(): Promise<void>;
}

/** What a client does, whether it has a connection of its own or shares that of other tabs. */
export interface Client {
  /** Begins to connect. @returns what the server says first; rejects if the client ends before that */
  connect(): Promise<Welcome>;
  /** What the server said first on this connection, if there is one. */
  readonly welcome: Welcome | undefined;
  /** How many bytes wait for an answer. */
  readonly waitingBytes: number;
  /** The network may be back: tries at once to connect. In a page this happens by itself. */
  wake(): void;
  /** Ends the client: what waits for an answer is told so. */
  close(): void;

  /**
   * Stores a message. It is sent again after a lost connection until it is answered, and stored once.
   *
   * @returns where it stands; rejects with a RefusedError, with a BufferFullError where too much waits, or with an
   *   EndedError
   */
  publish(topic: string, message: Json, options?: PublishOptions): Promise<Published>;
  /** Like `publish`, but waits for room in the buffer. */
  publishWhenFree(topic: string, message: Json, options?: PublishOptions): Promise<Published>;
  /** Says something to one user, on all devices of both. */
  send(to: string, message: Json, options?: SendOptions): Promise<Sent>;
  /**
   * Listens to a topic. Without a listener to messages, the subscription is there to be iterated over.
   *
   * @param listener or only its function for messages
   */
  subscribe(topic: string, options?: SubscribeOptions, listener?: ListenerOrFunction): ClientSubscription;
  /** A page of a topic; without `after` or `before` the newest messages. */
  read(topic: string, options?: ReadOptions): Promise<Page>;
  /** A page in which the server has put together what was said about each message. */
  readFolded(topic: string, options?: ReadOptions): Promise<FoldedPage>;
  /** The pages of a topic. */
  history(topic: string, options?: { limit?: number; fold?: false }): History<Page>;
  history(topic: string, options: { limit?: number; fold: true }): History<FoldedPage>;
  /** Takes a message back, for good. */
  redact(topic: string, offset: number): Promise<void>;
  /** Says something to those who listen now; it is not kept. Without a connection it fails. */
  signal(topic: string, message: Json): Promise<void>;

  /** Up to which offset messages have arrived. Of several for one topic the highest counts. */
  ackDelivered(topic: string, offset: number): Promise<void>;
  /** Up to which offset messages were read. */
  ackRead(topic: string, offset: number): Promise<void>;
  /** How far this user has come: in these topics, or else in all of its own, by name. */
  cursors(options?: ListOptions & { topics?: string[] }): Promise<{ cursors: Cursor[]; next?: string }>;
  /** Who is in a topic. */
  members(topic: string, options?: ListOptions): Promise<{ members: Member[]; count: number; next?: string }>;
  /** Which of these users are there. */
  online(users: string[]): Promise<OnlineUser[]>;
  /** Claims a display name, and claims it again after each reconnect. */
  name(name: string): Promise<string>;
  /** Makes a room, or changes its title or policy. */
  room(topic: string, options?: RoomOptions): Promise<Room>;
  /** Deletes a room with all that was said in it, for good. */
  deleteRoom(topic: string): Promise<void>;
  /** The rooms that there are. */
  rooms(
    options?: ListOptions & { owner?: string; prefix?: string },
  ): Promise<{ rooms: Room[]; next?: string }>;
  /** The topics that were published to. */
  topics(
    options?: ListOptions & { prefix?: string },
  ): Promise<{ topics: Welcome["subscriptions"]; next?: string }>;
  /**
   * Shows another token of the same user on this connection, and on later ones. Not needed where the option `token` is a
   * function: that is asked before a token ends, and for each connection.
   */
  authenticate(token: string): Promise<{ user: string | null; expiresAt?: number }>;
}
