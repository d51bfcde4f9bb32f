import { signal } from "@preact/signals";
import type { Draft } from "./chat.js";
import type { PlaceModel } from "./place.js";

/** What this user writes in a place. It is kept with each letter. */
export class Drafting {
  readonly draft;
  /** What was being written when an edit of another message began. */
  #before: Draft | undefined;

  constructor(private readonly model: PlaceModel) {
    this.draft = signal<Draft>(model.kept.draft());
  }

  edit(change: Partial<Draft>): void {
    const before = this.draft.peek();
    const begins = change.editing !== undefined && before.editing === undefined;
    const ends = "editing" in change && change.editing === undefined && before.editing !== undefined;
    if (begins) {
      this.#before = before;
    }
    if (ends) {
      this.#set({
        ...(this.#before ?? { text: "" }),
        ...(change.text === undefined ? {} : { text: change.text }),
      });
      this.#before = undefined;
      return;
    }
    this.#set({ ...before, ...change });
    if (change.text !== undefined && this.draft.peek().editing === undefined) {
      this.model.typing.types(change.text.trim() !== "");
    }
  }

  /** The draft, to be sent; undefined where it says nothing. */
  take(): Draft | undefined {
    const draft = this.draft.peek();
    const text = draft.text.trim();
    if (text === "") {
      return undefined;
    }
    this.#set(draft.editing === undefined ? { text: "" } : (this.#before ?? { text: "" }));
    this.#before = undefined;
    this.model.typing.types(false);
    return { ...draft, text };
  }

  #set(draft: Draft): void {
    const { text, replyTo, editing } = draft;
    const set = {
      text,
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(editing === undefined ? {} : { editing }),
    };
    this.draft.value = set;
    this.model.kept.keepDraft(set);
    this.model.changed();
  }
}
