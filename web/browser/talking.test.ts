import { describe, expect, it } from "vitest";
import { DESKTOP, PHONE } from "./harness/browser.js";
import { ChatPage } from "./harness/chat-page.js";
import { ADA, BOB, Fixture } from "./harness/fixture.js";
import { logOf, textsOf } from "./harness/server.js";
import { eventually } from "./harness/waiting.js";

const fixture = Fixture.forAll();

async function logged(topic: string): Promise<string[]> {
  return textsOf(await logOf(fixture.server, topic, ADA.token));
}

describe("two browsers", () => {
  it("chat: both show the same messages once and in the order of the log", async () => {
    const [ann, bo] = await fixture.two("room:tea", { name: "Ann" }, { name: "Bo" });
    const said: string[] = [];
    for (let i = 1; i <= 5; i++) {
      await ann.say(`From Ann ${i}`);
      await bo.shows([...said, `From Ann ${i}`]);
      await bo.say(`From Bo ${i}`);
      said.push(`From Ann ${i}`, `From Bo ${i}`);
      await ann.shows(said);
    }
    await bo.shows(said);

    expect(await logged("room:tea")).toEqual(said);
    const [ofAnn, ofBo] = [await ann.rows(), await bo.rows()];
    expect(ofAnn.map(({ offset }) => offset)).toEqual(said.map((_, i) => i + 1));
    expect(ofBo.map(({ offset }) => offset)).toEqual(said.map((_, i) => i + 1));
    expect(new Set(ofAnn.map(({ key }) => key)).size).toBe(said.length);
    expect(ofAnn.map(({ mine }) => mine)).toEqual(said.map((text) => text.startsWith("From Ann")));
    expect(ofBo.map(({ mine }) => mine)).toEqual(said.map((text) => text.startsWith("From Bo")));
  });

  it("a message is sent, then delivered, then read, and never goes back", async () => {
    const [ann, bo] = await fixture.two("room:states", { name: "Ann" }, { name: "Bo" });
    await bo.say("Hello");
    await ann.shows(["Hello"]);
    await bo.open("room:elsewhere");
    await ann.log.evaluate((log) => {
      const states: string[] = [];
      new MutationObserver(() => {
        const state = [...log.querySelectorAll<HTMLElement>("[data-key]")].at(-1)?.dataset["state"];
        if (state !== undefined && states.at(-1) !== state) states.push(state);
      }).observe(log, { subtree: true, childList: true, attributes: true });
      Object.assign(window, { __states: states });
    });

    await ann.say("Are you there?");
    await ann.stateOf("Are you there?", "delivered");
    await bo.open("room:states");
    await ann.stateOf("Are you there?", "read");

    const seen = await ann.page.evaluate(() => (window as unknown as { __states: string[] }).__states);
    const order = ["sending", "sent", "delivered", "read"];
    const places = seen.map((state) => order.indexOf(state));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(seen.slice(-2)).toEqual(["delivered", "read"]);
  });

  it("see each other type", async () => {
    const [ann, bo] = await fixture.two("room:typing", { name: "Ann" }, { name: "Bo" });
    const typing = () => bo.page.locator("[data-typing]").innerText();
    await ann.composer.pressSequentially("I am just");
    await eventually("Ann types", typing, (text) => text.includes("Ann is typing"));
    await ann.say("done");
    await bo.shows(["done"]);
    await eventually("Ann has written", typing, (text) => text === "");
  });

  it("talk one to one", async () => {
    const [ada, bob] = await fixture.two("room:square", ADA, BOB);
    await ada.page.getByRole("button", { name: "Members", exact: true }).click();
    await ada.page.getByRole("button", { name: "Chat with Bob" }).click();
    await ada.composer.waitFor();
    await eventually(
      "the chat is open",
      () => ada.page.url(),
      (url) => url.includes("dm:"),
    );
    await ada.say("Between us");
    await bob.place("dm:ada~bob").click();
    await bob.shows(["Between us"]);
    await bob.say("Yes");
    await ada.shows(["Between us", "Yes"]);
    await ada.stateOf("Between us", "read");
    expect(await logged("dm:ada~bob")).toEqual(["Between us", "Yes"]);
  });

  it("reply, react, edit and take back, and the other sees it in its place", async () => {
    const [ada, bob] = await fixture.two("room:talk", ADA, BOB);
    await ada.say("Lunch at noon?");
    await bob.shows(["Lunch at noon?"]);

    await bob.act("Lunch at noon?", "Reply");
    await bob.say("One is better");
    await ada.shows(["Lunch at noon?", "One is better"]);
    await eventually(
      "the quote",
      () =>
        ada
          .row("One is better")
          .getByRole("button", { name: /In reply to/ })
          .innerText(),
      (text) => text.includes("Lunch at noon?"),
    );

    await bob.act("Lunch at noon?", "React");
    await bob.page.getByRole("button", { name: "React with 👍" }).click();
    for (const page of [ada, bob]) {
      await page.row("Lunch at noon?").getByRole("button", { name: "👍, 1" }).waitFor();
    }

    await ada.act("Lunch at noon?", "Edit");
    await ada.say("Lunch at one?");
    for (const page of [ada, bob]) {
      await page.shows(["Lunch at one?", "One is better"]);
      await page.row("Lunch at one?").getByText("edited").waitFor();
      await page.row("Lunch at one?").getByRole("button", { name: "👍, 1" }).waitFor();
    }

    await ada.say("Never mind");
    await bob.shows(["Lunch at one?", "One is better", "Never mind"]);
    await ada.actFromMenu("Never mind", "Take back");
    await ada.page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
    for (const page of [ada, bob]) {
      await page.shows(["Lunch at one?", "One is better", "This message was taken back."]);
    }
    expect(JSON.stringify(await logOf(fixture.server, "room:talk"))).not.toContain("Never mind");
  });

  it("a guest is offered neither to edit nor to take back", async () => {
    const ann = await fixture.person({ name: "Ann" });
    await ann.open("room:guests");
    await ann.say("As a guest");
    await ann.stateOf("As a guest", "sent");
    await ann.row("As a guest").hover();
    const tools = ann.row("As a guest").getByRole("toolbar");
    await tools.getByRole("button", { name: "Reply" }).waitFor();
    expect(await tools.getByRole("button", { name: "Edit" }).count()).toBe(0);
    await tools.getByRole("button", { name: "More actions" }).click();
    await ann.page.getByRole("menuitem", { name: "Copy link" }).waitFor();
    expect(await ann.page.getByRole("menuitem", { name: "Take back" }).count()).toBe(0);
  });
});

