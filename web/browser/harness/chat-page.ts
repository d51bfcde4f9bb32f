import type { BrowserContext, Locator, Page } from "playwright-core";
import { eventually } from "./waiting.js";

/** A guest with a name, or a user with a key or token. */
export type Who = { readonly name: string } | { readonly token: string };

export interface ShownRow {
  key: string;
  offset: number | undefined;
  text: string;
  state: string | undefined;
  mine: boolean;
}

/** The chat as a person sees it: what is asserted of a page is asked here, by roles and the marks of its rows. */
export class ChatPage {
  readonly page: Page;
  readonly composer: Locator;
  readonly log: Locator;

  constructor(page: Page) {
    this.page = page;
    this.composer = page.getByRole("textbox", { name: /^Message/ });
    this.log = page.getByRole("log");
  }

  static async signedIn(context: BrowserContext, url: string, as: Who): Promise<ChatPage> {
    const page = new ChatPage(await context.newPage());
    await page.page.goto(url);
    await page.signIn(as);
    return page;
  }

  async signIn(as: Who): Promise<void> {
    await this.trySignIn(as);
    await this.online();
  }

  async trySignIn(as: Who): Promise<void> {
    if ("name" in as) {
      await this.page.getByRole("radio", { name: "By name" }).check();
      await this.page.getByLabel("Your name").fill(as.name);
    } else {
      await this.page.getByRole("radio", { name: "By key or token" }).check();
      await this.page.getByLabel("Key or token", { exact: true }).fill(as.token);
    }
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  connection(): Promise<string | null> {
    return this.page.locator("[data-connection]").first().getAttribute("data-connection");
  }

  async online(): Promise<void> {
    await eventually(
      "online",
      () => this.connection(),
      (state) => state === "online",
    );
  }

  /** Goes there as by a link. */
  async open(topic: string, at?: { epoch: number; offset: number }): Promise<void> {
    const hash = `#/room/${topic}${at === undefined ? "" : `/${at.epoch}.${at.offset}`}`;
    await this.page.evaluate((to) => (location.hash = to), hash);
    await this.log.waitFor();
  }

  async createRoom(name: string, title?: string): Promise<void> {
    await this.page.getByRole("button", { name: "Find or create a room" }).first().click();
    const sheet = this.page.getByRole("dialog", { name: "Rooms" });
    await sheet.getByLabel("Name of a room").fill(name);
    if (title !== undefined) await sheet.getByLabel("Title (not needed)").fill(title);
    await sheet.getByRole("button", { name: "Create room" }).click();
    await this.log.waitFor();
  }

  /** Does something with a message that its toolbar offers. */
  async act(text: string, action: string): Promise<void> {
    const row = this.row(text);
    await row.hover();
    await row.getByRole("toolbar").getByRole("button", { name: action, exact: true }).click();
  }

  async actFromMenu(text: string, action: string): Promise<void> {
    await this.act(text, "More actions");
    await this.page.getByRole("menuitem", { name: action }).click();
  }

  place(topic: string): Locator {
    return this.page.locator(`[data-topic="${topic}"]`);
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
    await eventually(
      "the composer is free",
      () => this.composer.inputValue(),
      (value) => value === "",
    );
  }

  rows(): Promise<ShownRow[]> {
    return this.log.evaluate((log) =>
      [...log.querySelectorAll<HTMLElement>("[data-key]")].map((row) => ({
        key: row.dataset["key"] ?? "",
        offset: row.dataset["offset"] === undefined ? undefined : Number(row.dataset["offset"]),
        text: row.querySelector<HTMLElement>(".text")?.innerText.trim() ?? "",
        state: row.dataset["state"],
        mine: row.dataset["mine"] !== undefined && row.dataset["mine"] !== "false",
      })),
    );
  }

  async texts(): Promise<string[]> {
    return (await this.rows()).map(({ text }) => text);
  }

  async shows(texts: readonly string[]): Promise<void> {
    const wanted = JSON.stringify(texts);
    await eventually(
      `shown are ${wanted}`,
      () => this.texts(),
      (shown) => JSON.stringify(shown) === wanted,
    );
  }

  /** The row of a message by its text. */
  row(text: string): Locator {
    return this.log
      .locator("[data-key]")
      .filter({ has: this.page.locator(".text").getByText(text, { exact: true }) });
  }

  async stateOf(text: string, state: string): Promise<void> {
    await eventually(
      `${text} is ${state}`,
      async () => (await this.rows()).find((row) => row.text === text)?.state,
      (shown) => shown === state,
    );
  }

  /** Waits until so many messages of a user are kept: what was said in the last moment of a page may go with it. */
  async keeps(count: number, user: string): Promise<void> {
    const kept = () =>
      this.page.evaluate(
        (name) =>
          new Promise<number>((resolve, reject) => {
            const opening = indexedDB.open(name);
            opening.onerror = () => {
              reject(new Error("the outbox cannot be opened"));
            };
            opening.onsuccess = () => {
              const database = opening.result;
              const counting = database.transaction("drafts").objectStore("drafts").count();
              counting.onerror = () => {
                reject(new Error("the outbox cannot be read"));
              };
              counting.onsuccess = () => {
                database.close();
                resolve(counting.result);
              };
            };
          }),
        `topicstream-outbox-${user}`,
      );
    await eventually("they are kept", kept, (now) => now === count);
  }
}
