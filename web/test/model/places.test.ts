import { RefusedError } from "@topicstream/client";
import { describe, expect, it } from "vitest";
import { messages, say, Stage, texts } from "./steps.js";
import { settle } from "./world.js";

const ROOM = "room:tea";

function at(stage: Stage, topic = ROOM) {
  const place = stage.chat.places.value.find((one) => one.topic === topic);
  if (place === undefined) {
    throw new Error(`not in ${topic}`);
  }
  return place;
}

describe("the places of a user", () => {
  it("count what others have said and was not read, not what was said about it", async () => {
    const stage = new Stage();
    stage.server.many(ROOM, "bob", 3);
    stage.server.say(ROOM, "ada", "mine");
    stage.server.say(ROOM, "bob", "hello @ada, and not @adam");
    stage.server.say(ROOM, "bob", null, { about: { offset: 4, as: "reaction", value: "+" } });
    stage.server.say(ROOM, "bob", "hello @adam", { about: { offset: 5, as: "reply" } });
    stage.server.cursors.set(`ada ${ROOM}`, { delivered: 2, read: 2 });
    stage.server.joins("ada", ROOM);
    await stage.enter();
    expect(at(stage)).toMatchObject({ unread: 3, mentions: 1, last: { text: "hello @adam", from: "bob" } });
    expect(stage.browser.notifier.unread).toBe(3);

    const here = await stage.open(ROOM);
    expect(here.firstUnread.value).toBe(3);
    expect(messages(here).map(({ mentionsMe }) => mentionsMe)).toEqual([
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
    here.read(3);
    await settle();
    expect(at(stage)).toMatchObject({ unread: 2, mentions: 1 });
    here.read(7);
    await settle();
    expect(at(stage)).toMatchObject({ unread: 0, mentions: 0 });
    expect(stage.browser.notifier.unread).toBe(0);
    expect(here.firstUnread.value).toBe(3);
  });

  it("are read on all devices", async () => {
    const stage = new Stage();
    stage.server.many(ROOM, "bob", 9);
    const here = await stage.inRoom();
    expect(at(stage).unread).toBe(9);
    stage.server.tell(ROOM, (one) => one.receipt?.({ user: "ada", read: 4 }));
    await settle();
    expect(at(stage).unread).toBe(5);
    // A receipt may be lost; who looks at the page again has the truth.
    stage.server.cursors.set(`ada ${ROOM}`, { delivered: 9, read: 8 });
    stage.chat.seen(false);
    stage.chat.seen(true);
    await settle();
    expect(at(stage).unread).toBe(1);
    here.read(9);
    await stage.pass(2000);
    expect(stage.server.cursors.get(`ada ${ROOM}`)?.read).toBe(9);
  });

  it("tell the server how far the user is at most once a second", async () => {
    const stage = new Stage();
    const here = await stage.inRoom();
    for (let i = 1; i <= 20; i++) {
      stage.server.say(ROOM, "bob", "x");
      here.read(i);
      await stage.pass(50);
    }
    await stage.pass(3000);
    expect(stage.server.cursors.get(`ada ${ROOM}`)).toEqual({ delivered: 20, read: 20 });
    expect(stage.server.acks.length).toBeLessThan(8);
  });

  it("tell nobody how far the user is who does not want that, and keep it here", async () => {
    const stage = new Stage();
    stage.chat.prefer({ sendReceipts: false });
    stage.server.many(ROOM, "bob", 9);
    const here = await stage.inRoom();
    here.read(6);
    await stage.pass(3000);
    expect(stage.server.acks).toEqual([]);
    await stage.reload();
    expect(at(stage).unread).toBe(3);
  });

  it("are not read while nobody sees the page", async () => {
    const stage = new Stage();
    const here = await stage.inRoom();
    stage.chat.seen(false);
    stage.server.say(ROOM, "bob", "hello");
    here.read(1);
    await settle();
    expect(at(stage).unread).toBe(1);
  });

  it("are unread from where the user says, until they are opened again", async () => {
    const stage = new Stage();
    stage.server.many(ROOM, "bob", 5);
    stage.server.joins("ada", "room:milk");
    const here = await stage.inRoom();
    here.read(5);
    await stage.pass(2000);
    here.markUnread(3);
    await settle();
    expect(at(stage).unread).toBe(3);
    expect(here.firstUnread.value).toBe(3);
    here.read(5);
    stage.server.tell(ROOM, (one) => one.receipt?.({ user: "ada", read: 5 }));
    await settle();
    expect(at(stage).unread).toBe(3);

    await stage.open("room:milk");
    await stage.reload();
    expect(at(stage).unread).toBe(3);
    const again = await stage.open(ROOM);
    expect(again.firstUnread.value).toBe(3);
    again.read(5);
    await settle();
    expect(at(stage).unread).toBe(0);
  });

  it("stand in the order of their newest messages, those that are pinned before all", async () => {
    const stage = new Stage();
    for (const topic of ["room:a", "room:b", "room:c"]) {
      stage.server.time += 1000;
      stage.server.say(topic, "bob", "x");
      stage.server.joins("ada", topic);
    }
    await stage.enter();
    const topics = (): string[] => stage.chat.places.value.map(({ topic }) => topic);
    expect(topics()).toEqual(["room:c", "room:b", "room:a"]);
    stage.server.time += 1000;
    stage.server.say("room:a", "bob", "x");
    await settle();
    expect(topics()).toEqual(["room:a", "room:c", "room:b"]);
    stage.chat.pin("room:b", true);
    await settle();
    expect(topics()).toEqual(["room:b", "room:a", "room:c"]);
    await stage.reload();
    expect(topics()).toEqual(["room:b", "room:a", "room:c"]);
  });

  it("appear when somebody begins a chat, and when a room is joined or left on another device", async () => {
    const stage = new Stage();
    await stage.enter();
    stage.server.joins("ada", "dm:ada~bob");
    stage.server.say("dm:ada~bob", "bob", "Tea?", { name: "Bob" });
    await settle();
    expect(at(stage, "dm:ada~bob")).toMatchObject({ kind: "chat", title: "Bob", unread: 1 });
    stage.client.lose();
    stage.server.joins("ada", ROOM);
    stage.server.durable.get("ada")?.delete("dm:ada~bob");
    stage.client.open();
    await settle();
    expect(stage.chat.places.value.map(({ topic }) => topic)).toEqual([ROOM]);
  });

  it("are joined with nothing unread, and left for good", async () => {
    const stage = new Stage();
    stage.server.rooms.set(ROOM, { title: "Tea and more", owner: "bob", created: 1 });
    stage.server.many(ROOM, "bob", 100);
    await stage.enter();
    stage.chat.findRooms("tea");
    await stage.pass(500);
    expect(stage.chat.found.value).toEqual([
      { topic: ROOM, title: "Tea and more", members: 1, joined: false },
    ]);
    const here = await stage.open(ROOM);
    expect(stage.server.isIn("ada", ROOM)).toBe(true);
    expect(at(stage)).toMatchObject({ unread: 0, title: "Tea and more", owner: false });
    expect(here.firstUnread.value).toBeUndefined();
    await stage.pass(2000);
    await stage.reload();
    expect(at(stage).unread).toBe(0);

    stage.chat.leave(ROOM);
    await settle();
    expect(stage.chat.places.value).toEqual([]);
    expect(stage.server.isIn("ada", ROOM)).toBe(false);
  });

  it("are made, with a title where the name may not stand in a topic, and deleted by their owner", async () => {
    const stage = new Stage();
    await stage.enter();
    stage.chat.createRoom("Tea & Biscuits");
    await settle();
    expect(stage.chat.current.value?.topic).toBe("room:Tea--Biscuits");
    expect(at(stage, "room:Tea--Biscuits")).toMatchObject({ title: "Tea & Biscuits", owner: true });
    stage.server.say("room:Tea--Biscuits", "bob", "hello");
    await settle();
    expect(messages(stage.here)[0]?.may).toEqual({ edit: false, redact: true });
    stage.chat.deleteRoom("room:Tea--Biscuits");
    await settle();
    expect(stage.chat.current.value).toBeUndefined();
    expect(stage.chat.places.value).toEqual([]);
    expect(stage.chat.notices.value).toEqual([]);
  });

  it("that others delete go with a word, those of others are entered and not changed", async () => {
    const stage = new Stage();
    stage.server.rooms.set(ROOM, { title: "Tea", owner: "bob", created: 1 });
    await stage.enter();
    stage.chat.createRoom("tea");
    await settle();
    expect(stage.server.rooms.get(ROOM)).toMatchObject({ owner: "bob", title: "Tea" });
    expect(stage.chat.current.value?.topic).toBe(ROOM);
    stage.server.tell(ROOM, (one) =>
      one.ended?.(new RefusedError("not_found", "the room was deleted", false)),
    );
    await settle();
    expect(stage.chat.places.value).toEqual([]);
    expect(stage.chat.notices.value).toMatchObject([{ kind: "error", text: "Tea: The room was deleted." }]);
  });

  it("notify as the user wants it, and not of what is looked at", async () => {
    const stage = new Stage();
    stage.server.joins("ada", "room:milk");
    const { shown } = stage.browser.notifier;
    await stage.inRoom();
    stage.server.say("room:milk", "bob", "unasked");
    stage.chat.prefer({ notifications: true });
    await settle();
    stage.server.say(ROOM, "bob", "seen");
    expect(shown).toEqual([]);
    stage.server.say("room:milk", "bob", "hello", { name: "Bob" });
    expect(shown).toMatchObject([{ title: "Bob · milk", text: "hello", tag: "room:milk" }]);
    stage.server.say("room:milk", "ada", "own");
    stage.chat.level("room:milk", "mentions");
    await settle();
    stage.server.say("room:milk", "bob", "nobody meant");
    stage.server.say("room:milk", "bob", "you there, @ADA?");
    stage.chat.level("room:milk", "none");
    await settle();
    stage.server.say("room:milk", "bob", "@ada!");
    expect(shown.map(({ text }) => text)).toEqual(["hello", "you there, @ADA?"]);
    stage.chat.seen(false);
    stage.server.say(ROOM, "bob", "come back");
    expect(shown.at(-1)?.text).toBe("come back");
    shown.at(-2)?.onOpen();
    await settle();
    expect(stage.chat.current.value?.topic).toBe("room:milk");
  });

  it("know who is there, and say nothing of it without a connection", async () => {
    const stage = new Stage();
    stage.server.joins("ada", "dm:ada~bob");
    stage.server.say("dm:ada~bob", "bob", "hello");
    const here = await stage.inRoom();
    await settle();
    expect(at(stage, "dm:ada~bob").with).toEqual({ user: "bob", name: "bob", online: false, lastSeen: 5 });
    stage.server.tell(ROOM, (one) => one.presence?.({ event: "join", user: "bob", name: "Bob", count: 2 }));
    await settle();
    expect(here.members.value.map(({ name, online }) => [name, online])).toEqual([
      ["ada", true],
      ["Bob", true],
    ]);
    expect(here.memberCount.value).toBe(2);
    stage.client.lose();
    await stage.pass(3000);
    expect(at(stage, "dm:ada~bob").with?.online).toBeUndefined();
    expect(here.members.value.map(({ online }) => online)).toEqual([undefined, undefined]);
  });

  it("show who types, for as long as that is true", async () => {
    const stage = new Stage();
    const here = await stage.inRoom();
    const types = (typing: boolean): void => {
      stage.server.tell(ROOM, (one) => one.signal?.({ from: "bob", message: { typing } }));
    };
    types(true);
    await settle();
    expect(here.typing.value).toEqual(["bob"]);
    await stage.pass(5000);
    types(true);
    await stage.pass(5000);
    expect(here.typing.value).toEqual(["bob"]);
    await stage.pass(2000);
    expect(here.typing.value).toEqual([]);
    types(true);
    stage.server.say(ROOM, "bob", "there");
    await settle();
    expect(here.typing.value).toEqual([]);
  });

  it("tell others that the user types, every three seconds and no more", async () => {
    const stage = new Stage();
    const here = await stage.inRoom();
    for (let i = 0; i < 10; i++) {
      here.edit({ text: "x".repeat(i + 1) });
      await stage.pass(500);
    }
    const said = (): unknown[] => stage.server.signals.map(({ message }) => message);
    expect(said()).toEqual([{ typing: true }, { typing: true }]);
    here.send();
    await settle();
    expect(said().at(-1)).toEqual({ typing: false });
    expect(here.typing.value).toEqual([]);
  });

  it("keep their drafts over a change of the place and a reload", async () => {
    const stage = new Stage();
    stage.server.joins("ada", "room:milk");
    const here = await stage.inRoom();
    say(here, "said");
    await settle();
    here.edit({ text: "half a sen", replyTo: 1 });
    const other = await stage.open("room:milk");
    expect(other.draft.value).toEqual({ text: "" });
    expect(at(stage).hasDraft).toBe(true);
    await stage.reload();
    const again = await stage.open(ROOM);
    expect(again.draft.value).toEqual({ text: "half a sen", replyTo: 1 });
    again.editLast();
    expect(again.draft.value).toEqual({ text: "said", editing: 1 });
    again.edit({ editing: undefined });
    expect(again.draft.value).toEqual({ text: "half a sen", replyTo: 1 });
    again.send();
    await settle();
    expect(again.draft.value).toEqual({ text: "" });
    expect(messages(again)[1]?.replyTo).toEqual({ offset: 1, name: "ada", text: "said" });
    expect(texts(again)).toEqual(["said", "half a sen"]);
  });

  it("show what other programs publish as its JSON", async () => {
    const stage = new Stage();
    const here = await stage.inRoom();
    stage.server.say(ROOM, "bob", { order: 7, mention: "@ada" });
    stage.server.say(ROOM, "bob", { text: 7 });
    await settle();
    expect(messages(here)).toMatchObject([
      { text: '{"order":7,"mention":"@ada"}', isRaw: true, mentionsMe: false },
      { text: '{"text":7}', isRaw: true },
    ]);
  });
});
