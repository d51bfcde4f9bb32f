import { WebSocket } from "ws";
import { SharedTopicStreamClient, type SharedWorkerLike, type TabOptions } from "../src/shared-client.js";
import type { ServeOptions } from "../src/shared-hub.js";
import { serveTabs } from "../src/shared-worker.js";
import type { Message } from "../src/types.js";

/** A SharedWorker in this process: the scope and the ports are real. */
export class TestWorker {
  readonly #scope = new EventTarget();
  readonly #ports: MessagePort[] = [];
  /** What tabs have sent to the worker, and it to them. */
  readonly toWorker: { kind: string }[] = [];
  readonly sockets: WebSocket[] = [];
  readonly frames: string[] = [];

  constructor(options: ServeOptions = {}) {
    const { sockets, frames } = this;
    class Socket extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
      override send(data: string): void {
        frames.push(data);
        super.send(data);
      }
    }
    serveTabs(this.#scope, { webSocket: Socket, ...options });
  }

  /** As `new SharedWorker(…)` in a tab. */
  connect(): SharedWorkerLike {
    const { port1, port2 } = new MessageChannel();
    this.#ports.push(port1, port2);
    this.#scope.dispatchEvent(Object.assign(new Event("connect"), { ports: [port2] }));
    return { port: port1 };
  }

  get open(): number {
    return this.sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length;
  }

  close(): void {
    for (const port of this.#ports) {
      port.close();
    }
  }
}

/** A tab, with what it hears. */
export class Tab {
  readonly client: SharedTopicStreamClient;
  readonly states: string[] = [];
  readonly heard: Message[] = [];

  constructor(worker: TestWorker | (() => SharedWorkerLike), address: string, options: TabOptions = {}) {
    const connect = worker instanceof TestWorker ? () => worker.connect() : worker;
    this.client = new SharedTopicStreamClient(connect, address, {
      log: () => undefined,
      onState: ({ state }) => this.states.push(state),
      ...options,
    });
    this.client.connect().catch(() => undefined);
  }

  readonly listener = (message: Message): void => {
    this.heard.push(message);
  };

  get said(): unknown[] {
    return this.heard.map(({ message }) => message);
  }

  get offsets(): number[] {
    return this.heard.map(({ offset }) => offset);
  }
}

export function upTo(last: number, first = 1): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
