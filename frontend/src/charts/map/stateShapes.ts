/** The states as drawn: from the atlas in the package, laid flat already, so that nothing is fetched from elsewhere. */
import { geoPath } from "d3-geo";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import atlas from "us-atlas/states-albers-10m.json";

export interface StateShape {
  name: string;
  path: string;
  centre: [number, number];
}

export const WIDTH = 975;
export const HEIGHT = 610;

function shapes(): StateShape[] {
  const topology = atlas as unknown as Topology<{ states: GeometryCollection<{ name: string }> }>;
  const draw = geoPath().digits(1);
  return feature(topology, topology.objects.states)
    .features.map((state) => ({
      name: state.properties.name,
      path: draw(state) ?? "",
      centre: draw.centroid(state),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

export const STATES: StateShape[] = shapes();

type Way = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

const WAYS: Record<Way, [number, number]> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

export const isWay = (key: string): key is Way => key in WAYS;

/** The nearest state in a direction; those far off to the side count as farther. */
export function neighbour(from: string, way: Way): string {
  const here = STATES.find((state) => state.name === from);
  if (!here) return STATES[0]?.name ?? from;
  const [dx, dy] = WAYS[way];
  let best = { name: from, far: Number.POSITIVE_INFINITY };
  for (const { name, centre } of STATES) {
    const [x, y] = [centre[0] - here.centre[0], centre[1] - here.centre[1]];
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (ahead <= 1 || aside > ahead * 1.6) continue;
    const far = ahead + aside * 2;
    if (far < best.far) best = { name, far };
  }
  return best.name;
}
