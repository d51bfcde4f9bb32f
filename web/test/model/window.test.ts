import { describe, expect, it } from "vitest";
import { messages, say, Stage, texts } from "./steps.js";
import { settle } from "./world.js";

const ROOM = "room:tea";

function offsets(stage: Stage): (number | undefined)[] {
  return messages(stage.here).map(({ id }) => id?.offset);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

describe("the window over a place", () => {
  it("opens at the end where all was read, and pages back to the beginning", async () => {
    const stage = new Stage();
    stage.server.many(ROOM, "bob", 200);
    stage.server.cursors.set(`ada ${ROOM}`, { delivered: 200, read: 200 });
    const here = await stage.inRoom();
    expect(here.firstUnread.value).toBeUndefined();
    expect(offsets(stage).at(-1)).toBe(200);
    expect(here.hasNewer.value).toBe(false);
    for (let pages = 0; here.hasOlder.value && pages < 20; pages++) {
      here.older();
      await settle();
    }
    expect(offsets(stage)).toEqual(range(1, 200));
    here.older();
    expect(here.loading.value).toBe("none");
  });

  it("opens at the first message that is unread, with what was before it", async () => {
    const stage = new Stage();
    stage.server.many(ROOM, "bob", 500);
    stage.server.cursors.set(`ada ${ROOM}`, { delivered: 500, read: 200 });
    const here = await stage.inRoom();
    expect(here.place.value.unread).toBe(300);
    expect(here.firstUnread.value).toBe(201);
    expect(offsets(stage)).toEqual(range(181, 230));
    expect(here.hasNewer.value).toBe(true);
    expect(here.below.value).toBe(300);
    for (let pages = 0; here.hasNewer.value && pages < 20; pages++) {
      here.newer();
      await settle();
    }
    expect(offsets(stage)).toEqual(range(181, 500));
    say(here, "Tea?");
    await settle();
    expect(offsets(stage)).toEqual(range(181, 501));
  });

  it("keeps some hundred messages, and drops what is far away", async () => {
    const stage = new Stage();
    stage.server.many(ROOM, "bob", 2000);
    stage.server.cursors.set(`ada ${ROOM}`, { delivered: 2000, read: 2000 });
    const here = await stage.inRoom();
    for (let pages = 0; pages < 20; pages++) {
      here.older();
      await settle();
      expect(offsets(stage).length).toBeLessThanOrEqual(600);
    }
    expect(here.hasNewer.value).toBe(true);
    const first = offsets(stage)[0] ?? 0;
    expect(offsets(stage)).toEqual(range(first, first + offsets(stage).length - 1));
    here.toLatest();
    await settle();
    expect(offsets(stage).at(-1)).toBe(2000);
    expect(here.target.value?.offset).toBe(2000);
  });

  it("does not lose what is said while a page is read", async () => {
    const stage = new Stage();
    stage.server.many(ROOM, "bob", 100);
    stage.server.cursors.set(`ada ${ROOM}`, { delivered: 100, read: 100 });
    const here = await stage.inRoom();
    here.goTo(30);
    await settle();
    expect(here.hasNewer.value).toBe(true);
    stage.client.holdsAnswers = true;
    here.newer();
    stage.server.say(ROOM, "bob", "while it is read");
    stage.server.say(ROOM, "bob", null, { about: { offset: 95, as: "reaction", value: "+" } });
    stage.client.answerAll();
    await settle();
    here.newer();
    await settle();
    expect(here.hasNewer.value).toBe(false);
    expect(texts(here).at(-1)).toBe("while it is read");
    expect(messages(here).find(({ id }) => id?.offset === 95)?.reactions).toMatchObject([
      { value: "+", count: 1 },
    ]);
    stage.server.say(ROOM, "bob", "and after");
    await settle();
    expect(texts(here).slice(-2)).toEqual(["while it is read", "and after"]);
    expect(new Set(offsets(stage)).size).toBe(offsets(stage).length);
  });

  it("goes to a message, to one that is none, and to a time", async () => {
    const stage = new Stage();
    stage.server.many(ROOM, "bob", 50);
    stage.server.time += 60_000;
    stage.server.many(ROOM, "bob", 150);
    stage.server.redact(ROOM, 3);
    stage.server.cursors.set(`ada ${ROOM}`, { delivered: 200, read: 200 });
    stage.server.joins("ada", ROOM);
    await stage.enter();
    stage.chat.open(ROOM, { epoch: 7, offset: 100 });
    await settle();
    expect(stage.here.target.value).toEqual({ offset: 100, tick: 1 });
    expect(offsets(stage)).toContain(90);
    stage.here.goTo(3);
    await settle();
    expect(stage.here.target.value).toEqual({ offset: 3, tick: 2 });
    expect(messages(stage.here).find(({ id }) => id?.offset === 3)).toMatchObject({
      redacted: true,
      text: "",
    });
    stage.here.goToTime(stage.server.time);
    await settle();
    expect(stage.here.target.value).toEqual({ offset: 51, tick: 3 });
    stage.here.goTo(9000);
    await settle();
    expect(stage.chat.notices.value).toMatchObject([{ text: "This message is not there any more." }]);
  });

  it("folds what is said about its messages, and about no others", async () => {
    const stage = new Stage();
    stage.server.say(ROOM, "ada", "lunch at tvelve?");
    stage.server.many(ROOM, "bob", 60);
    stage.server.say(ROOM, "ada", "lunch at one", { about: { offset: 1, as: "edit" } });
    stage.server.cursors.set(`ada ${ROOM}`, { delivered: 62, read: 62 });
    const here = await stage.inRoom();
    const before = here.items.value;
    stage.server.say(ROOM, "ada", "lunch at twelve", { about: { offset: 1, as: "edit" } });
    await settle();
    expect(here.items.value).toBe(before);

    stage.server.say(ROOM, "bob", "yes", { about: { offset: 61, as: "reply" } });
    stage.server.say(ROOM, "bob", null, { about: { offset: 61, as: "reaction", value: "👍" } });
    await settle();
    const reply = messages(here).at(-1);
    expect(reply).toMatchObject({ text: "yes", replyTo: { offset: 61, name: "bob", text: "bob 61" } });
    const meant = messages(here).at(-2);
    expect(meant).toMatchObject({
      replies: 1,
      reactions: [{ value: "👍", count: 1, names: ["bob"], mine: false }],
    });
    // What does not change is the same object.
    expect(here.items.value[0]).toBe(before[0]);

    here.react(61, "👍");
    expect(messages(here).at(-2)?.reactions).toMatchObject([{ count: 2, names: ["ada", "bob"], mine: true }]);
    await settle();
    expect(messages(here).at(-2)?.reactions).toMatchObject([{ count: 2, mine: true }]);
    here.react(61, "👍");
    await settle();
    expect(messages(here).at(-2)?.reactions).toMatchObject([{ count: 1, mine: false }]);

    here.goTo(1);
    await settle();
    expect(messages(here)[0]).toMatchObject({ text: "lunch at twelve", may: { edit: true, redact: true } });
    expect(messages(here)[0]?.editedAt).toBeDefined();
  });

  it("shows the reply to a message that is not loaded with what it answers", async () => {
    const stage = new Stage();
    stage.server.say(ROOM, "bob", "long ago", { name: "Bob" });
    stage.server.many(ROOM, "bob", 100);
    stage.server.say(ROOM, "bob", "as I said", { about: { offset: 1, as: "reply" } });
    stage.server.cursors.set(`ada ${ROOM}`, { delivered: 102, read: 102 });
    const here = await stage.inRoom();
    await settle();
    expect(messages(here).at(-1)?.replyTo).toEqual({ offset: 1, name: "Bob", text: "long ago" });
  });

  it("shows an own edit and a redaction in place", async () => {
    const stage = new Stage();
    const here = await stage.inRoom();
    say(here, "lunch at tvelve?");
    say(here, "hello");
    await settle();
    const key = messages(here)[0]?.key;
    here.edit({ editing: 1, text: "lunch at twelve?" });
    here.send();
    expect(messages(here)[0]).toMatchObject({ key, text: "lunch at twelve?" });
    await settle();
    expect(messages(here)).toMatchObject([{ key, text: "lunch at twelve?" }, { text: "hello" }]);
    here.redact(1);
    await settle();
    expect(messages(here)[0]).toMatchObject({
      key,
      text: "",
      redacted: true,
      may: { edit: false, redact: false },
    });
  });

  it("says once where continuity was lost, and nothing where it was not", async () => {
    const stage = new Stage();
    stage.server.many(ROOM, "bob", 5);
    stage.server.cursors.set(`ada ${ROOM}`, { delivered: 5, read: 5 });
    const here = await stage.inRoom();
    stage.client.lose();
    stage.server.many(ROOM, "bob", 2);
    stage.client.open();
    await settle();
    expect(here.items.value.map(({ kind }) => kind)).toEqual(Array.from({ length: 7 }, () => "message"));

    stage.client.lose();
    const topic = stage.server.topic(ROOM);
    stage.server.many(ROOM, "bob", 4);
    topic.log = topic.log.slice(9);
    topic.first = 10;
    for (const one of stage.server.subscribers) one.next = 10;
    stage.client.isOpen = true;
    stage.server.tell(ROOM, (one) => one.truncated?.({ epoch: 7, firstOffset: 10 }));
    stage.client.open();
    await settle();
    expect(here.items.value.map((item) => (item.kind === "gap" ? item.reason : item.id?.offset))).toEqual([
      ...range(1, 7),
      "truncated",
      10,
      11,
    ]);

    topic.log.pop();
    topic.epoch = 8;
    for (const one of stage.server.subscribers) one.next = 11;
    stage.server.tell(ROOM, (one) => one.reset?.({ epoch: 8, commonOffset: 10 }));
    stage.server.say(ROOM, "bob", "instead");
    await settle();
    expect(here.items.value.map((item) => (item.kind === "gap" ? item.reason : item.text)).slice(-3)).toEqual(
      ["bob 10", "reset", "instead"],
    );
    expect(here.items.value.filter(({ kind }) => kind === "gap")).toHaveLength(1);
  });

  it("paints a burst of ten thousand messages in few frames", async () => {
    const stage = new Stage();
    const here = await stage.inRoom();
    let painted = 0;
    const stop = here.items.subscribe(() => painted++);
    const frames = stage.browser.clock.frames;
    for (let i = 0; i < 100; i++) {
      stage.server.many(ROOM, "bob", 100);
      await Promise.resolve();
    }
    await settle();
    stop();
    expect(painted).toBeLessThanOrEqual(stage.browser.clock.frames - frames + 1);
    expect(stage.browser.clock.frames - frames).toBeLessThan(20);
    expect(offsets(stage).length).toBeLessThanOrEqual(600);
    expect(here.place.value.unread).toBe(10_000);
  });

  it("finds words in what is loaded and in the log before it", async () => {
    const stage = new Stage();
    stage.server.say(ROOM, "bob", "Earl Grey of old", { name: "Bob" });
    stage.server.many(ROOM, "bob", 400);
    stage.server.say(ROOM, "carol", "more earl grey", { name: "Carol" });
    stage.server.cursors.set(`ada ${ROOM}`, { delivered: 402, read: 402 });
    const here = await stage.inRoom();
    here.find("GREY earl");
    expect(here.search.value).toMatchObject({ state: "looking", hits: [{ offset: 402, name: "Carol" }] });
    await settle();
    expect(here.search.value).toMatchObject({
      state: "done",
      hits: [{ offset: 402 }, { offset: 1, text: "Earl Grey of old" }],
    });
    here.find("earl from:bob");
    await settle();
    expect(here.search.value.hits.map(({ offset }) => offset)).toEqual([1]);
    stage.server.reads = 0;
    here.find("bob");
    await settle();
    expect(here.search.value.hits).toHaveLength(50);
    expect(stage.server.reads).toBe(1);
    here.find("");
    expect(here.search.value).toEqual({ text: "", hits: [], state: "none" });
  });
});
