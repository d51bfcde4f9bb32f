import { computed, effect, signal, untracked } from "@preact/signals";
import type {
  Chat,
  Conversation,
  FoundRoom,
  MessageId,
  Notice,
  NotifyLevel,
  Place,
  Preferences,
  Session,
  SignIn,
} from "./chat.js";
import { Connecting } from "./connecting.js";
import { Credentials } from "./credentials.js";
import { type As, keptWhileIn, Login, type Page } from "./login.js";
import { Notices } from "./notices.js";
import { Painter } from "./painter.js";
import type { Ports } from "./ports.js";
import { Preferring } from "./preferring.js";
import { isTrue, Store } from "./store.js";
import { wordsOf, wordsOfEnd } from "./words.js";

const PREFIX = "topicstream.chat.";
const NAME = /^.{1,64}$/u;
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** The chat of one page. */
export class ChatModel implements Chat {
  readonly session = signal<Session>({ kind: "out" });
  readonly connection;
  readonly places;
  readonly found;
  readonly current;
  readonly notices;
  readonly preferences;
  readonly #login = signal<Login | undefined>(undefined);
  readonly #known = signal(0);
  readonly #credentials: Credentials;
  readonly #preferring: Preferring;
  readonly #notices: Notices;
  readonly #isSeen = signal(true);
  readonly #page: Page;
  #wanted: { topic: string; at: MessageId | undefined } | undefined;

