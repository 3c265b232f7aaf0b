/**
 * Whether a receipt is as it was signed, worked out here: the server that gave it is not believed for it. RFC 8785 for the text that
 * was signed, Ed25519 for the signature, RFC 9162 for the place in the log.
 */
import type { PublicKeys, Signed } from "@/api/types";

export type Check =
  | { is: "valid"; keyId: string; place: { position: number; size: number } | null }
  | { is: "altered"; why: string }
  | { is: "unknown"; why: string };

type SignedKind = "receipt" | "recommendation" | "head";

/** RFC 8785: names by their UTF-16 units, numbers and texts as ECMAScript writes them. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const parts = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${parts.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

const utf8 = new TextEncoder();
type Bytes = Uint8Array<ArrayBuffer>;

const bytesOf = (text: string): Bytes => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));

const hexOf = (bytes: Bytes) => Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");

const fromHex = (text: string): Bytes =>
  Uint8Array.from(text.match(/../g) ?? [], (each) => Number.parseInt(each, 16));

async function sha256(...parts: Bytes[]): Promise<Bytes> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** RFC 9162, 2.1.3.2. Positions beyond 2^31 are no bits any more, so halves are taken by division. */
async function isIncluded(
  leaf: Bytes,
  position: number,
  size: number,
  path: string[],
  root: string,
): Promise<boolean> {
  if (position < 0 || position >= size) return false;
  let [inner, last, value] = [position, size - 1, leaf];
  const halve = () => {
    inner = Math.floor(inner / 2);
    last = Math.floor(last / 2);
  };
  for (const step of path) {
    if (last === 0) return false;
    const isRight = inner % 2 === 1;
    if (isRight || inner === last) {
      value = await sha256(NODE, fromHex(step), value);
      if (!isRight) while (inner !== 0 && inner % 2 === 0) halve();
    } else {
      value = await sha256(NODE, value, fromHex(step));
    }
    halve();
  }
  return last === 0 && hexOf(value) === root;
}

const leafOf = async (receiptId: string, document: string, signature: string): Promise<Bytes> => {
  const digest = hexOf(await sha256(utf8.encode(`${document}\n${signature}`)));
  return sha256(LEAF, utf8.encode(`${receiptId}\n${digest}`));
};

class Unable extends Error {}

/** The key's id, or null where it is not what that key signed. Raises Unable where this browser cannot tell. */
async function signedBy(
  kind: SignedKind,
  document: unknown,
  signature: string,
  keys: PublicKeys,
): Promise<string | null> {
  const [keyId = "", mark = ""] = signature.split(":");
  const known = keys.keys.find((each) => each.key_id === keyId);
  if (!known) throw new Unable("the server does not have the key that it says it was signed with");
  if (!globalThis.crypto?.subtle)
    throw new Unable("a browser checks signatures over https or on this machine alone");
  const raw = bytesOf(known.public_key);
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  } catch {
    throw new Unable("this browser does not know Ed25519");
  }
  if (hexOf(await sha256(raw)).slice(0, 32) !== keyId) return null;
  const text = utf8.encode(`assay ${kind} 1\n${canonical(document)}`);
  return (await crypto.subtle.verify("Ed25519", key, bytesOf(mark), text)) ? keyId : null;
}

/** What was signed, alone. */
export async function checkSigned(
  kind: SignedKind,
  document: unknown,
  signature: string,
  keys: PublicKeys,
): Promise<Check> {
  try {
    const keyId = await signedBy(kind, document, signature, keys);
    return keyId
      ? { is: "valid", keyId, place: null }
      : { is: "altered", why: "its signature does not match" };
  } catch (error) {
    if (error instanceof Unable) return { is: "unknown", why: error.message };
    return { is: "altered", why: "its signature cannot be read" };
  }
}

/** A receipt that was exported, with its place in the log. */
export async function checkReceipt({ receipt, signature, log }: Signed, keys: PublicKeys): Promise<Check> {
  const found = await checkSigned("receipt", receipt, signature, keys);
  if (found.is !== "valid") return found;
  if (receipt.install !== keys.install) return { is: "altered", why: "it is of another install" };
  if (log === null) return found;
  const { signature: mark, ...head } = log.head;
  const headCheck = await checkSigned("head", head, mark, keys);
  const leaf = await leafOf(String(receipt.receipt_id), canonical(receipt), signature);
  const isThere =
    headCheck.is === "valid" &&
    head.log === "receipts" &&
    head.install === keys.install &&
    (await isIncluded(leaf, log.position, head.number, log.path, head.hash));
  if (!isThere) return { is: "altered", why: "its place in the log is not proved" };
  return { ...found, place: { position: log.position, size: head.number } };
}
