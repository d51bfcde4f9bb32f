import type { Page } from "playwright-core";

export interface FrameTimes {
  frames: number;
  median_ms: number;
  p95_ms: number;
  worst_ms: number;
  /** Of the frames, how many took longer than 50 ms. */
  share_over_50_ms: number;
}

/** Begins to note how long each frame takes. */
export async function beginFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const noted: number[] = [];
    let last = performance.now();
    const next = (now: number) => {
      noted.push(now - last);
      last = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    Object.assign(window, { __frames: noted });
  });
}

export async function framesUntilNow(page: Page): Promise<FrameTimes> {
  const noted = await page.evaluate(() => (window as unknown as { __frames: number[] }).__frames.splice(0));
  return summary(noted);
}

function summary(noted: readonly number[]): FrameTimes {
  const sorted = [...noted].sort((a, b) => a - b);
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return {
    frames: sorted.length,
    median_ms: at(0.5),
    p95_ms: at(0.95),
    worst_ms: at(1),
    share_over_50_ms: round(sorted.filter((ms) => ms > 50).length / Math.max(1, sorted.length), 4),
  };
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
