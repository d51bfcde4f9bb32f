import type { Client, ListenerOrFunction } from "./api.js";
import { Buffer } from "./buffer.js";
import { type Clock, systemClock } from "./clock.js";
import { Conversation, type Sending } from "./conversation.js";
import { EndedError, RefusedError } from "./errors.js";
import {
  bytesOf,
  type Frame,
  foldedPageOf,
  list,
  number,
  pageOf,
  positionsOf,
  publishedOf,
  text,
  textOrNull,
} from "./frames.js";
import { History, HISTORY_LIMIT } from "./history.js";
import { randomId } from "./ids.js";
import type { Outbox } from "./outbox.js";
import { payloadOf } from "./payload.js";
import { type OutboxEvent, Publisher } from "./publisher.js";
import { Subscription } from "./subscription.js";
import { type Transport, type WebSocketConstructor, webSockets } from "./transport.js";
import type {
  Cursor,
  FoldedPage,
  Json,
  ListOptions,
  Member,
  OnlineUser,
  Page,
  Published,
  PublishOptions,
  ReadOptions,
  Room,
  RoomOptions,
  SendOptions,
  Sent,
  StateChange,
  SubscribeOptions,
  SubscriptionListener,
  Welcome,
} from "./types.js";
import { onWake } from "./wake.js";

export interface ClientOptions {
  /** An API key or token, or a function that gives one, also a promise: asked at each connect and before one ends. */
  token?: string | (() => string | Promise<string>);
  /** The user id to claim where no token is shown; a random one otherwise. The server puts `guest.` before it. */
  user?: string;
  /** The display name to claim where no token is shown. */
  name?: string;
  /** Where there is no global WebSocket, as in Node 20: one to use, such as that of the package `ws`. */
  webSocket?: WebSocketConstructor;
  /** Keeps what is published until it is answered, also beyond the end of the program. */
  outbox?: Outbox;
  /** What has become of messages that an earlier client left in the outbox. */
  onOutbox?: (event: OutboxEvent) => void;
  /** Told of the connection. */
  onState?: (change: StateChange) => void;
  /**
   * Asked who listens to a topic to which nobody subscribed here: somebody begins a chat with this user. The offset is that
   * of the message that showed it.
   */
  onNewTopic?: (topic: string, offset: number) => SubscriptionListener | undefined;
  /** Whether a first attempt that fails ends the client. */
  failFast?: boolean;
  /** The most bytes that wait for an answer; 8 MiB by default. */
  maxWaitingBytes?: number;
  /** The most bytes that a listener may be behind before its subscription pauses; 4 MiB by default. */
  maxUnhandledBytes?: number;
  /** The longest time between two pings; the server may name a shorter one. */
  pingIntervalMs?: number;
  connectTimeoutMs?: number;
  /** Told what goes wrong where nobody else is; by default `console.warn`. */
  log?: (message: string, error?: unknown) => void;
  /** For tests. */
  transport?: Transport;
  clock?: Clock;
  random?: () => number;
}

const KIB = 1024;
const REQUEST_BYTES = 256;

/**
 * A client of one server, over one WebSocket at a time. What it is asked for while there is no connection waits for the
 * next one.
 */
export class TopicStreamClient implements Client {
  readonly #conversation: Conversation;
  readonly #publisher: Publisher;
  readonly #buffer: Buffer;
  readonly #stopWaking: () => void;
  /** For each connection; not used where the application has a function for it. */
  #token: string | undefined;

