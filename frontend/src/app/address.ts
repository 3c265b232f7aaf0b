/**
 * Every path and every parameter of the page. What is written is written over the address as it is at that moment, not as it was
 * when something was drawn: two writes in one turn both hold, and a parameter never leads back to a page that was left.
 */
import { useCallback, useContext, useMemo } from "react";
import { type Location, UNSAFE_NavigationContext as NavigationContext, useSearchParams } from "react-router";

/** As the router matches them. */
export const PATHS = {
  dashboard: "/d/:dashboardId",
  desk: "/desk",
  catalog: "/catalog/:metricId?",
  routing: "/routing",
  receipts: "/receipts",
  receipt: "/receipts/:receiptId",
  dictionary: "/dictionary/:table?",
  drafts: "/drafts/:draftId?",
  begin: "/begin/:surveyId?",
  audit: "/audit",
  waiting: "/waiting",
  alerts: "/alerts",
  join: "/join",
} as const;

const below = (path: string, id: string | null) => (id === null ? path : `${path}/${encodeURIComponent(id)}`);

/** As links write them. */
export const paths = {
  dashboard: (id: string) => below("/d", id),
  desk: (recommendationId: string | null = null) =>
    recommendationId === null ? "/desk" : `/desk?${new URLSearchParams({ case: recommendationId })}`,
  catalog: (metricId: string | null = null) => below("/catalog", metricId),
  routing: (place: { metric?: string; certificate?: string; standing?: string } = {}) => {
    const search = new URLSearchParams(place).toString();
    return search === "" ? "/routing" : `/routing?${search}`;
  },
  receipts: (metricId: string | null = null) =>
    metricId === null ? "/receipts" : `/receipts?${new URLSearchParams({ metric: metricId })}`,
  receipt: (id: string) => below("/receipts", id),
  dictionary: (table: string | null = null) => below("/dictionary", table),
  drafts: (id: string | null = null) => below("/drafts", id),
  begin: (surveyId: string | null = null) => below("/begin", surveyId),
  audit: () => "/audit",
  waiting: () => "/waiting",
  alerts: () => "/alerts",
};

/** The parameters and what they say; conditions (`is.region`) are written by `question/filters`. */
export const PARAMETERS = [
  "receipt", // the receipt beside the page
  "tile", // the tile that it was opened from
  "ask", // a session of the clarifier that is still asking
  "window", // the window of all tiles
  "arrange", // while the tiles are arranged
  "metric", // what routing and receipts look at
  "certificate",
  "alert", // what the page of alerts looks at
  "case", // what the desk looks at
  "customer",
  "state",
  "q", // what routing is narrowed to
  "on",
  "standing",
  "who", // what the audit log is narrowed to
  "action",
  "since",
  "until",
] as const;
export type Parameter = (typeof PARAMETERS)[number];

export const isParameter = (name: string): name is Parameter => PARAMETERS.some((each) => each === name);

type Changes = Partial<Record<Parameter, string | null>>;

interface Address {
  /** As it was when this was drawn. */
  search: URLSearchParams;
  get: (parameter: Parameter) => string | null;
  /** Sets parameters, or with null takes them away. With `replace` the way back leads past it. */
  write: (changes: Changes, how?: { replace?: boolean }) => void;
  rewrite: (change: (held: URLSearchParams) => URLSearchParams, how?: { replace?: boolean }) => void;
  /** The path at this moment. */
  pathNow: () => string;
}

export function useAddress(): Address {
  const { navigator } = useContext(NavigationContext);
  const [search] = useSearchParams();
  const written = useMemo(() => {
    // The router's own history: it knows the address before anything is drawn again.
    const now = () => (navigator as typeof navigator & { location: Location }).location;
    const rewrite: Address["rewrite"] = (change, { replace = false } = {}) => {
      const { pathname, search: held, hash } = now();
      const next = change(new URLSearchParams(held)).toString();
      const to = { pathname, search: next === "" ? "" : `?${next}`, hash };
      if (to.search !== held) navigator[replace ? "replace" : "push"](to);
    };
    const write: Address["write"] = (changes, how) =>
      rewrite((held) => {
        for (const [name, value] of Object.entries(changes)) {
          if (value) held.set(name, value);
          else held.delete(name);
        }
        return held;
      }, how);
    return { rewrite, write, pathNow: () => now().pathname };
  }, [navigator]);
  const get = useCallback((parameter: Parameter) => search.get(parameter), [search]);
  return { search, get, ...written };
}
