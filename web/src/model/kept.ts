import type { Draft, NotifyLevel } from "./chat.js";
import type { Outgoing } from "./outgoing.js";
import { isNumber, isRecord, isTrue, type Store } from "./store.js";

/** What the browser keeps of one place. Read once, and written with each change. */
export class Kept {
  #draft: Draft;
  #pinned: boolean;
  #level: NotifyLevel;

  constructor(
    private readonly store: Store,
    private readonly topic: string,
  ) {
    this.#draft = this.store.read(this.#key("draft"), isDraft) ?? { text: "" };
    this.#pinned = this.store.read(this.#key("pinned"), isTrue) ?? false;
    this.#level = this.store.read(this.#key("level"), isLevel) ?? "all";
  }

  #key(what: string): string {
    return `${what} ${this.topic}`;
  }

  #keep(what: string, value: unknown): void {
    if (value === undefined) {
      this.store.remove(this.#key(what));
    } else {
      this.store.write(this.#key(what), value);
    }
  }

  draft(): Draft {
    return this.#draft;
  }

  hasDraft(): boolean {
    return this.#draft.text.trim() !== "" && this.#draft.editing === undefined;
  }

  keepDraft(draft: Draft): void {
    this.#draft = draft;
    const isEmpty = draft.text === "" && draft.replyTo === undefined && draft.editing === undefined;
    this.#keep("draft", isEmpty ? undefined : draft);
  }

  pinned(): boolean {
    return this.#pinned;
  }

  pin(pinned: boolean): void {
    this.#pinned = pinned;
    this.#keep("pinned", pinned ? true : undefined);
  }

  level(): NotifyLevel {
    return this.#level;
  }

  setLevel(level: NotifyLevel): void {
    this.#level = level;
    this.#keep("level", level === "all" ? undefined : level);
  }

  /** How far this user has read, where the server is not told. */
  read(): number {
    return this.store.read(this.#key("read"), isNumber) ?? 0;
  }

  keepRead(offset: number): void {
    this.#keep("read", offset);
  }

  markedUnread(): number | undefined {
    return this.store.read(this.#key("unread"), isNumber);
  }

  markUnread(offset: number | undefined): void {
    this.#keep("unread", offset);
  }

  /** What the server has refused, and the user neither sent again nor took away. */
  failed(): Outgoing[] {
    return this.store.read(this.#key("failed"), isFailed) ?? [];
  }

  keepFailed(failed: readonly Outgoing[]): void {
    this.#keep("failed", failed.length === 0 ? undefined : failed);
  }

  clear(): void {
    for (const what of ["draft", "pinned", "level", "read", "unread", "failed"]) {
      this.#keep(what, undefined);
    }
  }
}

function isDraft(value: unknown): value is Draft {
  const isOffset = (one: unknown): boolean => one === undefined || isNumber(one);
  return (
    isRecord(value) &&
    typeof value["text"] === "string" &&
    isOffset(value["replyTo"]) &&
    isOffset(value["editing"])
  );
}

function isLevel(value: unknown): value is NotifyLevel {
  return value === "all" || value === "mentions" || value === "none";
}

function isFailed(value: unknown): value is Outgoing[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        isRecord(one) &&
        typeof one["id"] === "string" &&
        typeof one["text"] === "string" &&
        isNumber(one["at"]) &&
        isRecord(one["state"]) &&
        one["state"]["kind"] === "failed",
    )
  );
}
