import { describe, expect, it } from "vitest";
import { sqlTokens } from "@/ui/sqlTokens";

const kinds = (sql: string) =>
  sqlTokens(sql)
    .filter((token) => token.text.trim() !== "")
    .map((token) => `${token.kind}:${token.text}`);

describe("the tokenizer", () => {
  it("knows keywords, functions, parameters and numbers", () => {
    expect(kinds("SELECT SUM(c.x) FROM t WHERE a <> $1 LIMIT 10")).toEqual([
      "keyword:SELECT",
      "function:SUM",
      "other:(",
      "name:c",
      "other:.",
      "name:x",
      "other:)",
      "keyword:FROM",
      "name:t",
      "keyword:WHERE",
      "name:a",
      "other:<",
      "other:>",
      "parameter:$1",
      "keyword:LIMIT",
      "number:10",
    ]);
  });

  it("does not look for keywords inside strings, quoted names and comments", () => {
    expect(kinds("'SELECT ''x'' FROM' \"FROM\" -- WHERE")).toEqual([
      "string:'SELECT ''x'' FROM'",
      'name:"FROM"',
      "comment:-- WHERE",
    ]);
  });

  it("tells a cast from a parameter", () => {
    expect(kinds("a::date = :day")).toEqual(["name:a", "other:::", "name:date", "other:=", "parameter::day"]);
  });

  it.each(["SELECT 'open string", "/* open comment", "a → b; §", "", "\n\t  SELECT\n  1"])(
    "loses no character of %j",
    (sql) => {
      expect(
        sqlTokens(sql)
          .map((token) => token.text)
          .join(""),
      ).toBe(sql);
    },
  );
});
