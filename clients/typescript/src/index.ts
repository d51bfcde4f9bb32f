/** The client of TopicStream. */
export type { Client, ClientSubscription, ListenerOrFunction } from "./api.js";
export { type ClientOptions, TopicStreamClient } from "./client.js";
export { BufferFullError, EndedError, NotConnectedError, RefusedError, TopicStreamError } from "./errors.js";
export { FoldedMessages } from "./folded.js";
export type { History } from "./history.js";
export { IndexedDbOutbox } from "./indexed-db-outbox.js";
export type { Draft, Outbox } from "./outbox.js";
export type { OutboxEvent } from "./publisher.js";
export {
  clientForTab,
  SharedTopicStreamClient,
  type SharedWorkerLike,
  type TabOptions,
} from "./shared-client.js";
export { serveTabs } from "./shared-worker.js";
export type { Subscription } from "./subscription.js";
export type { WebSocketConstructor, WebSocketLike } from "./transport.js";
export type * from "./types.js";
