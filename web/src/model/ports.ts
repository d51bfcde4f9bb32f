import type { Client, Outbox, SubscribeOptions, SubscriptionListener, TabOptions } from "@topicstream/client";

/** What the model has of the world around it: the browser's is in `browser.ts`, and tests have their own. */
export interface Ports {
  /** Where the server is, with `ws:` or `wss:`. Rejects where the page's configuration is not to be had. */
  server(): Promise<string>;
  /** Kept beyond the end of the browser; shared by its tabs. */
  readonly kept: KeyValues;
  /** Kept as long as the tab. */
  readonly tab: KeyValues;
  readonly clock: Clock;
  readonly network: Network;
  readonly notifier: Notifier;
  /** A client of the server: one that shares the connection of other tabs, or one for this tab. */
  client(address: string, options: ChatOptions): Promise<ChatClient>;
  /** Where what this user sends waits until it is answered; `undefined` where the browser keeps nothing. */
  outbox(user: string): Outbox | undefined;
  eraseOutbox(user: string): void;
}

/** Texts by keys. What cannot be kept is not: nothing throws. */
export interface KeyValues {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(): string[];
  /** Told of keys that another tab has changed. */
  onChange(listener: (key: string) => void): void;
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs a task once; the function that is given back cancels it. */
  schedule(task: () => void, delayMs: number): () => void;
  /** Runs a task when the page is painted the next time, and soon where it is not seen. */
  frame(task: () => void): void;
}

export interface Network {
  /** Whether the machine has a network at all. */
  isOnline(): boolean;
  onChange(listener: () => void): void;
}

export interface Notifier {
  /** Asks the user for leave to notify. */
  ask(): Promise<boolean>;
  /** @param tag of which the last notice alone is shown */
  notify(notice: { title: string; text: string; tag: string; sound: boolean; onOpen: () => void }): void;
  /** What waits to be read, on the page's title and the application's icon. */
  badge(unread: number): void;
}

/** What the model says to a client at its beginning. What is sent waits in the page's own outbox. */
export type ChatOptions = Pick<TabOptions, "name" | "onState" | "onNewTopic"> & {
  token?: string;
  user?: string;
};

/** What the model uses of a client. */
export type ChatClient = Pick<
  Client,
  | "connect"
  | "close"
  | "publish"
  | "send"
  | "readFolded"
  | "redact"
  | "signal"
  | "ackDelivered"
  | "ackRead"
  | "cursors"
  | "members"
  | "online"
  | "name"
  | "room"
  | "rooms"
  | "deleteRoom"
> & {
  subscribe(topic: string, options: SubscribeOptions, listener: SubscriptionListener): Heard;
};

/** A subscription. */
export interface Heard {
  readonly ready: Promise<unknown>;
  close(): void;
  forget(): Promise<void>;
}
