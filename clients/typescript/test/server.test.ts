import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Clock } from "../src/clock.js";
import { systemClock } from "../src/clock.js";
import { RefusedError } from "../src/errors.js";
import { FoldedMessages } from "../src/folded.js";
import type { FoldedMessage, Message, PresenceChange, Receipt, StateChange } from "../src/types.js";
import { clientOf, closeClients, Server, until } from "./server.js";

const TOKENS = `
access:
  anonymous: on
  tokens:
    - {token: first-token-of-ada, user: ada, name: Ada, expires: "2999-01-01T00:00:00Z", grants: [{topics: "first", allow: [publish]}]}
    - {token: second-token-of-ada, user: ada, name: Ada, grants: [{topics: "*", allow: [publish, subscribe, read]}]}
    - {token: the-token-of-bob, user: bob, name: Bob, grants: [{topics: "*", allow: [publish, subscribe, read, presence]}]}
`;

/** A WebSocket that counts what it sends. */
function counting(): { Socket: typeof WebSocket; sent: string[] } {
  const sent: string[] = [];
  class Socket extends WebSocket {
    override send(data: string): void {
      sent.push(data);
      super.send(data);
    }
  }
  return { Socket, sent };
}

describe("with a server", () => {
  const server = new Server();

  beforeAll(async () => {
    await server.start(TOKENS);
  });
  afterEach(closeClients);
  afterAll(async () => {
    await server.remove();
  });

  it("two users chat", async () => {
    const chats: string[] = [];
    const heard: unknown[] = [];
    const receipts: Receipt[] = [];
    const ada = clientOf(server.address, { token: "second-token-of-ada" });
    const bob = clientOf(server.address, {
      token: "the-token-of-bob",
      onNewTopic: (topic) => {
        chats.push(topic);
        return { message: ({ message }: Message) => heard.push(message) };
      },
    });
    const [welcome] = await Promise.all([ada.connect(), bob.connect()]);
    expect(welcome.user).toBe("ada");

    const sent = await ada.send("bob", { text: "Tea?" });
    ada.subscribe(sent.topic, {}, { receipt: (receipt) => receipts.push(receipt) });
    await until(() => heard.length === 1, "the chat that begins");
    await bob.send("ada", { text: "Yes" });
    await until(() => heard.length === 2, "what follows in it");
    await bob.ackRead(sent.topic, 1);
    await until(() => receipts.length > 0, "a receipt");

    expect(sent.online).toBe(true);
    expect(chats).toEqual(["dm:ada~bob"]);
    expect(heard).toEqual([{ text: "Tea?" }, { text: "Yes" }]);
    expect(receipts[0]).toEqual({ user: "bob", delivered: 1, read: 1 });
    const { cursors } = await bob.cursors({ topics: [sent.topic] });
    expect(cursors).toEqual([{ topic: sent.topic, delivered: 1, read: 1, nextOffset: 3, unread: 1 }]);
  });

  it("people are seen in a room", async () => {
    const changes: PresenceChange[] = [];
    const ada = clientOf(server.address, { user: "ada" });
    const bob = clientOf(server.address, { token: "the-token-of-bob" });
    await bob.subscribe("room:tea", {}, { presence: (change) => changes.push(change) }).ready;
    await ada.subscribe("room:tea").ready;
    await until(() => changes.length === 2, "both come");

    expect(changes[1]).toEqual({ event: "join", user: "guest.ada", name: null, count: 2 });
    const { members, count } = await bob.members("room:tea");
    expect(members.map(({ user }) => user)).toEqual(["bob", "guest.ada"]);
    expect(count).toBe(2);
    expect(await ada.name("Ada L")).toBe("Ada L");
    expect(await ada.room("room:tea", { title: "Tea" })).toMatchObject({ title: "Tea", owner: "guest.ada" });
    expect((await bob.rooms({ prefix: "room:t" })).rooms).toMatchObject([{ topic: "room:tea", members: 2 }]);
    expect(await bob.online(["guest.ada", "nobody"])).toMatchObject([{ online: true }, { online: false }]);
  });

  it("signals, taking back, and errors with their codes", async () => {
    const signals: unknown[] = [];
    const gone: number[] = [];
    const bob = clientOf(server.address, { token: "the-token-of-bob" });
    const signal = (event: unknown): unknown => signals.push(event);
    await bob.subscribe("notes", {}, { signal, redacted: ({ offsets }) => gone.push(...offsets) }).ready;
    await bob.signal("notes", { typing: true });
    const { offset } = await bob.publish("notes", "a slip");
    await bob.redact("notes", offset);
    await until(() => signals.length === 1 && gone.length === 1, "both are told");

    expect(signals).toEqual([{ from: "bob", message: { typing: true } }]);
    expect(gone).toEqual([offset]);
    const error: unknown = await bob.publish("notes", 1, { expectedOffset: 9 }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ code: "conflict", retryable: false, nextOffset: 2 });
  });

  it("folds what a subscription hears as the server does", async () => {
    const bob = clientOf(server.address, { token: "the-token-of-bob" });
    const changed: (FoldedMessage | undefined)[] = [];
    const shown = new FoldedMessages(100, "bob");
    bob.subscribe("team", { from: "earliest" }, (message) => changed.push(shown.add(message)));
    const { offset } = await bob.publish("team", { text: "lunch at tvelve?" });
    await bob.publish("team", { text: "lunch at twelve?" }, { about: { offset, as: "edit" } });
    await bob.publish("team", null, { about: { offset, as: "reaction", value: "👍" } });
    await bob.publish("team", { text: "one" }, { about: { offset, as: "reply" } });
    await until(() => changed.length === 4, "all come");

    expect(shown.list()).toEqual((await bob.readFolded("team")).messages);
    expect(shown.get(offset)?.reactions).toEqual([{ value: "👍", count: 1, users: ["bob"], mine: true }]);
  });

  it("pages go back to the beginning and on to the end", async () => {
    const bob = clientOf(server.address, { token: "the-token-of-bob" });
    await Promise.all(Array.from({ length: 25 }, (_, i) => bob.publish("pages", i + 1)));
    const back: number[][] = [];
    for await (const page of bob.history("pages", { limit: 10 }).before()) {
      back.push(page.messages.map(({ offset }) => offset));
    }
    const on: unknown[] = [];
    for await (const page of bob.history("pages", { limit: 10, fold: true }).after(5)) {
      on.push(...page.messages.map(({ message }) => message.message));
    }

    expect(back.map((page) => [page[0], page.at(-1)])).toEqual([
      [16, 25],
      [6, 15],
      [1, 5],
    ]);
    expect(on).toEqual(Array.from({ length: 20 }, (_, i) => i + 6));
  });

  it("publishes of one turn are one array", async () => {
    const { Socket, sent } = counting();
    const bob = clientOf(server.address, { token: "the-token-of-bob", webSocket: Socket });
    await bob.connect();
    const before = sent.length;
    const all = await Promise.all(Array.from({ length: 2500 }, (_, i) => bob.publish("batch", i)));

    expect(all.map(({ offset }) => offset)).toEqual(Array.from({ length: 2500 }, (_, i) => i + 1));
    const arrays = sent.slice(before).map((text) => JSON.parse(text) as unknown[]);
    expect(Math.max(...sent.map((text) => text.length))).toBeLessThanOrEqual(96 * 1024);
    expect(arrays.length).toBeLessThan(10);
  });

  it("a slow loop pauses its subscription, loses nothing and slows nobody", async () => {
    const { Socket, sent } = counting();
    const bob = clientOf(server.address, {
      token: "the-token-of-bob",
      webSocket: Socket,
      maxUnhandledBytes: 64 * 1024,
    });
    const total = 400;
    const fast: number[] = [];
    bob.subscribe("quick", { from: "earliest" }, ({ offset }) => fast.push(offset));
    const slow = bob.subscribe("slow", { from: "earliest" });
    const filling = "x".repeat(4096);
    for (let i = 0; i < total; i++) {
      await bob.publish("slow", filling);
    }
    // The loop has not begun: the subscription is paused, and the client still works.
    await bob.publish("quick", 1);
    await until(() => fast.length === 1, "others are not slowed");
    const offsets: number[] = [];
    for await (const { offset } of slow) {
      offsets.push(offset);
      if (offset === total) {
        break;
      }
    }

    expect(offsets).toEqual(Array.from({ length: total }, (_, i) => i + 1));
    expect(sent.filter((text) => text.includes('"resume"')).length).toBeGreaterThan(1);
    expect(slow.position).toEqual({ epoch: expect.any(Number) as number, offset: total });
  });

  it("what it does not want back it does not get back", async () => {
    const bob = clientOf(server.address, { token: "the-token-of-bob" });
    const heard: unknown[] = [];
    await bob.subscribe("echo", {}, ({ message }) => heard.push(message)).ready;
    await bob.publish("echo", 1, { echo: false });
    await bob.publish("echo", 2);
    await bob.publish("echo", 3, { echo: false });
    await bob.publish("echo", 4);
    await until(() => heard.length === 2, "two come");

    expect(heard).toEqual([2, 4]);
  });

  it("a token is renewed on the same connection before it ends", async () => {
    const tokens = ["first-token-of-ada", "second-token-of-ada"];
    let asked = 0;
    const states: StateChange["state"][] = [];
    // The first token ends in centuries: this clock does not wait for so long.
    const hasty: Clock = {
      now: () => systemClock.now(),
      schedule: (task, delayMs) => systemClock.schedule(task, delayMs > 3_600_000 ? 10 : delayMs),
    };
    const ada = clientOf(server.address, {
      token: () => Promise.resolve(tokens[Math.min(asked++, 1)] ?? ""),
      clock: hasty,
      onState: ({ state }) => states.push(state),
    });
    await ada.connect();
    await until(() => asked === 2, "the function is asked again");
    let last: unknown;
    await until(() => {
      void ada.publish("second", 1).then(
        () => (last = "published"),
        (error: unknown) => (last = error),
      );
      return last === "published";
    }, "the rights of the second token");

    expect(states).toEqual(["connected"]);
    expect(asked).toBe(2);
  });

  it("a wrong token ends the client with the reason", async () => {
    const client = clientOf(server.address, { token: "nobody-has-this" });
    await expect(client.connect()).rejects.toMatchObject({ name: "EndedError", code: 4001 });
    await expect(client.publish("t", 1)).rejects.toMatchObject({ code: 4001 });
  });

  it("who cannot connect and wants to know at once is told", async () => {
    const client = clientOf("ws://127.0.0.1:1/v1", { failFast: true });
    await expect(client.connect()).rejects.toMatchObject({ name: "EndedError", code: 1006 });
  });
});

