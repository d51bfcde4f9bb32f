import { afterEach, describe, expect, it, vi } from "vitest";
import { TopicStreamClient } from "../src/client.js";
import { RefusedError } from "../src/errors.js";
import type { Message, StateChange } from "../src/types.js";
import { Harness, WELCOME } from "./harness.js";
import { ScriptedTransport, settle, SteppedClock } from "./steps.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("connecting", () => {
  it("shows a token as a subprotocol, and claims a name without one", () => {
    const { network } = new Harness({ user: "ada b", name: "Ada & co" });
    expect(network.asked[0]).toEqual({
      url: "ws://test.invalid/v1?durable=manual&user=ada%20b&name=Ada%20%26%20co",
      protocols: ["topicstream.v1"],
    });
  });

  it("shows a token as a subprotocol, also one that comes later", async () => {
    const { network } = new Harness({ token: () => Promise.resolve("secret") });
    await settle();
    expect(network.asked).toEqual([
      { url: "ws://test.invalid/v1?durable=manual", protocols: ["topicstream.v1", "bearer.secret"] },
    ]);
  });

  it("asks again for a token where the function fails", async () => {
    let calls = 0;
    const { network, clock } = new Harness({
      token: () => (++calls === 1 ? Promise.reject(new Error("not now")) : "secret"),
    });
    await settle();
    expect(network.asking).toBe(false);
    await clock.pass(100);
    expect(network.asking).toBe(true);
    expect(calls).toBe(2);
  });

  it("says what to pass where there is no WebSocket", () => {
    vi.stubGlobal("WebSocket", undefined);
    expect(() => new TopicStreamClient("ws://test.invalid/v1")).toThrow(/option webSocket.*package ws/);
  });

  it("makes ws of http", () => {
    const network = new ScriptedTransport();
    void new TopicStreamClient("https://test.invalid/v1?a=b", {
      transport: network.transport,
      token: "x",
    }).connect();
    return settle().then(() => {
      expect(network.asked[0]?.url).toBe("wss://test.invalid/v1?a=b&durable=manual");
    });
  });

  it("gives up an attempt that takes too long", async () => {
    const { network, clock } = new Harness();
    await clock.pass(10_000);
    expect(network.asking).toBe(false);
    await clock.pass(100);
    expect(network.asking).toBe(true);
    expect(network.asked.length).toBe(2);
  });

  it("reads a welcome of several frames", async () => {
    const harness = new Harness();
    await settle();
    harness.network.open();
    const part = (topic: string) => [{ topic, epoch: 1, next_offset: 2 }];
    await harness.say({ ...WELCOME, subscriptions: part("a"), more: true });
    await harness.say({ type: "subscriptions", subscriptions: part("b") });
    const { subscriptions } = await harness.client.connect();
    expect(subscriptions.map(({ topic }) => topic)).toEqual(["a", "b"]);
  });
});

describe("after its end a client keeps no timers", () => {
  it("of an attempt", async () => {
    const { client, clock } = new Harness();
    await settle();
    client.close();
    expect(clock.waiting).toBe(0);
  });

  it("of a connection", async () => {
    const harness = new Harness();
    await harness.open();
    harness.client.ackRead("t", 1).catch(() => undefined);
    harness.client.subscribe("t");
    await settle();
    const ids = harness.network.frames().map(({ id }) => id);
    for (const id of ids) {
      await harness.say({ type: "error", id, code: "unavailable", message: "", retryable: true });
    }
    await harness.say({ type: "draining", reconnect_in_ms: 60_000 });
    harness.client.ackRead("u", 1).catch(() => undefined);
    await settle();
    harness.client.close();
    await settle();
    expect(harness.clock.waiting).toBe(0);
  });
});

