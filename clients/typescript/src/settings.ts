import type { Clock } from "./clock.js";
import type { Transport } from "./transport.js";
import type { StateChange, SubscriptionListener } from "./types.js";

/** How a client was set up. */
export interface Settings {
  url: string;
  token: (() => string | Promise<string>) | undefined;
  /** Whether `token` may give another one later. */
  renewsToken: boolean;
  transport: Transport;
  clock: Clock;
  random: () => number;
  backoffBaseMs: number;
  backoffCapMs: number;
  stableAfterMs: number;
  connectTimeoutMs: number;
  pingMs: number;
  failFast: boolean;
  maxUnhandledBytes: number;
  onState: (change: StateChange) => void;
  onNewTopic: ((topic: string, offset: number) => SubscriptionListener | undefined) | undefined;
  log: (message: string, error?: unknown) => void;
}
