/** Charts are drawn one after another, each in a task of its own: forty at once would hold up the page. */

const waiting = new Set<() => void>();
let isRunning = false;

function runNext() {
  const [next] = waiting;
  if (!next) {
    isRunning = false;
    return;
  }
  waiting.delete(next);
  next();
  setTimeout(runNext);
}

/** Draws once it is its turn; what is returned takes it back. */
export function drawInTurn(draw: () => void): () => void {
  waiting.add(draw);
  if (!isRunning) {
    isRunning = true;
    setTimeout(runNext);
  }
  return () => {
    waiting.delete(draw);
  };
}
