import { act, render, screen } from "@testing-library/react";
import { MemoryRouter, useLocation, useNavigate } from "react-router";
import { describe, expect, it } from "vitest";
import { paths, useAddress } from "@/app/address";
import { type PageFilters, usePageFilters } from "@/features/dashboard/usePageFilters";

let address: ReturnType<typeof useAddress>;
let go: ReturnType<typeof useNavigate>;
let filters: PageFilters;

function Place() {
  const { pathname, search } = useLocation();
  address = useAddress();
  go = useNavigate();
  filters = usePageFilters();
  return <p>{pathname + search}</p>;
}

const show = (at: string) =>
  render(
    <MemoryRouter initialEntries={[at]}>
      <Place />
    </MemoryRouter>,
  );

describe("the address", () => {
  it("keeps both of two writes in one turn", () => {
    show("/d/overview?is.region=West");
    const held = address;
    act(() => {
      held.write({ window: "today" });
      held.write({ receipt: "r1", tile: "a" });
    });
    expect(screen.getByText("/d/overview?is.region=West&window=today&receipt=r1&tile=a")).toBeInTheDocument();
  });

  it("never leads back to a page that was left in the same turn", () => {
    show("/catalog/claims?ask=s1");
    const held = address;
    act(() => {
      void go(paths.dashboard("overview"));
      held.write({ ask: null }, { replace: true });
    });
    expect(screen.getByText("/d/overview")).toBeInTheDocument();
  });

  it("writes names as they may be written there", () => {
    expect(paths.dashboard("a b/c")).toBe("/d/a%20b%2Fc");
    expect(paths.routing({ metric: "m&n" })).toBe("/routing?metric=m%26n");
    expect(paths.desk("r 1")).toBe("/desk?case=r+1");
  });
});

describe("the page's conditions", () => {
  it("keep both of two picks in one turn", () => {
    show("/d/overview?window=today");
    const held = filters;
    act(() => {
      held.pick("region", "West");
      held.pick("channel", "web");
    });
    expect(screen.getByText("/d/overview?window=today&is.region=West&is.channel=web")).toBeInTheDocument();
  });

  it("lose what was picked twice or removed in one turn, and nothing else", () => {
    show("/d/overview?is.region=West&is.tier=gold");
    const held = filters;
    act(() => {
      held.pick("channel", "web");
      held.pick("channel", "web");
      held.remove("region");
    });
    expect(screen.getByText("/d/overview?is.tier=gold")).toBeInTheDocument();
  });
});
