import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(?:js|css|html|svg|json)$/;
/** Below this a header says more than is saved. */
const LEAST = 512;

/** Writes the texts of the build compressed beside them, once and as small as they get, so that the server never compresses. */
export function compressed(): Plugin {
  let folder = "";
  return {
    name: "compressed",
    // A build that is only looked at is sent by nobody.
    apply: (_, { command, mode }) => command === "build" && mode === "production",
    configResolved: (config) => {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle: () => {
      for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (!TEXT.test(path)) continue;
        const file = join(folder, path);
        const text = readFileSync(file);
        if (text.length < LEAST) continue;
        const hint = { [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
        writeFileSync(`${file}.br`, brotliCompressSync(text, { params: hint }));
        writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
      }
    },
  };
}
