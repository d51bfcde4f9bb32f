import { IndexedDbOutbox, SharedTopicStreamClient, TopicStreamClient } from "@topicstream/client";
import type { Clock, KeyValues, Network, Notifier, Ports } from "./ports.js";
import { hasSharedWorker, sharedWorker } from "./shared.js";
import { isRecord } from "./store.js";

const CONFIG = "config.json";
/** Beside the page that the server serves at `/chat/`. */
const DEFAULT_SERVER = "../v1";
const UNSEEN_FRAME_MS = 250;

/** What the model has of a browser. */
export function browserPorts(): Ports {
  return {
    server,
    kept: keyValues(() => window.localStorage),
    tab: keyValues(() => window.sessionStorage),
    clock,
    network,
    notifier: new BrowserNotifier(document.title),
    client: async (address, options) =>
      (await hasSharedWorker())
        ? new SharedTopicStreamClient(sharedWorker, address, options)
        : new TopicStreamClient(address, options),
    outbox: (user) => (typeof indexedDB === "undefined" ? undefined : new IndexedDbOutbox(user)),
    eraseOutbox: (user) => {
      try {
        indexedDB.deleteDatabase(`topicstream-outbox-${user}`);
      } catch {
        // There is none.
      }
    },
  };
}

/** The server's address by `config.json` beside the page; without one, the server that the page comes from. */
async function server(): Promise<string> {
  let named: unknown;
  try {
    const answer = await fetch(new URL(CONFIG, document.baseURI), { cache: "no-cache" });
    const config: unknown = answer.ok ? await answer.json() : undefined;
    named = isRecord(config) ? config["server"] : undefined;
  } catch {
    named = undefined;
  }
  const url = new URL(typeof named === "string" && named !== "" ? named : DEFAULT_SERVER, document.baseURI);
  if (url.protocol === "http:" || url.protocol === "https:") {
    url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
  }
  return url.href;
}

/** Storage that is full, forbidden or not there keeps nothing and breaks nothing. */
export function keyValues(storage: () => Storage): KeyValues {
  const tried = <T>(task: (storage: Storage) => T): T | undefined => {
    try {
      return task(storage());
    } catch {
      return undefined;
    }
  };
  return {
    get: (key) => tried((all) => all.getItem(key)) ?? undefined,
    set: (key, value) => {
      tried((all) => {
        all.setItem(key, value);
      });
    },
    remove: (key) => {
      tried((all) => {
        all.removeItem(key);
      });
    },
    keys: () =>
      tried((all) =>
        Array.from({ length: all.length }, (_, i) => all.key(i)).filter((key) => key !== null),
      ) ?? [],
    onChange: (listener) => {
      addEventListener("storage", ({ key, storageArea }) => {
        if (key !== null && storageArea === tried((all) => all)) {
          listener(key);
        }
      });
    },
  };
}

const clock: Clock = {
  now: () => Date.now(),
  schedule: (task, delayMs) => {
    const timer = setTimeout(task, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
  frame: (task) => {
    let isDone = false;
    const once = (): void => {
      if (!isDone) {
        isDone = true;
        clearTimeout(timer);
        task();
      }
    };
    // A page that is not seen is not painted.
    const timer = setTimeout(once, UNSEEN_FRAME_MS);
    requestAnimationFrame(once);
  },
};

const network: Network = {
  isOnline: () => navigator.onLine,
  onChange: (listener) => {
    addEventListener("online", listener);
    addEventListener("offline", listener);
  },
};

class BrowserNotifier implements Notifier {
  constructor(private readonly title: string) {}

  async ask(): Promise<boolean> {
    if (typeof Notification === "undefined") {
      return false;
    }
    return (await Notification.requestPermission()) === "granted";
  }

  notify({ title, text, tag, sound, onOpen }: Parameters<Notifier["notify"]>[0]): void {
    if (typeof Notification === "undefined" || Notification.permission !== "granted") {
      return;
    }
    try {
      const shown = new Notification(title, { body: text, tag, silent: !sound });
      shown.onclick = () => {
        window.focus();
        shown.close();
        onOpen();
      };
    } catch {
      // Some browsers notify only by a service worker, which this page has none of.
    }
  }

  badge(unread: number): void {
    document.title = unread === 0 ? this.title : `(${unread}) ${this.title}`;
    const { setAppBadge, clearAppBadge } = navigator as Partial<Navigator>;
    const told = unread === 0 ? clearAppBadge?.call(navigator) : setAppBadge?.call(navigator, unread);
    told?.catch(() => undefined);
  }
}
