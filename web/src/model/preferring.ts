import { signal } from "@preact/signals";
import type { Preferences } from "./chat.js";
import type { Notifier } from "./ports.js";
import { isRecord, type Store } from "./store.js";

const DEFAULTS: Preferences = {
  theme: "system",
  enterSends: true,
  notifications: false,
  sound: false,
  sendReceipts: true,
  textSize: "normal",
};

const WORDS: Partial<Record<keyof Preferences, readonly string[]>> = {
  theme: ["system", "light", "dark"],
  textSize: ["small", "normal", "large"],
};

/** What the user likes better. It stays in the browser, also after the user has signed out. */
export class Preferring {
  readonly preferences;

  constructor(
    private readonly store: Store,
    private readonly notifier: Notifier,
    private readonly refused: (words: string) => void,
  ) {
    this.preferences = signal(this.#read());
    store.onChange((key) => {
      if (key === "preferences") {
        this.preferences.value = this.#read();
      }
    });
  }

  #read(): Preferences {
    return valid(this.store.read("preferences", isRecord) ?? {});
  }

  prefer(change: Partial<Preferences>): void {
    if (change.notifications === true) {
      this.notifier.ask().then(
        (allowed) => {
          this.#set({ notifications: allowed });
          if (!allowed) {
            this.refused("The browser does not allow this page to notify you.");
          }
        },
        () => undefined,
      );
      const others = { ...change };
      delete others.notifications;
      this.#set(others);
    } else {
      this.#set(change);
    }
  }

  #set(change: Partial<Preferences>): void {
    this.preferences.value = valid({ ...this.preferences.peek(), ...change });
    this.store.write("preferences", this.preferences.peek());
  }
}

function valid(kept: Partial<Record<keyof Preferences, unknown>>): Preferences {
  const found: Record<string, unknown> = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof Preferences)[]) {
    const value = kept[name];
    const words = WORDS[name];
    if (words === undefined ? typeof value === "boolean" : words.includes(value as string)) {
      found[name] = value;
    }
  }
  return found as unknown as Preferences;
}
