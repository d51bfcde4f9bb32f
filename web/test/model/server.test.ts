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
      new TopicStreamClient(address, { webSocket: WebSocket, log: () => undefined, ...options }),
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
});
