import { defineConfig } from "vite";

export default defineConfig({
  // Relative, so that the page works below every path.
  base: "./",
  resolve: {
    alias: { "@topicstream/client": new URL("../clients/typescript/src/index.ts", import.meta.url).pathname },
  },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    outDir: "target/classes/io/topicstream/web/chat",
    emptyOutDir: true,
    target: "es2022",
    // The Content-Security-Policy allows no script and no image that stands in the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
});
