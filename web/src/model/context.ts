import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Notice, Preferences } from "./chat.js";
import type { PageOutbox } from "./outbox.js";
import type { Painter } from "./painter.js";
import type { People } from "./people.js";
import type { ChatClient, Ports } from "./ports.js";
import type { Store } from "./store.js";

/** Who is signed in, and what all places of this user share. */
export interface Context {
  readonly user: string;
  readonly isGuest: boolean;
  readonly ports: Ports;
  readonly client: ChatClient;
  /** By which all is published. */
  readonly outbox: PageOutbox;
  /** What is kept of this user. */
  readonly store: Store;
  readonly painter: Painter;
  readonly people: People;
  readonly preferences: ReadonlySignal<Preferences>;
  readonly isSeen: ReadonlySignal<boolean>;
  readonly name: Signal<string>;
  notice(kind: Notice["kind"], text: string): void;
  /** What went wrong is told, unless it will be tried again. */
  failed(error: unknown): void;
}
