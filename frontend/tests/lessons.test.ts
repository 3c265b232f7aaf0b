import { expect, test } from "vitest";
import type { Asked } from "@/api/clarifyEvents";
import type { Settled } from "@/features/words/conversation";
import { lessonsOf } from "@/features/words/lessonsOf";

const settled = (words: string, label: string, value: string, kind: Asked["kind"] = "word"): Settled => ({
  answer: label,
  question: { id: `${kind}:${words}`, kind, text: "?", words, choices: [{ label, value }] },
});

test("what an answer has explained is a lesson; what it left out, replaced or dated is none", () => {
  const lessons = lessonsOf([
    settled("takings", "Revenue", "metric:revenue"),
    settled("area", "by region", "dimension:shop.sale.region"),
    settled("up north", "only North", "value:shop.sale.region=North"),
    settled("ship", "Freight instead", "metric:freight"),
    settled("really", "Leave “really” out", "leave_out"),
    settled("lately", "last 7 days", "window:trailing_7d"),
    settled("", "Orders", "metric:orders"),
  ]);
  expect(lessons.map(({ words, label }) => `${words}: ${label}`)).toEqual([
    "takings: Revenue",
    "area: region",
    "up north: North",
  ]);
});

test("what the server would decline as a name is not offered", () => {
  const lessons = lessonsOf([
    settled("Germany", "Ship country: Germany", "value:shop.sale.country=Germany", "value"),
    settled("place", "by place", "dimension:shop.city <- sale_to_city.city"),
    settled("over 500; please", "by region", "dimension:shop.sale.region"),
    settled("2024", "by year", "dimension:shop.sale.year"),
  ]);
  expect(lessons).toEqual([]);
});
