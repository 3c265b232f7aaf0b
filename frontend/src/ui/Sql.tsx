import { classes } from "./classes";
import { inLines } from "./sqlLines";
import { sqlTokens, type TokenKind } from "./sqlTokens";

const LOOK: Partial<Record<TokenKind, string>> = {
  keyword: "text-accent",
  function: "text-(--code)",
  string: "text-good",
  number: "text-stale",
  parameter: "font-semibold text-stale",
  comment: "text-faint italic",
};

/** SQL coloured and set in lines. Long lines wrap: nothing scrolls out of sight on paper. */
export function Sql({ sql, className }: { sql: string; className?: string }) {
  let at = 0;
  return (
    <pre
      className={classes(
        "font-mono text-mark leading-[1.55] [overflow-wrap:anywhere] whitespace-pre-wrap",
        className,
      )}
    >
      <code>
        {inLines(sqlTokens(sql)).map((token) => {
          const key = at;
          at += token.text.length;
          const look = LOOK[token.kind];
          return look ? (
            <span key={key} className={look}>
              {token.text}
            </span>
          ) : (
            token.text
          );
        })}
      </code>
    </pre>
  );
}
