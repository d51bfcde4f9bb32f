import { describe, expect, test } from "vitest";
import { rowsOf } from "../../src/view/rows.js";
import { ago, dayLabel, dayOf, shortTime } from "../../src/view/time.js";
import { BOB, message } from "./fake.js";

const NOON = new Date(2026, 5, 10, 12, 0).getTime();
const MINUTE = 60_000;

function of(offset: number, minutes: number, change = {}) {
  return message(offset, { at: NOON + minutes * MINUTE, ...change });
}

describe("rows", () => {
  test("of one person are one group, until five minutes are between them", () => {
    const rows = rowsOf([of(1, 0), of(2, 4), of(3, 9)], undefined);
    expect(rows.map(({ startsGroup }) => startsGroup)).toEqual([true, false, true]);
    expect(rows.map(({ endsGroup }) => endsGroup)).toEqual([false, true, true]);
  });

  test("of another person, and a reply, begin a group", () => {
    const reply = of(3, 2, { replyTo: { offset: 1, name: "Ada", text: "a" } });
    const rows = rowsOf([of(1, 0), of(2, 1, { user: BOB.user, name: BOB.name }), reply], undefined);
    expect(rows.map(({ startsGroup }) => startsGroup)).toEqual([true, true, true]);
  });

  test("begin a day at midnight", () => {
    const rows = rowsOf([of(1, 719), of(2, 721), of(3, 722)], undefined);
    expect(rows.map(({ startsDay }) => startsDay)).toEqual([true, true, false]);
    expect(rows[1]?.startsGroup).toBe(true);
  });

  test("have the line where the first unread is, or after it where it has gone", () => {
    const items = [of(1, 0), of(2, 1), of(5, 2), of(6, 3)];
    expect(rowsOf(items, 2).map(({ isNew }) => isNew)).toEqual([false, true, false, false]);
    expect(rowsOf(items, 3).map(({ isNew }) => isNew)).toEqual([false, false, true, false]);
    expect(rowsOf(items, undefined).some(({ isNew }) => isNew)).toBe(false);
  });

  test("have a gap between them", () => {
    const rows = rowsOf([of(1, 0), { kind: "gap", key: "gap", reason: "reset" }, of(2, 0)], undefined);
    expect(rows.map(({ startsGroup }) => startsGroup)).toEqual([true, true, true]);
  });
});

describe("times", () => {
  test("of today and yesterday are words, others are dates", () => {
    expect(dayLabel(NOON, NOON)).toMatch(/today/i);
    expect(dayLabel(NOON - 24 * 60 * MINUTE, NOON)).toMatch(/yesterday/i);
    expect(dayLabel(NOON - 30 * 24 * 60 * MINUTE, NOON)).toMatch(/11/);
    expect(dayLabel(NOON - 400 * 24 * 60 * MINUTE, NOON)).toMatch(/2025/);
  });

  test("are short in a list", () => {
    expect(shortTime(NOON, NOON)).toMatch(/12/);
    expect(shortTime(NOON - 30 * 24 * 60 * MINUTE, NOON)).toMatch(/11/);
    expect(shortTime(NOON - 400 * 24 * 60 * MINUTE, NOON)).toMatch(/2025/);
  });

  test("ago are minutes, hours and days, and never in the future", () => {
    expect(ago(NOON - 5 * MINUTE, NOON)).toMatch(/5 minutes ago/);
    expect(ago(NOON - 3 * 60 * MINUTE, NOON)).toMatch(/3 hours ago/);
    expect(ago(NOON - 49 * 60 * MINUTE, NOON)).toMatch(/2 days ago/);
    expect(ago(NOON + 5 * MINUTE, NOON)).toMatch(/this minute/);
  });

  test("of one day have its number", () => {
    expect(dayOf(new Date(2026, 5, 10, 23, 59).getTime())).toBe(dayOf(NOON));
    expect(dayOf(new Date(2026, 5, 11, 0, 0).getTime())).toBe(dayOf(NOON) + 1);
  });
});
