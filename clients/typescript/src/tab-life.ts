import { Backoff } from "./backoff.js";
import { deferred, type Deferred } from "./deferred.js";
import { randomId } from "./ids.js";
import type { FromTab } from "./shared-wire.js";
import { onWake } from "./wake.js";
import { hold, webLocks } from "./web-locks.js";

/** How often a tab without a lock says that it lives. */
const ALIVE_MS = 20_000;

interface Page {
  addEventListener?: (type: string, listener: (event: Event) => void) => void;
  removeEventListener?: (type: string, listener: (event: Event) => void) => void;
}

/** Lets the worker know that the tab lives, and the tab that the worker does. */
export class TabLife {
  readonly #stopWaking: () => void;
  #lock: Deferred<undefined> | undefined;
  #alive: ReturnType<typeof setInterval> | undefined;
  #workerLock: string | undefined;
  #isOver = false;
  #isAsleep = false;
  /** A worker that cannot live is not started ever again at once. */
  readonly #backoff = new Backoff(200, 10_000, Math.random);

  constructor(
    private readonly tab: {
      post: (message: FromTab) => void;
      /** The worker does not know the tab any more. */
      comeBack: () => void;
      workerGone: () => void;
    },
  ) {
    this.#stopWaking = onWake(() => {
      tab.post({ kind: "wake" });
    });
    const page = globalThis as Page;
    page.addEventListener?.("pagehide", this.#onHide);
    page.addEventListener?.("pageshow", this.#onShow);
  }

  /** Whether the browser has put the page aside: it says nothing until it is shown again. */
  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  /** The worker has been told of the tab. */
  begin(): void {
    this.#stop();
    const locks = webLocks();
    if (locks === undefined) {
      this.#alive = setInterval(() => {
        this.tab.post({ kind: "alive" });
      }, ALIVE_MS);
      return;
    }
    const name = `topicstream-tab-${randomId()}`;
    const lock = deferred<undefined>();
    this.#lock = lock;
    hold(locks, name, lock.promise).then(
      () => {
        if (this.#lock === lock) {
          this.tab.post({ kind: "lock", name });
        }
      },
      () => undefined,
    );
  }

  /** The worker lives as long as it holds this lock. */
  onWorker(name: string): void {
    this.#workerLock = name;
    webLocks()
      ?.request(name, () => {
        if (this.#workerLock === name && !this.#isOver) {
          this.#workerLock = undefined;
          setTimeout(() => {
            if (!this.#isOver) {
              this.tab.workerGone();
            }
          }, this.#backoff.next());
        }
      })
      .catch(() => undefined);
  }

  end(): void {
    this.#isOver = true;
    this.#stop();
    this.#stopWaking();
    const page = globalThis as Page;
    page.removeEventListener?.("pagehide", this.#onHide);
    page.removeEventListener?.("pageshow", this.#onShow);
  }

  #stop(): void {
    this.#lock?.resolve(undefined);
    this.#lock = undefined;
    clearInterval(this.#alive);
  }

  /** The page goes, or is put aside and may be shown once more. */
  readonly #onHide = (): void => {
    this.#stop();
    this.tab.post({ kind: "bye" });
    this.#isAsleep = true;
  };

  readonly #onShow = (): void => {
    if (this.#isAsleep) {
      this.#isAsleep = false;
      this.tab.comeBack();
    }
  };
}
