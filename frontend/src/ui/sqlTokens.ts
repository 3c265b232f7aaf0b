/** A tokenizer for showing SQL, not for understanding it: every character comes out once, in order. */

export type TokenKind =
  | "keyword"
  | "function"
  | "string"
  | "number"
  | "parameter"
  | "comment"
  | "name"
  | "other";

export interface Token {
  kind: TokenKind;
  text: string;
}

const KEYWORDS = new Set(
  (
    "ALL AND AS ASC BETWEEN BY CASE CAST CROSS DESC DISTINCT ELSE END EXCEPT EXISTS FALSE FILTER FIRST FROM FULL GROUP " +
    "HAVING IN INNER INTERSECT INTERVAL IS JOIN LAST LEFT LIKE LIMIT NOT NULL NULLS OFFSET ON OR ORDER OUTER OVER " +
    "PARTITION RIGHT SELECT THEN TRUE UNION USING VALUES WHEN WHERE WITH WITHIN"
  ).split(" "),
);

const RULES: [TokenKind, RegExp][] = [
  ["comment", /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ["string", /'(?:[^']|'')*(?:'|$)/y],
  ["name", /"(?:[^"]|"")*(?:"|$)|`[^`]*(?:`|$)/y],
  ["parameter", /\$\w+|:[A-Za-z_]\w*|\?\d*|%\(\w+\)s/y],
  ["number", /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ["name", /[A-Za-z_][\w$]*/y],
  // A cast is not a parameter: `::date` must not read as `:date`.
  ["other", /::|\s+|[^\w\s]/y],
];

function ruleAt(sql: string, at: number): Token {
  if (sql.startsWith("::", at)) return { kind: "other", text: "::" };
  for (const [kind, pattern] of RULES) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text) return { kind, text };
  }
  return { kind: "other", text: sql.charAt(at) };
}

export function sqlTokens(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const token = ruleAt(sql, at);
    at += token.text.length;
    if (token.kind === "name" && /^\w/.test(token.text)) {
      if (KEYWORDS.has(token.text.toUpperCase())) token.kind = "keyword";
      else if (sql[at] === "(") token.kind = "function";
    }
    tokens.push(token);
  }
  return tokens;
}
