import { guestIdOf } from "./text.js";
import { isRecord, type Store } from "./store.js";
import { randomId } from "./random.js";

export interface Guest {
  readonly id: string;
  readonly name: string;
}

/** Who signed in here, so that a reload need not ask again. */
export class Credentials {
  /**
   * @param kept beyond the end of the browser: who a guest is, for a guest's id is no secret
   * @param tab as long as the tab: a token that stayed would let in everyone who uses this browser later, and every script
   *   that could ever read the storage
   */
  constructor(
    private readonly kept: Store,
    private readonly tab: Store,
  ) {}

  token(): string | undefined {
    return this.tab.read("token", (value) => typeof value === "string");
  }

  keepToken(token: string): void {
    this.kept.remove("guest");
    this.tab.write("token", token);
  }

  guest(): Guest | undefined {
    return this.kept.read("guest", isGuestRecord);
  }

  /** The guest of this name: the one that was here before, or a new one. */
  guestNamed(name: string): Guest {
    const before = this.guest();
    const guest = before?.name === name ? before : { id: guestIdOf(name, randomId().slice(0, 12)), name };
    this.keepGuest(guest);
    return guest;
  }

  keepGuest(guest: Guest): void {
    this.kept.write("guest", guest);
  }

  /** A token that was refused, or that another one or a guest takes the place of. */
  forgetToken(): void {
    this.tab.remove("token");
  }

  forget(): void {
    this.tab.remove("token");
    this.kept.remove("guest");
  }
}

function isGuestRecord(value: unknown): value is Guest {
  return isRecord(value) && typeof value["id"] === "string" && typeof value["name"] === "string";
}
