import type { Clock } from "../src/clock.js";
import type { Link, LinkEvents, Transport } from "../src/transport.js";

/** Lets everything run that can run at this moment. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A clock that stands still until it is stepped. */
export class SteppedClock implements Clock {
  #now = 0;
  readonly #tasks: { at: number; task: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  schedule(task: () => void, delayMs: number): () => void {
    const entry = { at: this.#now + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      const index = this.#tasks.indexOf(entry);
      if (index >= 0) {
        this.#tasks.splice(index, 1);
      }
    };
  }

  /** How many tasks wait. */
  get waiting(): number {
    return this.#tasks.length;
  }

  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (;;) {
      const due = this.#tasks.filter((one) => one.at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) {
        break;
      }
      this.#tasks.splice(this.#tasks.indexOf(due), 1);
      this.#now = Math.max(this.#now, due.at);
      due.task();
      await settle();
    }
    this.#now = until;
  }
}

/** A transport that does what it is told. */
export class ScriptedTransport {
  /** What was sent, by WebSocket messages. */
  readonly sent: string[] = [];
  readonly asked: { url: string; protocols: string[] }[] = [];
  #asking: LinkEvents | undefined;
  #events: LinkEvents | undefined;

  readonly transport: Transport = (url, protocols, events): Link => {
    this.asked.push({ url, protocols });
    this.#asking = events;
    return {
      send: (text) => {
        if (this.#events !== events) {
          throw new Error("sent on a connection that is not open");
        }
        this.sent.push(text);
      },
      close: () => {
        if (this.#events === events) this.#events = undefined;
        if (this.#asking === events) this.#asking = undefined;
      },
    };
  };

  get asking(): boolean {
    return this.#asking !== undefined;
  }

  open(): void {
    const events = this.#take();
    this.#events = events;
    events.opened();
  }

  refuse(code: number): void {
    this.#take().closed(code, "");
  }

  close(code: number, reason = ""): void {
    const events = this.#events;
    this.#events = undefined;
    if (events === undefined) {
      throw new Error("there is no connection to close");
    }
    events.closed(code, reason);
  }

  server(frame: unknown): void {
    if (this.#events === undefined) {
      throw new Error("there is no connection on which the server could speak");
    }
    this.#events.text(JSON.stringify(frame));
  }

  /** The frames since the last call, taken out of arrays. */
  frames(): Record<string, unknown>[] {
    return this.sent.splice(0).flatMap((text) => JSON.parse(text) as Record<string, unknown>[]);
  }

  #take(): LinkEvents {
    const events = this.#asking;
    this.#asking = undefined;
    if (events === undefined) {
      throw new Error("the client does not ask for a connection");
    }
    return events;
  }
}
