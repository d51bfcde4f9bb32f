import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Draft, StateChange, Welcome } from "@topicstream/client";
import type { Preferences, Session } from "./chat.js";
import type { Connecting } from "./connecting.js";
import type { Context } from "./context.js";
import type { Notices } from "./notices.js";
import { type LeftSettled, PageOutbox } from "./outbox.js";
import type { Painter } from "./painter.js";
import { Partners } from "./partners.js";
import { People } from "./people.js";
import { Places } from "./places.js";
import type { ChatClient, Ports } from "./ports.js";
import { Rooms } from "./rooms.js";
import { Store } from "./store.js";
import { chatTopicOf, isGuest, nameOfUser } from "./text.js";
import { isRecord } from "./store.js";
import { isRetryable, wordsOf } from "./words.js";

/** What the page has beside the user. */
export interface Page {
  readonly ports: Ports;
  readonly painter: Painter;
  readonly notices: Notices;
  readonly connecting: Connecting;
  readonly preferences: ReadonlySignal<Preferences>;
  readonly isSeen: ReadonlySignal<boolean>;
  readonly session: Signal<Session>;
}

/** Kept of a user who is here in some tab, and gone with all else when that user signs out. */
const HERE = "here";

/** By then a tab that was closed has lost its lock. */
const GONE_FOR_SURE_MS = 5000;

function keptOf(user: string): string {
  return `of ${user} `;
}

/** What the tabs of a user see go when one of them signs out. */
export function keptWhileIn(user: string): string {
  return keptOf(user) + HERE;
}

/** Under what somebody signs in. */
export type As =
  | { readonly kind: "guest"; readonly id: string; readonly name: string }
  | { readonly kind: "token"; readonly token: string };

/** Somebody who is signed in, from the first attempt to connect to the end of the client. */
export class Login {
  /** There once it is known who the user is. */
  places: Places | undefined;
  rooms: Rooms | undefined;
  readonly #name: Signal<string>;
  #outbox: PageOutbox | undefined;
  #takesOverAgain: (() => void) | undefined;
  #partners: Partners | undefined;
  #client: ChatClient | undefined;
  #user: string | undefined;
  #store: Store | undefined;
  #found: readonly Draft[] = [];
  #hasEnded = false;

  /** @param ended told when the server has ended it */
  constructor(
    private readonly page: Page,
    private readonly as: As,
    private readonly opened: (login: Login) => void,
    private readonly ended: (error: Error) => void,
  ) {
    this.#name = signal(as.kind === "guest" ? as.name : "");
  }

  /** Whether nothing of it is heard any more. */
  isOver(): boolean {
    return this.#hasEnded;
  }

  get user(): string | undefined {
    return this.#user;
  }

  async begin(): Promise<void> {
    const { ports } = this.page;
    const { as } = this;
    const address = await ports.server();
    if (this.isOver()) {
      return;
    }
    const client = await ports.client(address, {
      ...(as.kind === "guest" ? { user: as.id, name: as.name } : { token: as.token }),
      onState: (change) => {
        this.#changed(change);
      },
      onNewTopic: (topic) => {
        this.places?.appeared(topic);
        this.#partners?.added();
        // The place subscribes itself, when it has read what is before.
        return undefined;
      },
    });
    if (this.isOver()) {
      client.close();
      return;
    }
    this.#client = client;
    if (as.kind === "guest") {
      this.#enter(`guest.${as.id}`);
    }
    client.connect().catch(() => undefined);
  }