  /** @param address where the server is, such as `wss://chat.example/v1` */
  constructor(address: string | URL, options: ClientOptions = {}) {
    const { token, outbox, onState, onOutbox } = options;
    if (outbox !== undefined && token === undefined && options.user === undefined) {
      throw new TypeError(
        "an outbox wants a token or a user: the server knows a user's messages again, not a guest's",
      );
    }
    this.#token = typeof token === "string" ? token : undefined;
    this.#buffer = new Buffer(options.maxWaitingBytes ?? 8 * KIB * KIB);
    const log = options.log ?? defaultLog;
    const guarded =
      <T>(call: ((value: T) => void) | undefined) =>
      (value: T) => {
        try {
          call?.(value);
        } catch (error) {
          log("a listener failed", error);
        }
      };
    const state = guarded(onState);
    this.#conversation = new Conversation({
      url: urlOf(address, options),
      token: typeof token === "string" ? () => this.#token ?? token : token,
      renewsToken: typeof token === "function",
      transport: options.transport ?? webSockets(options.webSocket),
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
      backoffBaseMs: 200,
      backoffCapMs: 10_000,
      stableAfterMs: 10_000,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      pingMs: options.pingIntervalMs ?? 25_000,
      failFast: options.failFast ?? false,
      maxUnhandledBytes: options.maxUnhandledBytes ?? 4 * KIB * KIB,
      onState: (change) => {
        if (change.state === "connected") {
          this.#publisher.takeOver();
        } else if (change.state === "ended") {
          this.#stopWaking();
          this.#publisher.close();
        }
        state(change);
      },
      onNewTopic: options.onNewTopic,
      log,
    });
    this.#publisher = new Publisher(this.#conversation, this.#buffer, outbox, guarded(onOutbox));
    this.#stopWaking = onWake(() => {
      this.wake();
    });
  }

  connect(): Promise<Welcome> {
    return this.#conversation.connect();
  }

  get welcome(): Welcome | undefined {
    return this.#conversation.welcome;
  }

  get waitingBytes(): number {
    return this.#buffer.bytes;
  }

  wake(): void {
    this.#conversation.wake();
  }

  close(): void {
    this.#conversation.end(new EndedError(1000, "the client was closed"));
  }

  // ---- messages

  async publish(topic: string, message: Json, options: PublishOptions = {}): Promise<Published> {
    return publishedOf(await this.#publisher.publish(publishDraft(topic, message, options), false));
  }

  async publishWhenFree(topic: string, message: Json, options: PublishOptions = {}): Promise<Published> {
    return publishedOf(await this.#publisher.publish(publishDraft(topic, message, options), true));
  }

  async send(to: string, message: Json, options: SendOptions = {}): Promise<Sent> {
    const draft = {
      action: "send" as const,
      members: { to, ...membersOf(options) },
      payload: payloadOf(message),
    };
    const reply = await this.#publisher.publish(draft, false);
    return { ...publishedOf(reply), online: reply["online"] === true };
  }

  subscribe(topic: string, options: SubscribeOptions = {}, listener: ListenerOrFunction = {}): Subscription {
    const whole = typeof listener === "function" ? { message: listener } : listener;
    const subscription = new Subscription(this.#conversation, topic, options, whole);
    this.#conversation.add(subscription);
    return subscription;
  }

  read(topic: string, options: ReadOptions = {}): Promise<Page> {
    return this.#ask({ action: "read", topic, ...options }, (reply) => pageOf(reply, topic));
  }

  readFolded(topic: string, options: ReadOptions = {}): Promise<FoldedPage> {
    return this.#ask({ action: "read", topic, ...options, fold: true }, (reply) =>
      foldedPageOf(reply, topic),
    );
  }

  history(topic: string, options?: { limit?: number; fold?: false }): History<Page>;
  history(topic: string, options: { limit?: number; fold: true }): History<FoldedPage>;
  history(
    topic: string,
    options: { limit?: number; fold?: boolean } = {},
  ): History<Page> | History<FoldedPage> {
    const limit = options.limit ?? HISTORY_LIMIT;
    return options.fold === true
      ? new History((which) => this.readFolded(topic, which), limit)
      : new History((which) => this.read(topic, which), limit);
  }

  redact(topic: string, offset: number): Promise<void> {
    return this.#ask({ action: "redact", topic, offset }, nothing);
  }

  async signal(topic: string, message: Json): Promise<void> {
    await this.#ask({ action: "signal", topic }, nothing, payloadOf(message), "now");
  }

  // ---- people

  ackDelivered(topic: string, offset: number): Promise<void> {
    return this.#conversation.acks.say(topic, { delivered: offset });
  }

  ackRead(topic: string, offset: number): Promise<void> {
    return this.#conversation.acks.say(topic, { read: offset });
  }

  cursors(options: ListOptions & { topics?: string[] } = {}): Promise<{ cursors: Cursor[]; next?: string }> {
    const { topics } = options;
    return this.#ask(
      { action: "cursors", ...(topics === undefined ? {} : { topics }), ...listMembers(options) },
      (reply) => ({ cursors: list(reply, "cursors").map(cursorOf), ...nextOf(reply) }),
    );
  }

  members(
    topic: string,
    options: ListOptions = {},
  ): Promise<{ members: Member[]; count: number; next?: string }> {
    return this.#ask({ action: "members", topic, ...listMembers(options) }, (reply) => ({
      members: list(reply, "members").map(memberOf),
      count: number(reply, "count"),
      ...nextOf(reply),
    }));
  }

  online(users: string[]): Promise<OnlineUser[]> {
    return this.#ask({ action: "online", users }, (reply) => list(reply, "users").map(onlineUserOf));
  }

  name(name: string): Promise<string> {
    return this.#ask({ action: "name", name }, (reply) => {
      this.#conversation.claimedName.given(name);
      return text(reply, "name");
    });
  }

  room(topic: string, options: RoomOptions = {}): Promise<Room> {
    return this.#ask({ action: "room", topic, ...options }, roomOf);
  }

  deleteRoom(topic: string): Promise<void> {
    return this.#ask({ action: "delete_room", topic }, nothing);
  }

  rooms(
    options: ListOptions & { owner?: string; prefix?: string } = {},
  ): Promise<{ rooms: Room[]; next?: string }> {
    const { owner, prefix } = options;
    return this.#ask(
      {
        action: "rooms",
        ...(owner === undefined ? {} : { owner }),
        ...(prefix === undefined ? {} : { prefix }),
        ...listMembers(options),
      },
      (reply) => ({ rooms: list(reply, "rooms").map(roomOf), ...nextOf(reply) }),
    );
  }

  topics(
    options: ListOptions & { prefix?: string } = {},
  ): Promise<{ topics: Welcome["subscriptions"]; next?: string }> {
    const { prefix } = options;
    return this.#ask(
      { action: "topics", ...(prefix === undefined ? {} : { prefix }), ...listMembers(options) },
      (reply) => ({ topics: positionsOf(reply, "topics"), ...nextOf(reply) }),
    );
  }

  authenticate(token: string): Promise<{ user: string | null; expiresAt?: number }> {
    return this.#ask(
      { action: "authenticate", token },
      (reply) => {
        const expiresAt = reply["expires_at"];
        this.#token = token;
        this.#conversation.renewal.shown(expiresAt);
        return { user: textOrNull(reply, "user"), ...(typeof expiresAt === "number" ? { expiresAt } : {}) };
      },
      undefined,
      "now",
    );
  }

  #ask<T>(
    members: { action: string } & Record<string, unknown>,
    result: (reply: Frame) => T,
    payload?: string,
    sending: Sending = "until-answered",
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const bytes = REQUEST_BYTES + bytesOf(payload ?? "");
      this.#buffer.take(bytes);
      this.#conversation.ask(
        members,
        payload,
        sending,
        (reply) => {
          this.#buffer.give(bytes);
          try {
            resolve(result(reply));
          } catch (error) {
            reject(new RefusedError("internal", String(error), false));
          }
        },
        (error) => {
          this.#buffer.give(bytes);
          reject(error);
        },
      );
    });
  }
}

