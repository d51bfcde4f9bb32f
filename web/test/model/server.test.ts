import "fake-indexeddb/auto";
import { type Outbox, IndexedDbOutbox, TopicStreamClient } from "@topicstream/client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Server } from "../../../clients/typescript/test/launcher.js";
import { type Chat, type Conversation, createChat, type MessageItem } from "../../src/model/index.js";
import { Texts, until } from "./world.js";

const TOKENS = `
access:
  anonymous: on
  tokens:
    - {token: the-token-of-ada, user: ada, name: Ada, grants: [{topics: "*", allow: [publish, subscribe, read, presence]}]}
    - {token: the-token-of-bob, user: bob, name: Bob, grants: [{topics: "*", allow: [publish, subscribe, read, presence]}]}
`;

const server = new Server();
const chats: Chat[] = [];

/** A page of a browser; the next page of the same browser has the same storage. */
function page(kept = new Texts(), tab = new Texts(), outbox?: (user: string) => Outbox): Chat {
  const chat = createChat({
    server: () => Promise.resolve(server.address),
    kept,
    tab,
    clock: {
      now: () => Date.now(),
      schedule: (task, delayMs) => {
        const timer = setTimeout(task, delayMs);
        return () => {
          clearTimeout(timer);
        };
      },
      frame: (task) => setTimeout(task, 5),
    },
    network: { isOnline: () => true, onChange: () => undefined },
    notifier: { ask: () => Promise.resolve(false), notify: () => undefined, badge: () => undefined },
    client: (address, options) =>
      Promise.resolve(
        new TopicStreamClient(address, { webSocket: WebSocket, log: () => undefined, ...options }),
      ),
    outbox: outbox ?? ((user) => new IndexedDbOutbox(user)),
    eraseOutbox: () => undefined,
  });
  chats.push(chat);
  return chat;
}

async function enter(name: string, room: string): Promise<{ chat: Chat; here: Conversation }> {
  const chat = page();
  chat.signIn(
    name.startsWith("the-token") ? { kind: "credential", token: name } : { kind: "name", name: name },
  );
  await until(() => chat.connection.value.kind === "online", `${name} is there`);
  return { chat, here: await open(chat, room) };
}

async function open(chat: Chat, topic: string): Promise<Conversation> {
  chat.open(topic);
  await until(
    () => chat.current.value?.topic === topic && chat.current.value.loading.value === "none",
    `${topic} is open`,
  );
  return here(chat);
}

function here(chat: Chat): Conversation {
  const conversation = chat.current.value;
  if (conversation === undefined) {
    throw new Error("no place is open");
  }
  return conversation;
}

function messages(conversation: Conversation): MessageItem[] {
  return conversation.items.value.filter((item) => item.kind === "message");
}

function texts(conversation: Conversation): string[] {
  return messages(conversation).map(({ text }) => text);
}

function say(conversation: Conversation, text: string): void {
  conversation.edit({ text });
  conversation.send();
}

