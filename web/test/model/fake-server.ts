import {
  type About,
  type Cursor,
  EndedError,
  FoldedMessages,
  type FoldedPage,
  type Member,
  type Message,
  type OnlineUser,
  type Published,
  RefusedError,
  type Room,
  type SubscribeOptions,
  type SubscriptionListener,
  type Welcome,
} from "@topicstream/client";
import type { ChatClient, ChatOptions, Heard } from "../../src/model/ports.js";

type Json = unknown;

interface Topic {
  epoch: number;
  first: number;
  log: Message[];
}

interface Subscriber {
  client: FakeClient;
  topic: string;
  listener: SubscriptionListener;
  next: number;
}

/**
 * A server that does what it is told: it keeps logs, and its clients hear of them at once, unless their answers or their
 * deliveries are held back.
 */
export class FakeServer {
  readonly topics = new Map<string, Topic>();
  readonly rooms = new Map<string, { title: string | null; owner: string | null; created: number }>();
  readonly durable = new Map<string, Set<string>>();
  readonly cursors = new Map<string, { delivered: number; read: number }>();
  readonly signals: { topic: string; from: string; message: Json }[] = [];
  readonly acks: { user: string; topic: string; delivered?: number; read?: number }[] = [];
  readonly clients: FakeClient[] = [];
  readonly subscribers = new Set<Subscriber>();
  reads = 0;
  time = 1_700_000_000_000;

  client = (_address: string, options: ChatOptions): ChatClient => {
    const client = new FakeClient(this, options);
    this.clients.push(client);
    return client;
  };

  topic(name: string): Topic {
    let topic = this.topics.get(name);
    if (topic === undefined) {
      topic = { epoch: 7, first: 1, log: [] };
      this.topics.set(name, topic);
    }
    return topic;
  }

  next(name: string): number {
    const topic = this.topic(name);
    return topic.first + topic.log.length;
  }

  /** Somebody publishes. */
  say(
    name: string,
    from: string,
    message: Json,
    more: { about?: About; messageId?: string; name?: string } = {},
  ): Published {
    const topic = this.topic(name);
    const repeated = topic.log.find((one) => one.from === from && one.messageId === more.messageId);
    if (repeated !== undefined && more.messageId !== undefined) {
      return { topic: name, epoch: topic.epoch, offset: repeated.offset, timestamp: repeated.timestamp };
    }
    const offset = this.next(name);
    const payload = typeof message === "string" ? { text: message } : message;
    const stored: Message = {
      topic: name,
      epoch: topic.epoch,
      offset,
      timestamp: this.time,
      from,
      message: payload,
      redacted: false,
      ...more,
    };
    topic.log.push(stored);
    this.deliver();
    return { topic: name, epoch: topic.epoch, offset, timestamp: this.time };
  }

  many(name: string, from: string, count: number): void {
    for (let i = 0; i < count; i++) {
      this.say(name, from, `${from} ${this.next(name)}`);
    }
  }

  redact(name: string, offset: number): void {
    const topic = this.topic(name);
    topic.log = topic.log.map((one) =>
      one.offset === offset ? { ...one, message: null, redacted: true } : one,
    );
    for (const { topic: its, listener } of this.subscribers) {
      if (its === name) {
        listener.redacted?.({ offsets: [offset] });
      }
    }
  }

  /** All that is not held back is heard. */
  deliver(): void {
    for (const subscriber of [...this.subscribers]) {
      const { client, topic, listener } = subscriber;
      const { first, log } = this.topic(topic);
      while (client.isOpen && !client.holdsDeliveries && subscriber.next < first + log.length) {
        const message = log[subscriber.next - first];
        subscriber.next++;
        if (message !== undefined) {
          listener.message?.(message);
        }
      }
    }
    for (const client of this.clients) {
      for (const name of this.durable.get(client.user) ?? []) {
        const isHeard = [...this.subscribers].some((one) => one.client === client && one.topic === name);
        if (client.isOpen && !isHeard && this.topic(name).log.length > (client.greeted.get(name) ?? 0)) {
          client.options.onNewTopic?.(name, this.topic(name).log.length);
        }
      }
    }
  }

  /** Tells all who listen. */
  tell(name: string, event: (listener: SubscriptionListener) => void): void {
    for (const { client, topic, listener } of [...this.subscribers]) {
      if (topic === name && client.isOpen) {
        event(listener);
      }
    }
  }

  isIn(user: string, topic: string): boolean {
    return this.durable.get(user)?.has(topic) === true;
  }

