import { type ClientOptions, TopicStreamClient } from "./client.js";
import { type Clock, systemClock } from "./clock.js";
import { IndexedDbOutbox } from "./indexed-db-outbox.js";
import { SharedListening } from "./shared-listening.js";
import type { SharedTab } from "./shared-tab.js";
import { SharedTopic } from "./shared-topic.js";
import { crossing, type FromWorker, type Hello, outboxCrossing, stateCrossing } from "./shared-wire.js";
import type { Standing } from "./subscription.js";
import type { StateChange, SubscribeOptions } from "./types.js";

/** How long one tab is waited for while there is another one that could give a token. */
const TOKEN_MS = 5000;
/** How long what a closed tab has published is waited for when there is no other tab. */
const LINGER_MS = 10_000;
const MOST_TOPICS = 10_000;

/** What a worker needs where it is not in a browser. */
export type ServeOptions = Pick<ClientOptions, "webSocket" | "transport" | "clock" | "random">;

/** One client, and the tabs that share it. */
export class SharedHub {
  readonly client: TopicStreamClient;
  readonly #tabs = new Set<SharedTab>();
  readonly #topics = new Map<string, SharedTopic>();
  /** That came without being subscribed to. */
  readonly #newTopics = new Set<string>();
  readonly #publishing = new Set<Promise<void>>();
  readonly #clock: Clock;
  #state: StateChange | undefined;
  #lingering: (() => void) | undefined;

  constructor(
    hello: Hello,
    given: ServeOptions,
    private readonly over: () => void,
  ) {
    const { token, user, outbox, options } = hello;
    this.#clock = given.clock ?? systemClock;
    const isUser = token === undefined && user !== undefined;
    this.client = new TopicStreamClient(hello.address, {
      ...given,
      ...options,
      ...(token === undefined ? {} : { token: token === true ? () => this.#token() : token }),
      ...(isUser ? { user } : {}),
      ...(outbox && user !== undefined ? { outbox: new IndexedDbOutbox(user) } : {}),
      onOutbox: (event) => {
        this.#all({ kind: "outbox", event: outboxCrossing(event) });
      },
      onState: (change) => {
        this.#onState(change);
      },
      onNewTopic: (topic, offset) => {
        if (this.#newTopics.size < MOST_TOPICS) {
          this.#newTopics.add(topic);
        }
        this.#offer(topic, offset);
        return undefined;
      },
      log: (message, error) => {
        const [first] = this.#tabs;
        first?.post({
          kind: "log",
          message,
          ...(error === undefined ? {} : { error: crossing(error) }),
        });
      },
    });
  }

  connect(): void {
    this.client.connect().catch(() => undefined);
  }

  add(tab: SharedTab): void {
    this.#lingering?.();
    this.#tabs.add(tab);
    if (this.#state !== undefined) {
      tab.post({ kind: "state", change: stateCrossing(this.#state) });
    }
  }

  /** A tab has gone. With the last one the client ends, when what was published is answered. */
  remove(tab: SharedTab): void {
    if (!this.#tabs.delete(tab) || this.#tabs.size > 0) {
      return;
    }
    const stop = this.#clock.schedule(() => {
      this.client.close();
    }, LINGER_MS);
    let isAlone = true;
    this.#lingering = () => {
      isAlone = false;
      stop();
    };
    void Promise.all(this.#publishing).then(() => {
      if (isAlone) {
        stop();
        this.client.close();
      }
    });
  }

  /** What was published is answered when this is settled. */
  waitFor(settled: Promise<void>): void {
    this.#publishing.add(settled);
    void settled.then(() => {
      this.#publishing.delete(settled);
    });
  }

  listen(
    sub: number,
    topic: string,
    options: SubscribeOptions,
    maxBytes: number,
    post: (message: FromWorker) => void,
  ): SharedListening {
    const there = this.#topics.get(topic);
    const shared = there ?? this.#topic(topic, options);
    const listening = new SharedListening(sub, shared, options, maxBytes, post);
    shared.add(listening);
    if (there === undefined) {
      listening.beginFirst();
    } else {
      listening.beginLater();
    }
    return listening;
  }

  #topic(topic: string, options: SubscribeOptions): SharedTopic {
    const around = {
      client: this.client,
      clock: this.#clock,
      heard: (heard: string, offset: number) => {
        if (this.#newTopics.has(heard)) {
          this.#offer(heard, offset);
        }
      },
      left: () => {
        if (this.#topics.get(topic) === shared) {
          this.#topics.delete(topic);
        }
      },
      durable: (changed: string, standing: Standing | undefined) => {
        this.#durable(changed, standing);
      },
    };
    const shared = new SharedTopic(topic, around, options);
    this.#topics.set(topic, shared);
    return shared;
  }

  #offer(topic: string, offset: number): void {
    for (const tab of this.#tabs) {
      tab.newTopic(topic, offset);
    }
  }

  /** A tab that comes later is told of the topics that the user has by then. */
  #durable(topic: string, standing: Standing | undefined): void {
    const state = this.#state;
    if (state?.state === "connected") {
      const subscriptions = state.welcome.subscriptions.filter((one) => one.topic !== topic);
      if (standing !== undefined) {
        subscriptions.push({ topic, epoch: standing.epoch, nextOffset: (standing.offset ?? 0) + 1 });
      }
      this.#state = { ...state, welcome: { ...state.welcome, subscriptions } };
    }
  }

  #all(message: FromWorker): void {
    for (const tab of this.#tabs) {
      tab.post(message);
    }
  }

  #onState(change: StateChange): void {
    this.#state = change;
    this.#all({ kind: "state", change: stateCrossing(change) });
    if (change.state === "waiting") {
      for (const tab of this.#tabs) {
        tab.disconnected();
      }
    } else if (change.state === "ended") {
      this.over();
      // Behind what is still told of subscriptions.
      this.#clock.schedule(() => {
        this.#all({ kind: "over" });
      }, 0);
    }
  }

  /** Asks the tabs for a token, one after the other. One that does not answer is asked last the next time. */
  async #token(): Promise<string> {
    let failure: unknown = new Error("no tab has a token");
    const asked = new Set<SharedTab>();
    for (;;) {
      const tab = [...this.#tabs].find((one) => one.hello.token === true && !asked.has(one));
      if (tab === undefined) {
        throw failure;
      }
      asked.add(tab);
      try {
        return await this.#tokenOf(tab, asked);
      } catch (error) {
        failure = error;
        if (this.#tabs.delete(tab)) {
          this.#tabs.add(tab);
        }
      }
    }
  }

  #tokenOf(tab: SharedTab, asked: Set<SharedTab>): Promise<string> {
    return new Promise((resolve, reject) => {
      const late = (): void => {
        if ([...this.#tabs].some((one) => one.hello.token === true && !asked.has(one))) {
          reject(new Error("a tab has not answered"));
        } else {
          // There is no other: it may still answer.
          stop = this.#clock.schedule(late, TOKEN_MS);
        }
      };
      let stop = this.#clock.schedule(late, TOKEN_MS);
      tab
        .token()
        .then(resolve, reject)
        .finally(() => {
          stop();
        });
    });
  }
}
