import type { QueryClient, QueryFilters } from "@tanstack/react-query";

const nothing = () => {};

/**
 * What the page holds is old: it is asked again. What is on its way for the first time may have been read before the change, and
 * the client would take it for fresh: that is asked once more as soon as it is there.
 */
export async function askAgain(client: QueryClient, filters: QueryFilters): Promise<void> {
  const onItsWay = client
    .getQueryCache()
    .findAll({ ...filters, fetchStatus: "fetching" })
    .filter((query) => query.state.data === undefined);
  const later = onItsWay.map(async ({ promise, queryKey }) => {
    await promise?.catch(nothing);
    await client.invalidateQueries({ queryKey, exact: true });
  });
  await Promise.all([client.invalidateQueries(filters), ...later]);
}
