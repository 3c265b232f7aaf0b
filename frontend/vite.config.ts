import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { compressed } from "./compressed.ts";
import { firstOf } from "./firstOf.ts";
import { frameFirst } from "./frameFirst.ts";

const server = process.env.ASSAY_URL ?? "http://127.0.0.1:8400";

export default defineConfig({
  plugins: [react(), tailwindcss(), frameFirst(), compressed()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    // Where the server looks for it, and what the wheel carries.
    outDir: "../src/assay/web/static",
    emptyOutDir: true,
    // The page's policy allows fonts from its own address only: nothing may be inlined as a data: URL.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    // What every page begins with is three files, its libraries, icons and own code: thirty small ones are asked for in turns.
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [{ name: firstOf("src/main.tsx"), debugName: "first" }],
        },
      },
    },
  },
  server: {
    // Assay takes questions only from its own origin: what this server hands on, it hands on as from there.
    proxy: Object.fromEntries(
      ["/v1", "/health", "/ready", "/openapi.json"].map((path) => [
        path,
        { target: server, changeOrigin: true, headers: { origin: server } },
      ]),
    ),
  },
  test: {
    environment: "jsdom",
    // One window and one set of libraries for all files of a worker; tests/setup.ts makes each begin anew.
    isolate: false,
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    // As long as a machine may take that does twenty other things as well.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    environmentOptions: { jsdom: { url: "http://assay.test/" } },
  },
});
