import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Plugin } from "vite";

const STYLES = /\n *<link rel="stylesheet"[^>]*>/;

const digest = (text: string) => createHash("sha256").update(text).digest("base64url").slice(0, 8);

/**
 * The document as it is sent: its frame is painted before the styles of everything else are there; what it begins with has a name
 * that is never used again, like all other parts; and the service worker knows which build it is of.
 */
export function frameFirst(): Plugin {
  let folder = "";
  return {
    name: "frame-first",
    apply: "build",
    configResolved: (config) => {
      folder = resolve(config.root, config.build.outDir);
    },
    writeBundle: () => {
      const at = (name: string) => join(folder, name);
      const read = (name: string) => readFileSync(at(name), "utf8");
      const begin = `assets/begin-${digest(read("begin.js"))}.js`;
      renameSync(at("begin.js"), at(begin));
      const built = read("index.html");
      const [styles] = STYLES.exec(built) ?? [];
      if (!styles) throw new Error("index.html names no styles");
      const page = built
        .replace('src="/begin.js"', `src="/${begin}"`)
        .replace(styles, "")
        .replace("\n  </body>", `${styles}\n  </body>`);
      writeFileSync(at("index.html"), page);
      writeFileSync(at("sw.js"), read("sw.js").replace("BUILD", digest(page)));
    },
  };
}
