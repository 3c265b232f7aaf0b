import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, it, vi } from "vitest";
import type { Parity } from "@/api/types";
import { SourceBadge } from "@/widgets/SourceBadge";
import { aProvenance, aWorkspace } from "./examples";
import { show } from "./page";
import { at, server } from "./server";

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const parity = (over: Partial<Parity>): Parity => ({
  standing: "proven",
  reason: null,
  certificate_id: null,
  backend: "lakehouse",
  ...over,
});

describe("the hallmark", () => {
  it("is live only while the stream is, and only where every change is heard of", () => {
    const { wire } = show(<SourceBadge provenance={aProvenance({ as_of: ago(14) })} />);
    expect(screen.getByText("· 14 s")).toBeVisible();
    act(() => wire.open());
    expect(screen.getByText("· live")).toBeVisible();
    act(wire.fail);
    expect(screen.getByText("· 14 s")).toBeVisible();
  });

  it("tells its age where changes go by the clock, stream or not", () => {
    const { wire } = show(
      <SourceBadge provenance={aProvenance({ data_version_kind: "time_bucket", as_of: ago(180) })} />,
    );
    act(() => wire.open());
    expect(screen.getByText("· 3 min")).toBeVisible();
  });

  it("says in words that a value is stale, how old, and why", () => {
    const provenance = aProvenance({
      stale: true,
      stale_reason: "postgres: connection refused",
      as_of: ago(725),
    });
    const { wire } = show(<SourceBadge provenance={provenance} onOpen={() => {}} />);
    act(() => wire.open());
    expect(screen.getByText("last good value, 12 min old: postgres: connection refused")).toBeVisible();
    expect(screen.getByRole("button")).toHaveAttribute("data-state", "stale");
  });

  it.each([
    ["proven", "Proven equal on lakehouse"],
    ["proven_for_others", "Proven on lakehouse for other groupings"],
    ["accepted", "Difference on lakehouse accepted"],
    ["stale", "Proof on lakehouse is out of date"],
    ["differs", "Differs on lakehouse"],
  ] as const)("carries the seal of what is %s", (standing, words) => {
    show(<SourceBadge provenance={aProvenance({ parity: parity({ standing }) })} />);
    expect(screen.getByRole("img", { name: words })).toBeVisible();
  });

  it("carries no seal where nothing was compared", () => {
    show(<SourceBadge provenance={aProvenance()} />);
    expect(screen.queryByRole("img")).toBeNull();
  });

  it("marks synthetic data where the workspace as a whole is real", async () => {
    server.use(http.get(at("/v1/workspace"), () => HttpResponse.json(aWorkspace({ synthetic: false }))));
    show(<SourceBadge provenance={aProvenance()} />);
    expect(await screen.findByText("synthetic")).toBeVisible();
  });

  it("opens the receipt, by its name", async () => {
    const onOpen = vi.fn();
    show(<SourceBadge provenance={aProvenance()} onOpen={onOpen} />);
    await userEvent.click(screen.getByRole("button", { name: /Open receipt. Served by postgres/ }));
    expect(onOpen).toHaveBeenCalledOnce();
  });
});
