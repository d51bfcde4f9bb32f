import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { artifact } from "./artifacts.js";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const PATIENCE_MS = 120_000;

export const DESKTOP = { viewport: { width: 1280, height: 800 } } satisfies BrowserContextOptions;
export const PHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
} satisfies BrowserContextOptions;

/** A browser process on a profile of its own, and what was heard from all its pages. */
export class TestBrowser {
  readonly #browser: Browser;
  /** What pages wrote as errors to their consoles, and what they threw. */
  readonly complaints: string[] = [];
  /** Every address that a page asked for. */
  readonly requested: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<TestBrowser> {
    const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
    return new TestBrowser(
      await chromium.launch({ executablePath, args: FLAGS, chromiumSandbox: false, timeout: PATIENCE_MS }),
    );
  }

  /** Storage, workers and permissions of its own: another user's browser. */
  async context(options: BrowserContextOptions = DESKTOP): Promise<BrowserContext> {
    const context = await this.#browser.newContext({ locale: "en-GB", timezoneId: "UTC", ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    context.on("page", (page) => {
      this.#listen(page);
    });
    context.on("request", (request) => {
      this.requested.push(request.url());
    });
    return context;
  }

  async page(options?: BrowserContextOptions): Promise<Page> {
    return (await this.context(options)).newPage();
  }

  /** Shows all pages as they are, for who looks for a fault: in pictures, and in words for who has but the output. */
  async show(name: string): Promise<void> {
    const file = name.replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 60);
    const pages = this.#browser.contexts().flatMap((context) => context.pages());
    for (const [i, page] of pages.entries()) {
      await page
        .screenshot({ path: artifact(`failed-${file}-${i}.png`), timeout: 20_000 })
        .catch(() => undefined);
      const words = await page
        .locator("body")
        .innerText({ timeout: 20_000 })
        .catch((error: unknown) => String(error));
      console.error(`page ${i}, ${page.url()}:\n${words.slice(0, 2000)}`);
    }
    console.error(`complaints of pages: ${JSON.stringify(this.complaints.slice(-20))}`);
  }

  async closeContexts(): Promise<void> {
    await Promise.all(this.#browser.contexts().map((context) => context.close()));
  }

  close(): Promise<void> {
    return this.#browser.close();
  }

  #listen(page: Page): void {
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => {
      this.complaints.push(`${page.url()}: ${error.message}`);
    });
    page.on("websocket", (socket) => {
      this.requested.push(socket.url());
    });
  }
}
