import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Report, ReportReader, Tried, Watch, WatchForm } from "@/api/types";
import { AlertsPage } from "@/features/alerts/AlertsPage";
import { WatchDialog } from "@/widgets/WatchDialog";
import { aSession } from "./examples";
import { show } from "./page";
import { at, server } from "./server";

const FIRED = {
  group: ["West"],
  fired_at: "2026-11-30T09:00:00.000Z",
  told_at: "2026-11-30T09:00:00.000Z",
  value: "501",
  before: null,
  sentence: "Claims, West is 501, above 500.",
  receipt_id: "r1",
};
const LOOK = {
  is_seen: true,
  checked_at: "2026-11-30T09:00:00.000Z",
  value: null,
  receipt_id: "r1",
  unknown: null,
};
const anAlert = (over: Partial<Watch> = {}): Watch => ({
  alert_id: "a",
  label: "Claims",
  condition: "above 500",
  metric_id: "claims",
  unit: "count",
  definition: {},
  state: "fired",
  next_at: null,
  muted: null,
  acknowledged: null,
  listeners: [
    { ...LOOK, listener: "ops", groups: 2, fired: [FIRED] },
    { ...LOOK, listener: "boss", is_seen: false, checked_at: null, groups: 0, receipt_id: null, fired: [] },
  ],
  file: "alerts/a.yaml",
  line: 3,
  made_by: null,
  may_drop: false,
  ...over,
});
const PAST: Tried = {
  text: "It would have spoken 4 times in 90 days.",
  spoke: 4,
  days: 90,
  bar: 500,
  unit: "count",
  points: [1, 2, 3].map((day) => ({
    at: `2026-11-0${day}`,
    value: day * 200,
    before: null,
    holding: 0,
    spoke: day === 3,
    unknown: null,
  })),
};

const ME: ReportReader = {
  reader: "ann@x.example",
  is_me: true,
  named: true,
  wants: true,
  sent_at: "2026-11-30T07:00:00.000Z",
  state: "delivered",
  why_not: null,
};
const WEEKLY: Report = {
  report_id: "weekly",
  label: "Overview",
  dashboard: "overview",
  when: "at 07:00 on Monday (UTC)",
  due_at: "2026-12-07T07:00:00.000Z",
  late: "wait",
  file: "reports/weekly.yaml",
  line: 2,
  readers: [ME],
  others: 3,
  mine: true,
};

let alerts: Watch[];
let reports: Report[];
const asked: [string, unknown][] = [];

beforeEach(() => {
  alerts = [anAlert()];
  reports = [WEEKLY];
  asked.length = 0;
  const note = async (request: Request, what: string) =>
    asked.push([what, await request.json().catch(() => null)]);
  server.use(
    http.get(at("/v1/session"), () => HttpResponse.json(aSession({ kind: "person" }))),
    http.get(at("/v1/watches"), () =>
      HttpResponse.json({
        alerts,
        channels: [{ name: "ops", kind: "slack", why_not: "set ASSAY_CHANNEL_OPS to its address" }],
        me: "ann@x.example",
      }),
    ),
    http.get(at("/v1/reports"), () => HttpResponse.json({ reports, me: "ann@x.example", why_not: null })),
    http.put(at("/v1/reports/weekly/mine"), async ({ request }) => {
      await note(request, "choose");
      reports = [{ ...WEEKLY, mine: false, readers: [{ ...ME, wants: false }] }];
      return HttpResponse.json(reports[0]);
    }),
    http.post(at("/v1/reports/weekly/try"), () =>
      HttpResponse.json({
        title: "Overview",
        html: "<p>Revenue $12.10</p>",
        plain: "",
        late: [],
        files: [{ name: "weekly.pdf", media_type: "application/pdf", content: "JVBERg==" }],
      }),
    ),
    http.get(at("/v1/watches/messages"), () => HttpResponse.json({ messages: [] })),
    http.put(at("/v1/watches/a/mute"), async ({ request }) => {
      await note(request, "mute");
      alerts = [anAlert({ muted: { until: "2026-11-30T17:00:00.000Z", by: "ann", reason: "known" } })];
      return HttpResponse.json(alerts[0]);
    }),
    http.post(at("/v1/watches/try"), async ({ request }) => {
      await note(request, "try");
      return HttpResponse.json(PAST);
    }),
    http.post(at("/v1/watches"), async ({ request }) => {
      await note(request, "make");
      return HttpResponse.json(anAlert(), { status: 201 });
    }),
  );
});

