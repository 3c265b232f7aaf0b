import type { Route } from "@/api/types";

const WHY = "Moving needs the role steward";

/** As it is offered to whoever may move nothing: where it is served and how that stands, and no other way. */
export function onlySeen(route: Route): Route {
  const choices = route.choices.map((each) =>
    each.ok && each.backend !== route.backend ? { ...each, ok: false, reason: WHY } : each,
  );
  return { ...route, choices, previous: null };
}
