import { describe, expect, it } from "vitest";
import { inLines } from "@/ui/sqlLines";
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

const lines = (sql: string) =>
  inLines(sqlTokens(sql))
    .map((token) => token.text)
    .join("");

describe("SQL in lines", () => {
  it("breaks before clauses and conditions, and leaves brackets whole", () => {
    expect(
      lines(
        "SELECT a, SUM(b) AS v FROM t AS t LEFT JOIN u ON t.i = u.i WHERE (c = 1 OR d = 2) AND e <> $1 LIMIT 1",
      ),
    ).toBe(
      [
        "SELECT a,",
        "  SUM(b) AS v",
        "FROM t AS t",
        "LEFT JOIN u ON t.i = u.i",
        "WHERE (c = 1 OR d = 2)",
        "  AND e <> $1",
        "LIMIT 1",
      ].join("\n"),
    );
  });

  it("keeps the AND of a BETWEEN on its line", () => {
    expect(lines("SELECT 1 WHERE a BETWEEN 1 AND 2 AND b = 3")).toBe(
      "SELECT 1\nWHERE a BETWEEN 1 AND 2\n  AND b = 3",
    );
  });

  it("changes nothing but spaces", () => {
    const sql = "SELECT 'a FROM b', x FROM t WHERE y = 'p AND q' ORDER BY x";
    expect(lines(sql).replaceAll(/\s+/g, " ")).toBe(sql);
    expect(lines(sql)).toContain("'a FROM b'");
  });

  it("leaves alone what has lines already", () => {
    const sql = "SELECT a\nFROM t WHERE b = 1 AND c = 2";
    expect(lines(sql)).toBe(sql);
  });
});
