/** Words inside a PNG file: a tEXt chunk after its head (PNG specification, 11.3.4.3). */

const HEAD_END = 33; // the signature (8) and the whole IHDR chunk (25)

const TABLE = Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** The PNG with `key: text` in it; both of plain letters. */
export function withPngText(png: Uint8Array, key: string, text: string): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(`tEXt${key}\0${text}`);
  const chunk = new Uint8Array(body.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, body.length - 4);
  chunk.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  const whole = new Uint8Array(png.length + chunk.length);
  whole.set(png.subarray(0, HEAD_END));
  whole.set(chunk, HEAD_END);
  whole.set(png.subarray(HEAD_END), HEAD_END + chunk.length);
  return whole;
}
