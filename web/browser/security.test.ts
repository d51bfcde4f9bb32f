import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { ChatPage } from "./harness/chat-page.js";
import { Fixture, USERS } from "./harness/fixture.js";
import { addressOf, logOf } from "./harness/server.js";
import { eventually } from "./harness/waiting.js";

const PAYLOADS = [
  "<img src=x onerror=window.__hit=1>",
  "<svg onload=window.__hit=1><circle r=9 /></svg>",
  "<script>window.__hit=1</script>",
  "<iframe srcdoc='<script>parent.__hit=1</script>'></iframe>",
  "[here](javascript:window.__hit=1)",
  "<javascript:window.__hit=1>",
  "[here](data:text/html,<script>opener.__hit=1</script>)",
  "![picture](javascript:window.__hit=1)",
  "![picture](https://elsewhere.invalid/x.png)",
  "</textarea><img src=x onerror=window.__hit=1>",
  '" onmouseover="window.__hit=1" x="',
  "`<b onclick=window.__hit=1>code</b>`",
];
/** What a name and a title may be. */
const MARKUP = "<img src=x onerror=window.__hit=1>";
const fixture = Fixture.forAll(`${USERS}    - {token: the-token-of-eve, user: eve, name: "${MARKUP}"}\n`);
const EVE = { token: "the-token-of-eve" };

/** Notes what a page does that it should not, from before its first script on. */
async function watched(): Promise<ChatPage> {
  const context = await fixture.browser.context();
  await context.addInitScript(() => {
    const violations: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
    });
    Object.assign(window, { __violations: violations });
  });
  const page = await context.newPage();
  await page.goto(fixture.url);
  return new ChatPage(page);
}

async function nothingHappened({ page }: ChatPage): Promise<void> {
  const state = await page.evaluate(() => {
    const seen = window as unknown as { __hit?: unknown; __violations: string[] };
    return {
      hit: seen.__hit,
      violations: seen.__violations,
      made: [
        ...document.querySelectorAll("#page img, #page svg circle[r='9'], #page iframe, #page script"),
      ].map((element) => element.outerHTML),
      links: [...document.querySelectorAll<HTMLAnchorElement>("a[href]")]
        .map(({ href }) => href)
        .filter((href) => !/^(https?|mailto):/.test(href)),
    };
  });
  expect(state).toEqual({ hit: undefined, violations: [], made: [], links: [] });
}

