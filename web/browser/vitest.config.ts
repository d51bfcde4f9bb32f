import { defineConfig } from "vitest/config";

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: "target/vite",
  test: {
    include: ["*.test.ts"],
    globalSetup: "harness/temporary.ts",
    // One browser and one server after the other: two cores have no room for more.
    pool: "forks",
    fileParallelism: false,
    // On a busy machine a server may take a minute to start.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    retry: Number(process.env["TEST_RERUNS"] ?? 0),
    reporters: process.env["JUNIT_FILE"] === undefined ? ["verbose"] : ["verbose", "junit"],
    ...(process.env["JUNIT_FILE"] === undefined ? {} : { outputFile: { junit: process.env["JUNIT_FILE"] } }),
  },
});
