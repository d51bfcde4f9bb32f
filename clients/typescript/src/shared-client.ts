import type { Client, ListenerOrFunction } from "./api.js";
import { type ClientOptions, TopicStreamClient } from "./client.js";
import { deferred } from "./deferred.js";
import { EndedError, NotConnectedError } from "./errors.js";
import { bytesOf } from "./frames.js";
import { History, HISTORY_LIMIT } from "./history.js";
import { randomId } from "./ids.js";
import { IndexedDbOutbox } from "./indexed-db-outbox.js";
import { SharedSubscription } from "./shared-subscription.js";
import {
  type Answer,
  type Arguments,
  crossed,
  crossing,
  type FromTab,
  type FromWorker,
  type Hello,
  type Method,
  outboxCrossed,
  stateCrossed,
  type TabPort,
} from "./shared-wire.js";
import { TabLife } from "./tab-life.js";
import type {
  FoldedPage,
  Json,
  ListOptions,
  Page,
  PublishOptions,
  ReadOptions,
  RoomOptions,
  SendOptions,
  StateChange,
  SubscribeOptions,
  SubscriptionListener,
  Welcome,
} from "./types.js";
import { payloadOf } from "./payload.js";

/** How a tab has its client, alone or with other tabs. */
export type TabOptions = Pick<
  ClientOptions,
  | "name"
  | "onOutbox"
  | "onState"
  | "onNewTopic"
  | "failFast"
  | "maxWaitingBytes"
  | "maxUnhandledBytes"
  | "pingIntervalMs"
  | "connectTimeoutMs"
  | "log"
> & {
  /** An API key or token, or a function that gives one: that is asked in any of the tabs. It wants a `user`. */
  token?: NonNullable<ClientOptions["token"]>;
  /** The user id to claim, or with a token whose it is: tabs of one user share a connection. */
  user?: string;
  /** Whether what is published is kept in the browser until it is answered. It wants a `user`. */
  outbox?: boolean;
};

/** A SharedWorker, as much as is used of it. */
export interface SharedWorkerLike {
  readonly port: TabPort;
  addEventListener?(type: "error", listener: (event: Event) => void): void;
}

const KIB = 1024;
const REQUEST_BYTES = 256;
const LOST = 1006;

interface Call {
  message: Extract<FromTab, { kind: "call" | "forget" }>;
  bytes: number;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * A client that shares one connection with the other tabs of its user, by way of a SharedWorker that serves them
 * (`serveTabs`). Options that concern the connection are those of the first tab.
 */
export class SharedTopicStreamClient implements Client {
  readonly #worker: () => SharedWorkerLike;
  readonly #options: TabOptions;
  readonly #hello: Hello;
  readonly #subscriptions = new Map<number, SharedSubscription>();
  readonly #calls = new Map<number, Call>();
  readonly #connected = deferred<Welcome>();
  readonly #life: TabLife;
  readonly maxUnhandledBytes: number;
  #port: TabPort | undefined;
  #nextId = 1;
  #welcome: Welcome | undefined;
  #waitingBytes = 0;
  #begun = false;
  #heard = false;
  #end: Error | undefined;