describe("a page that wakes", () => {
  const page = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: "hidden" });

  function wakable(): Harness {
    vi.stubGlobal("document", document);
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    return new Harness();
  }

  it("connects at once when it is visible again, or the network is back", async () => {
    const harness = wakable();
    for (const wake of ["visibilitychange", "online"]) {
      await harness.open();
      for (let i = 0; i < 8; i++) {
        harness.network.close(1006);
        await harness.clock.pass(10_000);
        harness.network.open();
      }
      harness.network.close(1006);
      await settle();
      expect(harness.network.asking).toBe(false);
      document.visibilityState = "hidden";
      document.dispatchEvent(new Event("visibilitychange"));
      expect(harness.network.asking).toBe(false);
      document.visibilityState = "visible";
      (wake === "online" ? page : document).dispatchEvent(new Event(wake));
      expect(harness.network.asking).toBe(true);
    }
    harness.client.close();
  });

  it("asks whether a connection still lives", async () => {
    const harness = wakable();
    await harness.open();
    harness.network.frames();
    page.dispatchEvent(new Event("online"));
    await settle();
    expect(harness.network.frames()).toEqual([{ action: "ping" }]);
    await harness.say({ type: "pong" });
    await harness.clock.pass(5000);
    expect(harness.network.asked.length).toBe(1);

    await harness.clock.pass(1);
    page.dispatchEvent(new Event("online"));
    await harness.clock.pass(5100);
    expect(harness.network.asked.length).toBe(2);
    harness.client.close();
  });

  it("does not take its own late timers for a silent server", async () => {
    // Browsers run the timers of a page that nobody sees once a minute.
    const minute = 60_000;
    class LateClock extends SteppedClock {
      override schedule(task: () => void, delayMs: number): () => void {
        const at = Math.ceil((this.now() + delayMs) / minute) * minute;
        return super.schedule(task, at - this.now());
      }
    }
    const clock = new LateClock();
    const harness = new Harness({ clock });
    await harness.open();
    for (let i = 0; i < 5; i++) {
      await clock.pass(minute);
      expect(harness.network.frames()).toEqual([{ action: "ping" }]);
      await harness.say({ type: "pong" });
    }
    expect(harness.network.asked.length).toBe(1);
    await clock.pass(2 * minute);
    expect(harness.network.frames()).toEqual([{ action: "ping" }]);
    await clock.pass(minute);
    expect(harness.network.asked.length).toBe(2);
    harness.client.close();
  });

  it("hears nothing after its end", () => {
    const harness = wakable();
    harness.client.close();
    page.dispatchEvent(new Event("online"));
    expect(harness.network.asked.length).toBe(1);
  });
});

