/** The countries of the world, on a projection that keeps their areas. */
import { geoEqualEarth, geoPath } from "d3-geo";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import atlas from "world-atlas/countries-110m.json";
import type { Atlas } from "./atlas";
import { countryName } from "./countryNames";

const WIDTH = 960;
const HEIGHT = 440;

function countries(): Atlas {
  const topology = atlas as unknown as Topology<{ countries: GeometryCollection<{ name: string }> }>;
  const all = feature(topology, topology.objects.countries);
  // Without the ice in the south, of which nobody has figures.
  const shown = all.features.filter(({ id }) => id !== "010");
  const place = geoEqualEarth().fitSize([WIDTH, HEIGHT], { type: "FeatureCollection", features: shown });
  const draw = geoPath(place).digits(1);
  return {
    shapes: shown
      .map((country) => {
        const key = country.id === undefined ? country.properties.name : String(country.id);
        return {
          key,
          name: countryName(key) ?? country.properties.name,
          path: draw(country) ?? "",
          centre: draw.centroid(country),
        };
      })
      .sort((a, b) => a.name.localeCompare(b.name)),
    view: `0 0 ${WIDTH} ${HEIGHT}`,
    spot: (longitude, latitude) => place([longitude, latitude]),
  };
}

export const COUNTRIES: Atlas = countries();