it("markup is text in every field, and nothing of it is run or loaded", async ({ task }) => {
  // Names of rooms have fewer characters than titles. Each attempt has a room of its own.
  const room = `markup${task.result?.retryCount ?? 0}`;
  const topic = `room:${room}`;
  const eve = await watched();
  const bob = await watched();
  await eve.signIn(EVE);
  await bob.signIn({ name: MARKUP });
  await eve.createRoom(room, MARKUP);
  await bob.open(topic);
  await bob.page.getByRole("heading", { name: MARKUP }).waitFor();

  for (const payload of PAYLOADS) await eve.say(payload);
  await eventually(
    "all are there",
    () => bob.rows(),
    (rows) => rows.length === PAYLOADS.length,
  );
  const shown = (await bob.texts()).join("\n");
  for (const text of [
    "<img src=x onerror=window.__hit=1>",
    "<script>window.__hit=1</script>",
    "<svg onload=window.__hit=1>",
  ]) {
    expect(shown).toContain(text);
  }
  await bob
    .row(PAYLOADS[0] ?? "")
    .getByText(MARKUP)
    .first()
    .waitFor();

  // What other programs write: another form, and details that no page writes.
  await produce(topic, { text: PAYLOADS[0], html: MARKUP });
  await produce(topic, MARKUP);
  await produce(topic, { [MARKUP]: [MARKUP] });
  await fetch(`${addressOf(fixture.server)}/topics/${topic}/produce`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${EVE.token}` },
    body: JSON.stringify({
      payload: null,
      about: { offset: 1, as: "reaction", value: "<b onclick=__hit=1>" },
    }),
  });
  await bob
    .row(PAYLOADS[0] ?? "")
    .first()
    .getByText("<b onclick=__hit=1>")
    .waitFor();

  await bob
    .row(PAYLOADS[0] ?? "")
    .first()
    .hover();
  await bob
    .row(PAYLOADS[0] ?? "")
    .first()
    .getByRole("button", { name: "Reply" })
    .click();
  await bob.composer.fill(MARKUP);
  await bob.page.getByRole("button", { name: "Search", exact: true }).click();
  await bob.page.getByLabel("Search messages").fill("<img src=x");
  await bob.page.getByRole("list", { name: "Found messages" }).getByRole("button").first().waitFor();
  await bob.page.getByRole("button", { name: "Members", exact: true }).click();
  await bob.page.getByRole("complementary", { name: "Members" }).getByText(MARKUP).first().waitFor();
  await bob.page.keyboard.press("Control+k");
  await bob.page.getByRole("combobox").fill(MARKUP);
  await bob.page.getByRole("option").first().waitFor();
  await bob.page.keyboard.press("Escape");
  await bob.page.getByRole("button", { name: "Find or create a room" }).first().click();
  await bob.page
    .getByRole("button", { name: `Open ${MARKUP}` })
    .first()
    .waitFor();
  await bob.page.getByLabel("Name of a room").fill(MARKUP);
  await bob.page.keyboard.press("Escape");
  await bob.page.evaluate((hash) => (location.hash = hash), `#/room/${encodeURIComponent(MARKUP)}`);
  await bob.page.reload();
  await bob.online();
  await bob.open(topic);
  await eventually(
    "the draft",
    () => bob.composer.inputValue(),
    (text) => text === MARKUP,
  );
  await clickAllLinks(bob.page);

  for (const page of [eve, bob]) await nothingHappened(page);
  expect((await logOf(fixture.server, topic)).length).toBe(PAYLOADS.length + 4);
});

it("normal use leaves its origin for nothing, and breaks no rule of the page's policy", async () => {
  const ann = await watched();
  await ann.signIn({ name: "Ann" });
  await ann.open("room:usual");
  await ann.say("Something **bold**, `code`, and https://example.org/");
  await ann.stateOf("Something bold, code, and https://example.org/", "sent");
  const link = ann.row("Something bold, code, and https://example.org/").getByRole("link");
  expect(await link.getAttribute("href")).toBe("https://example.org/");
  expect(await link.getAttribute("rel")).toContain("noopener");
  await ann.page.getByRole("button", { name: "Dark theme" }).click();
  await ann.page.keyboard.press("Control+k");
  await ann.page.getByRole("dialog").waitFor();
  await ann.page.keyboard.press("Escape");

  await nothingHappened(ann);
  const origins = new Set(fixture.browser.requested.map((url) => new URL(url).host));
  expect([...origins]).toEqual([new URL(fixture.url).host]);
  expect(fixture.browser.complaints).toEqual([]);
});

it("the page is served with its policy, and has neither scripts nor styles in its HTML", async () => {
  const answer = await fetch(fixture.url);
  const html = await answer.text();
  const policy = answer.headers.get("Content-Security-Policy") ?? "";
  for (const rule of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]) {
    expect(policy).toContain(rule);
  }
  expect(policy).not.toContain("unsafe");
  expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
  for (const [, attributes, body] of html.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)) {
    expect(attributes).toContain("src=");
    expect(body?.trim()).toBe("");
  }
  for (const path of [
    "..%2f..%2fetc/passwd",
    "%2e%2e/%2e%2e/etc/passwd",
    "..;/x",
    "%c0%ae%c0%ae/x",
    ".git/config",
    "assets/",
    "nothing.js",
  ]) {
    expect([400, 404], path).toContain((await fetch(`${fixture.url}${path}`)).status);
  }
});

async function produce(topic: string, payload: unknown): Promise<void> {
  const answer = await fetch(`${addressOf(fixture.server)}/topics/${topic}/produce`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ payload }),
  });
  expect(answer.status).toBe(200);
}

/** As somebody might who is curious; a page that opens is closed again. */
async function clickAllLinks(page: Page): Promise<void> {
  await page.context().route(/^https?:\/\/(?!127\.0\.0\.1)/, (route) => route.abort());
  for (const link of await page.getByRole("log").getByRole("link").all()) {
    await link.click({ modifiers: ["Control"] });
  }
}
