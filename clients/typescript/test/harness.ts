import { type ClientOptions, TopicStreamClient } from "../src/client.js";
import { ScriptedTransport, settle, SteppedClock } from "./steps.js";

export const WELCOME = {
  type: "welcome",
  connection_id: "c",
  user: "ada",
  name: null,
  protocol: 1,
  server_time: 1,
  ping_ms: 25000,
  durability: "disk",
  subscriptions: [],
};

/** A client on a network and a clock that do what they are told. */
export class Harness {
  readonly clock = new SteppedClock();
  readonly network = new ScriptedTransport();
  readonly log: string[] = [];
  readonly client: TopicStreamClient;

  constructor(options: ClientOptions = {}) {
    this.client = new TopicStreamClient("ws://test.invalid/v1", {
      transport: this.network.transport,
      clock: this.clock,
      random: () => 0.5,
      log: (message) => this.log.push(message),
      ...options,
    });
    this.client.connect().catch(() => undefined);
  }

  async open(): Promise<void> {
    await settle();
    this.network.open();
    await this.say(WELCOME);
  }

  async say(frame: unknown): Promise<void> {
    this.network.server(frame);
    await settle();
  }

  async subscribed(first = 1, next = 1): Promise<void> {
    await settle();
    const id = this.network.frames().find(({ action }) => action === "subscribe")?.["id"];
    await this.say({
      type: "reply",
      id,
      topic: "t",
      epoch: 5,
      first_offset: first,
      next_offset: next,
      recovered: true,
    });
  }

  messages(from: number, to: number, text: unknown = 1): Promise<void> {
    return this.say(
      Array.from({ length: to - from + 1 }, (_, i) => ({
        type: "message",
        topic: "t",
        offset: from + i,
        timestamp: 1,
        from: "bob",
        message: text,
      })),
    );
  }
}