  /** It is known who the user is. */
  #enter(user: string): void {
    const { page } = this;
    const client = this.#client;
    if (client === undefined || this.#user !== undefined) {
      return;
    }
    this.#user = user;
    if (this.#name.peek() === "") {
      this.#name.value = nameOfUser(user);
    }
    this.#store = new Store(page.ports.kept, `topicstream.chat.${keptOf(user)}`);
    this.#store.write(HERE, true);
    this.#outbox = new PageOutbox(page.ports.outbox(user), client, {
      found: (drafts) => {
        this.#sending([...this.#found, ...drafts]);
      },
      settled: (event) => {
        this.#settled(event);
      },
    });
    const context: Context = {
      user,
      isGuest: isGuest(user),
      ports: page.ports,
      client,
      outbox: this.#outbox,
      store: this.#store,
      painter: page.painter,
      people: new People(),
      preferences: page.preferences,
      isSeen: page.isSeen,
      name: this.#name,
      notice: (kind, text) => {
        page.notices.add(kind, text);
      },
      failed: (error) => {
        // What ended is told by the connection; what can be tried again is, or soon will be.
        if (!this.#hasEnded && !isRetryable(error) && !isEnd(error)) {
          page.notices.add("error", wordsOf(error));
        }
      },
    };
    context.people.named(user, this.#name.peek());
    const places = new Places(context, (topics) => {
      this.rooms?.describe(topics).catch(() => undefined);
      this.#partners?.added();
    });
    this.places = places;
    this.rooms = new Rooms(context, () => places);
    this.#partners = new Partners(context, places);
    this.#setSession();
    this.opened(this);
  }

  #setSession(): void {
    const user = this.#user;
    if (user !== undefined) {
      this.page.session.value = { kind: "in", user, name: this.#name.peek(), isGuest: isGuest(user) };
    }
  }

  #changed(change: StateChange): void {
    if (this.#hasEnded) {
      return;
    }
    if (change.state === "ended") {
      this.page.connecting.heard(change);
      this.ended(change.error);
      return;
    }
    this.page.connecting.heard(change);
    if (change.state === "connected") {
      this.#connected(change.welcome);
    }
    this.#partners?.changed(change.state === "connected");
  }

  #connected(welcome: Welcome): void {
    const { user, name } = welcome;
    if (user === null) {
      this.ended(new Error("The server knows no user by this credential."));
      return;
    }
    if (name !== null && this.as.kind === "token") {
      this.#name.value = name;
    }
    this.#enter(user);
    this.#setSession();
    this.#takeOver();
    void this.places?.connected(welcome).then(() => {
      this.#sending(this.#found);
    });
    this.#sending(this.#found);
  }

  // ---- what closed tabs have left in the outbox

  /** A tab that was closed a moment ago may still count as one that lives: so it is asked once more. */
  #takeOver(): void {
    this.#outbox?.takeOver();
    this.#takesOverAgain?.();
    this.#takesOverAgain = this.page.ports.clock.schedule(() => {
      this.#outbox?.takeOver();
    }, GONE_FOR_SURE_MS);
  }

  #sending(drafts: readonly Draft[]): void {
    const later: Draft[] = [];
    for (const draft of drafts) {
      const topic = this.#topicOf(draft);
      const place = topic === undefined ? undefined : this.places?.get(topic);
      const said = saidBy(draft);
      if (place === undefined) {
        later.push(draft);
      } else if (said !== undefined) {
        place.outgoing.add({
          ...said,
          at: this.page.ports.clock.now(),
          state: { kind: "sending" },
        });
        place.changed();
      }
    }
    this.#found = later;
  }

  #settled(event: LeftSettled): void {
    const { draft } = event;
    this.#found = this.#found.filter((one) => one !== draft);
    const topic = this.#topicOf(draft);
    const said = saidBy(draft);
    const place = topic === undefined ? undefined : this.places?.get(topic);
    if (said === undefined || place === undefined) {
      if ("error" in event) {
        this.page.notices.add("error", `What a closed tab left was not sent. ${wordsOf(event.error)}`);
      }
      return;
    }
    if ("error" in event) {
      place.outgoing.add({ ...said, at: this.page.ports.clock.now(), state: { kind: "sending" } });
      place.refused(said.id, wordsOf(event.error), isRetryable(event.error));
    } else {
      place.answered(said.id, event.published);
    }
  }

  #topicOf({ action, members }: Draft): string | undefined {
    const named = action === "send" ? members["to"] : members["topic"];
    if (typeof named !== "string" || this.#user === undefined) {
      return undefined;
    }
    return action === "send" ? chatTopicOf(this.#user, named) : named;
  }

  // ---- what the user does

  rename(name: string, renamed: (name: string) => void): void {
    this.#client?.name(name).then(
      (given) => {
        this.#name.value = given;
        this.#setSession();
        renamed(given);
      },
      (error: unknown) => {
        this.page.notices.add("error", wordsOf(error));
      },
    );
  }

  talkTo(user: string): void {
    if (this.#user !== undefined) {
      this.places?.open(chatTopicOf(this.#user, user), undefined);
    }
  }

  /** The page is seen again, or not any more. */
  seen(isVisible: boolean): void {
    const isOnline = this.page.connecting.shown.peek().kind === "online";
    this.#partners?.changed(isOnline);
    if (isVisible) {
      this.places?.current.peek()?.returned();
    }
    if (isVisible && isOnline) {
      this.#takeOver();
      // Another device may have read meanwhile.
      void this.places?.refresh();
    }
  }

  /** Nothing of it is heard any more. */
  end(): void {
    this.#hasEnded = true;
    this.places?.end();
    this.#partners?.end();
    this.#takesOverAgain?.();
    this.#outbox?.close();
    this.#client?.close();
  }

  /** Forgets what the browser keeps of this user. */
  erase(): void {
    this.#store?.clear();
    if (this.#user !== undefined) {
      this.page.ports.eraseOutbox(this.#user);
    }
  }
}

function isEnd(error: unknown): boolean {
  return error instanceof Error && error.name === "EndedError";
}

/** A message that says something by itself. */
function saidBy({ members, payload }: Draft): { id: string; text: string; replyTo?: number } | undefined {
  const id = members["message_id"];
  const about = members["about"];
  let message: unknown;
  try {
    message = JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (typeof id !== "string" || !isRecord(message) || typeof message["text"] !== "string") {
    return undefined;
  }
  const said = { id, text: message["text"] };
  if (!isRecord(about)) {
    return said;
  }
  return about["as"] === "reply" && typeof about["offset"] === "number"
    ? { ...said, replyTo: about["offset"] }
    : undefined;
}
