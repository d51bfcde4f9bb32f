import { defineConfig, mergeConfig } from "vitest/config";
import vite from "./vite.config.js";

export default mergeConfig(
  vite,
  defineConfig({
    test: {
      include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
      // On a busy machine a server may take a minute to start.
      testTimeout: 240_000,
      hookTimeout: 240_000,
      retry: Number(process.env["TEST_RERUNS"] ?? 0),
      reporters: process.env["JUNIT_FILE"] === undefined ? ["default"] : ["default", "junit"],
      ...(process.env["JUNIT_FILE"] === undefined
        ? {}
        : { outputFile: { junit: process.env["JUNIT_FILE"] } }),
    },
  }),
);
