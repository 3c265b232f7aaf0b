/** What a map is drawn on: shapes laid flat already, so that nothing is fetched from elsewhere. */

interface Shape {
  /** What rows name it by. */
  key: string;
  /** As it reads. */
  name: string;
  path: string;
  centre: [number, number];
}

export interface Atlas {
  shapes: Shape[];
  /** The part of the drawing that is shown, as SVG has it. */
  view: string;
  /** Where a point of the earth lies on it; null: it does not. */
  spot: (longitude: number, latitude: number) => [number, number] | null;
}

type Way = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

const WAYS: Record<Way, [number, number]> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

export const isWay = (key: string): key is Way => key in WAYS;

/** The nearest shape in a direction; those far off to the side count as farther. */
export function neighbour(shapes: Shape[], from: string, way: Way): string {
  const here = shapes.find(({ key }) => key === from);
  if (!here) return shapes[0]?.key ?? from;
  const [dx, dy] = WAYS[way];
  let best = { key: from, far: Number.POSITIVE_INFINITY };
  for (const { key, centre } of shapes) {
    const [x, y] = [centre[0] - here.centre[0], centre[1] - here.centre[1]];
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (ahead <= 1 || aside > ahead * 1.6) continue;
    const far = ahead + aside * 2;
    if (far < best.far) best = { key, far };
  }
  return best.key;
}