  joins(user: string, topic: string): void {
    const topics = this.durable.get(user) ?? new Set<string>();
    this.durable.set(user, topics.add(topic));
  }

  page(
    name: string,
    options: { after?: number; before?: number; since?: number; limit?: number },
  ): FoldedPage {
    const { epoch, first, log } = this.topic(name);
    const next = this.next(name);
    const fold = new FoldedMessages(Infinity);
    for (const message of log) {
      fold.add(message);
    }
    const { after, before, since, limit = 50 } = options;
    const shown = fold.list();
    const begin = after ?? first - 1;
    const isOn = after !== undefined || since !== undefined;
    const chosen = shown.filter(
      ({ message: { offset, timestamp } }) =>
        offset > begin && offset < (before ?? next) && timestamp >= (since ?? 0),
    );
    const messages = isOn ? chosen.slice(0, limit) : chosen.slice(-limit);
    const isAll = messages.length === chosen.length;
    const firstOf = isOn || isAll ? begin + 1 : (messages[0]?.message.offset ?? next);
    const lastOf = isOn && !isAll ? (messages.at(-1)?.message.offset ?? 0) : (before ?? next) - 1;
    return {
      epoch,
      firstOffset: first,
      nextOffset: next,
      messages,
      covers: { first: Math.max(first, firstOf), last: lastOf },
    };
  }
}

/** A client of the fake server, with the promises of a real one: what is asked without a connection waits for one. */
export class FakeClient implements ChatClient {
  readonly user: string;
  isOpen = false;
  holdsDeliveries = false;
  hasEnded = false;
  /** How long each durable topic was when the connection began. */
  readonly greeted = new Map<string, number>();
  /** While it is set, answers wait in `held`. */
  holdsAnswers = false;
  readonly held: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  /** The next publish is refused so. */
  refuses: RefusedError | undefined;

  constructor(
    readonly server: FakeServer,
    readonly options: ChatOptions,
  ) {
    const { user, token } = options;
    this.user = typeof token === "string" ? token.replace(/^token-of-/, "") : `guest.${user ?? ""}`;
  }

  get name_(): string | undefined {
    return this.options.name;
  }

  // ---- what happens to it

  open(): void {
    this.isOpen = true;
    const topics = [...(this.server.durable.get(this.user) ?? [])];
    for (const topic of topics) {
      this.greeted.set(topic, this.server.topic(topic).log.length);
    }
    const welcome: Welcome = {
      connectionId: "c",
      user: this.user,
      name: this.options.name ?? null,
      serverTime: this.server.time,
      durability: "disk",
      subscriptions: topics.map((topic) => ({ topic, epoch: 7, nextOffset: this.server.next(topic) })),
    };
    this.options.onState?.({ state: "connected", welcome });
    for (const task of this.#waiting.splice(0)) {
      task();
    }
    this.server.deliver();
  }

  lose(): void {
    this.isOpen = false;
    this.options.onState?.({ state: "waiting", code: 1006, reason: "", inMs: 500 });
  }

  fail(code: number, words: string): void {
    this.isOpen = false;
    this.hasEnded = true;
    this.options.onState?.({ state: "ended", error: new EndedError(code, words) });
  }

  answerAll(): void {
    this.holdsAnswers = false;
    for (const answer of this.held.splice(0)) {
      answer();
    }
  }

  catchUp(): void {
    this.holdsDeliveries = false;
    this.server.deliver();
  }

