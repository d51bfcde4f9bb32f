import type { Outbox } from "@topicstream/client";
import { createChat, type Chat, type Conversation, type MessageItem } from "../../src/model/index.js";
import { type FakeClient, FakeServer } from "./fake-server.js";
import { Browser, settle } from "./world.js";

/** A page of a user with a token, on a server that does what it is told. */
export class Stage {
  readonly server = new FakeServer();
  readonly browser: Browser;
  chat: Chat;

  constructor(outbox?: (user: string) => Outbox | undefined) {
    this.browser = new Browser(this.server.client, outbox);
    this.server.time = this.browser.clock.time;
    this.chat = createChat(this.browser.ports());
  }

  get client(): FakeClient {
    const client = this.server.clients.at(-1);
    if (client === undefined) {
      throw new Error("there is no client yet");
    }
    return client;
  }

  /** Ada is there, with her key or as a guest. */
  async enter(as: "ada" | "guest" = "ada"): Promise<void> {
    this.chat.signIn(
      as === "ada" ? { kind: "credential", token: "token-of-ada" } : { kind: "name", name: "Ada" },
    );
    await settle();
    this.client.open();
    await settle();
  }

  /** The page is loaded anew. */
  async reload(): Promise<void> {
    this.client.close();
    this.begin();
    await settle();
    this.client.open();
    await settle();
  }

  /** A page is loaded. */
  begin(): void {
    this.chat = createChat(this.browser.ports());
  }

  async open(topic: string): Promise<Conversation> {
    this.chat.open(topic);
    await settle();
    return this.here;
  }

  /** Ada is there, and in a room that she opens. */
  async inRoom(topic = "room:tea"): Promise<Conversation> {
    this.server.joins("ada", topic);
    await this.enter();
    return this.open(topic);
  }

  get here(): Conversation {
    const conversation = this.chat.current.value;
    if (conversation === undefined) {
      throw new Error("no place is open");
    }
    return conversation;
  }

  async pass(ms: number): Promise<void> {
    await this.browser.clock.pass(ms);
    this.server.time = this.browser.clock.time;
  }
}

export function messages(conversation: Conversation): MessageItem[] {
  return conversation.items.value.filter((item) => item.kind === "message");
}

export function texts(conversation: Conversation): string[] {
  return messages(conversation).map(({ text }) => text);
}

export function say(conversation: Conversation, text: string, replyTo?: number): void {
  conversation.edit({ text, ...(replyTo === undefined ? {} : { replyTo }) });
  conversation.send();
}