describe("with a server that is killed", () => {
  const server = new Server();

  beforeAll(async () => {
    await server.start();
  });
  afterEach(closeClients);
  afterAll(async () => {
    await server.remove();
  });

  it("nothing is lost and nothing comes twice", async () => {
    const total = 3000;
    const offsets: number[] = [];
    const heard: number[] = [];
    const reader = clientOf(server.address, { user: "reader" });
    const subscription = reader.subscribe("numbers", { from: "earliest" }, ({ offset, message }) => {
      offsets.push(offset);
      heard.push(message as number);
    });
    const writer = clientOf(server.address, { user: "writer" });
    await subscription.ready;
    const published: Promise<{ offset: number }>[] = [];
    let restarted: Promise<unknown> = Promise.resolve();
    for (let i = 0; i < total; i++) {
      published.push(writer.publish("numbers", i));
      if (i === total / 3) {
        await until(() => heard.length > 10, "some come");
        await server.kill();
        restarted = server.start();
      }
      if (i % 10 === 0) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    await restarted;
    const answers = await Promise.all(published);
    await until(() => heard.length >= total, "all come");
    await reader.publish("numbers", "the end");
    await until(() => heard.length > total, "the last one comes");

    const counted = Array.from({ length: total }, (_, i) => i + 1);
    expect(answers.map(({ offset }) => offset)).toEqual(counted);
    expect(offsets).toEqual([...counted, total + 1]);
    expect(heard).toEqual([...counted.map((i) => i - 1), "the end"]);
  });
});
