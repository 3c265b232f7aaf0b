import { Link } from "react-router";
import { useRoutes } from "@/api/routes";
import type { Standing } from "@/api/types";
import { paths } from "@/app/address";
import { classes } from "@/ui/classes";

/** What is told, in its order: what is well first, then what needs a person. */
const STANDINGS: { standing: Standing; word: string; text: string; tick: string }[] = [
  { standing: "proven", word: "proven", text: "text-gold", tick: "bg-(--gold-tick)" },
  {
    standing: "proven_for_others",
    word: "proven for other groupings",
    text: "text-gold",
    tick: "bg-(--gold-tick)/50",
  },
  { standing: "accepted", word: "accepted", text: "text-gold", tick: "bg-(--gold-tick)/50" },
  { standing: "differs", word: "differs", text: "text-bad", tick: "bg-bad" },
  { standing: "stale", word: "stale", text: "text-stale", tick: "bg-stale" },
  { standing: "unproven", word: "unproven", text: "text-soft", tick: "bg-line-strong/45" },
];

/** More than this many are no picture any more. */
const MOST_TICKS = 60;

/** How all metrics stand, said once for the whole page: a tick each, and the counts as ways to them. */
export function ProofStrip() {
  const { data } = useRoutes();
  const routes = data?.routes ?? [];
  const found = STANDINGS.map((each) => ({
    ...each,
    count: routes.filter(({ parity }) => parity.standing === each.standing).length,
  })).filter(({ count }) => count > 0);
  // Its line is kept free while it is waited for, so that nothing moves when it comes.
  if (routes.length === 0) return <div className="mt-1 min-h-5" />;
  const link = "rounded underline-offset-2 hover:underline";
  return (
    <div className="mt-1 flex min-h-5 flex-wrap items-center gap-x-3 text-small leading-5">
      {routes.length <= MOST_TICKS && (
        <span aria-hidden className="mt-1 flex w-full gap-[2px] sm:mt-0 sm:w-auto">
          {found.flatMap(({ standing, count, tick }) =>
            Array.from({ length: count }, (_, index) => (
              <i
                // biome-ignore lint/suspicious/noArrayIndexKey: ticks of a standing are alike.
                key={`${standing} ${index}`}
                className={classes("mark h-2.5 flex-1 rounded-[1px] sm:w-[3px] sm:flex-none", tick)}
              />
            )),
          )}
        </span>
      )}
      <nav aria-label="How the metrics stand" className="flex flex-wrap items-center gap-x-3">
        <Link to={paths.routing()} className={classes(link, "text-soft")}>
          <b className="font-semibold text-ink">{routes.length}</b> metrics
        </Link>
        {found.map(({ standing, word, text, count }) => (
          <Link key={standing} to={paths.routing({ standing })} className={classes(link, text)}>
            <b className="font-semibold">{count}</b> {word}
          </Link>
        ))}
      </nav>
    </div>
  );
}
