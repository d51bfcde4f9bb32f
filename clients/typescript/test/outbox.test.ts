import { IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { TopicStreamClient } from "../src/client.js";
import { EndedError } from "../src/errors.js";
import { IndexedDbOutbox } from "../src/indexed-db-outbox.js";
import type { OutboxEvent } from "../src/publisher.js";
import { Locks } from "./locks.js";
import { clientOf, closeClients, Server, until } from "./server.js";
import { ScriptedTransport, settle, SteppedClock } from "./steps.js";

const WELCOME = {
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

/** A tab, with a network of its own. */
class Tab {
  readonly network = new ScriptedTransport();
  readonly events: OutboxEvent[] = [];
  readonly client: TopicStreamClient;

  constructor(factory: IDBFactory, user = "ada") {
    this.client = new TopicStreamClient("ws://test.invalid/v1", {
      user,
      outbox: new IndexedDbOutbox(user, factory),
      onOutbox: (event) => this.events.push(event),
      transport: this.network.transport,
      clock: new SteppedClock(),
      log: () => undefined,
    });
    this.client.connect().catch(() => undefined);
  }

  async open(): Promise<void> {
    this.network.open();
    this.network.server(WELCOME);
    await rest();
  }

  async publish(...messages: number[]): Promise<void> {
    for (const message of messages) {
      this.client.publish("t", message, { messageId: `m${message}` }).catch(() => undefined);
    }
    await rest();
  }

  /** Answers what was sent. @returns the message ids */
  async answer(from = 1): Promise<unknown[]> {
    const frames = this.network.frames().filter(({ action }) => action === "publish");
    for (const [i, { id }] of frames.entries()) {
      this.network.server({ type: "reply", id, topic: "t", epoch: 1, offset: from + i, timestamp: 1 });
    }
    await rest();
    return frames.map((frame) => frame["message_id"]);
  }
}

/** Long enough for the database, which answers in some turns of the event loop. */
async function rest(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await settle();
  }
}

const browsers = [
  { name: "with Web Locks", locks: () => new Locks() },
  { name: "without Web Locks", locks: () => undefined },
];

describe.each(browsers)("an outbox $name", ({ locks: make }) => {
  let factory: IDBFactory;
  let locks: Locks | undefined;

  beforeEach(() => {
    factory = new IDBFactory();
    locks = make();
    vi.stubGlobal("navigator", { locks });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("sends after a reload what was not answered before, in order and under its ids", async () => {
    const before = new Tab(factory);
    await before.open();
    await before.publish(1, 2, 3);
    const [first] = before.network.frames();
    before.network.server({
      type: "reply",
      id: first?.["id"],
      topic: "t",
      epoch: 1,
      offset: 1,
      timestamp: 1,
    });
    await rest();
    // The page is gone: nothing of it runs any more.
    locks?.forget();

    const after = new Tab(factory);
    await after.open();
    await after.publish(4);

    expect(await after.answer(2)).toEqual(["m2", "m3", "m4"]);
    expect(after.events.map((event) => ("reply" in event ? event.reply["offset"] : event))).toEqual([2, 3]);
    locks?.forget();
    const empty = new Tab(factory);
    await empty.open();
    expect(await empty.answer()).toEqual([]);
  });

  it("keeps what was published without a connection", async () => {
    const before = new Tab(factory);
    await before.publish(1, 2);
    locks?.forget();

    const after = new Tab(factory);
    await after.open();

    expect(await after.answer()).toEqual(["m1", "m2"]);
  });

  it("sends what was left before what was published without a connection", async () => {
    const before = new Tab(factory);
    await before.publish(1, 2);
    locks?.forget();

    const after = new Tab(factory);
    await after.publish(3);
    await after.open();

    expect(await after.answer()).toEqual(["m1", "m2", "m3"]);
  });

  it("keeps what was published in the turn in which the client is closed", async () => {
    const before = new Tab(factory);
    await rest();
    const published = before.client.publish("t", 1, { messageId: "m1" });
    before.client.close();
    await expect(published).rejects.toBeInstanceOf(EndedError);

    const after = new Tab(factory);
    await after.open();
    expect(await after.answer()).toEqual(["m1"]);
  });

  it("lets another tab delete the database, and goes on in a new one", async () => {
    const tab = new Tab(factory);
    await tab.open();
    await tab.publish(1);
    const deleting = factory.deleteDatabase("topicstream-outbox-ada");
    await new Promise((resolve) => {
      deleting.onsuccess = resolve;
    });
    await tab.publish(2);
    expect(await tab.answer()).toEqual(["m1", "m2"]);
    await tab.publish(3);
    tab.client.close();
    await rest();
    const after = new Tab(factory);
    await after.open();
    expect(await after.answer(3)).toEqual(["m3"]);
  });

  it("tells why the database did not keep a message", async () => {
    const outbox = new IndexedDbOutbox("ada", factory);
    await outbox.add({ action: "publish", members: {}, payload: "1" });
    const add = vi.spyOn(IDBObjectStore.prototype, "add");
    add.mockImplementation(function (this: IDBObjectStore, value: unknown) {
      add.mockRestore();
      const request = this.add(value);
      request.addEventListener("success", () => {
        this.transaction.abort();
        Object.defineProperty(this.transaction, "error", { value: new Error("the disk is full") });
      });
      return request;
    });
    await expect(outbox.add({ action: "publish", members: {}, payload: "2" })).rejects.toThrow(/full/);
  });

  it("takes out what the server refused, and says so", async () => {
    const before = new Tab(factory);
    await before.publish(1);
    locks?.forget();
    const after = new Tab(factory);
    await after.open();
    const [{ id } = {}] = after.network.frames();
    after.network.server({
      type: "error",
      id,
      code: "forbidden",
      message: "no",
      retryable: false,
      topic: "t",
    });
    await rest();

    expect(after.events).toMatchObject([
      { error: { code: "forbidden" }, draft: { members: { message_id: "m1" } } },
    ]);
    locks?.forget();
    const empty = new Tab(factory);
    await empty.open();
    expect(await empty.answer()).toEqual([]);
  });

  it("keeps what waits when the client is closed", async () => {
    const before = new Tab(factory);
    await before.publish(1);
    before.client.close();
    await rest();

    const after = new Tab(factory);
    await after.open();
    expect(await after.answer()).toEqual(["m1"]);
  });

  it("is each user's own", async () => {
    const ada = new Tab(factory);
    await ada.publish(1);
    locks?.forget();
    const bob = new Tab(factory, "bob");
    await bob.open();

    expect(await bob.answer()).toEqual([]);
  });
});

describe("two tabs", () => {
  const locks = new Locks();

  beforeEach(() => {
    vi.stubGlobal("navigator", { locks });
  });
  afterEach(() => {
    locks.forget();
    vi.unstubAllGlobals();
  });

  it("do not send what the other one has published and still waits for", async () => {
    const factory = new IDBFactory();
    const one = new Tab(factory);
    await one.open();
    await one.publish(1);
    const two = new Tab(factory);
    await two.open();
    await two.publish(2);

    expect(await two.answer()).toEqual(["m2"]);
    expect(await one.answer()).toEqual(["m1"]);
  });

  it("that start together after a third has gone send what it left once", async () => {
    const factory = new IDBFactory();
    const gone = new Tab(factory);
    await gone.publish(1, 2);
    locks.forget();
    const one = new Tab(factory);
    const two = new Tab(factory);
    await Promise.all([one.open(), two.open()]);

    const sent = [...(await one.answer()), ...(await two.answer())];
    expect(sent).toEqual(["m1", "m2"]);
  });
});

describe("Web Locks", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("are given back also by who closes before having one", async () => {
    const held = new Set<string>();
    const request = async (name: string, task: () => Promise<unknown>) => {
      await settle();
      held.add(name);
      await task();
      held.delete(name);
    };
    vi.stubGlobal("navigator", { locks: { request } });
    new IndexedDbOutbox("ada", new IDBFactory()).close();
    await rest();
    expect([...held]).toEqual([]);
  });

  it("that are refused are told to who publishes, and to nobody else", async () => {
    const request = () => Promise.reject(new Error("not on this page"));
    vi.stubGlobal("navigator", { locks: { request } });
    const outbox = new IndexedDbOutbox("ada", new IDBFactory());
    // A rejection that nobody handles fails the test run.
    await rest();
    await expect(outbox.takeOver()).rejects.toThrow(/not on this page/);
  });
});

describe("an outbox and a server", () => {
  const server = new Server();

  beforeAll(async () => {
    await server.start();
  });
  afterEach(() => {
    closeClients();
    vi.unstubAllGlobals();
  });
  afterAll(async () => {
    await server.remove();
  });

  it("what two clients send of one outbox is stored once", async () => {
    vi.stubGlobal("navigator", {});
    const factory = new IDBFactory();
    const total = 100;
    const options = () => ({ user: "ada", outbox: new IndexedDbOutbox("ada", factory) });
    // It never connects; what it publishes is taken over by two others at once, for there are no locks.
    const offline = clientOf("ws://127.0.0.1:1/v1", options());
    for (let i = 0; i < total; i++) {
      offline.publish("kept", i).catch(() => undefined);
    }
    await rest();
    offline.close();
    const settled: OutboxEvent[] = [];
    const told = { onOutbox: (event: OutboxEvent) => settled.push(event) };
    const one = clientOf(server.address, { ...options(), ...told });
    clientOf(server.address, { ...options(), ...told });
    await until(() => settled.length >= total, "all are answered");
    await one.publish("kept", "the end");

    const { messages } = await one.read("kept", { limit: 1000 });
    expect(messages.map(({ message }) => message)).toEqual([
      ...Array.from({ length: total }, (_, i) => i),
      "the end",
    ]);
  });
});

it("an outbox wants a user whom the server knows again", () => {
  const outbox = new IndexedDbOutbox("ada", new IDBFactory());
  expect(
    () =>
      new TopicStreamClient("ws://test.invalid/v1", { outbox, transport: new ScriptedTransport().transport }),
  ).toThrow(/a token or a user/);
});
