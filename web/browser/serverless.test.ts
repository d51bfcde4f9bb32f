import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, it } from "vitest";
import { TestBrowser } from "./harness/browser.js";
import { ChatPage } from "./harness/chat-page.js";
import { Hall } from "./harness/hall.js";
import { Proxy } from "./harness/proxy.js";

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
    const hall = await Hall.of(ada, bob);
    await hall.loseTheNetwork(proxy);
    await hall.reload(bob);
  });
});
