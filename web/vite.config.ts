import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

export default defineConfig({
  // Relative, so that the page works below every path.
  base: "./",
  resolve: {
    alias: {
      "@topicstream/client": here("../clients/typescript/src/index.ts"),
      // It writes to `innerHTML`, which the Content-Security-Policy forbids.
      "decode-named-character-reference": here("src/view/markdown/entities.ts"),
    },
  },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    outDir: "target/classes/io/topicstream/web/chat",
    emptyOutDir: true,
    target: "es2022",
    // The Content-Security-Policy allows no script and no image that stands in the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The licences of what is built in want to go with it.
    license: { fileName: "licences.md" },
  },
  worker: { format: "es" },
});
