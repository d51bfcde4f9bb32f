import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, it } from "vitest";
import { TestBrowser } from "./harness/browser.js";
import { ChatPage } from "./harness/chat-page.js";
import { Proxy } from "./harness/proxy.js";
import { eventually } from "./harness/waiting.js";

const LAUNCHER = fileURLToPath(new URL("../../topicstream", import.meta.url));

describe("the serverless edition", () => {
  let browser: TestBrowser;
  let edition: ChildProcessByStdio<null, Readable, null>;
  let proxy: Proxy;

  beforeAll(async () => {
    edition = spawn(LAUNCHER, ["dev", "aws", "--port", "0", "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: edition.stdout }), "line")) as [string];
    proxy = await Proxy.to((JSON.parse(line) as { port: number }).port);
    browser = await TestBrowser.launch();
  });
  afterAll(async () => {
    const ended = once(edition, "exit");
    edition.kill("SIGTERM");
    await Promise.all([browser.close(), proxy.close(), ended]);
  });

  it("two guests meet in a room, chat, lose the network, and come back", async () => {
    const url = `http://127.0.0.1:${proxy.port}/chat/`;
    const [ada, bob] = await Promise.all([
      ChatPage.signedIn(await browser.context(), url, { name: "Ada" }),
      ChatPage.signedIn(await browser.context(), url, { name: "Bob" }),
    ]);
    await ada.createRoom("hall", "The hall");
    await ada.place("room:hall").getByText("The hall").waitFor();
    await bob.page.getByRole("button", { name: "Find or create a room" }).first().click();
    await bob.page.getByRole("button", { name: "Join The hall" }).click();
    await bob.log.waitFor();
    const said: string[] = [];
    const say = async (from: ChatPage, text: string) => {
      await from.say(text);
      said.push(text);
      for (const page of [ada, bob]) await page.shows(said);
    };
    await say(ada, "Good morning");
    await say(bob, "And to you");

    proxy.cut();
    await eventually(
      "the loss is known",
      () => ada.connection(),
      (state) => state !== "online",
    );
    proxy.mend();
    await Promise.all([ada.online(), bob.online()]);
    await say(ada, "Where were we?");

    await bob.page.reload();
    await bob.online();
    await bob.open("room:hall");
    await bob.shows(said);
  });
});