describe("somebody else", () => {
  it("joins from a phone and reads back", async () => {
    const [ann, bo] = await fixture.two("room:walk", { name: "Ann" }, { name: "Bo" });
    const said = Array.from({ length: 40 }, (_, i) => `Step ${i + 1}`);
    for (const text of said) await ann.say(text);
    await bo.shows(said);

    const cy = await fixture.person({ name: "Cy" }, PHONE);
    await cy.page.getByRole("button", { name: "Find or create a room" }).first().tap();
    await cy.page.getByRole("button", { name: "Join walk" }).tap();
    await cy.shows(said);
    expect(await cy.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await cy.row("Step 1").scrollIntoViewIfNeeded();
    await cy.composer.tap();
    await cy.composer.fill("Read it all");
    await cy.page.getByRole("button", { name: "Send" }).tap();
    await ann.shows([...said, "Read it all"]);
    await cy.page.getByRole("button", { name: "Back to places" }).tap();
    await cy.place("room:walk").waitFor();
  });

  it("is told of a mention by a badge and the title", async () => {
    const [ann, bo] = await fixture.two("room:names", { name: "Ann" }, { name: "Bo" });
    await bo.open("room:other");
    const before = await bo.page.title();
    await ann.say("Nothing for anybody");
    await ann.say("@Bo look at this");
    await bo.place("room:names").getByText("1 mention of you").waitFor({ state: "attached" });
    await bo.place("room:names").getByText("2 unread").waitFor({ state: "attached" });
    await eventually(
      "the title",
      () => bo.page.title(),
      (title) => title !== before && /\d/.test(title),
    );
    await bo.open("room:names");
    await bo.shows(["Nothing for anybody", "@Bo look at this"]);
    await eventually(
      "all is read",
      () => bo.page.title(),
      (title) => !/\d/.test(title),
    );
  });

  it("comes by a permanent link to an old message", async () => {
    const ann = await fixture.person({ name: "Ann" });
    await ann.open("room:links");
    for (let i = 1; i <= 120; i++) {
      await fetch(`${fixture.url}../topics/room:links/produce`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ payload: { text: `Line ${i}` } }),
      });
    }
    await ann.row("Line 120").waitFor();
    const context = await fixture.browser.context({
      ...DESKTOP,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    const epoch = Number(
      (await fetch(`${fixture.url}../topics/room:links/consume`)).headers.get("Topic-Epoch"),
    );
    await page.goto(`${fixture.url}#/room/room:links/${epoch}.7`);
    const bo = new ChatPage(page);
    await bo.signIn({ name: "Bo" });
    const row = bo.row("Line 7");
    await eventually("the row is on the screen", () => row.isVisible(), Boolean);
    await eventually(
      "it is within the log",
      () =>
        row.evaluate((element) => {
          const log = element.closest("[role=log]")?.getBoundingClientRect();
          const at = element.getBoundingClientRect();
          return log !== undefined && at.top >= log.top && at.bottom <= log.bottom;
        }),
      Boolean,
    );
    await bo.actFromMenu("Line 7", "Copy link");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      `${fixture.url}#/room/room:links/${epoch}.7`,
    );
  });
});

