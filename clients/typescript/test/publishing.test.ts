import { describe, expect, it } from "vitest";
import { BufferFullError } from "../src/errors.js";
import { bytesOf } from "../src/frames.js";
import { Harness } from "./harness.js";
import { settle } from "./steps.js";

describe("publishing", () => {
  it("fails at once beyond the buffer, and goes on when there is room", async () => {
    const harness = new Harness({ maxWaitingBytes: 1000 });
    const first = harness.client.publish("t", "x".repeat(500));
    await expect(harness.client.publish("t", "y".repeat(500))).rejects.toBeInstanceOf(BufferFullError);
    let isThrough = false;
    const waiting = harness.client.publishWhenFree("t", "z".repeat(500)).then(() => (isThrough = true));
    await harness.open();
    const [frame, ...none] = harness.network.frames();
    expect(none).toEqual([]);
    await harness.say({ type: "reply", id: frame?.["id"], topic: "t", epoch: 1, offset: 1, timestamp: 1 });
    expect((await first).offset).toBe(1);
    const [next] = harness.network.frames();
    expect(isThrough).toBe(false);
    await harness.say({ type: "reply", id: next?.["id"], topic: "t", epoch: 1, offset: 2, timestamp: 1 });
    await waiting;
    expect(harness.client.waitingBytes).toBe(0);
  });

  it("counts a message that is larger than the buffer as it was taken", async () => {
    const harness = new Harness({ maxWaitingBytes: 1000 });
    await harness.open();
    const published = harness.client.publishWhenFree("t", "x".repeat(2000));
    await settle();
    expect(harness.client.waitingBytes).toBe(1000);
    const [frame] = harness.network.frames();
    await harness.say({ type: "reply", id: frame?.["id"], topic: "t", epoch: 1, offset: 1, timestamp: 1 });
    await published;
    expect(harness.client.waitingBytes).toBe(0);
  });

  it("keeps the order of both ways to publish", async () => {
    const harness = new Harness({ maxWaitingBytes: 1000 });
    await harness.open();
    void harness.client.publishWhenFree("t", "a");
    void harness.client.publish("t", "b");
    const large = harness.client.publishWhenFree("t", "x".repeat(500));
    // There would be room for it, but not behind the one before it.
    await expect(harness.client.publish("t", "c")).rejects.toBeInstanceOf(BufferFullError);
    await settle();
    const frames = harness.network.frames();
    expect(frames.map(({ message }) => message)).toEqual(["a", "b"]);
    for (const [i, { id }] of frames.entries()) {
      await harness.say({ type: "reply", id, topic: "t", epoch: 1, offset: i + 1, timestamp: 1 });
    }
    const [last] = harness.network.frames();
    await harness.say({ type: "reply", id: last?.["id"], topic: "t", epoch: 1, offset: 3, timestamp: 1 });
    expect((await large).offset).toBe(3);
  });

  it("refuses what has no JSON and what is too large", async () => {
    const { client } = new Harness();
    await expect(client.publish("t", undefined)).rejects.toBeInstanceOf(TypeError);
    await expect(client.publish("t", "é".repeat(66_000))).rejects.toMatchObject({ code: "too_large" });
  });

  it("sends at most 1,000 frames and 96 KiB in an array", async () => {
    const harness = new Harness();
    await harness.open();
    for (let i = 0; i < 1500; i++) void harness.client.publish("t", i, { messageId: `m${i}` });
    for (let i = 0; i < 30; i++) void harness.client.publish("t", "é".repeat(10_000));
    await settle();
    const arrays = harness.network.sent.map((text) => ({
      text,
      frames: [JSON.parse(text) as unknown].flat(),
    }));
    expect(arrays.flatMap(({ frames }) => frames).length).toBe(1530);
    expect(Math.max(...arrays.map(({ frames }) => frames.length))).toBe(1000);
    expect(Math.max(...arrays.map(({ text }) => Buffer.byteLength(text)))).toBeLessThanOrEqual(96 * 1024);
  });

  it("goes without arrays after 1009, then gives up the largest", async () => {
    const harness = new Harness();
    await harness.open();
    const small = harness.client.publish("t", 1);
    const large = harness.client.publish("t", "x".repeat(1000));
    const refused = expect(large).rejects.toMatchObject({ code: "too_large" });
    await settle();
    expect(harness.network.sent.splice(0).length).toBe(1);
    harness.network.close(1009);
    await harness.clock.pass(100);
    await harness.open();
    expect(harness.network.sent.splice(0).length).toBe(2);
    harness.network.close(1009);
    await refused;
    await harness.clock.pass(1000);
    await harness.open();
    const [frame] = harness.network.frames();
    await harness.say({ type: "reply", id: frame?.["id"], topic: "t", epoch: 1, offset: 1, timestamp: 1 });
    expect((await small).offset).toBe(1);
  });

  it("holds back what follows a publish that is to be tried again", async () => {
    const harness = new Harness();
    await harness.open();
    void harness.client.publish("t", 1);
    await settle();
    const [frame] = harness.network.frames();
    await harness.say({ type: "error", id: frame?.["id"], code: "overloaded", message: "", retryable: true });
    void harness.client.publish("t", 2);
    await settle();
    expect(harness.network.frames()).toEqual([]);
    await harness.clock.pass(10_000);
    expect(harness.network.frames().map(({ message }) => message)).toEqual([1, 2]);
  });

  it("has nothing to come back for when it is closed by who hears that a message is too large", async () => {
    const states: string[] = [];
    const draft = { action: "publish" as const, members: { topic: "t", message_id: "m" }, payload: "1" };
    const harness: Harness = new Harness({
      user: "ada",
      outbox: {
        add: () => Promise.resolve(2),
        remove: () => Promise.resolve(),
        takeOver: () => Promise.resolve([{ key: 1, draft }]),
        close: () => undefined,
      },
      onOutbox: () => {
        harness.client.close();
      },
      onState: ({ state }) => states.push(state),
    });
    await harness.open();
    harness.network.close(1009);
    expect(states).toEqual(["connected", "ended"]);
    expect(harness.clock.waiting).toBe(0);
  });

  it("fails where the answer says nothing, also without an echo", async () => {
    const harness = new Harness();
    await harness.open();
    harness.client.subscribe("t", {}, () => undefined);
    await harness.subscribed();
    const failed = expect(harness.client.publish("t", 1, { echo: false })).rejects.toBeInstanceOf(TypeError);
    await settle();
    const [frame] = harness.network.frames();
    await harness.say({ type: "reply", id: frame?.["id"], topic: "t", epoch: 5 });
    await failed;
    expect(harness.client.waitingBytes).toBe(0);
  });

  it("counts bytes as UTF-8 has them", () => {
    for (const text of ["", "a", "é", "€", "👍", "a👍é€"]) {
      expect(bytesOf(text)).toBe(Buffer.byteLength(text));
    }
  });

  it("does not signal without a connection", async () => {
    await expect(new Harness().client.signal("t", 1)).rejects.toMatchObject({ code: "not_connected" });
  });
});
