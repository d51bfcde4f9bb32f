import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestBrowser } from "./harness/browser.js";
import { ChatPage } from "./harness/chat-page.js";
import { ADA, BOB, USERS } from "./harness/fixture.js";
import { Hall } from "./harness/hall.js";
import { Proxy } from "./harness/proxy.js";
import { addressOf, logOf, Server, textsOf } from "./harness/server.js";
import { StaticHost } from "./harness/static-host.js";
import { eventually } from "./harness/waiting.js";

/** One page, and where it finds its server. */
interface Deployment {
  /** Where the page is, for a server behind `proxy`. */
  start(): Promise<{ server: Server; proxy: Proxy; url: string; stop(): Promise<void> }>;
}

const GATEWAY = `
api: chat
stage: dev
routes:
  $connect: {type: topicstream}
  $disconnect: {type: topicstream}
  $default: {type: topicstream}
`;

async function behindProxy(yaml: string): Promise<{ server: Server; proxy: Proxy }> {
  const server = await new Server().start(yaml);
  return { server, proxy: await Proxy.to(server.port) };
}

const DEPLOYMENTS: [string, Deployment][] = [
  [
    "the server's own page",
    {
      start: async () => {
        const { server, proxy } = await behindProxy(USERS);
        return { server, proxy, url: `http://127.0.0.1:${proxy.port}/chat/`, stop: () => Promise.resolve() };
      },
    },
  ],
  [
    "files on another origin",
    {
      start: async () => {
        const { server, proxy } = await behindProxy(USERS);
        const host = await StaticHost.chat(`ws://127.0.0.1:${proxy.port}/v1`);
        return { server, proxy, url: `${host.origin}/somewhere/chat/`, stop: () => host.close() };
      },
    },
  ],
  [
    "files on another origin, and a stage of the gateway",
    {
      start: async () => {
        const folder = mkdtempSync(join(tmpdir(), "definition-"));
        const definition = join(folder, "apis.yaml");
        writeFileSync(definition, GATEWAY);
        const { server, proxy } = await behindProxy(`${USERS}\ngateway:\n  definition: ${definition}\n`);
        const host = await StaticHost.chat(`ws://127.0.0.1:${proxy.port}/dev`);
        return {
          server,
          proxy,
          url: `${host.origin}/somewhere/chat/`,
          stop: async () => {
            rmSync(folder, { recursive: true });
            await host.close();
          },
        };
      },
    },
  ],
];

describe.each(DEPLOYMENTS)("%s", (_, deployment) => {
  let browser: TestBrowser;
  let running: Awaited<ReturnType<Deployment["start"]>>;

  beforeAll(async () => {
    [browser, running] = await Promise.all([TestBrowser.launch(), deployment.start()]);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), running.stop(), running.proxy.close()]);
    await running.server.remove();
  });

  it("two users meet in a room, chat, lose the network, come back, and talk one to one", async () => {
    const [ada, bob] = await Promise.all([
      ChatPage.signedIn(await browser.context(), running.url, ADA),
      ChatPage.signedIn(await browser.context(), running.url, BOB),
    ]);
    const hall = await Hall.of(ada, bob);
    await ada.stateOf("Good morning", "read");
    await hall.loseTheNetwork(running.proxy);

    await bob.page.getByRole("button", { name: "Members", exact: true }).click();
    await bob.page.getByRole("button", { name: "Chat with Ada" }).click();
    await eventually(
      "the chat is open",
      () => bob.page.url(),
      (url) => url.includes("dm:"),
    );
    await bob.say("Between us");
    await ada.place("dm:ada~bob").click();
    await ada.shows(["Between us"]);

    await hall.reload(ada);
    expect(textsOf(await logOf(running.server, "room:hall"))).toEqual(hall.said);
    const server = addressOf(running.server).replace(/^http/, "ws");
    expect(browser.requested.filter((url) => url.startsWith(server))).toEqual([]);
  });
});
