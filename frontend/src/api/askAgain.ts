import type { Query, QueryClient, QueryFilters } from "@tanstack/react-query";

/** A receipt never changes; everything else may have. */
const mayBeOld = (query: Query) => query.queryKey[0] !== "receipt";

/** Everything that the page holds. */
export const askAllAgain = (client: QueryClient) => askAgain(client, { predicate: mayBeOld });

/** The same by the clock: what is on its way is waited for. */
export const askByTheClock = (client: QueryClient) =>
  client.invalidateQueries({ predicate: mayBeOld }, { cancelRefetch: false });

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
