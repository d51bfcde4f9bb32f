import type { Conversation } from "../model/chat.js";

/** Tells the model what has been on the screen, as long as the page is seen. */
export class Reader {
  readonly #conversation: Conversation;
  readonly #watch: IntersectionObserver;
  readonly #shown = new Set<Element>();
  #told = 0;
  #isSuspended = false;

  constructor(frame: HTMLElement, conversation: Conversation) {
    this.#conversation = conversation;
    this.#watch = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          const half = (entry.rootBounds?.height ?? 0) / 2;
          // Of a message that is higher than the window, half of the window is enough.
          const isShown =
            entry.isIntersecting &&
            (entry.intersectionRatio >= 0.5 || (half > 0 && entry.intersectionRect.height >= half));
          if (isShown) {
            this.#shown.add(entry.target);
          } else {
            this.#shown.delete(entry.target);
          }
        }
        this.#tell();
      },
      { root: frame, threshold: [0, 0.1, 0.25, 0.5, 0.75, 1] },
    );
    document.addEventListener("visibilitychange", this.#tell);
  }

  add(row: Element): void {
    this.#watch.observe(row);
  }

  remove(row: Element): void {
    this.#watch.unobserve(row);
    this.#shown.delete(row);
  }

  /** Something was made unread by hand: it stays so until the place is opened again. */
  suspend(): void {
    this.#isSuspended = true;
  }

  /** A row that had no offset has one now. */
  update(): void {
    this.#tell();
  }

  close(): void {
    this.#watch.disconnect();
    document.removeEventListener("visibilitychange", this.#tell);
  }

  readonly #tell = () => {
    if (document.visibilityState !== "visible" || this.#isSuspended) {
      return;
    }
    let newest = 0;
    for (const row of this.#shown) {
      newest = Math.max(newest, Number((row as HTMLElement).dataset["offset"] ?? 0));
    }
    if (newest > this.#told) {
      this.#told = newest;
      this.#conversation.read(newest);
    }
  };
}
