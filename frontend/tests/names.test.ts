import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** As the wire has them, and again in a layer that may not know the wire. */
const SAME = ["NumberFormat", "Threshold"];

it("a name stands for one thing on the whole page", () => {
  const exported = new Map<string, string[]>();
  for (const path of readdirSync("src", { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(path) || path.endsWith("schema.ts")) continue;
    const text = readFileSync(`src/${path}`, "utf8");
    const names = text.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm);
    for (const [, name = ""] of names) exported.set(name, [...(exported.get(name) ?? []), path]);
  }
  const twice = [...exported].filter(([name, paths]) => new Set(paths).size > 1 && !SAME.includes(name));
  expect(exported.size).toBeGreaterThan(300);
  expect(twice).toEqual([]);
});
