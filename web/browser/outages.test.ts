import { afterEach, describe, expect, it } from "vitest";
import type { ChatPage } from "./harness/chat-page.js";
import { ADA, BOB, Fixture, USERS } from "./harness/fixture.js";
import { Proxy } from "./harness/proxy.js";
import { logOf, textsOf } from "./harness/server.js";
import { eventually } from "./harness/waiting.js";

const fixture = Fixture.forAll();
const proxies: Proxy[] = [];

afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

/** A way to the server that can be cut. */
async function network(): Promise<{ proxy: Proxy; url: string }> {
  const proxy = await Proxy.to(fixture.server.port);
  proxies.push(proxy);
  return { proxy, url: `http://127.0.0.1:${proxy.port}/chat/` };
}

async function logged(topic: string): Promise<string[]> {
  return textsOf(await logOf(fixture.server, topic, ADA.token));
}

function numbers(from: string, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, i) => `${from} ${first + i}`);
}

describe("a network that is away for a while", () => {
  it("loses and doubles nothing: what was written meanwhile is kept and goes out", async () => {
    const { proxy, url } = await network();
    const ada = await fixture.person(ADA, undefined, url);
    const bob = await fixture.person(BOB);
    await ada.open("room:trip");
    await bob.open("room:trip");
    await ada.say("Before");
    await bob.shows(["Before"]);

    // The page does not know yet that the network is gone: these wait in the outbox.
    proxy.cut();
    await ada.page.context().setOffline(true);
    for (const text of numbers("Bob", 1, 30)) await bob.say(text);
    await eventually(
      "it is known",
      () => ada.connection(),
      (state) => state !== "online",
    );
    await ada.composer.fill("Written in the tunnel");
    await ada.composer.press("Enter");
    expect(await ada.composer.inputValue()).toBe("Written in the tunnel");
    expect(await ada.page.getByRole("button", { name: "Send", exact: true }).isEnabled()).toBe(false);

    proxy.mend();
    await ada.page.context().setOffline(false);
    await ada.online();
    const all = ["Before", ...numbers("Bob", 1, 30)];
    await ada.shows(all);
    await ada.composer.press("Enter");
    for (const page of [ada, bob]) await page.shows([...all, "Written in the tunnel"]);
    expect(await logged("room:trip")).toEqual([...all, "Written in the tunnel"]);
  });

  it("sends once what was sent as the socket broke", async () => {
    const { proxy, url } = await network();
    const ada = await fixture.person(ADA, undefined, url);
    const bob = await fixture.person(BOB);
    await ada.open("room:broken");
    await bob.open("room:broken");
    const said: string[] = [];
    for (let i = 1; i <= 5; i++) {
      said.push(`Try ${i}`);
      await sayAsItBreaks(ada, `Try ${i}`, proxy);
      await ada.online();
      await bob.shows(said);
    }
    await ada.shows(said);
    expect(await logged("room:broken")).toEqual(said);
  });

  it("keeps over a reload what was not sent, and sends it once", async () => {
    const { proxy, url } = await network();
    const ada = await fixture.person(ADA, undefined, url);
    const bob = await fixture.person(BOB);
    await ada.open("room:kept");
    await bob.open("room:kept");
    await ada.say("First");
    await bob.shows(["First"]);

    proxy.cut();
    await saySeveral(ada, numbers("Unsent", 1, 3));
    await ada.keeps(3, "ada");
    proxy.mend();
    await ada.page.reload();
    await ada.online();
    await eventually(
      "all are in the log",
      () => logged("room:kept"),
      (texts) => texts.length === 4,
    );
    for (const page of [ada, bob]) await page.shows(["First", ...numbers("Unsent", 1, 3)]);
    expect(await logged("room:kept")).toEqual(["First", ...numbers("Unsent", 1, 3)]);
  });
});

describe("a server that is killed", () => {
  it("ten times during a conversation: nothing is lost or doubled, and nobody waits for ever", async () => {
    const [ada, bob] = await fixture.two("room:storm", ADA, BOB);
    const said: string[] = [];
    for (let round = 1; round <= 10; round++) {
      const texts = [`Ada ${round} a`, `Ada ${round} b`, `Bob ${round} a`, `Bob ${round} b`];
      await ada.say(texts[0] ?? "");
      await bob.say(texts[2] ?? "");
      // The second of each is sent as the server dies; the page may or may not have heard of the first.
      await Promise.all([ada.say(texts[1] ?? ""), bob.say(texts[3] ?? ""), fixture.server.kill()]);
      await fixture.server.start(USERS);
      said.push(...texts);
      await Promise.all([ada.online(), bob.online()]);
      await eventually(
        "all of the round is shown",
        () => ada.texts(),
        (shown) => shown.length === said.length,
      );
    }

    const inLog = await eventually(
      "all are in the log",
      () => logged("room:storm"),
      (all) => all.length >= said.length,
    );
    expect([...inLog].sort()).toEqual([...said].sort());
    for (const page of [ada, bob]) await page.shows(inLog);
    for (const name of ["Ada", "Bob"]) {
      expect(inLog.filter((text) => text.startsWith(name))).toEqual(
        said.filter((text) => text.startsWith(name)),
      );
    }
    for (const page of [ada, bob]) {
      const rows = await page.rows();
      expect(new Set(rows.map(({ key }) => key)).size).toBe(said.length);
      expect(rows.filter(({ state }) => state === "sending" || state === "failed")).toEqual([]);
    }
  });
});

/** Sends while the page believes that it is connected, in one turn of the page. */
async function saySeveral(page: ChatPage, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    await page.composer.fill(text);
    await page.composer.press("Enter");
  }
}

async function sayAsItBreaks(page: ChatPage, text: string, proxy: Proxy): Promise<void> {
  await page.composer.fill(text);
  await Promise.all([
    page.composer.press("Enter"),
    Promise.resolve().then(() => {
      proxy.cut();
    }),
  ]);
  proxy.mend();
  // Where the page knew before the key came, the text is still there: it is sent when it may be.
  await eventually(
    `${text} was taken`,
    async () => {
      if ((await page.composer.inputValue()) === "") return true;
      await page.composer.press("Enter");
      return false;
    },
    Boolean,
  );
}