describe("the model with a server", () => {
  beforeAll(async () => {
    await server.start(TOKENS);
  });
  afterEach(() => {
    for (const chat of chats.splice(0)) {
      chat.signOut();
    }
  });
  afterAll(async () => {
    await server.remove();
  });

  it("two guests chat, and see that the other has read it", async () => {
    const ada = await enter("Ada", "room:tea");
    const bob = await enter("Bob", "room:tea");
    say(ada.here, "Tea?");
    await until(() => texts(bob.here).includes("Tea?"), "it comes");
    const [item] = messages(bob.here);
    expect(item).toMatchObject({ name: "Ada", mine: false, isRaw: false });
    say(bob.here, "Yes");
    await until(() => texts(ada.here).length === 2, "the answer comes");
    bob.here.read(item?.id?.offset ?? 0);
    await until(() => messages(ada.here)[0]?.state?.kind === "read", "it was read");

    expect(texts(ada.here)).toEqual(["Tea?", "Yes"]);
    expect(texts(bob.here)).toEqual(["Tea?", "Yes"]);
    await until(() => ada.here.members.value.length === 2, "both are members");
    expect(ada.here.members.value.map(({ name }) => name)).toEqual(["Ada", "Bob"]);
  });

  it("a history of two thousand messages is paged back and on, each message once", async () => {
    const writer = new TopicStreamClient(server.address, {
      webSocket: WebSocket,
      user: "writer",
      name: "Writer",
    });
    void writer.connect();
    const total = 2000;
    await Promise.all(
      Array.from({ length: total }, (_, i) => writer.publish("room:long", { text: `number ${i + 1}` })),
    );
    const { here } = await enter("the-token-of-ada", "room:long");
    const step = async (which: "older" | "newer"): Promise<void> => {
      here[which]();
      await until(() => here.loading.value === "none", which);
      const offsets = messages(here).map(({ id }) => id?.offset ?? 0);
      expect(offsets.length).toBeLessThanOrEqual(600);
      for (const [i, offset] of offsets.entries()) {
        expect(offset).toBe((offsets[0] ?? 0) + i);
      }
    };
    while (here.hasOlder.value) {
      await step("older");
    }
    expect(texts(here)[0]).toBe("number 1");
    while (here.hasNewer.value) {
      await step("newer");
    }
    expect(texts(here).at(-1)).toBe(`number ${total}`);

    await writer.publish("room:long", { text: "and one more" });
    await until(() => {
      // The window may be full; then the view asks for what is behind it.
      if (here.hasNewer.value && here.loading.value === "none") {
        here.newer();
      }
      return texts(here).at(-1) === "and one more";
    }, "what is said is heard");
    here.goTo(1000);
    await until(() => here.target.value?.offset === 1000, "the jump");
    expect(texts(here)).toContain("number 1000");
    here.find("number 17");
    await until(() => here.search.value.state === "done", "the search");
    expect(here.search.value.hits).toHaveLength(50);
    writer.close();
  });

  it("what one device reads is read on the other", async () => {
    const ada = await enter("the-token-of-ada", "room:devices");
    const bob = await enter("the-token-of-bob", "room:devices");
    await until(() => ada.here.memberCount.value === 2, "both are there");
    const phone = page();
    phone.signIn({ kind: "credential", token: "the-token-of-ada" });
    await until(
      () => phone.places.value.some(({ topic }) => topic === "room:devices"),
      "the room is there too",
    );
    say(bob.here, "one");
    say(bob.here, "two, @ada");
    const unread = (chat: Chat): number =>
      chat.places.value.find(({ topic }) => topic === "room:devices")?.unread ?? -1;
    await until(() => unread(phone) === 2 && unread(ada.chat) === 2, "both have two");
    expect(phone.places.value.find(({ topic }) => topic === "room:devices")?.mentions).toBe(1);
    ada.here.read(messages(ada.here).at(-1)?.id?.offset ?? 0);
    await until(() => unread(phone) === 0, "the other device knows");
    expect(unread(ada.chat)).toBe(0);
  });

  it("edits, reactions, replies and redactions come to the other", async () => {
    const ada = await enter("the-token-of-ada", "room:said");
    const bob = await enter("the-token-of-bob", "room:said");
    say(ada.here, "lunch at tvelve?");
    await until(() => messages(ada.here)[0]?.may.edit === true, "it is stored");
    ada.here.editLast();
    ada.here.edit({ text: "lunch at twelve?" });
    ada.here.send();
    await until(() => texts(bob.here)[0] === "lunch at twelve?", "the edit");
    const offset = messages(bob.here)[0]?.id?.offset ?? 0;
    bob.here.react(offset, "👍");
    bob.here.edit({ text: "yes", replyTo: offset });
    bob.here.send();
    await until(() => messages(ada.here)[1]?.replyTo?.text === "lunch at twelve?", "the reply");
    expect(messages(ada.here)[0]).toMatchObject({
      replies: 1,
      reactions: [{ value: "👍", count: 1, names: ["Bob"], mine: false }],
    });
    ada.here.redact(offset);
    await until(() => messages(bob.here)[0]?.redacted === true, "it was taken back");
    expect(texts(bob.here)).toEqual(["", "yes"]);
  });

  it("a chat begins at a person, and is read", async () => {
    const ada = page();
    ada.signIn({ kind: "credential", token: "the-token-of-ada" });
    const bob = page();
    bob.signIn({ kind: "credential", token: "the-token-of-bob" });
    await until(
      () => [ada, bob].every(({ connection }) => connection.value.kind === "online"),
      "both are there",
    );
    ada.talkTo("bob");
    await until(() => ada.current.value?.loading.value === "none", "the chat is open");
    say(here(ada), "Tea?");
    await until(
      () => bob.places.value.some(({ topic, unread }) => topic === "dm:ada~bob" && unread === 1),
      "it comes",
    );
    await until(() => messages(here(ada))[0]?.state?.kind === "delivered", "it has arrived");
    const theirs = await open(bob, "dm:ada~bob");
    expect(theirs.place.value).toMatchObject({ kind: "chat", title: "Ada" });
    theirs.read(messages(theirs)[0]?.id?.offset ?? 0);
    await until(() => messages(here(ada))[0]?.state?.kind === "read", "it was read");
    await until(() => here(ada).place.value.with?.online === true, "he is there");
  });

  it("nothing is lost or doubled while the server is killed, and by a reload", async () => {
    const kept = new Texts();
    const tab = new Texts();
    const ada = page(kept, tab);
    ada.signIn({ kind: "name", name: "Ada" });
    await open(ada, "room:killed");
    const bob = await enter("Bob", "room:killed");
    say(here(ada), "before");
    await until(() => texts(bob.here).length === 1, "the first");
    await server.kill();
    for (const text of ["one", "two", "three"]) {
      say(here(ada), text);
    }
    say(bob.here, "four");
    expect(messages(here(ada)).map(({ state }) => state?.kind)).toEqual([
      expect.anything(),
      "sending",
      "sending",
      "sending",
    ]);
    await until(() => bob.chat.connection.value.kind !== "online", "the loss is seen");
    await server.start(TOKENS);
    await until(
      () => bob.chat.connection.value.kind === "online" && texts(bob.here).length === 5,
      "all come",
    );
    await until(() => texts(here(ada)).length === 5, "to both");

    expect(texts(here(ada))).toEqual(texts(bob.here));
    expect(texts(bob.here).filter((text) => text !== "four")).toEqual(["before", "one", "two", "three"]);
    expect(here(ada).items.value.every(({ kind }) => kind === "message")).toBe(true);
    await until(() => messages(here(ada)).every(({ state }) => state?.kind !== "sending"), "all are sent");

    // The page goes before what it says has left.
    await server.kill();
    say(here(ada), "five");
    await new Promise((resolve) => setTimeout(resolve, 200));
    const again = page(kept, tab);
    await server.start(TOKENS);
    const reloaded = await open(again, "room:killed");
    await until(
      () => texts(reloaded).includes("five") && texts(bob.here).includes("five"),
      "it was not lost",
    );
    await until(() => messages(reloaded).every(({ state }) => state?.kind !== "sending"), "it is settled");
    expect(texts(reloaded).filter((text) => text === "five")).toHaveLength(1);
    expect(texts(bob.here).filter((text) => text === "five")).toHaveLength(1);
  });
});
