import { useQuery } from "@tanstack/react-query";
import { ask } from "./answers";
import type { Metric } from "./types";

const LISTED = 200;
const NONE: string[] = [];

/** The values that a metric's dimension has had lately, the commonest first. */
export function useDimensionValues(metric: Metric | undefined, dimension: string): string[] {
  const known = metric?.dimensions.find((each) => each.name === dimension);
  const isListed = known !== undefined && !["date", "timestamp"].includes(known.type);
  const values = useQuery({
    queryKey: ["values", metric?.metric_id, dimension],
    enabled: isListed,
    staleTime: 5 * 60_000,
    queryFn: async ({ signal }) => {
      const answer = await ask(
        {
          metrics: [metric?.metric_id ?? ""],
          dimensions: [dimension],
          window: metric?.time && metric.window ? "trailing_90d" : null,
          order: [{ by: "value", descending: true }],
          limit: LISTED,
        },
        signal,
      );
      const at = answer.columns.findIndex((column) => column.name === dimension);
      const folded = answer.folded?.group?.[0] ?? null;
      return answer.rows.flatMap((row) =>
        row[at] === null || row[at] === "" || row[at] === folded ? [] : [String(row[at])],
      );
    },
  });
  return values.data ?? NONE;
}
