import { signal } from "@preact/signals";
import type { StateChange } from "@topicstream/client";
import type { Connection } from "./chat.js";
import type { Clock, Network } from "./ports.js";
import { wordsOfEnd } from "./words.js";

/** A loss that is over sooner is not shown. */
const CALM_MS = 1200;

/** The connection as it is shown: what is bad only after a while, what is good at once. */
export class Connecting {
  readonly shown = signal<Connection>({ kind: "connecting" });
  #true: Connection = { kind: "connecting" };
  #timer: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly network: Network,
  ) {
    network.onChange(() => {
      this.#change();
    });
  }

  /** A client begins. */
  begin(): void {
    this.#true = { kind: "connecting" };
    this.#show();
  }

  heard(change: StateChange): void {
    switch (change.state) {
      case "connected":
        this.#true = { kind: "online" };
        break;
      case "waiting":
        this.#true = { kind: "waiting", retryAt: this.clock.now() + change.inMs };
        break;
      case "ended":
        this.#true = { kind: "ended", reason: wordsOfEnd(change.error) };
        break;
    }
    this.#change();
  }

  #now(): Connection {
    return this.#true.kind === "ended" || this.network.isOnline() ? this.#true : { kind: "offline" };
  }

  #change(): void {
    const { kind } = this.#now();
    // Who is shown to be away already is shown at once what else changes about that.
    if (kind === "online" || kind === "ended" || isAway(this.shown.peek())) {
      this.#show();
    } else {
      this.#timer ??= this.clock.schedule(() => {
        this.#show();
      }, CALM_MS);
    }
  }

  #show(): void {
    this.#timer?.();
    this.#timer = undefined;
    const now = this.#now();
    if (JSON.stringify(now) !== JSON.stringify(this.shown.peek())) {
      this.shown.value = now;
    }
  }
}

function isAway({ kind }: Connection): boolean {
  return kind === "waiting" || kind === "offline";
}
