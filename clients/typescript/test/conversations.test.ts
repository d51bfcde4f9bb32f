import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TopicStreamClient } from "../src/client.js";
import { TopicStreamError } from "../src/errors.js";
import type { Subscription } from "../src/subscription.js";
import type { From } from "../src/types.js";
import { ScriptedTransport, settle, SteppedClock } from "./steps.js";

type Frame = Record<string, unknown>;

interface Step {
  do?: {
    subscribe?: { topic: string; from: From; as: string };
    publish?: { topic: string; message: unknown; message_id: string; as: string };
    unsubscribe?: { topic: string };
    ack?: { topic: string; read: number };
    close?: object;
  };
  open?: object;
  refuse?: { code: number };
  close?: { code: number; reason: string };
  server?: Frame | Frame[];
  client?: Frame[];
  heard?: Frame[];
  asking?: boolean;
  pass_ms?: number;
}

interface Conversation {
  name: string;
  why: string;
  tokens?: string[];
  steps: Step[];
}

const FILE = new URL("../../vectors/conversations.json", import.meta.url);
const { conversations } = JSON.parse(readFileSync(FILE, "utf8")) as { conversations: Conversation[] };

class Run {
  readonly #clock = new SteppedClock();
  readonly #network = new ScriptedTransport();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #ids = new Map<string, unknown>();
  readonly #client: TopicStreamClient;
  #heard: Frame[] = [];

  constructor(tokens: string[] | undefined) {
    const left = [...(tokens ?? [])];
    this.#client = new TopicStreamClient("ws://test.invalid/v1", {
      transport: this.#network.transport,
      clock: this.#clock,
      random: () => 0.5,
      onState: ({ state }) => {
        this.#heard.push({ state });
      },
      log: () => undefined,
      ...(tokens === undefined ? { user: "ada" } : { token: () => left.shift() ?? "no more" }),
    });
    this.#client.connect().catch(() => undefined);
  }

  async step(step: Step): Promise<void> {
    await settle();
    if (step.do !== undefined) this.#do(step.do);
    if (step.open !== undefined) this.#network.open();
    if (step.refuse !== undefined) this.#network.refuse(step.refuse.code);
    if (step.close !== undefined) this.#network.close(step.close.code, step.close.reason);
    if (step.server !== undefined) this.#network.server(this.#known(step.server));
    if (step.pass_ms !== undefined) await this.#clock.pass(step.pass_ms);
    await settle();
    if (step.client !== undefined) this.#compareFrames(step.client);
    if (step.heard !== undefined) this.#compareHeard(step.heard);
    if (step.asking !== undefined) expect(this.#network.asking, "asking").toBe(step.asking);
  }

  #do({ subscribe, publish, unsubscribe, ack, close }: NonNullable<Step["do"]>): void {
    if (subscribe !== undefined) {
      const { topic, from, as } = subscribe;
      const told = (event: Frame) => this.#heard.push({ s: as, ...event });
      const listener = {
        message: ({ offset, message }: { offset: number; message: unknown }) =>
          told({ message: { offset, message } }),
        truncated: ({ epoch, firstOffset }: { epoch: number; firstOffset: number }) =>
          told({ truncated: { epoch, first_offset: firstOffset } }),
        reset: ({ epoch, commonOffset }: { epoch: number; commonOffset: number }) =>
          told({ reset: { epoch, common_offset: commonOffset } }),
        redacted: ({ offsets }: { offsets: number[] }) => told({ redacted: { offsets } }),
        ended: (reason?: Error) => told({ ended: reason === undefined ? {} : { code: codeOf(reason) } }),
      };
      this.#subscriptions.set(topic, this.#client.subscribe(topic, { from }, listener));
    }
    if (publish !== undefined) {
      const { topic, message, message_id: messageId, as: p } = publish;
      this.#client.publish(topic, message, { messageId }).then(
        ({ offset }) => this.#heard.push({ p, published: { offset } }),
        (error: unknown) => this.#heard.push({ p, refused: { code: codeOf(error) } }),
      );
    }
    if (unsubscribe !== undefined) this.#subscriptions.get(unsubscribe.topic)?.close();
    if (ack !== undefined) this.#client.ackRead(ack.topic, ack.read).catch(() => undefined);
    if (close !== undefined) this.#client.close();
  }

  /** The same with the ids that the client chose. */
  #known(said: Frame | Frame[]): Frame | Frame[] {
    return JSON.parse(JSON.stringify(said), (name, value: unknown) =>
      name === "id" && typeof value === "string" && value.startsWith("$") ? this.#ids.get(value) : value,
    ) as Frame | Frame[];
  }

  #compareFrames(wanted: Frame[]): void {
    const sent = this.#network.frames();
    const filled = wanted.map((frame, i) => {
      const actual = sent[i] ?? {};
      const { id } = frame;
      if (typeof id === "string" && id.startsWith("$") && !this.#ids.has(id)) this.#ids.set(id, actual["id"]);
      const members = Object.entries(frame).map(([name, value]) => {
        if (value === "$any") return [name, actual[name]];
        return [
          name,
          name === "id" && this.#ids.has(value as string) ? this.#ids.get(value as string) : value,
        ];
      });
      return Object.fromEntries(members) as Frame;
    });
    expect(sent).toStrictEqual(filled);
  }

  /** The events of one subscription are in their order; between subscriptions any order is right. */
  #compareHeard(wanted: Frame[]): void {
    const heard = this.#heard;
    this.#heard = [];
    expect(bySource(heard)).toStrictEqual(bySource(wanted));
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof TopicStreamError ? error.code : String(error);
}

function bySource(events: Frame[]): Record<string, Frame[]> {
  const sorted: Record<string, Frame[]> = {};
  for (const event of events) {
    const source = JSON.stringify([event["s"], event["p"]]);
    (sorted[source] ??= []).push(event);
  }
  return sorted;
}

describe("the conversations that every client holds", () => {
  it.each(conversations)("$name: $why", async ({ tokens, steps }) => {
    const run = new Run(tokens);
    for (const [i, step] of steps.entries()) {
      try {
        await run.step(step);
      } catch (error) {
        if (error instanceof Error) {
          error.message = `step ${i + 1}, ${JSON.stringify(step)}: ${error.message}`;
        }
        throw error;
      }
    }
  });
});
