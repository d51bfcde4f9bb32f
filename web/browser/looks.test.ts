import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { artifact, report } from "./harness/artifacts.js";
import { findingsOf } from "./harness/axe.js";
import { DESKTOP, TestBrowser } from "./harness/browser.js";
import { ChatPage } from "./harness/chat-page.js";
import { ADA, Fixture } from "./harness/fixture.js";
import { LIVELY, livelyConversation, SIZES } from "./harness/lively.js";
import { round } from "./harness/frames.js";

const README_IMAGE = fileURLToPath(new URL("../../docs/images/chat.png", import.meta.url));
const LIMIT = 200_000;

const fixture = Fixture.forAll();

it("screenshots of a lively conversation, at two widths, light and dark", async () => {
  const [ada] = await livelyConversation(fixture);
  const { page } = ada;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await ada.row("See you on Saturday").scrollIntoViewIfNeeded();
      // The actions on the message under it would cover another one.
      await page.mouse.move(0, 0);
      const path = artifact(`chat-${size}-${colorScheme}.png`);
      await page.screenshot({ path, animations: "disabled", caret: "hide" });
      expect(statSync(path).size).toBeGreaterThan(5_000);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        viewport.width,
      );
      if (size === "desktop" && colorScheme === "light" && process.env["README_IMAGE"] !== undefined) {
        await page.screenshot({ path: README_IMAGE, animations: "disabled", caret: "hide" });
      }
    }
  }
});

it("the picture in the README is there and small", () => {
  expect(statSync(README_IMAGE).size).toBeLessThan(LIMIT);
});

it.each(["light", "dark"] as const)(
  "axe finds nothing serious in the main states, %s",
  async (colorScheme) => {
    const context = await fixture.browser.context({
      ...DESKTOP,
      colorScheme,
      reducedMotion: "reduce",
      bypassCSP: true,
    });
    const page = await context.newPage();
    const found: Record<string, string[]> = {};
    const check = async (state: string) => {
      found[state] = await findingsOf(page);
    };
    await page.goto(fixture.url);
    await page.getByLabel("Your name").waitFor();
    await check("sign-in");
    const ada = new ChatPage(page);
    await ada.trySignIn({ token: "wrong" });
    await page.getByRole("alert").waitFor();
    await check("sign-in refused");
    await ada.signIn(ADA);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await check("list");
    await ada.open(LIVELY);
    await ada.row("See you on Saturday").waitFor();
    await check("conversation");
    await ada.row("See you on Saturday").hover();
    await check("actions on a message");
    await page.getByRole("button", { name: "Members", exact: true }).click();
    await page.getByRole("complementary", { name: "Members" }).waitFor();
    await check("members");
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await page.getByLabel("Search messages").fill("tomatoes");
    await page.getByRole("list", { name: "Found messages" }).getByRole("button").first().waitFor();
    await check("search");
    await page.keyboard.press("Escape");
    for (const [state, open] of SHEETS) {
      await open(page);
      await page.getByRole("dialog").waitFor();
      await check(state);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.setViewportSize(SIZES.phone);
    await check("conversation on a phone");
    await page.getByRole("button", { name: "Back to places" }).click();
    await ada.place(LIVELY).waitFor();
    await check("list on a phone");

    expect(Object.entries(found).filter(([, findings]) => findings.length > 0)).toEqual([]);
    expect(Object.keys(found).length).toBe(13);
  },
);

const SHEETS: [string, (page: Page) => Promise<void>][] = [
  ["settings", (page) => page.getByRole("button", { name: "Settings of Ada" }).click()],
  ["palette", (page) => page.keyboard.press("Control+k")],
  ["rooms", (page) => page.getByRole("button", { name: "Find or create a room" }).first().click()],
  ["this room", (page) => page.getByRole("button", { name: "Settings of this place" }).click()],
];

it("is small, and seen soon", async () => {
  const paints: number[] = [];
  let sizes: { name: string; bytes: number }[] = [];
  for (let i = 0; i < 5; i++) {
    const browser = await TestBrowser.launch();
    try {
      const page = await browser.page();
      await page.goto(fixture.url, { waitUntil: "load" });
      await page.getByLabel("Your name").waitFor();
      paints.push(
        await page.evaluate(
          () =>
            new Promise<number>((done) => {
              new PerformanceObserver((list) => {
                const first = list.getEntriesByName("first-contentful-paint")[0];
                if (first !== undefined) done(first.startTime);
              }).observe({ type: "paint", buffered: true });
            }),
        ),
      );
      await new ChatPage(page).signIn({ name: "Ann" });
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog").waitFor();
      sizes = await page.evaluate(() =>
        [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(
          (entry) => ({
            name: new URL(entry.name).pathname,
            bytes: (entry as PerformanceResourceTiming).encodedBodySize,
          }),
        ),
      );
    } finally {
      await browser.close();
    }
  }
  const sorted = paints.map((ms) => round(ms)).sort((a, b) => a - b);
  const transferred = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  report("loading", {
    first_contentful_paint_ms: { median: sorted[2], all: sorted },
    transferred_bytes: transferred,
    files: sizes,
  });
  expect(sizes.length).toBeGreaterThan(2);
  expect(sizes.every(({ bytes }) => bytes > 0)).toBe(true);
  expect(transferred).toBeLessThan(LIMIT);
});
