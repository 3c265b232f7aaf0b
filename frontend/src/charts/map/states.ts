/** The states of the United States, from the atlas in the package: it is laid flat by this very projection. */
import { geoAlbersUsa, geoPath } from "d3-geo";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import atlas from "us-atlas/states-albers-10m.json";
import type { Atlas } from "./atlas";

const WIDTH = 975;
const HEIGHT = 610;

function states(): Atlas {
  const topology = atlas as unknown as Topology<{ states: GeometryCollection<{ name: string }> }>;
  const draw = geoPath().digits(1);
  const place = geoAlbersUsa()
    .scale(1300)
    .translate([WIDTH / 2, HEIGHT / 2]);
  return {
    shapes: feature(topology, topology.objects.states)
      .features.map((state) => ({
        key: state.properties.name,
        name: state.properties.name,
        path: draw(state) ?? "",
        centre: draw.centroid(state),
      }))
      .sort((a, b) => a.name.localeCompare(b.name)),
    view: `-60 4 ${WIDTH + 62} ${HEIGHT}`,
    spot: (longitude, latitude) => place([longitude, latitude]),
  };
}

export const STATES: Atlas = states();
