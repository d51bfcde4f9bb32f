import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serveTabs } from "@topicstream/client";
import { hasSharedWorker } from "../../src/model/shared.js";

describe("the shared worker", () => {
  beforeEach(() => {
    vi.stubGlobal("SharedWorker", vi.fn());
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("is used where it runs", async () => {
    const { port1, port2 } = new MessageChannel();
    const scope = new EventTarget();
    serveTabs(scope);
    scope.dispatchEvent(Object.assign(new Event("connect"), { ports: [port2] }));
    expect(await hasSharedWorker(() => ({ port: port1 }))).toBe(true);
    port2.close();
  });

  it("is not where it cannot be loaded, says nothing, may not be made, or is not known", async () => {
    const port = { postMessage: () => undefined, close: () => undefined, onmessage: null };
    const failing = {
      port,
      addEventListener: (_: "error", listener: (event: Event) => void) => {
        setTimeout(() => {
          listener(new Event("error"));
        });
      },
    };
    expect(await hasSharedWorker(() => failing, 100_000)).toBe(false);
    expect(await hasSharedWorker(() => ({ port }), 1)).toBe(false);
    const forbidden = (): never => {
      throw new DOMException("no", "SecurityError");
    };
    expect(await hasSharedWorker(forbidden)).toBe(false);
    vi.unstubAllGlobals();
    expect(await hasSharedWorker(forbidden)).toBe(false);
  });
});
