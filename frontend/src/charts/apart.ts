/** Places along a line, each as near as may be to where it wants to be, none nearer to another than `gap`, all between two ends. */
export function apart(wanted: number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const placed = [...wanted];
  let last = low - gap;
  for (const index of order) {
    last = Math.max(last + gap, placed[index] ?? 0);
    placed[index] = last;
  }
  // What was pushed beyond the end comes back, and pushes those before it.
  let limit = high;
  for (const index of [...order].reverse()) {
    placed[index] = Math.min(placed[index] ?? 0, limit);
    limit = (placed[index] ?? 0) - gap;
  }
  return placed;
}
