import { type Draft, type Outbox, RefusedError } from "@topicstream/client";
import { describe, expect, it } from "vitest";
import { messages, say, Stage, texts } from "./steps.js";
import { settle } from "./world.js";

/** An outbox that outlives the page. */
class KeptOutbox implements Outbox {
  readonly all = new Map<number, Draft>();
  #next = 1;
  add = (draft: Draft): Promise<number> => {
    this.all.set(this.#next, draft);
    return Promise.resolve(this.#next++);
  };
  remove = (key: number): Promise<void> => {
    this.all.delete(key);
    return Promise.resolve();
  };
  takeOver = (): Promise<{ key: number; draft: Draft }[]> =>
    Promise.resolve([...this.all].map(([key, draft]) => ({ key, draft })));
  close = (): void => undefined;
}

describe("what is sent", () => {
  it("is shown at once, and is the same item until it was read", async () => {
    const stage = new Stage();
    stage.server.joins("bob", "room:tea");
    const here = await stage.inRoom();
    stage.client.holdsAnswers = true;
    stage.client.holdsDeliveries = true;
    say(here, "Tea?");
    const [sending] = messages(here);
    expect(sending).toMatchObject({ text: "Tea?", mine: true, name: "ada", state: { kind: "sending" } });
    expect(sending?.id).toBeUndefined();

    stage.client.answerAll();
    await settle();
    const [sent] = messages(here);
    expect(sent).toMatchObject({ key: sending?.key, id: { epoch: 7, offset: 1 }, state: { kind: "sent" } });

    stage.client.catchUp();
    await settle();
    expect(messages(here)).toHaveLength(1);
    expect(messages(here)[0]).toMatchObject({ key: sending?.key, state: { kind: "sent" } });

    stage.server.tell("room:tea", (one) => one.receipt?.({ user: "bob", delivered: 1 }));
    await settle();
    expect(messages(here)[0]).toMatchObject({ key: sending?.key, state: { kind: "delivered" }, readBy: [] });
    stage.server.tell("room:tea", (one) => one.receipt?.({ user: "bob", read: 1 }));
    await settle();
    expect(messages(here)[0]).toMatchObject({
      key: sending?.key,
      state: { kind: "read" },
      readBy: [{ user: "bob" }],
    });
  });

  it("is one item where it is heard before it is answered", async () => {
    const stage = new Stage();
    const here = await stage.inRoom();
    stage.client.holdsAnswers = true;
    say(here, "Tea?");
    await settle();
    const [heard] = messages(here);
    expect(messages(here)).toHaveLength(1);
    expect(heard?.state).toEqual({ kind: "sent" });
    stage.client.answerAll();
    await settle();
    expect(messages(here)).toEqual([heard]);
  });

  it("stands behind what was said before it, in the order of the log", async () => {
    const stage = new Stage();
    const here = await stage.inRoom();
    stage.client.holdsDeliveries = true;
    stage.server.say("room:tea", "bob", "before");
    say(here, "one");
    say(here, "two");
    await settle();
    expect(texts(here)).toEqual(["one", "two"]);
    stage.server.say("room:tea", "bob", "after");
    stage.client.catchUp();
    await settle();
    expect(texts(here)).toEqual(["before", "one", "two", "after"]);
  });

  it("keeps its order while there is no connection", async () => {
    const stage = new Stage();
    const here = await stage.inRoom();
    stage.client.lose();
    say(here, "one");
    say(here, "two");
    stage.server.say("room:tea", "bob", "meanwhile");
    expect(messages(here).map(({ state }) => state?.kind)).toEqual(["sending", "sending"]);
    stage.client.open();
    await settle();
    expect(texts(here)).toEqual(["meanwhile", "one", "two"]);
  });

  it("may fail, is kept over a reload, and goes again under its id", async () => {
    const stage = new Stage();
    const here = await stage.inRoom();
    stage.client.refuses = new RefusedError("too_large", "no", false);
    say(here, "Tea?");
    await settle();
    const [failed] = messages(here);
    expect(failed?.state).toEqual({ kind: "failed", reason: "The message is too long.", retryable: false });

    await stage.reload();
    const again = await stage.open("room:tea");
    expect(messages(again)).toMatchObject([{ key: failed?.key, text: "Tea?", state: { kind: "failed" } }]);
    again.retry(failed?.key ?? "");
    await settle();
    expect(messages(again)).toMatchObject([{ key: failed?.key, state: { kind: "sent" } }]);
    expect(stage.server.topic("room:tea").log.map(({ messageId }) => messageId)).toEqual([failed?.key]);

    stage.client.refuses = new RefusedError("forbidden", "no", false);
    say(again, "Milk?");
    await settle();
    again.discard(messages(again)[1]?.key ?? "");
    expect(texts(again)).toEqual(["Tea?"]);
  });

  it("and left in the outbox by an earlier page is shown and settles", async () => {
    const outbox = new KeptOutbox();
    const stage = new Stage(() => outbox);
    const members = { topic: "room:tea", message_id: "m-1" };
    await outbox.add({ action: "publish", members, payload: '{"text":"from before"}' });
    stage.server.say("room:tea", "bob", "older");
    const here = await stage.inRoom();
    await settle();
    expect(texts(here)).toEqual(["older", "from before"]);
    expect(messages(here)[1]).toMatchObject({ mine: true, state: { kind: "sent" } });
    expect(outbox.all.size).toBe(0);
  });

  it("goes to the end of the log from wherever the window is", async () => {
    const stage = new Stage();
    stage.server.many("room:tea", "bob", 300);
    const here = await stage.inRoom();
    here.goTo(20);
    await settle();
    expect(here.hasNewer.value).toBe(true);
    say(here, "Tea?");
    await settle();
    expect(here.hasNewer.value).toBe(false);
    expect(texts(here).at(-1)).toBe("Tea?");
    expect(texts(here).filter((text) => text === "Tea?")).toHaveLength(1);
  });

  it("to one user goes by the chat of the two", async () => {
    const stage = new Stage();
    await stage.enter();
    stage.chat.talkTo("bob");
    await settle();
    say(stage.here, "Tea?");
    await settle();
    expect(texts(stage.here)).toEqual(["Tea?"]);
    expect(stage.chat.places.value).toMatchObject([
      { topic: "dm:ada~bob", kind: "chat", title: "bob", with: { user: "bob" }, unread: 0 },
    ]);
    expect(stage.server.isIn("bob", "dm:ada~bob")).toBe(true);
  });
});
