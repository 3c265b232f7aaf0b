import { webcrypto } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PublicKeys, Signed } from "@/api/types";
import { canonical, checkReceipt, checkSigned } from "@/features/receipts/checking";
// Signed by the server's own code; tests/unit/test_signing.py holds it against that.
import given from "./receipt.json";

const keys = given.keys as PublicKeys;
const good = given.exported as unknown as Signed;

function changed(change: (copy: Signed) => void): Signed {
  const copy = structuredClone(good);
  change(copy);
  return copy;
}

beforeEach(() => vi.stubGlobal("crypto", webcrypto));
afterEach(() => vi.unstubAllGlobals());

describe("a receipt that is checked in the browser", () => {
  it("has the text that the server signed, to the letter", () => {
    expect(canonical(good.receipt)).toBe(given.canonical);
  });

  it("is valid, with its place in the log", async () => {
    const keyId = keys.keys[0]?.key_id;
    expect(await checkReceipt(good, keys)).toEqual({
      is: "valid",
      keyId,
      place: { position: 6, size: 7 },
    });
    expect(await checkReceipt({ ...good, log: null }, keys)).toEqual({ is: "valid", keyId, place: null });
  });

  it.each([
    ["a value", (copy: Signed) => Object.assign(copy.receipt, { rows: [["9410000.00"]] })],
    ["a name more", (copy: Signed) => Object.assign(copy.receipt, { more: null })],
    [
      "its signature",
      (copy: Signed) => Object.assign(copy, { signature: `${copy.signature.slice(0, -8)}AAAAAA==` }),
    ],
    [
      "what is no signature",
      (copy: Signed) => Object.assign(copy, { signature: `${keys.keys[0]?.key_id}:é` }),
    ],
    ["its position", (copy: Signed) => Object.assign(copy.log ?? {}, { position: 5 })],
    ["its path", (copy: Signed) => copy.log?.path.reverse()],
    ["the head's length", (copy: Signed) => Object.assign(copy.log?.head ?? {}, { number: 8 })],
  ])("is altered where it is another by %s", async (_, change) => {
    expect((await checkReceipt(changed(change), keys)).is).toBe("altered");
  });

  it("is of another install, where the keys say so, and signed as one kind is no other kind", async () => {
    expect((await checkReceipt(good, { ...keys, install: "two" })).is).toBe("altered");
    expect((await checkSigned("recommendation", good.receipt, good.signature, keys)).is).toBe("altered");
  });

  it("is not said to be valid by a browser that cannot tell, nor by a key that bears another's name", async () => {
    const [known] = keys.keys;
    const stranger = { ...keys, keys: [] };
    expect((await checkReceipt(good, stranger)).is).toBe("unknown");
    const other = btoa(String.fromCharCode(...new Uint8Array(32).fill(7)));
    const false_ = { ...keys, keys: [{ ...known, public_key: other }] } as PublicKeys;
    expect((await checkReceipt(good, false_)).is).toBe("altered");
    vi.stubGlobal("crypto", {});
    expect((await checkReceipt(good, keys)).is).toBe("unknown");
  });
});
