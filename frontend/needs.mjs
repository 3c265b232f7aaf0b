// Writes what each endpoint needs (x-needs of openapi.json) beyond being seen, for the page: node needs.mjs OPENAPI FILE
import { readFileSync, writeFileSync } from "node:fs";

const [, , openapi, file] = process.argv;
const operations = Object.values(JSON.parse(readFileSync(openapi, "utf8")).paths).flatMap(Object.values);
const needs = operations
  .map((each) => [each.operationId, each["x-needs"]])
  .filter(([, need]) => need !== "open" && need !== "see")
  .sort(([one], [other]) => (one < other ? -1 : 1));
const lines = needs.map(([name, need]) => `  ${name}: "${need}",\n`).join("");
writeFileSync(
  file,
  `/** Made from openapi.json by \`npm run gen\`: what each endpoint needs, where seeing is not enough. */\nexport const NEEDS = {\n${lines}} as const;\n`,
);
