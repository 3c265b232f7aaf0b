import { ArrowRight } from "lucide-react";
import { Link } from "react-router";
import { useOpenRecommendations } from "@/api/loop";
import { paths } from "@/app/address";
import { exactText, numberOf } from "@/format/numbers";
import { Age } from "./Age";

const SHOWN = 2;

/** What waits for a decision, a line each, above a dashboard. Where nothing waits there is nothing. */
export function OpenRecommendations() {
  const open = useOpenRecommendations() ?? [];
  if (open.length === 0) return null;
  const more = open.length - SHOWN;
  return (
    <section
      aria-label="Open recommendations"
      className="mb-3 animate-[appear_240ms_ease-out] rounded-[11px] border border-accent/45 bg-surface px-3.5 py-1"
    >
      <ul>
        {open.slice(0, SHOWN).map((each) => (
          <li
            key={each.recommendation_id}
            className="flex flex-wrap items-baseline gap-x-3 border-line/70 border-b py-1.5 last:border-b-0"
          >
            <span className="font-medium">{each.label}</span>
            <span className="min-w-0 flex-1 basis-40 truncate text-soft">
              {[each.product, each.issue, each.place].filter(Boolean).join(" · ")}
            </span>
            {(numberOf(each.saving_usd) ?? 0) > 0 && (
              <span className="text-soft">
                saves <b className="font-medium text-good">{exactText(each.saving_usd, "usd")}</b>
              </span>
            )}
            <span className="text-small text-faint">
              <Age at={each.created_at} />
            </span>
            <Link
              to={paths.desk(each.recommendation_id)}
              aria-label={`Decide: ${each.label}`}
              className="inline-flex items-center gap-1 text-accent underline-offset-2 hover:underline"
            >
              Decide
              <ArrowRight className="size-3.5" aria-hidden />
            </Link>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <p className="pb-1.5 text-small">
          <Link to={paths.desk()} className="text-accent underline-offset-2 hover:underline">
            and {more} more
          </Link>
        </p>
      )}
    </section>
  );
}
