import type { Route, Standing } from "@/api/types";
import { matches } from "@/ui/matches";

export type StandingFilter = Standing | "pending";

export interface RouteFilter {
  search: string;
  backend: string | null;
  standing: StandingFilter | null;
}

/** In the order of the chips: what needs a person first. */
export const STANDINGS: { value: StandingFilter; label: string }[] = [
  { value: "pending", label: "Pending" },
  { value: "differs", label: "Differs" },
  { value: "accepted", label: "Accepted" },
  { value: "stale", label: "Stale" },
  { value: "proven", label: "Proven" },
  { value: "proven_for_others", label: "Proven for others" },
  { value: "unproven", label: "Unproven" },
];

export const hasStanding = (route: Route, standing: StandingFilter) =>
  standing === "pending" ? route.pending !== null : route.parity.standing === standing;

/** What search and backend leave, whatever the standing: the chips count these. */
export const found = (routes: Route[], { search, backend }: RouteFilter): Route[] =>
  routes.filter(
    (route) =>
      matches(search, route.label, route.metric_id) && (backend === null || route.backend === backend),
  );

export const filtered = (routes: Route[], filter: RouteFilter): Route[] => {
  const { standing } = filter;
  const left = found(routes, filter);
  return standing === null ? left : left.filter((route) => hasStanding(route, standing));
};