describe("subscriptions", () => {
  it("a loop gets messages in order, and its end unsubscribes", async () => {
    const harness = new Harness();
    await harness.open();
    const subscription = harness.client.subscribe("t", { from: "earliest" });
    await harness.subscribed(1, 4);
    await harness.messages(1, 3);
    const offsets: number[] = [];
    for await (const { offset } of subscription) {
      offsets.push(offset);
      if (offset === 2) break;
    }
    await settle();
    expect(offsets).toEqual([1, 2]);
    expect(subscription.position).toEqual({ epoch: 5, offset: 2 });
    expect(harness.network.frames()).toEqual([{ action: "unsubscribe", topic: "t" }]);
  });

  it("who hears signals is not kept waiting by messages that no loop takes", async () => {
    const harness = new Harness();
    await harness.open();
    const signals: unknown[] = [];
    harness.client.subscribe("t", { from: "earliest" }, { signal: ({ message }) => signals.push(message) });
    await harness.subscribed(1, 2);
    await harness.messages(1, 1);
    await harness.say({ type: "signal", topic: "t", from: "bob", message: "hm" });
    expect(signals).toEqual(["hm"]);
  });

  it("a loop ends with the reason of its subscription", async () => {
    const harness = new Harness();
    await harness.open();
    const subscription = harness.client.subscribe("t");
    await settle();
    const id = harness.network.frames()[0]?.["id"];
    await harness.say({ type: "error", id, code: "forbidden", message: "no", retryable: false, topic: "t" });
    await expect(subscription[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(RefusedError);
    await expect(subscription.ready).rejects.toMatchObject({ code: "forbidden" });
  });

  it("ends with its room", async () => {
    const harness = new Harness();
    await harness.open();
    const reasons: unknown[] = [];
    harness.client.subscribe("t", {}, { message: () => undefined, ended: (reason) => reasons.push(reason) });
    await harness.subscribed();
    await harness.say({ type: "room_deleted", topic: "t" });
    expect(reasons).toMatchObject([{ code: "not_found", message: "the room was deleted" }]);
    harness.network.close(1006);
    await harness.clock.pass(100);
    await harness.open();
    expect(harness.network.frames()).toEqual([]);
  });

  it("a loop ends when the client is closed", async () => {
    const { client } = new Harness();
    const iterator = client.subscribe("t")[Symbol.asyncIterator]();
    const next = iterator.next();
    client.close();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(() => client.subscribe("t")).toThrow(/closed/);
  });

  it("calls come one at a time, and one that is far behind pauses its subscription", async () => {
    const harness = new Harness({ maxUnhandledBytes: 10_000 });
    await harness.open();
    const heard: number[] = [];
    let release: () => void = () => undefined;
    harness.client.subscribe("t", { from: "earliest" }, ({ offset }: Message) => {
      heard.push(offset);
      return new Promise<void>((done) => (release = done));
    });
    await harness.subscribed(1, 100);
    await harness.messages(1, 20, "x".repeat(1000));
    expect(heard).toEqual([1]);
    expect(harness.network.frames()).toEqual([{ action: "unsubscribe", topic: "t" }]);
    // What is still under way is not taken.
    await harness.messages(21, 25);
    while (harness.network.sent.length === 0) {
      release();
      await settle();
    }
    const last = heard.length;
    const [again] = harness.network.frames();
    expect(again).toMatchObject({ action: "subscribe", topic: "t" });
    const resume = again?.["from"] as { resume: { epoch: number; offset: number } };
    expect(resume.resume.epoch).toBe(5);
    expect(resume.resume.offset).toBeGreaterThanOrEqual(last);
    expect(resume.resume.offset).toBeLessThan(20);
  });

  it("what waits while a gap is read is bounded, and read where it was too much", async () => {
    const harness = new Harness();
    await harness.open();
    const heard: number[] = [];
    harness.client.subscribe("t", { from: "earliest" }, ({ offset }) => heard.push(offset));
    await harness.subscribed(1, 2);
    // Behind the gap come more than a MiB.
    for (let i = 0; i < 30; i++) {
      await harness.messages(2 + i, 2 + i, "x".repeat(30_000));
    }
    const read = harness.network.frames();
    expect(read).toMatchObject([{ action: "read", after: 0 }]);
    const page = (offsets: number[]) =>
      offsets.map((offset) => ({ offset, timestamp: 1, from: "bob", message: "x".repeat(30_000) }));
    const reply = { type: "reply", topic: "t", epoch: 5, first_offset: 1, next_offset: 32 };
    await harness.say({ ...reply, id: read[0]?.["id"], messages: page([1, 2, 3]) });
    const [more] = harness.network.frames();
    expect(more).toMatchObject({ action: "read", topic: "t" });
    const after = more?.["after"] as number;
    expect(heard.at(-1)).toBe(after);
    await harness.say({
      ...reply,
      id: more?.["id"],
      messages: page(Array.from({ length: 31 - after }, (_, i) => after + 1 + i)),
    });
    expect(heard).toEqual(Array.from({ length: 31 }, (_, i) => i + 1));
    await harness.messages(32, 32);
    expect(heard.at(-1)).toBe(32);
    expect(harness.network.frames()).toEqual([]);
  });

  it("a listener that throws is logged and hears the next message", async () => {
    const harness = new Harness();
    await harness.open();
    const heard: number[] = [];
    harness.client.subscribe("t", { from: "earliest" }, ({ offset }) => {
      heard.push(offset);
      throw new Error("mine");
    });
    await harness.subscribed(1, 3);
    await harness.messages(1, 2);
    expect(heard).toEqual([1, 2]);
    expect(harness.log).toEqual(["a listener to t failed", "a listener to t failed"]);
  });

  it("a topic has one subscription, and another one after its end", () => {
    const { client } = new Harness();
    const first = client.subscribe("t");
    expect(() => client.subscribe("t")).toThrow(/already/);
    first.close();
    expect(client.subscribe("t").topic).toBe("t");
  });

  it("what is forgotten while offline is forgotten on the next connection", async () => {
    const harness = new Harness();
    const subscription = harness.client.subscribe("t", { durable: true });
    const forgotten = subscription.forget();
    await harness.open();
    const [frame, ...none] = harness.network.frames();
    expect(frame).toMatchObject({ action: "unsubscribe", topic: "t", durable: true });
    expect(none).toEqual([]);
    await harness.say({ type: "reply", id: frame?.["id"], topic: "t" });
    await forgotten;
  });
});

describe("a topic that is forgotten and listened to again", () => {
  it("while offline is forgotten first", async () => {
    const harness = new Harness();
    harness.client
      .subscribe("t", { durable: true })
      .forget()
      .catch(() => undefined);
    harness.client.subscribe("t", { durable: true });
    await harness.open();
    expect(harness.network.frames().map(({ action }) => action)).toEqual(["unsubscribe", "subscribe"]);
  });

  it("goes on where the server could not forget it at first", async () => {
    const harness = new Harness();
    await harness.open();
    harness.client
      .subscribe("t", { durable: true })
      .forget()
      .catch(() => undefined);
    await settle();
    const id = harness.network.frames().find(({ action }) => action === "unsubscribe")?.["id"];
    const heard: number[] = [];
    harness.client.subscribe("t", { durable: true }, ({ offset }) => heard.push(offset));
    await harness.say({ type: "error", id, code: "unavailable", message: "", retryable: true, topic: "t" });
    await harness.subscribed(1, 3);
    await harness.clock.pass(1000);
    expect(harness.network.frames()).toMatchObject([
      { action: "unsubscribe", topic: "t", durable: true },
      { action: "subscribe", topic: "t", durable: true, from: { resume: { epoch: 5, offset: 2 } } },
    ]);
  });
});

describe("a token that was shown by hand", () => {
  async function renewed(token: string | (() => string)): Promise<Harness> {
    const harness = new Harness({ token });
    await harness.open();
    const shown = harness.client.authenticate("second");
    await settle();
    const [frame] = harness.network.frames();
    expect(frame).toMatchObject({ action: "authenticate", token: "second" });
    await harness.say({ type: "reply", id: frame?.["id"], user: "ada", expires_at: 10_001 });
    expect(await shown).toEqual({ user: "ada", expiresAt: 10_001 });
    return harness;
  }

  it("is that of later connections", async () => {
    const harness = await renewed("first");
    harness.network.close(1006);
    await harness.clock.pass(100);
    expect(harness.network.asked.map(({ protocols }) => protocols[1])).toEqual([
      "bearer.first",
      "bearer.second",
    ]);
  });

  it("is not that of later connections where the server refuses it, or does not answer", async () => {
    const harness = await renewed("first");
    for (const answer of ["refused", "lost"]) {
      const shown = harness.client.authenticate(answer).catch((error: unknown) => error);
      await settle();
      const [frame] = harness.network.frames();
      if (answer === "refused") {
        await harness.say({ type: "error", id: frame?.["id"], code: "unauthenticated", message: "no" });
        expect(await shown).toMatchObject({ code: "unauthenticated" });
      }
      harness.network.close(1006);
      await harness.clock.pass(1000);
      expect(harness.network.asked.at(-1)?.protocols[1]).toBe("bearer.second");
      await harness.open();
    }
  });

  it("is not shown again by itself", async () => {
    const harness = await renewed("first");
    await harness.clock.pass(5000);
    expect(harness.network.frames()).toEqual([]);
  });

  it("is followed by the next of the function, before it ends", async () => {
    const harness = await renewed(() => "third");
    await harness.clock.pass(7999);
    expect(harness.network.frames()).toEqual([]);
    await harness.clock.pass(1);
    expect(harness.network.frames()).toMatchObject([{ action: "authenticate", token: "third" }]);
  });
});

it("a function that never gives a token is a failed attempt each time", async () => {
  const states: StateChange[] = [];
  let asked = 0;
  const harness = new Harness({
    token: () => (asked++, new Promise<string>(() => undefined)),
    onState: (change) => states.push(change),
  });
  await harness.clock.pass(9999);
  expect(states).toEqual([]);
  await harness.clock.pass(1);
  expect(states).toMatchObject([{ state: "waiting", inMs: 100 }]);
  await harness.clock.pass(100 + 10_000);
  expect(states).toMatchObject([{ state: "waiting" }, { state: "waiting", inMs: 200 }]);
  expect([asked, harness.network.asked]).toEqual([2, []]);
});

it("a function that gives one token again and again is not asked ever faster", async () => {
  let asked = 0;
  const harness = new Harness({
    token: () => {
      asked++;
      return "the same";
    },
  });
  await settle();
  harness.network.open();
  await harness.say({ ...WELCOME, expires_at: 10_001 });
  for (let i = 0; i < 30; i++) {
    const [frame] = harness.network.frames().filter(({ action }) => action === "authenticate");
    if (frame !== undefined) {
      await harness.say({ type: "reply", id: frame["id"], user: "ada", expires_at: 10_001 });
    }
    await harness.clock.pass(400);
  }
  expect(asked).toBeLessThan(8);
});

describe("what the server says", () => {
  it("text that is no JSON costs the connection, not the client", async () => {
    const harness = new Harness();
    await harness.open();
    harness.network.server([{ type: "message", topic: "t" }]);
    await harness.clock.pass(100);
    expect(harness.network.asked.length).toBe(2);
  });

  it("a claimed name is claimed again", async () => {
    const harness = new Harness();
    await harness.open();
    const claimed = harness.client.name("Ada");
    await settle();
    const [frame] = harness.network.frames();
    await harness.say({ type: "reply", id: frame?.["id"], name: "Ada" });
    expect(await claimed).toBe("Ada");
    harness.network.close(1006);
    await harness.clock.pass(100);
    await harness.open();
    expect(harness.network.frames()).toMatchObject([{ action: "name", name: "Ada" }]);
  });

  it("a claimed name is claimed again where the server is only busy", async () => {
    const harness = new Harness();
    await harness.open();
    const claimed = harness.client.name("Ada");
    await settle();
    const [first] = harness.network.frames();
    await harness.say({ type: "reply", id: first?.["id"], name: "Ada" });
    await claimed;
    harness.network.close(1006);
    await harness.clock.pass(100);
    await harness.open();
    for (const delay of [100, 200]) {
      const [frame] = harness.network.frames();
      expect(frame).toMatchObject({ action: "name", name: "Ada" });
      await harness.say({ type: "error", id: frame?.["id"], code: "unavailable", retryable: true });
      await harness.clock.pass(delay - 1);
      expect(harness.network.frames()).toEqual([]);
      await harness.clock.pass(1);
    }
    expect(harness.network.frames()).toMatchObject([{ action: "name", name: "Ada" }]);
  });

  it("after draining it leaves when its time is up", async () => {
    const harness = new Harness();
    await harness.open();
    await harness.say({ type: "draining", reconnect_in_ms: 5000 });
    await harness.clock.pass(5099);
    expect(harness.network.asked.length).toBe(1);
    await harness.clock.pass(1);
    expect(harness.network.asked.length).toBe(2);
  });
});
