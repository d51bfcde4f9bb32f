import { expect, it } from "vitest";
import { report } from "./harness/artifacts.js";
import type { ChatPage } from "./harness/chat-page.js";
import { Fixture } from "./harness/fixture.js";
import { beginFrames, framesUntilNow } from "./harness/frames.js";
import { produceMany } from "./harness/many-messages.js";
import { logOf } from "./harness/server.js";
import { eventually } from "./harness/waiting.js";

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
    const row = [...log.querySelectorAll<HTMLElement>("[data-offset]")].find(
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
  return `Line${" and more".repeat(((number * 7) % 23) * (number % 5 === 0 ? 3 : 1))}`;
}

/** Scrolls by a bit more than half a window each frame until the message `last` is shown. */
async function walk(page: ChatPage, direction: 1 | -1, last: number): Promise<Walk> {
  const walked = await page.log.evaluate(
    async (log, { direction, last }) => {
      const rows = () => [...log.querySelectorAll<HTMLElement>("[data-offset]")];
      const seen = new Set<number>();
      const wrong: string[] = [];
      let moved = 0;
      let prepended = 0;
      let first: string | undefined;
      const end = performance.now() + 150_000;
      while (performance.now() < end) {
        await new Promise(requestAnimationFrame);
        const shown = rows();
        const offsets = shown.map((row) => Number(row.dataset["offset"]));
        if (shown[0]?.dataset["offset"] !== first || shown.length === 0) {
          const broken = offsets.findIndex((offset, i) => i > 0 && offset !== (offsets[i - 1] ?? 0) + 1);
          if (broken >= 0 && wrong.length < 10)
            wrong.push(`${offsets[broken - 1] ?? 0} and then ${offsets[broken] ?? 0}`);
          if (first !== undefined) prepended++;
          first = shown[0]?.dataset["offset"];
        }
        for (const offset of offsets) seen.add(offset);
        const top = log.getBoundingClientRect().top;
        const anchor = shown.find((row) => row.getBoundingClientRect().bottom > top + 1);
        const isThere =
          seen.has(last) &&
          (direction < 0 ? log.scrollTop <= 0 : log.scrollTop + log.clientHeight >= log.scrollHeight - 1);
        if (isThere && offsets.includes(last)) break;
        log.scrollTop += direction * log.clientHeight * 0.6;
        // The row that was at the top, and what has become of it when more was drawn.
        if (anchor !== undefined) {
          const at = anchor.getBoundingClientRect().top;
          const scrolled = log.scrollTop;
          await new Promise(requestAnimationFrame);
          if (anchor.isConnected && rows()[0]?.dataset["offset"] !== first && scrolled > 0) {
            moved = Math.max(moved, Math.abs(anchor.getBoundingClientRect().top - at));
          }
        }
      }
      return { seen: [...seen], wrong, moved, prepended };
    },
    { direction, last },
  );
  await eventually(
    "the end of the walk",
    () => page.log.evaluate((log, offset) => log.querySelector(`[data-offset="${offset}"]`) !== null, last),
    Boolean,
  );
  return walked;
}
