import type { BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { TestBrowser } from "./browser.js";
import { ChatPage, type Who } from "./chat-page.js";
import { addressOf, Server } from "./server.js";

/** Guests may come, and two users have tokens. */
export const USERS = `
access:
  anonymous: on
  tokens:
    - {token: the-token-of-ada, user: ada, name: Ada}
    - {token: the-token-of-bob, user: bob, name: Bob}
`;
export const ADA = { token: "the-token-of-ada" };
export const BOB = { token: "the-token-of-bob" };

/** One browser and one server for the tests of a file; each person is a profile of its own. */
export class Fixture {
  readonly server = new Server();
  #browser: TestBrowser | undefined;

  /** To be called once in a file, before its tests. */
  static forAll(yaml = USERS): Fixture {
    const fixture = new Fixture();
    beforeAll(async () => {
      const [browser] = await Promise.all([TestBrowser.launch(), fixture.server.start(yaml)]);
      fixture.#browser = browser;
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === "fail") await fixture.browser.show(task.name);
      await fixture.browser.closeContexts();
    });
    afterAll(async () => {
      await Promise.all([fixture.#browser?.close(), fixture.server.remove()]);
    });
    return fixture;
  }

  get browser(): TestBrowser {
    if (this.#browser === undefined) {
      throw new Error("there is no browser yet");
    }
    return this.#browser;
  }

  get url(): string {
    return `${addressOf(this.server)}/chat/`;
  }

  /** Somebody who has just signed in, at `url` or the server's own page. */
  async person(who: Who, options?: BrowserContextOptions, url = this.url): Promise<ChatPage> {
    return ChatPage.signedIn(await this.browser.context(options), url, who);
  }

  /** Two who are in a room. */
  async two(topic: string, first: Who, second: Who): Promise<[ChatPage, ChatPage]> {
    const both = await Promise.all([this.person(first), this.person(second)]);
    await both[0].open(topic);
    await both[1].open(topic);
    return both;
  }
}
