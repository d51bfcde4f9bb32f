import { IDBFactory } from "fake-indexeddb";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { BufferFullError, EndedError, NotConnectedError, RefusedError } from "../src/errors.js";
import type { OutboxEvent } from "../src/publisher.js";
import type { TabOptions } from "../src/shared-client.js";
import type { PresenceChange } from "../src/types.js";
import { Locks } from "./locks.js";
import { clientOf, closeClients, Server, until } from "./server.js";
import { SteppedClock } from "./steps.js";
import { Tab, TestWorker, upTo } from "./tabs.js";

const TOKENS = `
access:
  anonymous: on
  tokens:
    - {token: the-token-of-bob, user: bob, name: Bob, grants: [{topics: "*", allow: [publish, subscribe, read, presence]}]}
    - {token: the-token-of-cleo, user: cleo, grants: [{topics: "*", allow: [publish, subscribe]}]}
`;

describe("tabs that share a client", () => {
  const server = new Server();
  let worker = new TestWorker();
  const tabs: Tab[] = [];
  const tab = (options: TabOptions = {}, of = worker): Tab => {
    const made = new Tab(of, server.address, { user: "ada", ...options });
    tabs.push(made);
    return made;
  };

  beforeAll(async () => {
    await server.start(TOKENS);
  });
  afterEach(async () => {
    for (const one of tabs.splice(0)) {
      one.client.close();
    }
    closeClients();
    await until(() => worker.open === 0, "no connection is left");
    worker.close();
    vi.unstubAllGlobals();
    worker = new TestWorker();
  });
  afterAll(async () => {
    await server.remove();
  });

  it("have one connection, and each hears each message once", async () => {
    const one = tab();
    const welcome = await one.client.connect();
    const two = tab();
    expect((await two.client.connect()).connectionId).toBe(welcome.connectionId);
    expect(two.client.welcome).toEqual(welcome);
    await one.client.subscribe("both", {}, one.listener).ready;
    await two.client.subscribe("both", {}, two.listener).ready;
    const published = await Promise.all(
      upTo(300).map((i) => (i % 2 === 0 ? one : two).client.publish("both", i)),
    );
    await until(() => one.heard.length >= 300 && two.heard.length >= 300, "all come");

    expect(one.offsets).toEqual(upTo(300));
    expect(two.offsets).toEqual(upTo(300));
    expect(one.heard).toEqual(two.heard);
    expect(published.map(({ offset }) => offset).sort((a, b) => a - b)).toEqual(upTo(300));
    expect(worker.sockets.length).toBe(1);
    expect(worker.frames.filter((frame) => frame.includes('"subscribe"')).length).toBe(1);
    expect([one.states, two.states]).toEqual([["connected"], ["connected"]]);
    expect(two.client.waitingBytes).toBe(0);
  });

  it("are told of the topics that belong to the user by the time they come", async () => {
    const one = tab({ user: "dora" });
    const topicsOf = ({ subscriptions }: { subscriptions: { topic: string }[] }): string[] =>
      subscriptions.map(({ topic }) => topic);
    expect(topicsOf(await one.client.connect())).toEqual([]);
    await one.client.publish("hers", 1);
    const hers = one.client.subscribe("hers", { durable: true }, one.listener);
    await hers.ready;
    await one.client.subscribe("widened", {}, one.listener).ready;
    const two = tab({ user: "dora" });
    const welcome = await two.client.connect();
    expect(topicsOf(welcome)).toEqual(["hers"]);
    expect(welcome.subscriptions[0]?.nextOffset).toBe(2);
    await two.client.subscribe("widened", { durable: true }, two.listener).ready;
    expect(topicsOf(await tab({ user: "dora" }).client.connect())).toEqual(["hers", "widened"]);
    await hers.forget();
    expect(topicsOf(await tab({ user: "dora" }).client.connect())).toEqual(["widened"]);
    expect(worker.sockets.length).toBe(1);
  });

  it("begin at places of their own, without a gap and in order", async () => {
    const writer = clientOf(server.address, { user: "writer" });
    const before = await Promise.all(upTo(1200).map((i) => writer.publish("places", i)));
    const epoch = before[0]?.epoch ?? 0;
    const now = tab();
    await now.client.subscribe("places", {}, now.listener).ready;
    const places = [
      { from: "earliest" as const, first: 1 },
      { from: 700, first: 700 },
      { from: { last: 3 }, first: 1198 },
      { from: { last: 0 }, first: 1201 },
      { from: { resume: { epoch, offset: 40 } }, first: 41 },
      { from: { time: before[0]?.timestamp ?? 0 }, first: 1 },
      { from: { time: Date.now() + 3_600_000 }, first: 1201 },
      { from: "new" as const, first: 1201 },
    ].map(({ from, first }) => ({ first, of: tab(), from }));
    const subscriptions = places.map(({ of, from }) => of.client.subscribe("places", { from }, of.listener));
    await Promise.all(subscriptions.map(({ ready }) => ready));
    await Promise.all(upTo(1500, 1201).map((i) => writer.publish("places", i)));

    for (const { of, first } of places) {
      await until(() => of.heard.at(-1)?.offset === 1500, "all come");
      expect(of.offsets).toEqual(upTo(1500, first));
    }
    expect(now.offsets).toEqual(upTo(1500, 1201));
    expect(worker.sockets.length).toBe(1);
    await until(() => subscriptions[1]?.position?.offset === 1500, "it knows where it is");
  });

  it("are told that a place is ahead of the log, or of another life", async () => {
    const writer = clientOf(server.address, { user: "writer" });
    const { epoch } = await writer.publish("ahead", 1);
    await writer.publish("ahead", 2);
    const resets: unknown[][] = [];
    for (const from of [9, 10, { resume: { epoch: epoch + 1000, offset: 2 } }]) {
      const one = tab();
      const told: unknown[] = [];
      resets.push(told);
      const reset = (event: unknown): unknown => told.push(event);
      await one.client.subscribe("ahead", { from }, { message: one.listener, reset }).ready;
      await until(() => told.length === 1, "the reset");
    }
    await writer.publish("ahead", 3);
    await until(() => tabs.every(({ heard }) => heard.at(-1)?.offset === 3), "what follows");

    expect(resets).toEqual([
      [{ epoch, commonOffset: 2 }],
      [{ epoch, commonOffset: 2 }],
      [{ epoch, commonOffset: 0 }],
    ]);
    expect(tabs.map(({ offsets }) => offsets)).toEqual([[3], [3], [1, 2, 3]]);
  });

  it("do not wait for one that is slow, and it loses nothing", async () => {
    const quick = tab();
    const slow = tab({ maxUnhandledBytes: 32 * 1024 });
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const wait = async (message: Parameters<typeof slow.listener>[0]): Promise<void> => {
      slow.listener(message);
      await held;
    };
    await quick.client.subscribe("slow", {}, quick.listener).ready;
    await slow.client.subscribe("slow", {}, wait).ready;
    const filling = "x".repeat(2000);
    const total = 400;
    for (const i of upTo(total)) {
      await quick.client.publish("slow", `${i} ${filling}`);
    }
    await until(() => quick.heard.length === total, "the others hear all");
    const reads = (): number => worker.frames.filter((frame) => frame.includes('"read"')).length;
    const before = reads();
    expect(slow.heard.length).toBe(1);
    goOn();
    await until(() => slow.heard.length >= total, "the slow one too");

    expect(slow.offsets).toEqual(upTo(total));
    // What it had not room for was not kept, but is read.
    expect(reads()).toBeGreaterThan(before + 5);
    expect(quick.offsets).toEqual(upTo(total));
  });

  it("listen with loops too", async () => {
    const one = tab();
    const two = tab();
    for (const i of upTo(20)) {
      await one.client.publish("loops", i);
    }
    for (const { client, heard } of [one, two]) {
      for await (const message of client.subscribe("loops", { from: "earliest" })) {
        heard.push(message);
        if (message.offset === 20) {
          break;
        }
      }
    }
    expect(two.offsets).toEqual(upTo(20));
    // The last loop has ended: nobody listens any more.
    await until(() => worker.frames.some((frame) => frame.includes('"unsubscribe"')), "it has left");
    const pages: number[] = [];
    for await (const page of two.client.history("loops", { limit: 10 }).before()) {
      pages.push(page.messages.length);
    }
    expect(pages).toEqual([10, 10]);
  });

  it("that go leave the topic to the others, and the last one ends the client", async () => {
    const one = tab();
    const two = tab();
    await one.client.subscribe("gone", {}, one.listener).ready;
    await two.client.subscribe("gone", {}, two.listener).ready;
    void one.client.publish("gone", "the last word of one").catch(() => undefined);
    one.client.close();
    await until(() => two.heard.length === 1, "what a closed tab has published is sent");
    expect(worker.frames.some((frame) => frame.includes('"unsubscribe"'))).toBe(false);
    expect(() => one.client.subscribe("gone")).toThrow(EndedError);
    await expect(one.client.publish("gone", 1)).rejects.toBeInstanceOf(EndedError);
    expect(one.states).toEqual(["connected", "ended"]);

    void two.client.publish("gone", "the last word of two").catch(() => undefined);
    two.client.close();
    await until(() => worker.open === 0, "the connection is closed");
    const later = tab();
    expect((await later.client.read("gone")).messages.map(({ message }) => message)).toEqual([
      "the last word of one",
      "the last word of two",
    ]);
  });

  it("do not get back what they do not want back, but others do", async () => {
    const one = tab();
    const two = tab();
    await one.client.subscribe("quiet", {}, one.listener).ready;
    await two.client.subscribe("quiet", {}, two.listener).ready;
    await one.client.publish("quiet", 1, { echo: false });
    await one.client.publish("quiet", 2);
    await one.client.publish("quiet", 3, { echo: false, expectedOffset: 99 }).catch(() => undefined);
    await two.client.publish("quiet", 4, { echo: false });
    await one.client.publish("quiet", 5);
    await until(() => one.heard.length === 3 && two.heard.length === 3, "three each");

    expect(one.said).toEqual([2, 4, 5]);
    expect(two.said).toEqual([1, 2, 5]);
  });

  it("hear signals, presence, receipts, what was taken back, and the end", async () => {
    const user = { user: "bob", token: "the-token-of-bob" };
    const told: [string[], string[]] = [[], []];
    const listener = (i: 0 | 1) => ({
      message: () => undefined,
      signal: ({ message }: { message: unknown }) => told[i].push(`signal ${JSON.stringify(message)}`),
      presence: ({ event, user: who }: PresenceChange) => told[i].push(`${event ?? ""} ${who ?? ""}`),
      redacted: ({ offsets }: { offsets: number[] }) => told[i].push(`redacted ${offsets.join()}`),
      ended: (reason?: Error) => told[i].push(`ended ${reason?.message ?? ""}`),
    });
    const one = tab(user);
    await one.client.room("room:hints");
    await one.client.subscribe("room:hints", { presence: true }, listener(0)).ready;
    await until(() => told[0].length === 1, "its own coming");
    const two = tab(user);
    await two.client.subscribe("room:hints", { presence: false }, listener(1)).ready;
    const guest = clientOf(server.address, { user: "guest" });
    await guest.subscribe("room:hints").ready;
    await until(() => told[0].length === 2, "somebody comes");
    await two.client.signal("room:hints", { typing: true });
    const { offset } = await one.client.publish("room:hints", "a slip");
    await until(() => told[0].length === 3 && told[1].length === 1, "the signal");
    await two.client.redact("room:hints", offset);
    await until(() => told[0].length === 4 && told[1].length === 2, "the redaction");
    await two.client.deleteRoom("room:hints");
    await until(() => told[0].length === 5 && told[1].length === 3, "the end");

    expect(told[0]).toEqual([
      "join bob",
      "join guest.guest",
      'signal {"typing":true}',
      "redacted 1",
      "ended the room was deleted",
    ]);
    expect(told[1]).toEqual(['signal {"typing":true}', "redacted 1", "ended the room was deleted"]);
  });

  it("hear of chats that begin, and a later one how far the other has come", async () => {
    const bob = { user: "bob", token: "the-token-of-bob" };
    const asked: string[] = [];
    const chat = (): Tab => {
      const made: Tab = tab({
        ...bob,
        onNewTopic: (topic) => {
          asked.push(topic);
          return { message: made.listener };
        },
      });
      return made;
    };
    const one = chat();
    const two = chat();
    await Promise.all([one.client.connect(), two.client.connect()]);
    const cleo = clientOf(server.address, { token: "the-token-of-cleo" });
    const { topic } = await cleo.send("bob", "Tea?");
    await cleo.ackRead(topic, 1);
    await until(() => one.heard.length === 1 && two.heard.length === 1, "both listen");
    expect(asked).toEqual([topic, topic]);

    const receipts: unknown[] = [];
    const three = tab(bob);
    await three.client.subscribe(topic, {}, { receipt: (receipt) => receipts.push(receipt) }).ready;
    await until(() => receipts.length > 0, "how far the other is");
    expect(receipts[0]).toEqual({ user: "cleo", delivered: 1, read: 1 });
  });

  it("get errors as what they are", async () => {
    const one = tab({ maxWaitingBytes: 1000 });
    const conflict: unknown = await one.client
      .publish("errors", 1, { expectedOffset: 9 })
      .catch((error: unknown) => error);
    expect(conflict).toBeInstanceOf(RefusedError);
    expect(conflict).toMatchObject({ code: "conflict", retryable: false, nextOffset: 1 });
    await expect(one.client.publish("errors", "x".repeat(1000))).rejects.toBeInstanceOf(BufferFullError);
    await expect(one.client.publish("errors", undefined)).rejects.toBeInstanceOf(TypeError);
    const cleo = tab({ user: "cleo", token: "the-token-of-cleo" });
    const refused = cleo.client.subscribe("errors", { from: "earliest" }, cleo.listener);
    await expect(refused.ready).rejects.toMatchObject({ name: "RefusedError", code: "forbidden" });
    const wrong = tab({ token: "nobody-has-this", user: "nobody" });
    await expect(wrong.client.connect()).rejects.toMatchObject({ name: "EndedError", code: 4001 });
    await expect(wrong.client.publish("errors", 1)).rejects.toBeInstanceOf(EndedError);
    expect(wrong.states).toEqual(["ended"]);
    const nowhere = new Tab(worker, "ws://127.0.0.1:1/v1", { user: "ada" });
    tabs.push(nowhere);
    await expect(nowhere.client.signal("t", 1)).rejects.toBeInstanceOf(NotConnectedError);
  });

  it("ask one that lives for a token", async () => {
    const asked: string[] = [];
    const user = "bob";
    const never = new Promise<string>(() => undefined);
    const one = tab({ user, token: () => (asked.push("one"), never) });
    await until(() => asked.length === 1, "the first is asked");
    const two = tab({ user, token: () => (asked.push("two"), "the-token-of-bob") });
    one.client.close();
    expect((await two.client.connect()).user).toBe("bob");
    expect(asked).toEqual(["one", "two"]);
    expect(() => tab({ user: undefined as never, token: () => "t" })).toThrow(TypeError);
  });

  it("take a topic from the user for all", async () => {
    const user = { user: "bob", token: "the-token-of-bob" };
    const one = tab(user);
    const two = tab(user);
    const ended: (Error | undefined)[] = [];
    const first = one.client.subscribe("kept", {}, one.listener);
    await first.ready;
    await two.client.subscribe("kept", { durable: true }, { ended: (reason) => ended.push(reason) }).ready;
    const subscriptions = async (): Promise<string[]> => {
      const other = clientOf(server.address, { token: "the-token-of-bob" });
      return (await other.connect()).subscriptions.map(({ topic }) => topic);
    };
    expect(await subscriptions()).toContain("kept");
    await first.forget();
    await until(() => ended.length === 1, "the other is told");
    expect(ended[0]).toBeInstanceOf(EndedError);
    expect(await subscriptions()).not.toContain("kept");
    await two.client.subscribe("kept", {}, two.listener).ready;
    await one.client.publish("kept", 1);
    await until(() => two.heard.length === 1, "it can be listened to again");
  });

  it("keep what was published in the browser", async () => {
    vi.stubGlobal("indexedDB", new IDBFactory());
    const locks = new Locks();
    vi.stubGlobal("navigator", { locks });
    const nowhere = new TestWorker();
    // It goes with its worker: there is no other one for it.
    const once = [nowhere.connect()];
    const lost = new Tab(() => once.pop() ?? { port: new MessageChannel().port1 }, "ws://127.0.0.1:1/v1", {
      user: "ada",
      outbox: true,
    });
    lost.client.publish("kept-here", "not lost").catch(() => undefined);
    await until(() => locks.names().length === 3, "the worker, the tab and the outbox live");
    while ((await rows()) === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    nowhere.close();
    locks.forget();
    const events: OutboxEvent[] = [];
    const one = tab({ outbox: true, onOutbox: (event) => events.push(event) });
    await until(() => events.length === 1, "it is sent after all");
    expect(events[0]).toMatchObject({ draft: { payload: '"not lost"' }, reply: { offset: 1 } });
    expect((await one.client.read("kept-here")).messages.length).toBe(1);
    lost.client.close();
  });

  it("that are silent have gone, and come back where they were", async () => {
    const clock = new SteppedClock();
    const stepped = new TestWorker({ clock });
    const one = tab({}, stepped);
    const two = tab({}, stepped);
    await one.client.subscribe("silent", {}, one.listener).ready;
    await two.client.subscribe("silent", {}, two.listener).ready;
    await one.client.publish("silent", 1);
    await until(() => one.heard.length === 1 && two.heard.length === 1, "the first");
    for (let passed = 0; passed < 300_000; passed += 10_000) {
      await clock.pass(10_000);
      two.client.wake();
      await two.client.online(["ada"]);
    }
    await two.client.publish("silent", 2);
    await until(() => two.heard.length === 2, "one goes on");
    expect(one.heard.length).toBe(1);
    await one.client.publish("silent", 3);
    await until(() => one.heard.length === 3, "the other is back");
    expect(one.offsets).toEqual([1, 2, 3]);
    one.client.close();
    two.client.close();
    await until(() => stepped.open === 0, "no connection is left");
    stepped.close();
  });

  it("are known by their locks, and know the worker by its own", async () => {
    const locks = new Locks();
    vi.stubGlobal("navigator", { locks });
    let current = new TestWorker();
    const first = current;
    const one = new Tab(() => current.connect(), server.address, { user: "ada" });
    const two = new Tab(() => current.connect(), server.address, { user: "ada" });
    tabs.push(one, two);
    await one.client.subscribe("locks", {}, one.listener).ready;
    await until(() => locks.names().length === 3, "all hold their locks");
    const [, lockOfOne = ""] = locks.names();
    await two.client.subscribe("locks", {}, two.listener).ready;
    // The tab has crashed.
    locks.forget(lockOfOne);
    await two.client.publish("locks", 1);
    await until(() => two.heard.length === 1, "the other goes on");
    expect(one.heard).toEqual([]);

    // The worker has crashed.
    locks.forget("topicstream-worker-");
    current = new TestWorker();
    first.close();
    for (const socket of first.sockets) {
      socket.terminate();
    }
    await two.client.publish("locks", 2);
    await until(() => one.heard.length === 2 && two.heard.length === 2, "all come back");
    expect([one.offsets, two.offsets]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    one.client.close();
    two.client.close();
    await until(() => current.open === 0, "no connection is left");
    current.close();
  });

  it("that are put aside and shown again go on", async () => {
    const page = new EventTarget();
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    const one = tab();
    await one.client.subscribe("aside", {}, one.listener).ready;
    await one.client.publish("aside", 1);
    await until(() => one.heard.length === 1, "the first");
    page.dispatchEvent(new Event("pagehide"));
    // A page may still do something before it is frozen.
    const kept = one.client.publish("aside", "kept");
    await until(() => worker.open === 0, "the last tab has gone");
    const writer = clientOf(server.address, { user: "writer" });
    await writer.publish("aside", 2);
    page.dispatchEvent(new Event("pageshow"));
    await kept;
    await until(() => one.heard.length === 3, "what was missed");
    expect(one.said).toEqual([1, 2, "kept"]);
    expect(worker.sockets.length).toBe(2);
  });
});

/** How many messages are in the outbox of ada. */
function rows(): Promise<number> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("topicstream-outbox-ada");
    opening.onerror = () => {
      reject(new Error("the outbox cannot be opened"));
    };
    opening.onsuccess = () => {
      const database = opening.result;
      const count = database.transaction("drafts").objectStore("drafts").count();
      count.onsuccess = () => {
        database.close();
        resolve(count.result);
      };
    };
  });
}

