import { svelte } from "@sveltejs/vite-plugin-svelte";
import path from "node:path";
import { defineConfig } from "vite";
import { licences } from "./generate/licences.mjs";

// `npm run dev` shows the console while it is being written, and passes what it asks on to running Workers.
const workers = process.env.CONSOLE_WORKERS ?? "http://127.0.0.1:8787";

export default defineConfig({
  base: "/console/",
  plugins: [svelte(), licences(["@fontsource-variable/geist"])],
  resolve: {
    alias: { $lib: path.resolve("src/lib"), $texts: path.resolve("src/texts/en.ts") },
  },
  build: {
    target: "es2023",
    // Nothing becomes a data: address, which the content security policy refuses.
    assetsInlineLimit: 0,
    // Browsers that know ES2023 preload modules by themselves.
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    rollupOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": { target: workers },
      "/validate": { target: workers },
    },
  },
});