describe("one browser", () => {
  it("keeps drafts and the theme over a reload", async () => {
    const ann = await fixture.person({ name: "Ann" });
    await ann.open("room:drafts");
    await ann.composer.fill("Not finished");
    const background = () =>
      ann.page.evaluate(async () => {
        await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
        return getComputedStyle(document.body).backgroundColor;
      });
    const light = await background();
    await ann.page.getByRole("button", { name: "Dark theme" }).click();
    const dark = await eventually("it is dark", background, (now) => now !== light);
    await ann.page.getByRole("button", { name: "Light theme" }).waitFor();
    await ann.open("room:another");
    expect(await ann.composer.inputValue()).toBe("");

    await ann.page.reload();
    await ann.online();
    expect(await background()).toBe(dark);
    await ann.open("room:drafts");
    await eventually(
      "the draft",
      () => ann.composer.inputValue(),
      (text) => text === "Not finished",
    );
    expect(await logged("room:drafts")).toEqual([]);
  });

  it("says that a key is wrong, and takes a right one", async () => {
    const page = await fixture.browser.page();
    await page.goto(fixture.url);
    const ada = new ChatPage(page);
    await ada.trySignIn({ token: "not-a-key" });
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").innerText()).not.toBe("");
    await ada.signIn(ADA);
    await page.getByRole("button", { name: "Settings of Ada" }).waitFor();
    expect(page.url()).not.toContain(ADA.token);
  });

  it("with two tabs shows the same in both, once, and has no more sockets than tabs", async () => {
    const context = await fixture.browser.context();
    const sockets = () => fixture.browser.requested.filter((url) => url.startsWith("ws:")).length;
    const first = await ChatPage.signedIn(context, fixture.url, { name: "Ann" });
    await first.open("room:tabs");
    const before = sockets();
    const page = await context.newPage();
    await page.goto(`${fixture.url}#/room/room:tabs`);
    const second = new ChatPage(page);
    await second.online();
    await second.log.waitFor();
    await first.say("From the first");
    await second.shows(["From the first"]);
    await second.say("From the second");
    for (const tab of [first, second]) await tab.shows(["From the first", "From the second"]);
    expect(await logged("room:tabs")).toEqual(["From the first", "From the second"]);
    expect(sockets()).toBeLessThanOrEqual(before + 1);
  });
});
