import { afterEach, expect, it } from "vitest";
import { takeEarly } from "@/api/early";

afterEach(() => {
  delete window.assayEarly;
});

it("takes an early answer for what reads, and never for what changes something", async () => {
  const early = new Response("{}");
  window.assayEarly = { at: performance.now(), asked: new Map([["/v1/session", Promise.resolve(early)]]) };
  const request = (method: string) => new Request("http://assay.test/v1/session", { method });
  expect(await takeEarly(request("DELETE"))).toBeUndefined();
  expect(await takeEarly(request("GET"))).toBe(early);
});