  constructor(ports: Ports) {
    const kept = new Store(ports.kept, PREFIX);
    this.#credentials = new Credentials(kept, new Store(ports.tab, PREFIX));
    this.#notices = new Notices(ports.clock);
    this.notices = this.#notices.shown;
    this.#preferring = new Preferring(kept, ports.notifier, (words) => {
      this.#notices.add("info", words);
    });
    this.preferences = this.#preferring.preferences;
    const connecting = new Connecting(ports.clock, ports.network);
    this.connection = connecting.shown;
    this.#page = {
      ports,
      painter: new Painter(ports.clock),
      notices: this.#notices,
      connecting,
      preferences: this.preferences,
      isSeen: this.#isSeen,
      session: this.session,
    };
    // They are there once the user is known; the login itself is there before, and the same.
    const all = computed(() => (this.#known.value < 0 ? undefined : this.#login.value?.places));
    const rooms = computed(() => (this.#known.value < 0 ? undefined : this.#login.value?.rooms));
    this.places = computed<readonly Place[]>(() => all.value?.list.value ?? []);
    this.current = computed<Conversation | undefined>(() => all.value?.current.value);
    this.found = computed<readonly FoundRoom[] | undefined>(() => rooms.value?.found.value);
    kept.onChange((key) => {
      // Who signs out in one tab does so in all.
      const user = this.#login.peek()?.user;
      const isOut =
        (key === "guest" && this.#isGuest() && this.#credentials.guest() === undefined) ||
        (user !== undefined && key === keptWhileIn(user) && kept.read(key, isTrue) === undefined);
      if (isOut) {
        this.#end();
        this.#credentials.forgetToken();
        this.session.value = { kind: "out" };
      }
    });
    this.#signInAgain();
    effect(() => {
      // Who looks at the page again may have read on another device meanwhile.
      const isVisible = this.#isSeen.value;
      untracked(() => this.#login.peek()?.seen(isVisible));
    });
  }

  #isGuest(): boolean {
    const session = this.session.peek();
    return session.kind === "in" && session.isGuest;
  }

  // ---- signing in and out

  #signInAgain(): void {
    const token = this.#credentials.token();
    const guest = this.#credentials.guest();
    if (token !== undefined) {
      this.#begin({ kind: "token", token });
    } else if (guest !== undefined) {
      this.#begin({ kind: "guest", ...guest });
    }
  }

  signIn(as: SignIn): void {
    if (as.kind === "name") {
      const name = as.name.trim();
      if (!NAME.test(name)) {
        this.session.value = { kind: "out", problem: "A name has 1 to 64 characters." };
        return;
      }
      this.#credentials.forgetToken();
      this.#begin({ kind: "guest", ...this.#credentials.guestNamed(name) });
    } else {
      const token = as.token.trim();
      if (!TOKEN.test(token)) {
        this.session.value = { kind: "out", problem: "This is no key or token: it has other characters." };
        return;
      }
      this.#credentials.keepToken(token);
      this.#begin({ kind: "token", token });
    }
  }

  #begin(as: As): void {
    this.#end();
    this.#page.connecting.begin();
    this.session.value = { kind: "entering" };
    const login = new Login(
      this.#page,
      as,
      () => {
        this.#known.value++;
        const wanted = this.#wanted;
        this.#wanted = undefined;
        if (wanted !== undefined) {
          login.places?.open(wanted.topic, wanted.at);
        }
      },
      (error) => {
        if (this.#login.peek() === login) {
          this.#lost(error);
        }
      },
    );
    this.#login.value = login;
    login.begin().catch((error: unknown) => {
      if (this.#login.peek() === login) {
        this.#lost(error);
      }
    });
  }

  /** The server has ended it: what is kept stays, for the user comes back. */
  #lost(error: unknown): void {
    const isRefused = error instanceof Error && error.name === "EndedError";
    const problem = isRefused ? wordsOfEnd(error, this.#isGuest()) : wordsOf(error);
    this.#end();
    this.#credentials.forgetToken();
    this.session.value = { kind: "out", problem };
  }

  #end(): void {
    const login = this.#login.peek();
    this.#login.value = undefined;
    login?.end();
  }

  signOut(): void {
    const login = this.#login.peek();
    this.#end();
    login?.erase();
    this.#credentials.forget();
    this.#wanted = undefined;
    this.session.value = { kind: "out" };
  }

  rename(name: string): void {
    const wanted = name.trim();
    if (!NAME.test(wanted)) {
      this.#notices.add("error", "A name has 1 to 64 characters.");
      return;
    }
    this.#login.peek()?.rename(wanted, (given) => {
      const guest = this.#credentials.guest();
      if (guest !== undefined && this.#isGuest()) {
        this.#credentials.keepGuest({ ...guest, name: given });
      }
    });
  }

  // ---- rooms and chats

  findRooms(text: string): void {
    this.#login.peek()?.rooms?.find(text);
  }

  createRoom(name: string, title?: string): void {
    this.#tell(this.#login.peek()?.rooms?.create(name, title));
  }

  join(topic: string): void {
    this.open(topic);
  }

  leave(topic: string): void {
    this.#login.peek()?.places?.leave(topic);
  }

  deleteRoom(topic: string): void {
    this.#tell(this.#login.peek()?.rooms?.delete(topic));
  }

  #tell(doing: Promise<void> | undefined): void {
    doing?.catch((error: unknown) => {
      this.#notices.add("error", wordsOf(error));
    });
  }

  pin(topic: string, pinned: boolean): void {
    this.#login.peek()?.places?.get(topic)?.pin(pinned);
  }

  level(topic: string, level: NotifyLevel): void {
    this.#login.peek()?.places?.get(topic)?.level(level);
  }

  talkTo(user: string): void {
    this.#login.peek()?.talkTo(user);
  }

  open(topic: string, at?: MessageId): void {
    const places = this.#login.peek()?.places;
    if (places === undefined) {
      // Until it is known who comes.
      this.#wanted = { topic, at };
    } else {
      places.open(topic, at);
    }
  }

  close(): void {
    this.#wanted = undefined;
    this.#login.peek()?.places?.close();
  }

  // ---- the page

  prefer(change: Partial<Preferences>): void {
    this.#preferring.prefer(change);
  }

  dismiss(notice: Notice): void {
    this.#notices.dismiss(notice);
  }

  seen(isVisible: boolean): void {
    this.#isSeen.value = isVisible;
  }
}
