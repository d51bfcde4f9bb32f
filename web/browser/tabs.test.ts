import type { BrowserContext } from "playwright-core";
import { afterEach, describe, expect, it } from "vitest";
import { ChatPage, type Who } from "./harness/chat-page.js";
import { ADA, BOB, Fixture } from "./harness/fixture.js";
import { Proxy } from "./harness/proxy.js";
import { addressOf, logOf, textsOf } from "./harness/server.js";
import { eventually } from "./harness/waiting.js";

const fixture = Fixture.forAll();
const proxies: Proxy[] = [];

afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

/** How many connections each user has that is in a topic. */
async function connections(topic: string): Promise<Record<string, number>> {
  const answer = await fetch(`${addressOf(fixture.server)}/topics/${topic}/members`, {
    headers: { Authorization: `Bearer ${BOB.token}` },
  });
  const { members } = (await answer.json()) as { members: { user: string; connections: number }[] };
  return Object.fromEntries(members.map(({ user, connections: count }) => [user, count]));
}

async function connectionsOf(topic: string, user: string, count: number | undefined): Promise<void> {
  await eventually(
    `${user} has ${count ?? "no"} connections`,
    async () => (await connections(topic))[user],
    (now) => now === count,
  );
}

async function tab(context: BrowserContext, who: Who, topic: string, url = fixture.url): Promise<ChatPage> {
  const page = await ChatPage.signedIn(context, url, who);
  await page.open(topic);
  return page;
}

describe("tabs of one user", () => {
  it("share one connection, and each shows each message once", async () => {
    const topic = "room:shared";
    const context = await fixture.browser.context();
    const [one, two] = [await tab(context, ADA, topic), await tab(context, ADA, topic)];
    const bob = await fixture.person(BOB);
    await bob.open(topic);
    await connectionsOf(topic, "ada", 1);
    await one.say("From one");
    for (const page of [one, two, bob]) await page.shows(["From one"]);
    await two.say("From two");
    for (const page of [one, two, bob]) await page.shows(["From one", "From two"]);
    await bob.say("From Bob");
    for (const page of [one, two, bob]) await page.shows(["From one", "From two", "From Bob"]);
    await one.act("From one", "Edit");
    await one.composer.fill("Edited");
    await one.composer.press("Enter");
    for (const page of [one, two, bob]) await page.shows(["Edited", "From two", "From Bob"]);
    expect(await connections(topic)).toEqual({ ada: 1, bob: 1 });

    await one.page.close();
    await two.say("Alone");
    for (const page of [two, bob]) await page.shows(["Edited", "From two", "From Bob", "Alone"]);
    expect(await connections(topic)).toEqual({ ada: 1, bob: 1 });
    await two.page.close();
    await connectionsOf(topic, "ada", undefined);
    expect(fixture.browser.complaints).toEqual([]);
  });

  it("send after an outage what a tab that was closed meanwhile has left, once", async () => {
    const topic = "room:left";
    const proxy = await Proxy.to(fixture.server.port);
    proxies.push(proxy);
    const url = `http://127.0.0.1:${proxy.port}/chat/`;
    const context = await fixture.browser.context();
    const [one, two] = [await tab(context, ADA, topic, url), await tab(context, ADA, topic, url)];
    await one.say("First");
    await two.shows(["First"]);
    proxy.cut();
    for (const text of ["Left 1", "Left 2"]) {
      await one.composer.fill(text);
      await one.composer.press("Enter");
    }
    await eventually(
      "both are shown",
      () => one.texts(),
      (texts) => texts.length === 3,
    );
    await one.keeps(2, "ada");
    await one.page.close();
    proxy.mend();
    await two.online();
    await two.shows(["First", "Left 1", "Left 2"]);
    await two.say("Last");
    await two.shows(["First", "Left 1", "Left 2", "Last"]);
    expect(textsOf(await logOf(fixture.server, topic, ADA.token))).toEqual([
      "First",
      "Left 1",
      "Left 2",
      "Last",
    ]);
  });

  it("end when the user signs out in one, and those of others do not", async () => {
    const topic = "room:out";
    const context = await fixture.browser.context();
    const [one, two] = [await tab(context, ADA, topic), await tab(context, ADA, topic)];
    const bob = await tab(context, BOB, topic);
    await connectionsOf(topic, "ada", 1);
    await connectionsOf(topic, "bob", 1);
    await one.page.getByRole("button", { name: /^Settings of Ada/ }).click();
    await one.page.getByRole("button", { name: "Sign out" }).click();
    await one.page.getByRole("button", { name: "Sign out" }).last().click();
    for (const page of [one, two]) await page.page.getByRole("button", { name: "Sign in" }).waitFor();
    await connectionsOf(topic, "ada", undefined);
    await bob.say("Still here");
    await bob.shows(["Still here"]);
  });
});

it("where there is no worker a tab has a connection of its own", async () => {
  const topic = "room:apart";
  const context = await fixture.browser.context();
  await context.route(/worker-[^/]*\.js$/, (route) => route.abort());
  const [one, two] = [await tab(context, ADA, topic), await tab(context, ADA, topic)];
  await connectionsOf(topic, "ada", 2);
  await one.say("Hello");
  for (const page of [one, two]) await page.shows(["Hello"]);
});
