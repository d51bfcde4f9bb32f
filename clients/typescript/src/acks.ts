import type { Backoff } from "./backoff.js";
import type { Conversation } from "./conversation.js";
import { BufferFullError, type EndedError, RefusedError } from "./errors.js";

/** How far the user has come in a topic; what is missing does not change. */
export interface Progress {
  delivered?: number;
  read?: number;
}

type Waiting = (error?: Error) => void;

interface Entry {
  progress: Progress;
  waiting: Waiting[];
  underWay: boolean;
  tries: Backoff;
}

/**
 * How far the user has come, as far as the server has not taken it yet.
 *
 * Of each topic one ack is under way at a time, and what comes meanwhile is said after it, all in one. What the server
 * has not answered is said again: on the next connection, or a little later where it asks for that.
 */
export class Acks {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly conversation: Conversation) {}

  /** @returns when the server has taken it */
  say(topic: string, progress: Progress): Promise<void> {
    return new Promise((resolve, reject) => {
      const ended = this.conversation.ended;
      if (ended !== undefined) {
        reject(ended);
        return;
      }
      let entry = this.#entries.get(topic);
      if (entry === undefined) {
        entry = { progress: {}, waiting: [], underWay: false, tries: this.conversation.tries() };
        this.#entries.set(topic, entry);
      }
      raise(entry.progress, progress);
      if (entry.waiting.length < MOST_WAITING) {
        entry.waiting.push((error) => {
          if (error === undefined) {
            resolve();
          } else {
            reject(error);
          }
        });
      } else {
        // It is said all the same; only nobody waits for the answer.
        reject(new BufferFullError(entry.waiting.length, MOST_WAITING));
      }
      this.#ask(topic, entry);
    });
  }

  opened(): void {
    for (const [topic, entry] of [...this.#entries]) {
      this.#ask(topic, entry);
    }
  }

  end(reason: EndedError): void {
    const all = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of all) {
      tell(entry.waiting, reason);
    }
  }

  #ask(topic: string, entry: Entry): void {
    if (entry.underWay || isEmpty(entry.progress) || !this.conversation.isOpen) {
      return;
    }
    const { progress, waiting } = entry;
    entry.underWay = true;
    entry.progress = {};
    entry.waiting = [];
    const goOn = (): void => {
      entry.underWay = false;
      entry.tries.reset();
      if (isEmpty(entry.progress)) {
        this.#entries.delete(topic);
      } else {
        this.#ask(topic, entry);
      }
    };
    this.conversation.ask(
      { action: "ack", topic, ...progress },
      undefined,
      "now",
      () => {
        tell(waiting);
        goOn();
      },
      (error) => {
        if (error instanceof RefusedError && !error.retryable) {
          tell(waiting, error);
          goOn();
          return;
        }
        entry.underWay = false;
        raise(entry.progress, progress);
        entry.waiting.unshift(...waiting);
        this.conversation.later(() => {
          this.#ask(topic, entry);
        }, entry.tries);
      },
    );
  }
}

const MOST_WAITING = 10_000;

function raise(progress: Progress, by: Progress): void {
  if (by.delivered !== undefined) progress.delivered = Math.max(progress.delivered ?? 0, by.delivered);
  if (by.read !== undefined) progress.read = Math.max(progress.read ?? 0, by.read);
}

function isEmpty(progress: Progress): boolean {
  return progress.delivered === undefined && progress.read === undefined;
}

function tell(waiting: Waiting[], error?: Error): void {
  for (const one of waiting) {
    one(error);
  }
}
