import type { Person } from "./chat.js";
import { nameOfUser } from "./text.js";

interface Known {
  name?: string;
  online?: boolean;
  lastSeen?: number;
}

/** What is known of users: the names by which they were last heard of, and whether they are there. */
export class People {
  readonly #all = new Map<string, Known>();

  name(user: string): string {
    return this.#all.get(user)?.name ?? nameOfUser(user);
  }

  person(user: string): Person {
    const known = this.#all.get(user);
    return {
      user,
      name: this.name(user),
      ...(known?.online === undefined ? {} : { online: known.online }),
      ...(known?.lastSeen === undefined ? {} : { lastSeen: known.lastSeen }),
    };
  }

  /** @returns whether that is news */
  named(user: string, name: string | null | undefined): boolean {
    const known = this.#of(user);
    if (name === null || name === undefined || known.name === name) {
      return false;
    }
    known.name = name;
    return true;
  }

  /** @returns whether that is news */
  seen(user: string, online: boolean, lastSeen?: number | null): boolean {
    const known = this.#of(user);
    const isNews = known.online !== online || (lastSeen ?? undefined) !== known.lastSeen;
    known.online = online;
    if (typeof lastSeen === "number") {
      known.lastSeen = lastSeen;
    } else {
      delete known.lastSeen;
    }
    return isNews;
  }

  /** Without a connection nobody knows who is there. */
  forgetPresence(): void {
    for (const known of this.#all.values()) {
      delete known.online;
    }
  }

  #of(user: string): Known {
    let known = this.#all.get(user);
    if (known === undefined) {
      known = {};
      this.#all.set(user, known);
    }
    return known;
  }
}