  #ask<T>(task: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          const result = task();
          const answer = (): void => {
            resolve(result);
          };
          if (this.holdsAnswers) {
            this.held.push(answer);
          } else {
            answer();
          }
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      if (this.isOpen) {
        run();
      } else {
        this.#waiting.push(run);
      }
    });
  }

  // ---- the client

  connect(): Promise<Welcome> {
    return new Promise(() => undefined);
  }

  close(): void {
    this.isOpen = false;
    this.hasEnded = true;
    for (const one of [...this.server.subscribers]) {
      if (one.client === this) {
        this.server.subscribers.delete(one);
      }
    }
  }

  #publish(topic: string, message: Json, messageId: string, about: About | undefined): Published {
    const refused = this.refuses;
    this.refuses = undefined;
    if (refused !== undefined) {
      throw refused;
    }
    const name = this.options.name;
    return this.server.say(topic, this.user, message, {
      messageId,
      ...(about === undefined ? {} : { about }),
      ...(name === undefined ? {} : { name }),
    });
  }

  publish: ChatClient["publish"] = (topic, message, options) =>
    this.#ask(() => this.#publish(topic, message, options?.messageId ?? "", options?.about));

  send: ChatClient["send"] = (to, message, options) =>
    this.#ask(() => {
      const topic = this.user < to ? `dm:${this.user}~${to}` : `dm:${to}~${this.user}`;
      this.server.joins(this.user, topic);
      this.server.joins(to, topic);
      return { ...this.#publish(topic, message, options?.messageId ?? "", options?.about), online: true };
    });

  subscribe = (topic: string, options: SubscribeOptions, listener: SubscriptionListener): Heard => {
    const from = typeof options.from === "number" ? options.from : this.server.next(topic);
    const subscriber: Subscriber = { client: this, topic, listener, next: from };
    if (options.durable === true) {
      this.server.joins(this.user, topic);
    }
    this.server.subscribers.add(subscriber);
    queueMicrotask(() => {
      this.server.deliver();
    });
    const leave = (): void => {
      this.server.subscribers.delete(subscriber);
    };
    return {
      ready: Promise.resolve(),
      close: leave,
      forget: () => {
        leave();
        this.server.durable.get(this.user)?.delete(topic);
        return Promise.resolve();
      },
    };
  };

  readFolded: ChatClient["readFolded"] = (topic, options) =>
    this.#ask(() => {
      this.server.reads++;
      return this.server.page(topic, options ?? {});
    });

  redact: ChatClient["redact"] = (topic, offset) =>
    this.#ask(() => {
      this.server.redact(topic, offset);
    });

  signal: ChatClient["signal"] = (topic, message) =>
    this.#ask(() => {
      this.server.signals.push({ topic, from: this.user, message });
      this.server.tell(topic, (listener) => listener.signal?.({ from: this.user, message }));
    });

  #ack(topic: string, delivered: number, read: number): Promise<void> {
    return this.#ask(() => {
      const key = `${this.user} ${topic}`;
      const before = this.server.cursors.get(key) ?? { delivered: 0, read: 0 };
      const now = {
        delivered: Math.max(before.delivered, delivered, read),
        read: Math.max(before.read, read),
      };
      this.server.cursors.set(key, now);
      this.server.acks.push({ user: this.user, topic, ...now });
      this.server.tell(topic, (listener) => listener.receipt?.({ user: this.user, ...now }));
    });
  }

  ackDelivered: ChatClient["ackDelivered"] = (topic, offset) => this.#ack(topic, offset, 0);

  ackRead: ChatClient["ackRead"] = (topic, offset) => this.#ack(topic, 0, offset);

  cursors: ChatClient["cursors"] = (options) =>
    this.#ask(() => {
      const names = options?.topics ?? [...(this.server.durable.get(this.user) ?? [])];
      return {
        cursors: names.map((topic): Cursor => {
          const { delivered, read } = this.server.cursors.get(`${this.user} ${topic}`) ?? {
            delivered: 0,
            read: 0,
          };
          const nextOffset = this.server.next(topic);
          return { topic, delivered, read, nextOffset, unread: nextOffset - 1 - read };
        }),
      };
    });

  members: ChatClient["members"] = (topic) =>
    this.#ask(() => {
      const here = [...this.server.subscribers].filter((one) => one.topic === topic);
      const members = here.map(({ client }): Member => ({
        user: client.user,
        name: client.name_ ?? null,
        connections: 1,
        since: 0,
      }));
      return { members, count: members.length };
    });

  online: ChatClient["online"] = (users) =>
    this.#ask(() =>
      users.map((user): OnlineUser => {
        const online = this.server.clients.some((one) => one.user === user && one.isOpen);
        return { user, online, lastSeen: online ? null : 5 };
      }),
    );

  name: ChatClient["name"] = (name) => this.#ask(() => name);

  room: ChatClient["room"] = (topic, options) =>
    this.#ask(() => {
      const room = { title: options?.title ?? null, owner: this.user, created: this.server.time };
      this.server.rooms.set(topic, room);
      return { topic, ...room };
    });

  rooms: ChatClient["rooms"] = (options) =>
    this.#ask(() => ({
      rooms: [...this.server.rooms]
        .filter(([topic]) => topic.startsWith(options?.prefix ?? ""))
        .map(([topic, room]): Room => ({ topic, ...room, members: 1 })),
    }));

  deleteRoom: ChatClient["deleteRoom"] = (topic) =>
    this.#ask(() => {
      this.server.rooms.delete(topic);
      this.server.tell(topic, (listener) =>
        listener.ended?.(new RefusedError("not_found", "the room was deleted", false)),
      );
    });
}
