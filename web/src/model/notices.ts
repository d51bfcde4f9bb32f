import { signal } from "@preact/signals";
import type { Notice } from "./chat.js";
import type { Clock } from "./ports.js";

const SHOWN_MS = 8000;
const MOST = 4;

/** What is told in words. The same is not told twice at a time. */
export class Notices {
  readonly shown = signal<readonly Notice[]>([]);

  constructor(private readonly clock: Clock) {}

  add(kind: Notice["kind"], text: string): void {
    if (this.shown.peek().some((one) => one.text === text)) {
      return;
    }
    const notice: Notice = { kind, text };
    this.shown.value = [...this.shown.peek(), notice].slice(-MOST);
    this.clock.schedule(() => {
      this.dismiss(notice);
    }, SHOWN_MS);
  }

  dismiss(notice: Notice): void {
    const left = this.shown.peek().filter((one) => one !== notice);
    if (left.length !== this.shown.peek().length) {
      this.shown.value = left;
    }
  }
}