describe("tabs and a server that is killed", () => {
  const server = new Server();
  const worker = new TestWorker();

  beforeAll(async () => {
    await server.start();
  });
  afterAll(async () => {
    worker.close();
    await server.remove();
  });

  it("lose nothing and hear nothing twice", async () => {
    const total = 1500;
    const one = new Tab(worker, server.address, { user: "ada" });
    const two = new Tab(worker, server.address, { user: "ada", maxUnhandledBytes: 8 * 1024 });
    await one.client.subscribe("numbers", { from: "earliest" }, one.listener).ready;
    await two.client.subscribe("numbers", { from: "earliest" }, async (message) => {
      two.listener(message);
      if (message.offset % 50 === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }).ready;
    const published: Promise<{ offset: number }>[] = [];
    let restarted: Promise<unknown> = Promise.resolve();
    for (const i of upTo(total)) {
      published.push((i % 2 === 0 ? one : two).client.publish("numbers", i));
      if (i === total / 3) {
        await until(() => one.heard.length > 10, "some come");
        await server.kill();
        restarted = server.start();
      }
      if (i % 10 === 0) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    await restarted;
    await Promise.all(published);
    await until(() => one.heard.length >= total && two.heard.length >= total, "all come");

    expect(one.offsets).toEqual(upTo(total));
    expect(two.offsets).toEqual(upTo(total));
    expect([...new Set(one.said)].length).toBe(total);
    expect(one.states).toContain("waiting");
    expect(one.states).toEqual(two.states);
    one.client.close();
    two.client.close();
    await until(() => worker.open === 0, "no connection is left");
  });
});
