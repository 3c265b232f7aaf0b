/** Whether the server answered when it was last asked for anything. A refusal is an answer. */
let isReached = true;
const listeners = new Set<() => void>();

export function noteReached(reached: boolean) {
  if (reached === isReached) return;
  isReached = reached;
  for (const listener of listeners) listener();
}

export const wasReached = (): boolean => isReached;

export function onReach(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
