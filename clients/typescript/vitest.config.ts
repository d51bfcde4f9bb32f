import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@topicstream/client": new URL("src/index.ts", import.meta.url).pathname } },
  test: {
    include: ["test/**/*.test.ts"],
    // On a busy machine a server may take a minute to start.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    retry: Number(process.env["TEST_RERUNS"] ?? 0),
    reporters: process.env["JUNIT_FILE"] === undefined ? ["default"] : ["default", "junit"],
    ...(process.env["JUNIT_FILE"] === undefined ? {} : { outputFile: { junit: process.env["JUNIT_FILE"] } }),
  },
});
