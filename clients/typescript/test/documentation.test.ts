import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { IDBFactory } from "fake-indexeddb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Server } from "./server.js";
import { TestWorker } from "./tabs.js";

const PAGE = readFileSync(new URL("../../../docs/client-typescript.md", import.meta.url), "utf8");
const FOLDER = fileURLToPath(new URL("../target/documentation/", import.meta.url));
const programs = [...PAGE.matchAll(/^```ts .*\n([^]*?)^```/gm)].map(([, text]) => text ?? "");

describe("what the documentation shows", () => {
  const server = new Server();

  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    await server.start();
  });
  afterAll(async () => {
    rmSync(FOLDER, { recursive: true, force: true });
    await server.remove();
  });

  it.each(programs.map((text, i) => ({ name: `program ${i + 1}`, text })))(
    "$name runs and prints that",
    async ({ name, text }) => {
      vi.stubGlobal("indexedDB", new IDBFactory());
      const worker = new TestWorker();

      vi.stubGlobal(
        "SharedWorker",
        class {
          readonly port = worker.connect().port;
        },
      );
      const printed: string[] = [];
      const log = vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
        const [first, ...rest] = values.map((value, i) =>
          i === 0 && typeof value === "string" && values.length > 1 ? value : JSON.stringify(value),
        );
        printed.push([first, ...rest].join(" "));
      });
      const file = `${FOLDER}${name.replace(" ", "-")}.ts`;
      expect(text).toContain("ws://127.0.0.1:8080/v1");
      writeFileSync(file, text.replace("ws://127.0.0.1:8080/v1", server.address));
      try {
        await import(file);
        await vi.waitFor(() => {
          expect(printed).toEqual([...text.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => line));
        }, 20_000);
      } finally {
        log.mockRestore();
        worker.close();
        vi.unstubAllGlobals();
      }
    },
  );

  it("has its programs", () => {
    expect(programs.length).toBe(5);
  });
});
