/** Which dimensions are the two halves of a point of the earth: the server's own rule (`points_of` in widget.py). */

const LATITUDE = /(^|_)(lat|latitude)$/i;
const LONGITUDE = /(^|_)(lon|lng|long|longitude)$/i;

export function placeNames(dimensions: string[]): { latitude: string; longitude: string } | null {
  const latitude = dimensions.find((name) => LATITUDE.test(name));
  const longitude = dimensions.find((name) => LONGITUDE.test(name));
  return latitude && longitude ? { latitude, longitude } : null;
}
