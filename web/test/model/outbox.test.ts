import "fake-indexeddb/auto";
import { type Draft, EndedError, IndexedDbOutbox, type Outbox, RefusedError } from "@topicstream/client";
import { describe, expect, it } from "vitest";
import { type LeftSettled, PageOutbox } from "../../src/model/outbox.js";
import type { ChatClient } from "../../src/model/ports.js";
import { randomId } from "../../src/model/random.js";
import { settle, until } from "./world.js";

type Published = Awaited<ReturnType<ChatClient["publish"]>>;

/** Notes what it is asked, and answers when it is told. */
class Asked {
  readonly all: { to: string; message: unknown; options: unknown }[] = [];
  readonly #waiting: { resolve: (published: Published) => void; reject: (error: Error) => void }[] = [];

  #ask<T extends Published>(to: string, message: unknown, options: unknown): Promise<T> {
    this.all.push({ to, message, options });
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ resolve: resolve as (published: Published) => void, reject });
    });
  }

  publish: ChatClient["publish"] = (topic, message, options) => this.#ask(`topic ${topic}`, message, options);
  send: ChatClient["send"] = (to, message, options) => this.#ask(`user ${to}`, message, options);

  get texts(): unknown[] {
    return this.all.map(({ message }) => message);
  }

  answer(offset: number): void {
    this.#waiting.shift()?.resolve({ topic: "t", epoch: 7, offset, timestamp: 1 });
  }

  fail(error: Error): void {
    this.#waiting.shift()?.reject(error);
  }
}

/** What a browser keeps; each tab has its own view of it. */
class Shared {
  readonly rows = new Map<number, { owner: object | undefined; draft: Draft }>();
  #next = 1;

