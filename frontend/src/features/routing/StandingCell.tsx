import { Link } from "react-router";
import type { Route } from "@/api/types";
import { paths } from "@/app/address";
import { Age } from "@/widgets/Age";
import { ParitySeal, parityWords, standingReason } from "@/widgets/ParitySeal";

/** How the route stands, why, and how old the certificate is that says so. It leads to the certificate. */
export function StandingCell({ route }: { route: Route }) {
  const { parity, compared_at: comparedAt } = route;
  if (parity.certificate_id === null) {
    return <span className="text-faint">Not compared yet</span>;
  }
  return (
    <span className="flex items-start gap-1.5 max-md:ml-auto">
      <span aria-hidden className="mt-px">
        <ParitySeal parity={parity} />
      </span>
      <span className="grid min-w-0 gap-0.5 max-md:justify-items-end">
        <span className="max-md:text-right">
          <Link
            to={paths.routing({ metric: route.metric_id, certificate: parity.certificate_id })}
            className="text-ink underline-offset-2 hover:underline"
          >
            {parityWords(parity)}
            <span className="sr-only">: the certificate of {route.label}</span>
          </Link>
          {comparedAt && (
            <span className="inline-block text-faint" title={comparedAt}>
              {" "}
              · <Age at={comparedAt} /> ago
            </span>
          )}
        </span>
        {parity.reason && parity.standing !== "proven" && (
          <span
            className="line-clamp-2 max-w-[38ch] text-mark text-faint max-md:text-right"
            title={parity.reason}
          >
            {standingReason(parity)}
          </span>
        )}
      </span>
    </span>
  );
}