  /**
   * @param worker gives the SharedWorker; asked again if that has gone
   * @param address where the server is, such as `wss://chat.example/v1`
   */
  constructor(worker: () => SharedWorkerLike, address: string | URL, options: TabOptions = {}) {
    checkUser(options);
    this.#worker = worker;
    this.#options = options;
    this.maxUnhandledBytes = options.maxUnhandledBytes ?? 4 * KIB * KIB;
    const { token, user, name, failFast, maxWaitingBytes, pingIntervalMs, connectTimeoutMs } = options;
    this.#hello = {
      address: new URL(address).href,
      ...(token === undefined ? {} : { token: typeof token === "string" ? token : true }),
      ...(user === undefined ? {} : { user }),
      outbox: options.outbox === true,
      options: defined({ name, failFast, maxWaitingBytes, pingIntervalMs, connectTimeoutMs }),
      maxUnhandledBytes: this.maxUnhandledBytes,
      newTopics: options.onNewTopic !== undefined,
    };
    this.#connected.promise.catch(() => undefined);
    this.#life = new TabLife({
      post: (message) => {
        this.post(message);
      },
      comeBack: () => {
        this.#comeBack();
      },
      workerGone: () => {
        this.#open();
        this.#comeBack();
      },
    });
    this.#open();
    this.#sayHello();
  }

  connect(): Promise<Welcome> {
    if (!this.#begun) {
      this.#begun = true;
      this.post({ kind: "connect" });
    }
    return this.#connected.promise;
  }

  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  wake(): void {
    this.post({ kind: "wake" });
  }

  /** Ends the client of this tab. What it has published is still sent; who waits for an answer is told of the end. */
  close(): void {
    if (this.#end === undefined) {
      const end = new EndedError(1000, "the client was closed");
      this.#over(end, undefined);
      this.#tell({ state: "ended", error: end });
    }
  }

  // ---- what crosses to the worker

  publish(topic: string, message: Json, options: PublishOptions = {}): Promise<Answer<"publish">> {
    return this.#sent("publish", [topic, message, withId(options)]);
  }

  publishWhenFree(topic: string, message: Json, options: PublishOptions = {}): Promise<Answer<"publish">> {
    return this.#sent("publishWhenFree", [topic, message, withId(options)]);
  }

  send(to: string, message: Json, options: SendOptions = {}): Promise<Answer<"send">> {
    return this.#sent("send", [to, message, withId(options)]);
  }

  signal(topic: string, message: Json): Promise<void> {
    return this.#sent("signal", [topic, message]);
  }

  subscribe(
    topic: string,
    options: SubscribeOptions = {},
    listener: ListenerOrFunction = {},
  ): SharedSubscription {
    if (this.#end !== undefined) {
      throw this.#end;
    }
    if (this.#subscriptionTo(topic) !== undefined) {
      throw new Error(`there is a subscription to ${topic} already`);
    }
    const whole = typeof listener === "function" ? { message: listener } : listener;
    return this.#subscribe(topic, options, whole);
  }

  read(topic: string, options: ReadOptions = {}): Promise<Page> {
    return this.#call("read", [topic, options]);
  }

  readFolded(topic: string, options: ReadOptions = {}): Promise<FoldedPage> {
    return this.#call("readFolded", [topic, options]);
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
    return this.#call("redact", [topic, offset]);
  }

  ackDelivered(topic: string, offset: number): Promise<void> {
    return this.#call("ackDelivered", [topic, offset]);
  }

  ackRead(topic: string, offset: number): Promise<void> {
    return this.#call("ackRead", [topic, offset]);
  }

  cursors(options: ListOptions & { topics?: string[] } = {}): Promise<Answer<"cursors">> {
    return this.#call("cursors", [options]);
  }

  members(topic: string, options: ListOptions = {}): Promise<Answer<"members">> {
    return this.#call("members", [topic, options]);
  }

  online(users: string[]): Promise<Answer<"online">> {
    return this.#call("online", [users]);
  }

  name(name: string): Promise<string> {
    return this.#call("name", [name]);
  }

  room(topic: string, options: RoomOptions = {}): Promise<Answer<"room">> {
    return this.#call("room", [topic, options]);
  }

  deleteRoom(topic: string): Promise<void> {
    return this.#call("deleteRoom", [topic]);
  }

  rooms(options: ListOptions & { owner?: string; prefix?: string } = {}): Promise<Answer<"rooms">> {
    return this.#call("rooms", [options]);
  }

  topics(options: ListOptions & { prefix?: string } = {}): Promise<Answer<"topics">> {
    return this.#call("topics", [options]);
  }

  authenticate(token: string): Promise<Answer<"authenticate">> {
    return this.#call("authenticate", [token]);
  }

  /** Sends what has a payload, in the form that it has as JSON. */
  async #sent<M extends "publish" | "publishWhenFree" | "send" | "signal">(
    method: M,
    [first, message, options]: [string, Json, PublishOptions?],
  ): Promise<Answer<M>> {
    const payload = payloadOf(message);
    const args = [first, JSON.parse(payload), ...(options === undefined ? [] : [options])] as Arguments<M>;
    return this.#call(method, args, bytesOf(payload));
  }

  #call<M extends Method>(method: M, args: Arguments<M>, bytes = 0): Promise<Answer<M>> {
    const id = this.#nextId++;
    return this.#ask({ kind: "call", id, method, args }, bytes) as Promise<Answer<M>>;
  }

  #ask(message: Call["message"], bytes: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        return;
      }
      this.post(message);
      this.#waitingBytes += REQUEST_BYTES + bytes;
      this.#calls.set(message.id, { message, bytes: REQUEST_BYTES + bytes, resolve, reject });
    });
  }

  // ---- of its subscriptions

  /** @internal */
  post(message: FromTab): void {
    // What is not said now is when the tab comes back.
    if (!this.#life.isAsleep) {
      this.#port?.postMessage(message);
    }
  }

  /** @internal */
  number(subscription: SharedSubscription): number {
    const sub = this.#nextId++;
    this.#subscriptions.set(sub, subscription);
    return sub;
  }

  /** @internal */
  forgetSubscription(subscription: SharedSubscription): void {
    this.#subscriptions.delete(subscription.sub);
  }

  /** @internal */
  async forgetTopic(sub: number): Promise<void> {
    await this.#ask({ kind: "forget", id: this.#nextId++, sub }, 0);
  }

  /** @internal */
  log(message: string, error?: unknown): void {
    if (this.#options.log !== undefined) {
      this.#options.log(message, error);
    } else {
      console.warn(`topicstream: ${message}`, ...(error === undefined ? [] : [error]));
    }
  }

  #subscribe(topic: string, options: SubscribeOptions, listener: SubscriptionListener): SharedSubscription {
    return new SharedSubscription(this, topic, options, listener);
  }

  #subscriptionTo(topic: string): SharedSubscription | undefined {
    return [...this.#subscriptions.values()].find((one) => one.topic === topic);
  }

  // ---- the worker

  #open(): void {
    const worker = this.#worker();
    worker.addEventListener?.("error", () => {
      if (!this.#heard && this.#port === worker.port) {
        const error = new EndedError(LOST, "the shared worker does not start");
        this.#onState({ state: "ended", error });
        this.#over(error, error);
      }
    });
    this.#port = worker.port;
    worker.port.onmessage = ({ data }: MessageEvent) => {
      if (this.#port === worker.port) {
        this.#heard = true;
        this.#on(data as FromWorker);
      }
    };
  }

  #sayHello(): void {
    this.post({ kind: "hello", hello: this.#hello });
    this.#life.begin();
  }

  /** Says all once more to a worker that does not know this tab, or not any more. */
  #comeBack(): void {
    if (this.#end !== undefined || this.#life.isAsleep) {
      return;
    }
    this.#sayHello();
    if (this.#begun) {
      this.post({ kind: "connect" });
    }
    const subscriptions = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    for (const subscription of subscriptions) {
      subscription.askAgain();
    }
    for (const [id, { message, bytes, reject }] of [...this.#calls]) {
      if (message.kind === "call" && message.method === "signal") {
        this.#answered(id, bytes);
        reject(new NotConnectedError("the tab was asleep"));
      } else {
        // A publish has an id by which the server knows it again; all others may be asked twice.
        this.post(message);
      }
    }
  }

  #on(message: FromWorker): void {
    switch (message.kind) {
      case "lock":
        this.#life.onWorker(message.name);
        break;
      case "unknown":
        this.#comeBack();
        break;
      case "state":
        this.#onState(stateCrossed(message.change));
        break;
      case "over":
        if (this.#end !== undefined) {
          this.#over(this.#end, this.#end);
        }
        break;
      case "answer": {
        const call = this.#calls.get(message.id);
        if (call !== undefined) {
          this.#answered(message.id, call.bytes);
          if (message.error === undefined) {
            call.resolve(message.value);
          } else {
            call.reject(crossed(message.error));
          }
        }
        break;
      }
      case "ended":
        this.#subscriptions
          .get(message.sub)
          ?.end(message.error === undefined ? undefined : crossed(message.error));
        break;
      case "token":
        void this.#token(message.id);
        break;
      case "new-topic":
        this.#onNewTopic(message.topic, message.offset);
        break;
      case "outbox":
        this.#guarded(() => this.#options.onOutbox?.(outboxCrossed(message.event)));
        break;
      case "log":
        this.log(message.message, message.error === undefined ? undefined : crossed(message.error));
        break;
      default:
        this.#subscriptions.get(message.sub)?.on(message);
    }
  }

  #answered(id: number, bytes: number): void {
    this.#calls.delete(id);
    this.#waitingBytes -= bytes;
  }

  #onState(change: StateChange): void {
    if (this.#end !== undefined) {
      return;
    }
    if (change.state === "connected") {
      if (change.welcome.connectionId === this.#welcome?.connectionId) {
        // The same as before this tab was asleep.
        return;
      }
      this.#welcome = change.welcome;
      this.#connected.resolve(change.welcome);
    } else {
      this.#welcome = undefined;
    }
    if (change.state === "ended") {
      this.#end = change.error;
      this.#connected.reject(change.error);
    }
    this.#tell(change);
  }

  #over(end: Error, reason: Error | undefined): void {
    this.#end = end;
    this.#connected.reject(end);
    this.#welcome = undefined;
    this.#life.end();
    this.post({ kind: "bye" });
    this.#port?.close();
    this.#port = undefined;
    for (const subscription of [...this.#subscriptions.values()]) {
      subscription.end(reason);
    }
    for (const [id, { bytes, reject }] of [...this.#calls]) {
      this.#answered(id, bytes);
      reject(end);
    }
  }

  #tell(change: StateChange): void {
    this.#guarded(() => this.#options.onState?.(change));
  }

  #guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.log("a listener failed", error);
    }
  }

  async #token(id: number): Promise<void> {
    try {
      const { token } = this.#options;
      const given = typeof token === "function" ? await token() : (token ?? "");
      this.post({ kind: "token", id, token: given });
    } catch (error) {
      this.post({ kind: "token", id, error: crossing(error) });
    }
  }

  #onNewTopic(topic: string, offset: number): void {
    this.#guarded(() => {
      if (this.#subscriptionTo(topic) === undefined) {
        const listener = this.#options.onNewTopic?.(topic, offset);
        if (listener !== undefined && this.#end === undefined && this.#subscriptionTo(topic) === undefined) {
          this.#subscribe(topic, { from: offset }, listener);
        }
      }
    });
  }
}

/**
 * A client for a tab: one that shares its connection with the other tabs where there are SharedWorkers, or else one with a
 * connection of its own.
 *
 * @param worker gives the SharedWorker that serves the tabs
 */
export function clientForTab(
  worker: () => SharedWorkerLike,
  address: string | URL,
  options: TabOptions = {},
): Client {
  checkUser(options);
  if ("SharedWorker" in globalThis) {
    try {
      return new SharedTopicStreamClient(worker, address, options);
    } catch (error) {
      (options.log ?? console.warn)("there is no shared worker", error);
    }
  }
  const { outbox, ...others } = options;
  const { user } = options;
  return new TopicStreamClient(address, {
    ...others,
    ...(outbox === true && user !== undefined ? { outbox: new IndexedDbOutbox(user) } : {}),
  });
}

function checkUser({ token, user, outbox }: TabOptions): void {
  if (user === undefined && (typeof token === "function" || outbox === true)) {
    throw new TypeError("tabs that share a token function or an outbox must say of which user");
  }
}

function withId<T extends PublishOptions>(options: T): T {
  return options.messageId === undefined ? { ...options, messageId: randomId() } : options;
}

function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