  left(draft: Draft): void {
    this.rows.set(this.#next++, { owner: undefined, draft });
  }

  tab(): Outbox {
    const owner = {};
    return {
      add: (draft) => {
        this.rows.set(this.#next, { owner, draft });
        return Promise.resolve(this.#next++);
      },
      remove: (key) => {
        this.rows.delete(key);
        return Promise.resolve();
      },
      takeOver: () => {
        const left = [...this.rows].filter(([, row]) => row.owner === undefined);
        for (const [, row] of left) row.owner = owner;
        return Promise.resolve(left.map(([key, { draft }]) => ({ key, draft })));
      },
      close: () => {
        for (const row of this.rows.values()) if (row.owner === owner) row.owner = undefined;
      },
    };
  }

  get texts(): string[] {
    return [...this.rows.values()].map(({ draft }) => draft.payload);
  }
}

function draft(text: string, more: Partial<Draft["members"]> = {}): Draft {
  const members = { topic: "t", message_id: `id of ${text}`, ...more };
  return { action: "publish", members, payload: JSON.stringify(text) };
}

function tab(kept: Outbox | undefined) {
  const client = new Asked();
  const found: string[][] = [];
  const settled: LeftSettled[] = [];
  const outbox = new PageOutbox(kept, client, {
    found: (drafts) => found.push(drafts.map(({ payload }) => payload)),
    settled: (event) => settled.push(event),
  });
  return { client, outbox, found, settled };
}

describe("the outbox of a page", () => {
  it("keeps what is said from the start on, and sends it in its order when there is a connection", async () => {
    const shared = new Shared();
    const { client, outbox, found } = tab(shared.tab());
    const about = { offset: 3, as: "edit" };
    const first = outbox.publish(draft("one", { about }));
    const second = outbox.publish({
      action: "send",
      members: { to: "bob", message_id: "m" },
      payload: '"two"',
    });
    await settle();
    expect(client.all).toEqual([]);
    expect(shared.texts).toEqual(['"one"', '"two"']);
    outbox.takeOver();
    await settle();
    expect(client.all).toEqual([
      { to: "topic t", message: "one", options: { messageId: "id of one", about } },
      { to: "user bob", message: "two", options: { messageId: "m" } },
    ]);
    client.answer(1);
    client.answer(2);
    expect([(await first).offset, (await second).offset]).toEqual([1, 2]);
    await settle();
    expect(shared.texts).toEqual([]);
    expect(found).toEqual([]);
  });

  it("takes over what closed tabs left, and sends it before what is said later", async () => {
    const shared = new Shared();
    shared.left(draft("left 1"));
    shared.left(draft("left 2"));
    const { client, outbox, found, settled } = tab(shared.tab());
    outbox.publish(draft("early")).catch(() => undefined);
    outbox.takeOver();
    outbox.publish(draft("late")).catch(() => undefined);
    await settle();
    expect(found).toEqual([['"left 1"', '"left 2"']]);
    expect(client.texts).toEqual(["left 1", "left 2", "early", "late"]);
    client.answer(1);
    client.fail(new RefusedError("forbidden", "no", false));
    await settle();
    expect(settled).toMatchObject([
      { draft: { payload: '"left 1"' }, published: { epoch: 7, offset: 1 } },
      { draft: { payload: '"left 2"' }, error: { code: "forbidden" } },
    ]);
    expect(shared.texts).toEqual(['"early"', '"late"']);
  });

  it("asks again at the next connection, and sends each only once", async () => {
    const shared = new Shared();
    const { client, outbox, found } = tab(shared.tab());
    outbox.takeOver();
    outbox.publish(draft("own")).catch(() => undefined);
    await settle();
    shared.left(draft("left"));
    outbox.takeOver();
    outbox.publish(draft("after")).catch(() => undefined);
    await settle();
    outbox.takeOver();
    await settle();
    expect(found).toEqual([['"left"']]);
    expect(client.texts).toEqual(["own", "left", "after"]);
  });

  it("forgets what is refused, and keeps what the end of the client interrupts", async () => {
    const shared = new Shared();
    const { client, outbox, settled } = tab(shared.tab());
    shared.left(draft("left"));
    outbox.takeOver();
    const refused = outbox.publish(draft("refused"));
    const interrupted = outbox.publish(draft("interrupted"));
    const outcomes = Promise.allSettled([refused, interrupted]);
    await settle();
    client.fail(new EndedError(1000, "closed"));
    client.fail(new RefusedError("too_large", "no", false));
    client.fail(new EndedError(1000, "closed"));
    expect(await outcomes).toMatchObject([
      { reason: { code: "too_large" } },
      { reason: { name: "EndedError" } },
    ]);
    expect(settled).toEqual([]);
    outbox.close();
    await settle();
    expect(shared.texts).toEqual(['"left"', '"interrupted"']);

    const next = tab(shared.tab());
    next.outbox.takeOver();
    await settle();
    expect(next.client.texts).toEqual(["left", "interrupted"]);
  });

  it("that is closed before there is a connection leaves what was said to the next", async () => {
    const shared = new Shared();
    const { client, outbox } = tab(shared.tab());
    const said = outbox.publish(draft("unsent"));
    const outcome = Promise.allSettled([said]);
    outbox.close();
    await settle();
    client.fail(new EndedError(1000, "closed"));
    expect(await outcome).toMatchObject([{ reason: { name: "EndedError" } }]);
    await expect(outbox.publish(draft("later"))).rejects.toThrow(EndedError);
    outbox.takeOver();

    const next = tab(shared.tab());
    next.outbox.takeOver();
    await settle();
    expect(next.found).toEqual([['"unsent"']]);
    expect(client.texts).toEqual(["unsent"]);
  });

  it("sends all the same where the browser keeps nothing, or has no room", async () => {
    const full = (): Promise<never> => Promise.reject(new Error("full"));
    const broken: Outbox = { add: full, remove: full, takeOver: full, close: () => undefined };
    for (const kept of [broken, undefined]) {
      const { client, outbox } = tab(kept);
      const said = [outbox.publish(draft("one")), outbox.publish(draft("two"))];
      outbox.takeOver();
      await settle();
      expect(client.texts).toEqual(["one", "two"]);
      client.answer(1);
      client.answer(2);
      expect((await Promise.all(said)).map(({ offset }) => offset)).toEqual([1, 2]);
      outbox.close();
    }
  });

  it("has what an earlier page left in the browser's database", async () => {
    const user = `ada-${randomId()}`;
    const before = tab(new IndexedDbOutbox(user));
    before.outbox.takeOver();
    const outcome = Promise.allSettled([before.outbox.publish(draft("unsent"))]);
    await until(() => before.client.all.length === 1, "it is sent");
    before.outbox.close();
    before.client.fail(new EndedError(1000, "closed"));
    await outcome;

    const after = tab(new IndexedDbOutbox(user));
    after.outbox.takeOver();
    await until(() => after.client.all.length === 1, "it is sent again");
    expect(after.client.all).toEqual([
      { to: "topic t", message: "unsent", options: { messageId: "id of unsent" } },
    ]);
    after.outbox.close();
  });
});
