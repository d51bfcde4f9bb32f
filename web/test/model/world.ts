import type { Outbox } from "@topicstream/client";
import type { ChatClient, ChatOptions, KeyValues, Notifier, Ports } from "../../src/model/ports.js";

/** Lets everything run that can run at this moment. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Texts by keys, as a browser's tabs share them. */
export class Texts implements KeyValues {
  readonly all = new Map<string, string>();
  readonly #listeners: ((key: string) => void)[] = [];
  get = (key: string): string | undefined => this.all.get(key);
  set = (key: string, value: string): void => {
    this.all.set(key, value);
  };
  remove = (key: string): void => {
    this.all.delete(key);
  };
  keys = (): string[] => [...this.all.keys()];
  onChange = (listener: (key: string) => void): void => {
    this.#listeners.push(listener);
  };
  /** Another tab has changed it. */
  tell(key: string): void {
    for (const listener of this.#listeners) {
      listener(key);
    }
  }
}

/** A clock that stands still until it is stepped; its frames come with each step, and when things settle. */
export class Steps {
  time = 1_700_000_000_000;
  readonly #tasks: { at: number; task: () => void }[] = [];
  frames = 0;

  now = (): number => this.time;
  schedule = (task: () => void, delayMs: number): (() => void) => {
    const entry = { at: this.time + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      const index = this.#tasks.indexOf(entry);
      if (index >= 0) {
        this.#tasks.splice(index, 1);
      }
    };
  };
  frame = (task: () => void): void => {
    setImmediate(() => {
      this.frames++;
      task();
    });
  };

  async pass(ms: number): Promise<void> {
    const until = this.time + ms;
    await settle();
    for (;;) {
      const due = this.#tasks.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) {
        break;
      }
      this.#tasks.splice(this.#tasks.indexOf(due), 1);
      this.time = Math.max(this.time, due.at);
      due.task();
      await settle();
    }
    this.time = until;
    await settle();
  }
}

export class Notified implements Notifier {
  allows = true;
  readonly shown: Parameters<Notifier["notify"]>[0][] = [];
  unread = 0;
  ask = (): Promise<boolean> => Promise.resolve(this.allows);
  notify = (notice: Parameters<Notifier["notify"]>[0]): void => {
    this.shown.push(notice);
  };
  badge = (unread: number): void => {
    this.unread = unread;
  };
}

/** A browser, whose storage outlives its pages. */
export class Browser {
  readonly kept = new Texts();
  readonly tab = new Texts();
  readonly clock = new Steps();
  readonly notifier = new Notified();
  isOnline = true;
  readonly #onNetwork: (() => void)[] = [];
  readonly erased: string[] = [];

  constructor(
    private readonly client: (address: string, options: ChatOptions) => ChatClient,
    private readonly outbox: (user: string) => Outbox | undefined = () => undefined,
  ) {}

  ports(): Ports {
    return {
      server: () => Promise.resolve("ws://test.invalid/v1"),
      kept: this.kept,
      tab: this.tab,
      clock: this.clock,
      network: {
        isOnline: () => this.isOnline,
        onChange: (listener) => {
          this.#onNetwork.push(listener);
        },
      },
      notifier: this.notifier,
      client: (address, options) => Promise.resolve(this.client(address, options)),
      outbox: this.outbox,
      eraseOutbox: (user) => {
        this.erased.push(user);
      },
    };
  }

  network(isOnline: boolean): void {
    this.isOnline = isOnline;
    for (const listener of this.#onNetwork) {
      listener();
    }
  }
}

const PATIENCE_MS = 120_000;

/** Waits until something is so. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > end) {
      throw new Error(`in vain: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
