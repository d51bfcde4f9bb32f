import { systemClock } from "./clock.js";
import { randomId } from "./ids.js";
import { type ServeOptions, SharedHub } from "./shared-hub.js";
import { SharedTab } from "./shared-tab.js";
import { crossing, type FromTab, type FromWorker, type Hello, type TabPort } from "./shared-wire.js";
import { hold, webLocks } from "./web-locks.js";

/** The scope of a SharedWorker, as much as is used of it. */
interface WorkerScope {
  addEventListener(type: string, listener: (event: Event) => void): void;
}

const NEVER = new Promise<undefined>(() => undefined);

/**
 * Makes a SharedWorker serve tabs: they share one client, so one connection, for each server and user.
 *
 * @param scope the worker: `self`
 */
export function serveTabs(scope: WorkerScope, options: ServeOptions = {}): void {
  const worker = new TabServer(options);
  scope.addEventListener("connect", (event) => {
    const [port] = (event as MessageEvent).ports as readonly TabPort[];
    if (port !== undefined) {
      worker.accept(port);
    }
  });
}

class TabServer {
  readonly #hubs = new Map<string, SharedHub>();
  readonly #lock = `topicstream-worker-${randomId()}`;
  readonly #locked: Promise<unknown>;

  constructor(private readonly options: ServeOptions) {
    const locks = webLocks();
    this.#locked = locks === undefined ? NEVER : hold(locks, this.#lock, NEVER).catch(() => NEVER);
  }

  accept(port: TabPort): void {
    let tab: SharedTab | undefined;
    let isToldUnknown = false;
    const post = (message: FromWorker): void => {
      port.postMessage(message);
    };
    port.onmessage = ({ data }: MessageEvent) => {
      const message = data as FromTab;
      if (message.kind === "hello") {
        tab?.gone();
        tab = this.#tab(message.hello, post);
        isToldUnknown = false;
      } else if (tab !== undefined && !tab.isGone) {
        tab.on(message);
      } else if (message.kind !== "bye" && !isToldUnknown) {
        isToldUnknown = true;
        post({ kind: "unknown" });
      }
    };
    void this.#locked.then(() => {
      post({ kind: "lock", name: this.#lock });
    });
  }

  #tab(hello: Hello, post: (message: FromWorker) => void): SharedTab | undefined {
    const key = keyOf(hello);
    let hub = this.#hubs.get(key);
    if (hub === undefined) {
      try {
        const made = new SharedHub(hello, this.options, () => {
          if (this.#hubs.get(key) === made) {
            this.#hubs.delete(key);
          }
        });
        hub = made;
        this.#hubs.set(key, made);
      } catch (error) {
        post({ kind: "state", change: { state: "ended", error: crossing(error) } });
        post({ kind: "over" });
        return undefined;
      }
    }
    // A tab may be gone and still be written to: what is late is not for the one that says hello again.
    const tab: SharedTab = new SharedTab(hello, hub, this.options.clock ?? systemClock, (message) => {
      if (!tab.isGone) {
        post(message);
      }
    });
    hub.add(tab);
    return tab;
  }
}

/** Tabs of one key share a client. */
function keyOf({ address, token, user, outbox }: Hello): string {
  const kind = token === undefined ? "guest" : user === undefined ? "token" : "user";
  return JSON.stringify([address, kind, user ?? token, outbox]);
}
