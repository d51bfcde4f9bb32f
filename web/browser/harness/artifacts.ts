import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../target/artifacts", import.meta.url));

/** The path of a file for people to look at after the build. */
export function artifact(name: string): string {
  mkdirSync(FOLDER, { recursive: true });
  return join(FOLDER, name);
}

/** Writes figures to a file and to the output of the test. */
export function report(name: string, figures: Record<string, unknown>): void {
  writeFileSync(artifact(`${name}.json`), `${JSON.stringify(figures, null, 2)}\n`);
  console.log(`${name}: ${JSON.stringify(figures)}`);
}
