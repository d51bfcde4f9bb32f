import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { TestBrowser } from "./harness/browser.js";
import { logOf, Server, textsOf } from "./harness/server.js";
import { StaticHost } from "./harness/static-host.js";
import { eventually } from "./harness/waiting.js";

const PRINTED = new URL("../../docs/protocol-rooms.md", import.meta.url);

const server = new Server();
let browser: TestBrowser;
let host: StaticHost;

beforeAll(async () => {
  const html = /^```html not-run: [^\n]*\n(.*?)^```/ms.exec(readFileSync(PRINTED, "utf8"))?.[1];
  if (html === undefined) {
    throw new Error("the document prints no page");
  }
  [browser, host] = await Promise.all([TestBrowser.launch(), StaticHost.page(html), server.start()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), host.close(), server.remove()]);
});

async function open(user: string, name: string): Promise<Page> {
  const page = await browser.page();
  const query = new URLSearchParams({ server: `ws://127.0.0.1:${server.port}`, user, name, room: "kitchen" });
  await page.goto(`${host.origin}/?${query.toString()}`);
  await shows(page, "Welcome to room kitchen!");
  return page;
}

async function say(page: Page, line: string): Promise<void> {
  await page.getByLabel("Message").fill(line);
  await page.getByRole("button", { name: "Send" }).click();
}

async function shows(page: Page, line: string): Promise<void> {
  await eventually(
    line,
    () => page.getByRole("listitem").allTextContents(),
    (lines) => lines.includes(line),
  );
}

it("the page of the document runs as it is printed", async () => {
  const [ann, bob] = [await open("ann", "Ann"), await open("bob", "Bob")];

  await say(ann, 'Is there "any" <b>tea</b>?');
  for (const page of [ann, bob]) await shows(page, '[kitchen] Ann: Is there "any" <b>tea</b>?');
  await say(bob, "/private ann Come to the garden.");
  await shows(ann, "(private) Bob: Come to the garden.");
  await say(bob, "/join garden");
  await shows(bob, "Bob has come to garden");
  await shows(ann, "Bob has left kitchen");
  await say(ann, "/rooms");
  await shows(ann, "garden: 1, kitchen: 1");
  await say(ann, "/private nobody Hello?");
  await shows(ann, "not done: Target user not found or offline");

  expect(await ann.getByRole("listitem").allTextContents()).toEqual([
    "Welcome to room kitchen!",
    '[kitchen] Ann: Is there "any" <b>tea</b>?',
    "(private) Bob: Come to the garden.",
    "Bob has left kitchen",
    "garden: 1, kitchen: 1",
    "not done: Target user not found or offline",
  ]);
  expect(textsOf(await logOf(server, "room:kitchen"))).toEqual(['Is there "any" <b>tea</b>?']);
  expect(browser.complaints).toEqual([]);
});
