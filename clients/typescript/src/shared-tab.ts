import type { Clock } from "./clock.js";
import { type Deferred, deferred } from "./deferred.js";
import type { SharedHub } from "./shared-hub.js";
import type { SharedListening } from "./shared-listening.js";
import {
  crossed,
  crossing,
  type FromTab,
  type FromWorker,
  type Hello,
  type Method,
  METHODS,
} from "./shared-wire.js";
import type { PublishOptions } from "./types.js";
import { webLocks } from "./web-locks.js";

/** After so long a silence a tab without a lock has gone; a page that nobody sees may do something once a minute. */
const SILENCE_MS = 200_000;

/** A tab as the worker knows it, until it has gone. */
export class SharedTab {
  readonly #listenings = new Map<number, SharedListening>();
  readonly #tokens = new Map<number, Deferred<string>>();
  /** About which topics it was asked, and those that it has left. */
  readonly #known = new Set<string>();
  #nextToken = 1;
  #isGone = false;
  #lastHeard: number;
  #watch: (() => void) | undefined;

  constructor(
    readonly hello: Hello,
    private readonly hub: SharedHub,
    private readonly clock: Clock,
    readonly post: (message: FromWorker) => void,
  ) {
    this.#lastHeard = clock.now();
    this.#watchSilence();
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  on(message: FromTab): void {
    this.#lastHeard = this.clock.now();
    switch (message.kind) {
      case "lock":
        this.#waitFor(message.name);
        break;
      case "connect":
        this.hub.connect();
        break;
      case "wake":
        this.hub.client.wake();
        break;
      case "call":
        this.#call(message.id, message.method, message.args);
        break;
      case "subscribe":
        this.#subscribe(message);
        break;
      case "taken":
        this.#listenings.get(message.sub)?.taken(message.bytes);
        break;
      case "unsubscribe":
        this.#listenings.get(message.sub)?.close();
        this.#forgets(message.sub);
        break;
      case "forget":
        this.#forget(message.sub, message.id);
        break;
      case "token":
        if (message.token === undefined) {
          this.#tokens.get(message.id)?.reject(crossed(message.error ?? crossing("there is no token")));
        } else {
          this.#tokens.get(message.id)?.resolve(message.token);
        }
        break;
      case "bye":
        this.gone();
        break;
      default:
    }
  }

  /** Asks the tab for a token; rejects if it has none, or goes. */
  token(): Promise<string> {
    const id = this.#nextToken++;
    const answer = deferred<string>();
    this.#tokens.set(id, answer);
    this.post({ kind: "token", id });
    return answer.promise.finally(() => {
      this.#tokens.delete(id);
    });
  }

  /** A message has come of a topic that the user was not asked about. */
  newTopic(topic: string, offset: number): void {
    const listens = [...this.#listenings.values()].some((one) => one.topic.topic === topic);
    if (this.hello.newTopics && !this.#known.has(topic) && !listens) {
      this.#known.add(topic);
      this.post({ kind: "new-topic", topic, offset });
    }
  }

  /** There is another connection: the tab may be asked again. */
  disconnected(): void {
    this.#known.clear();
  }

  /** It was closed, or nothing is heard of it any more. What it has published is still sent. */
  gone(): void {
    if (this.#isGone) {
      return;
    }
    this.#isGone = true;
    this.#watch?.();
    for (const listening of this.#listenings.values()) {
      listening.close();
    }
    this.#listenings.clear();
    for (const answer of this.#tokens.values()) {
      answer.reject(new Error("the tab has gone"));
    }
    this.hub.remove(this);
  }

  #waitFor(lock: string): void {
    const locks = webLocks();
    if (locks !== undefined) {
      this.#watch?.();
      locks
        .request(lock, () => {
          this.gone();
        })
        .catch(() => undefined);
    }
  }

  #watchSilence(): void {
    this.#watch = this.clock.schedule(() => {
      if (this.clock.now() - this.#lastHeard >= SILENCE_MS) {
        this.gone();
      } else {
        this.#watchSilence();
      }
    }, SILENCE_MS / 4);
  }

  #subscribe({ sub, topic, options }: Extract<FromTab, { kind: "subscribe" }>): void {
    try {
      const { maxUnhandledBytes } = this.hello;
      const listening = this.hub.listen(sub, topic, options, maxUnhandledBytes, (message) => {
        if (message.kind === "ended") {
          this.#forgets(sub);
        }
        this.post(message);
      });
      this.#listenings.set(sub, listening);
    } catch (error) {
      this.post({ kind: "ended", sub, error: crossing(error) });
    }
  }

  #forgets(sub: number): void {
    const listening = this.#listenings.get(sub);
    if (listening !== undefined) {
      this.#listenings.delete(sub);
      this.#known.add(listening.topic.topic);
    }
  }

  #forget(sub: number, id: number): void {
    const listening = this.#listenings.get(sub);
    this.#forgets(sub);
    this.#answer(id, listening === undefined ? Promise.resolve() : listening.forget());
  }

  #call(id: number, method: Method, args: unknown[]): void {
    if (!METHODS.includes(method)) {
      this.#answer(id, Promise.reject(new TypeError("a client does not do that for tabs")));
      return;
    }
    const client = this.hub.client;
    if (method === "publish" || method === "publishWhenFree") {
      const [topic, message, options] = args as [string, unknown, PublishOptions];
      this.#answer(id, this.#publish(method, topic, message, options), true);
      return;
    }
    const all = client as unknown as Record<Method, (...values: unknown[]) => Promise<unknown>>;
    // A client may throw what a tab takes for a promise that is rejected.
    const asked = (async () => all[method](...args))();
    this.#answer(id, asked, method === "send");
  }

  /** What the tab does not want back other tabs do: so this one alone leaves it out. */
  async #publish(
    method: "publish" | "publishWhenFree",
    topic: string,
    message: unknown,
    { echo, ...options }: PublishOptions,
  ): Promise<unknown> {
    const id = options.messageId;
    const mine = [...this.#listenings.values()].find((one) => one.topic.topic === topic);
    if (echo === false && id !== undefined) {
      mine?.onQuietPublish(id);
    }
    try {
      return await this.hub.client[method](topic, message, options);
    } catch (error) {
      if (id !== undefined) {
        mine?.onQuietRefused(id);
      }
      throw error;
    }
  }

  #answer(id: number, result: Promise<unknown>, isPublish = false): void {
    const settled = result.then(
      (value) => {
        this.post({ kind: "answer", id, value });
      },
      (error: unknown) => {
        this.post({ kind: "answer", id, error: crossing(error) });
      },
    );
    if (isPublish) {
      this.hub.waitFor(settled);
    }
  }
}
