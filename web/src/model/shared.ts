import type { SharedWorkerLike } from "@topicstream/client";
// As an address, for the browser wants to see that of a worker vouched for by a policy.
import address from "../worker.ts?worker&url";

/** How long the worker may take to say something. */
const PATIENCE_MS = 5000;

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (asked: string) => string },
  ): { createScriptURL(asked: string): string };
}

let trusted: string | undefined;

/** The worker's address, as the `Content-Security-Policy` wants it: the policy lets this one through and no other. */
function trustedAddress(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  trusted ??=
    trustedTypes === undefined
      ? address
      : trustedTypes
          .createPolicy("topicstream", {
            createScriptURL: (asked) => {
              if (asked !== address) {
                throw new TypeError("there is no such script");
              }
              return asked;
            },
          })
          .createScriptURL(address);
  return trusted;
}

/** The worker by which the tabs of the page share a connection. */
export function sharedWorker(): SharedWorker & SharedWorkerLike {
  return new SharedWorker(trustedAddress(), { type: "module", name: "topicstream" });
}

/** Whether there is such a worker, and it runs. */
export function hasSharedWorker(
  make: () => SharedWorkerLike = sharedWorker,
  patienceMs = PATIENCE_MS,
): Promise<boolean> {
  if (!("SharedWorker" in globalThis)) {
    return Promise.resolve(false);
  }
  return new Promise((resolve) => {
    try {
      const worker = make();
      const say = (runs: boolean): void => {
        clearTimeout(timer);
        worker.port.close();
        resolve(runs);
      };
      const timer = setTimeout(say, patienceMs, false);
      worker.addEventListener?.("error", () => {
        say(false);
      });
      worker.port.onmessage = () => {
        say(true);
      };
      // From a tab that it does not know: it says so.
      worker.port.postMessage({ kind: "alive" });
    } catch {
      resolve(false);
    }
  });
}
