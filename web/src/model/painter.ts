import { batch } from "@preact/signals";
import type { Clock } from "./ports.js";

/** Puts off what the view is to be shown until the next frame, so that a burst of messages is painted once. */
export class Painter {
  #waiting = new Set<() => void>();
  #isAsked = false;

  constructor(private readonly clock: Clock) {}

  /** Runs a task with the next frame; once, however often it is asked for. */
  soon(task: () => void): void {
    this.#waiting.add(task);
    if (!this.#isAsked) {
      this.#isAsked = true;
      this.clock.frame(() => {
        this.#isAsked = false;
        this.flush();
      });
    }
  }

  /** What the user did is shown at once. */
  flush(): void {
    const tasks = this.#waiting;
    this.#waiting = new Set();
    batch(() => {
      for (const task of tasks) {
        task();
      }
    });
  }
}
