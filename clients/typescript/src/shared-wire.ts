import type { Client } from "./api.js";
import type { ClientOptions } from "./client.js";
import {
  BufferFullError,
  EndedError,
  NotConnectedError,
  RefusedError,
  type TopicStreamError,
} from "./errors.js";
import type { OutboxEvent } from "./publisher.js";
import type { Message, Position, StateChange, SubscribeOptions, SubscriptionListener } from "./types.js";

/** What a tab asks of the client, to be answered once. */
export const METHODS = [
  "publish",
  "publishWhenFree",
  "send",
  "read",
  "readFolded",
  "redact",
  "signal",
  "ackDelivered",
  "ackRead",
  "cursors",
  "members",
  "online",
  "name",
  "room",
  "deleteRoom",
  "rooms",
  "topics",
  "authenticate",
] as const;
export type Method = (typeof METHODS)[number];
export type Arguments<M extends Method> = Parameters<Client[M]>;
export type Answer<M extends Method> = Awaited<ReturnType<Client[M]>>;

/** For whom a tab wants a client, and how. */
export interface Hello {
  address: string;
  /** A token, or whether the tab has a function for them. */
  token?: string | true;
  user?: string;
  /** Whether what is published is kept in the browser. */
  outbox: boolean;
  options: Pick<
    ClientOptions,
    "name" | "failFast" | "maxWaitingBytes" | "pingIntervalMs" | "connectTimeoutMs"
  >;
  maxUnhandledBytes: number;
  /** Whether the tab wants to hear of topics to which nobody subscribed. */
  newTopics: boolean;
}

/** What is told of a subscription, but for messages and its end. */
export type Told = Exclude<keyof SubscriptionListener, "message" | "ended">;

export type FromTab =
  | { kind: "hello"; hello: Hello }
  /** The tab lives as long as it holds this lock. */
  | { kind: "lock"; name: string }
  /** The tab lives. */
  | { kind: "alive" }
  | { kind: "connect" }
  | { kind: "wake" }
  | { kind: "call"; id: number; method: Method; args: unknown[] }
  | { kind: "subscribe"; sub: number; topic: string; options: SubscribeOptions }
  /** The application has dealt with so much of what was told. */
  | { kind: "taken"; sub: number; bytes: number }
  | { kind: "unsubscribe"; sub: number }
  | { kind: "forget"; sub: number; id: number }
  | { kind: "token"; id: number; token?: string; error?: CrossedError }
  | { kind: "bye" };

export type FromWorker =
  /** The worker lives as long as it holds this lock. */
  | { kind: "lock"; name: string }
  /** It does not know the tab, or not any more. */
  | { kind: "unknown" }
  | { kind: "state"; change: CrossedState }
  /** The client has ended, and all is told. */
  | { kind: "over" }
  | { kind: "answer"; id: number; value?: unknown; error?: CrossedError }
  | { kind: "ready"; sub: number; position: Position | undefined }
  | { kind: "messages"; sub: number; messages: { message: Message; bytes: number }[] }
  | { kind: "told"; sub: number; name: Told; event: unknown; bytes: number }
  | { kind: "ended"; sub: number; error?: CrossedError }
  | { kind: "token"; id: number }
  | { kind: "new-topic"; topic: string; offset: number }
  | { kind: "outbox"; event: Crossed<OutboxEvent> }
  | { kind: "log"; message: string; error?: CrossedError };

type Crossed<T> = T extends { error: Error } ? Omit<T, "error"> & { error: CrossedError } : T;
export type CrossedState = Crossed<StateChange>;

/** One side of a channel between a tab and the worker, as much as is used of it. */
export interface TabPort {
  postMessage(message: unknown): void;
  close(): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/** An error as it crosses a port: a copy of an Error would be no RefusedError any more. */
export type CrossedError =
  | { kind: "refused"; code: string; message: string; retryable: boolean; nextOffset?: number }
  | { kind: "ended"; code: number; message: string }
  | { kind: "buffer-full"; waitingBytes: number; maxBytes: number }
  | { kind: "not-connected"; message: string }
  | { kind: "type" | "other"; message: string };

export function crossing(error: unknown): CrossedError {
  if (error instanceof RefusedError) {
    const { code, message, retryable, nextOffset } = error;
    return { kind: "refused", code, message, retryable, ...(nextOffset === undefined ? {} : { nextOffset }) };
  }
  if (error instanceof EndedError) {
    return { kind: "ended", code: error.code, message: error.message };
  }
  if (error instanceof BufferFullError) {
    return { kind: "buffer-full", waitingBytes: error.waitingBytes, maxBytes: error.maxBytes };
  }
  if (error instanceof NotConnectedError) {
    return { kind: "not-connected", message: error.message };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: error instanceof TypeError ? "type" : "other", message };
}

export function crossed(error: CrossedError): TopicStreamError | Error {
  switch (error.kind) {
    case "refused":
      return new RefusedError(error.code, error.message, error.retryable, error.nextOffset);
    case "ended":
      return new EndedError(error.code, error.message);
    case "buffer-full":
      return new BufferFullError(error.waitingBytes, error.maxBytes);
    case "not-connected":
      return new NotConnectedError(error.message);
    case "type":
      return new TypeError(error.message);
    case "other":
      return new Error(error.message);
  }
}

export function stateCrossing(change: StateChange): CrossedState {
  return change.state === "ended" ? { state: "ended", error: crossing(change.error) } : change;
}

export function stateCrossed(change: CrossedState): StateChange {
  return change.state === "ended" ? { state: "ended", error: crossed(change.error) } : change;
}

export function outboxCrossing(event: OutboxEvent): Crossed<OutboxEvent> {
  return "error" in event ? { draft: event.draft, error: crossing(event.error) } : event;
}

export function outboxCrossed(event: Crossed<OutboxEvent>): OutboxEvent {
  return "error" in event ? { draft: event.draft, error: crossed(event.error) } : event;
}
