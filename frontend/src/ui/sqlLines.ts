/** Sets SQL that came in one line into lines, by turning spaces into line breaks and touching nothing else. */
import type { Token } from "./sqlTokens";

const CLAUSES = new Set([
  "FROM",
  "WHERE",
  "GROUP",
  "HAVING",
  "ORDER",
  "LIMIT",
  "UNION",
  "JOIN",
  "LEFT",
  "INNER",
  "CROSS",
]);
const INNER = new Set(["AND", "OR"]);
const INDENT = "  ";

/** SQL that already has lines is left as it is. */
export function inLines(tokens: Token[]): Token[] {
  if (tokens.some((token) => token.text.includes("\n"))) return tokens;
  let depth = 0;
  let isBetween = false;
  let isList = false;
  return tokens.map((token, index) => {
    const next = tokens[index + 1];
    const word = next?.kind === "keyword" ? next.text.toUpperCase() : "";
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    if (token.kind === "keyword" && depth === 0) {
      const own = token.text.toUpperCase();
      if (own === "BETWEEN") isBetween = true;
      if (own === "SELECT") isList = true;
      if (CLAUSES.has(own)) isList = false;
    }
    if (token.text !== " " || depth > 0) return token;
    const before = tokens[index - 1];
    if (isList && before?.text === ",") return { ...token, text: `\n${INDENT}` };
    if (CLAUSES.has(word) && !(word === "JOIN" && before?.kind === "keyword"))
      return { ...token, text: "\n" };
    if (INNER.has(word)) {
      // The AND of a BETWEEN belongs to its line.
      if (word === "AND" && isBetween) {
        isBetween = false;
        return token;
      }
      return { ...token, text: `\n${INDENT}` };
    }
    return token;
  });
}
