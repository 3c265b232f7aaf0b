/** Who wants to hear that something has happened. */
export function createListeners() {
  const held = new Set<() => void>();
  return {
    /** Until what it gives back is called. */
    add(listener: () => void): () => void {
      held.add(listener);
      return () => {
        held.delete(listener);
      };
    },
    tell() {
      for (const listener of held) listener();
    },
  };
}
