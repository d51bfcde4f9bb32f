import { bytesOf } from "./frames.js";
import type { Link } from "./transport.js";

const MAX_ARRAY_FRAMES = 1000;
const MAX_ARRAY_BYTES = 96 * 1024;

/** Sends what one turn of the event loop has to say as arrays of frames. */
export class Sender {
  #waiting: string[] = [];
  /** Whether the server takes arrays as large as ours. */
  #arrays = true;
  #sentArray = false;

  constructor(private readonly link: () => Link | undefined) {}

  send(frame: string): void {
    this.#waiting.push(frame);
    if (this.#waiting.length === 1) {
      queueMicrotask(() => {
        this.flush();
      });
    }
  }

  flush(): void {
    const frames = this.#waiting;
    this.#waiting = [];
    const link = this.link();
    if (link === undefined) {
      return;
    }
    let array: string[] = [];
    let bytes = 2;
    const end = (): void => {
      this.#sentArray ||= array.length > 1;
      if (array.length > 0) {
        link.send(array.length === 1 ? array.join("") : `[${array.join(",")}]`);
      }
      array = [];
      bytes = 2;
    };
    for (const frame of frames) {
      const more = bytesOf(frame) + 1;
      if (!this.#arrays || array.length === MAX_ARRAY_FRAMES || bytes + more > MAX_ARRAY_BYTES) {
        end();
      }
      array.push(frame);
      bytes += more;
    }
    end();
  }

  /** The connection is gone, and with it what was not sent. */
  lose(): void {
    this.#waiting = [];
  }

  /** The server takes no message as large as one of ours. @returns whether going without arrays may be enough */
  withoutArrays(): boolean {
    const helps = this.#sentArray;
    this.#sentArray = false;
    this.#arrays = false;
    return helps;
  }
}
