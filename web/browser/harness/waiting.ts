import { PATIENCE_MS } from "./browser.js";

/** Asks until the answer is as wanted, or says what it was at last. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T> | T,
  isGood: (answer: T) => boolean,
): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (isGood(answer)) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`in vain: ${what}; at last ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
