import { useQuery } from "@tanstack/react-query";
import { ask } from "./answers";
import type { Metric } from "./types";

const LISTED = 200;
const NONE: string[] = [];

/** The values of a dimension among all rows that may count in a metric, the commonest first. */
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
          metrics: [`${metric?.metric_id}:rows`],
          dimensions: [dimension],
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
