/** Which dimensions are the two halves of a point of the earth: the server's own rule (`points_of` in widget.py). */

const LATITUDE = /(^|_)(lat|latitude)$/i;
const LONGITUDE = /(^|_)(lon|lng|long|longitude)$/i;

export function placeNames(dimensions: string[]): { latitude: string; longitude: string } | null {
  const latitude = dimensions.find((name) => LATITUDE.test(name));
  const longitude = dimensions.find((name) => LONGITUDE.test(name));
  return latitude && longitude ? { latitude, longitude } : null;
}

/** Whole words, with a `_` between them: a destination is no nation. The server's own rule (`_PLACE` in further_kinds.py). */
const STATES = /(^|[^a-z])(states?|provinces?)([^a-z]|$)/i;
const COUNTRIES = /(^|[^a-z])(countr(y|ies)|nations?)([^a-z]|$)/i;

/** Which places the values of a dimension are, by what it is called; null where that does not say. */
export function placesNamed(name: string): "states" | "countries" | null {
  if (STATES.test(name)) return "states";
  return COUNTRIES.test(name) ? "countries" : null;
}
