/** The time, and what is done later. Tests step one of their own. */
export interface Clock {
  /** Milliseconds that never go back. */
  now(): number;
  /** Runs a task once; the function that is given back cancels it. */
  schedule(task: () => void, delayMs: number): () => void;
}

/** Timers keep no more than this; beyond it they fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(task, delayMs) {
    const timer = setTimeout(task, Math.min(delayMs, MAX_TIMER_MS));
    return () => {
      clearTimeout(timer);
    };
  },
};
