import { expect, it } from "vitest";
import { report } from "./harness/artifacts.js";
import type { ChatPage } from "./harness/chat-page.js";
import { Fixture } from "./harness/fixture.js";
import { beginFrames, framesUntilNow } from "./harness/frames.js";
import { produceMany } from "./harness/many-messages.js";
import { logOf } from "./harness/server.js";

const COUNT = 10_000;
const TOPIC = "room:long";

const fixture = Fixture.forAll();

interface Walk {
  /** The offsets that were shown, in the order in which they came. */
  seen: number[];
  /** What was wrong with the rows of one look. */
  wrong: string[];
  /** By how many pixels the row at the top was moved by older ones that came before it, at most. */
  moved: number;
  prepended: number;
}

it("a room of 10,000 messages is read to its beginning and back", async () => {
  await produceMany(fixture.server, TOPIC, COUNT, (number) => `${lineOf(number)} (${number})`);
  expect((await logOf(fixture.server, TOPIC)).length).toBe(COUNT);
  const ann = await fixture.person({ name: "Ann" });
  const opened = Date.now();
  await ann.open(TOPIC);
  await ann.row(`${lineOf(COUNT)} (${COUNT})`).waitFor();
  const toOpen = Date.now() - opened;
  expect(await ann.row(`${lineOf(COUNT)} (${COUNT})`).isVisible()).toBe(true);

  await beginFrames(ann.page);
  const up = await walk(ann, -1, 1);
  const framesUp = await framesUntilNow(ann.page);
  const down = await walk(ann, 1, COUNT);
  const framesDown = await framesUntilNow(ann.page);

  report("big-room", {
    messages: COUNT,
    open_ms: toOpen,
    up: framesUp,
    down: framesDown,
    moved_px: up.moved,
    prepended: up.prepended,
  });
  for (const { seen, wrong } of [up, down]) {
    expect(wrong).toEqual([]);
    expect(seen.length).toBe(COUNT);
    expect(new Set(seen).size).toBe(COUNT);
  }
  expect(up.prepended).toBeGreaterThan(10);
  expect(up.moved).toBeLessThan(2);
});

it("what comes before the first row moves nothing, nor do receipts, while nobody scrolls", async () => {
  const bo = await fixture.person({ name: "Bo" });
  await bo.open(TOPIC);
  await bo.row(`${lineOf(COUNT)} (${COUNT})`).waitFor();
  // To the top of what is loaded, at once and no further: older ones come, and nothing that is shown may move.
  const moved = await bo.log.evaluate(async (log) => {
    const frame = () => new Promise(requestAnimationFrame);
    const first = () => log.querySelector<HTMLElement>("[data-offset]")?.dataset["offset"];
    const before = first();
    log.scrollTop = 0;
    await frame();
    const top = log.getBoundingClientRect().top;
    // The bubble: the name and the day above it go when it is the first no longer.
    const row = [...log.querySelectorAll("[data-anchor]")].find(
      (one) => one.getBoundingClientRect().bottom > top + 1,
    );
    if (row === undefined) throw new Error("no row is shown");
    const at = row.getBoundingClientRect().top;
    let worst = 0;
    const end = performance.now() + 100_000;
    for (let after = 0; after < 10 && performance.now() < end;) {
      await frame();
      worst = Math.max(worst, Math.abs(row.getBoundingClientRect().top - at));
      if (first() !== before) after++;
    }
    if (first() === before) throw new Error("nothing older came");
    return worst;
  });
  expect(moved).toBeLessThan(2);
});

/** Texts of several lengths, so that rows have several heights. */
function lineOf(number: number): string {
  return `Line${" and more".repeat(number % 5 === 0 ? (number * 7) % 23 : number % 3)}`;
}

/** Scrolls by most of a window in each frame until the message `last` is shown at the end of what there is. */
async function walk(page: ChatPage, direction: 1 | -1, last: number): Promise<Walk> {
  return page.log.evaluate(
    async (log, { direction, last }) => {
      const shown = () => [...log.querySelectorAll<HTMLElement>("[data-offset]")];
      const topOf = (element: Element | null) => element?.getBoundingClientRect().top ?? 0;
      const seen = new Set<number>();
      const wrong: string[] = [];
      let moved = 0;
      let prepended = 0;
      let ends = "";
      let anchor: Element | null = null;
      let anchorTop = 0;
      const until = performance.now() + 100_000;
      while (performance.now() < until) {
        await new Promise(requestAnimationFrame);
        const rows = shown();
        const now = `${rows[0]?.dataset["offset"] ?? ""} ${rows.at(-1)?.dataset["offset"] ?? ""}`;
        if (now !== ends) {
          if (ends !== "" && now.split(" ")[0] !== ends.split(" ")[0] && direction < 0) {
            prepended++;
            if (anchor?.isConnected === true) moved = Math.max(moved, Math.abs(topOf(anchor) - anchorTop));
          }
          ends = now;
          let before: number | undefined;
          for (const row of rows) {
            const offset = Number(row.dataset["offset"]);
            if (before !== undefined && offset !== before + 1) wrong.push(`${before} and then ${offset}`);
            before = offset;
            seen.add(offset);
          }
        }
        const isAtEnd =
          direction < 0 ? log.scrollTop <= 0 : log.scrollTop + log.clientHeight >= log.scrollHeight - 1;
        if (isAtEnd && rows.some((row) => Number(row.dataset["offset"]) === last)) break;
        log.scrollTop += direction * log.clientHeight * 0.9;
        // What is at the top now: its bubble, for the name and the day above it may come and go.
        const top = topOf(log);
        anchor =
          [...log.querySelectorAll("[data-anchor]")].find((one) => one.getBoundingClientRect().top >= top) ??
          null;
        anchorTop = topOf(anchor);
      }
      return { seen: [...seen], wrong: wrong.slice(0, 10), moved, prepended };
    },
    { direction, last },
  );
}