describe("alerts", () => {
  it("say what they found where one sees it, and are muted with a reason", async () => {
    const user = userEvent.setup();
    show(<AlertsPage />);
    const card = await screen.findByRole("listitem", { name: /Claims above 500/ });
    expect(card).toHaveTextContent("Claims, West is 501, above 500.");
    expect(card).toHaveTextContent("It sees other rows than you, or was not checked yet.");
    expect(await screen.findByText(/set ASSAY_CHANNEL_OPS/)).toBeVisible();
    await user.click(await within(card).findByRole("button", { name: "Mute…" }));
    const send = within(card).getByRole("button", { name: "Mute" });
    expect(send).toBeDisabled();
    await user.type(within(card).getByLabelText("Reason"), "known");
    await user.click(send);
    expect(await screen.findByText(/Muted by ann until/)).toHaveTextContent("known");
    expect(asked).toEqual([["mute", { hours: 8, reason: "known" }]]);
  });

  it("are tried on the past before they are made of a tile's question", async () => {
    const user = userEvent.setup();
    const question = { metrics: ["claims"], dimensions: ["region"], window: "trailing_7d", grain: null };
    let isOver = false;
    show(
      <WatchDialog
        title="Claims"
        question={question}
        onClose={() => {
          isOver = true;
        }}
      />,
    );
    await user.selectOptions(await screen.findByLabelText("Condition"), "above");
    await user.type(screen.getByLabelText("Number"), "500");
    expect(await screen.findByText("It would have spoken 4 times in 90 days.")).toBeVisible();
    expect(screen.getByRole("img", { name: PAST.text }).querySelectorAll("circle")).toHaveLength(1);
    await user.click(screen.getByLabelText("ops"));
    await user.click(screen.getByRole("button", { name: "Make the alert" }));
    await waitFor(() => expect(isOver).toBe(true));
    const made = asked.find(([what]) => what === "make")?.[1] as WatchForm;
    expect(made).toMatchObject({
      question: { metrics: ["claims"], dimensions: ["region"], window: "trailing_7d" },
      when: { above: "500" },
      tell: ["me", "ops"],
    });
  });
});

describe("reports", () => {
  it("say when they are sent and to whom, are tried dry, and are left", async () => {
    const user = userEvent.setup();
    show(<AlertsPage />);
    const list = await screen.findByRole("list", { name: "Reports" });
    const report = within(list).getByRole("listitem", { name: /Overview at 07:00 on Monday/ });
    expect(report).toHaveTextContent("reports/weekly.yaml:2, waits for data that are late");
    expect(report).toHaveTextContent("You");
    expect(report).toHaveTextContent("and 3 more");
    await user.click(within(report).getByRole("button", { name: "Dry run…" }));
    const mail = await screen.findByTitle("The mail Overview");
    expect(mail).toHaveAttribute("sandbox", "");
    expect(mail).toHaveAttribute("srcdoc", "<p>Revenue $12.10</p>");
    expect(screen.getByRole("button", { name: "weekly.pdf" })).toBeVisible();
    await user.keyboard("{Escape}");
    await user.click(await within(report).findByRole("button", { name: "Get it no more" }));
    expect(await within(report).findByText("has left it")).toBeVisible();
    expect(asked).toEqual([["choose", { wants: false }]]);
  });
});