function defaultLog(message: string, error?: unknown): void {
  console.warn(`topicstream: ${message}`, ...(error === undefined ? [] : [error]));
}

function urlOf(address: string | URL, options: ClientOptions): string {
  const url = new URL(address);
  if (url.protocol === "http:" || url.protocol === "https:") {
    url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
  }
  // The client subscribes again to each topic itself, from where it was.
  const query = ["durable=manual"];
  if (options.token === undefined) {
    query.push(`user=${encodeURIComponent(options.user ?? `c-${randomId()}`)}`);
    if (options.name !== undefined) {
      query.push(`name=${encodeURIComponent(options.name)}`);
    }
  }
  url.search = url.search === "" ? query.join("&") : `${url.search}&${query.join("&")}`;
  url.hash = "";
  return url.href;
}

function membersOf(options: SendOptions): Record<string, unknown> {
  const { messageId, key, headers, about } = options;
  return {
    message_id: messageId ?? randomId(),
    ...(key === undefined ? {} : { key }),
    ...(headers === undefined ? {} : { headers }),
    ...(about === undefined ? {} : { about }),
  };
}

function publishDraft(topic: string, message: Json, options: PublishOptions) {
  const { expectedOffset, echo } = options;
  return {
    action: "publish" as const,
    members: {
      topic,
      ...membersOf(options),
      ...(expectedOffset === undefined ? {} : { expected_offset: expectedOffset }),
      ...(echo === false ? { echo } : {}),
    },
    payload: payloadOf(message),
  };
}

function listMembers({ limit, startAfter }: ListOptions): Record<string, unknown> {
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(startAfter === undefined ? {} : { start_after: startAfter }),
  };
}

function nextOf(reply: Frame): { next?: string } {
  return typeof reply["next"] === "string" ? { next: reply["next"] } : {};
}

function nothing(): void {
  // The answer says only that it is done.
}

function numberOrNull(frame: Frame, name: string): number | null {
  const value = frame[name];
  return typeof value === "number" ? value : null;
}

function cursorOf(frame: Frame): Cursor {
  return {
    topic: text(frame, "topic"),
    delivered: number(frame, "delivered"),
    read: number(frame, "read"),
    nextOffset: number(frame, "next_offset"),
    unread: number(frame, "unread"),
  };
}

function memberOf(frame: Frame): Member {
  return {
    user: textOrNull(frame, "user"),
    name: textOrNull(frame, "name"),
    connections: number(frame, "connections"),
    since: number(frame, "since"),
  };
}

function onlineUserOf(frame: Frame): OnlineUser {
  return {
    user: text(frame, "user"),
    online: frame["online"] === true,
    lastSeen: numberOrNull(frame, "last_seen"),
  };
}

function roomOf(frame: Frame): Room {
  const members = numberOrNull(frame, "members");
  const policy = frame["policy"] as Room["policy"];
  return {
    topic: text(frame, "topic"),
    title: textOrNull(frame, "title"),
    owner: textOrNull(frame, "owner"),
    created: numberOrNull(frame, "created"),
    ...(members === null ? {} : { members }),
    ...(policy === undefined ? {} : { policy }),
  };
}
