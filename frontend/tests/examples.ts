import type {
  Answer,
  Dashboard,
  Metric,
  Problem,
  Provenance,
  Question,
  Receipt,
  Recommendation,
  Session,
  Widget,
  Workspace,
} from "@/api/types";

export const aWorkspace = (over: Partial<Workspace> = {}): Workspace => ({
  name: "demo",
  label: "Device-protection claims",
  timezone: "UTC",
  synthetic: true,
  version: "0.1.0",
  catalog_version: "c1",
  route_epoch: 3,
  server_time: new Date().toISOString(),
  backends: [],
  problems: [],
  dashboards: [{ dashboard_id: "overview", label: "Executive overview", origin: "file" }],
  ...over,
});

const NEEDS = ["open", "see", "edit", "decide", "settle", "manage"];

export const aSession = (who: Partial<NonNullable<Session["who"]>> = {}): Session => ({
  who: { id: "local", name: "ann", kind: "local", roles: ["admin"], needs: NEEDS, ...who },
  asks_for_sign_in: who.kind === "person",
  ways: [],
});

export const aMetric = (over: Partial<Metric> = {}): Metric => ({
  metric_id: "cost_avoided_mtd",
  label: "Cost avoided (MTD)",
  definition: "Money not spent on replacements because the claim was repaired, month to date.",
  kind: "simple",
  entity: "ev_claim",
  source_tables: ["l3_asurion.ev_claim"],
  formula: "SUM(cost_avoided_usd)",
  filter: null,
  time: "claim_open_ts",
  window: "month_to_date",
  dimensions: [{ name: "region", label: "Region", type: "string", table: "ev_claim" }],
  unit: "usd",
  adds_up: true,
  held: null,
  direction: "up_is_good",
  owner: "claims-analytics",
  refresh_seconds: 300,
  synonyms: [],
  definition_version: "d1",
  backend: "postgres",
  driver: "postgres",
  last_validated_at: null,
  file: "metrics/claims.yaml",
  line: 12,
  synthetic: true,
  ...over,
});

export const aProvenance = (over: Partial<Provenance> = {}): Provenance => ({
  backend: "postgres",
  driver: "postgres",
  generator: "compiler",
  sql: "SELECT SUM(c.cost_avoided_usd) AS value FROM l3_asurion.ev_claim AS c",
  params: {},
  definition: "Money not spent.",
  owner: "claims-analytics",
  source_tables: ["l3_asurion.ev_claim"],
  definition_version: "d1",
  dictionary_version: "y1",
  meaning_version: 2,
  route_epoch: 3,
  data_version: "ev_claim:42",
  data_version_kind: "counter",
  as_of: new Date().toISOString(),
  cached: false,
  stale: false,
  stale_reason: null,
  synthetic: true,
  elapsed_ms: 1.9,
  timings: { compile: 0.2, gate: 0.1, engine: 1.2, receipt: 0.4 },
  checks: ["one SELECT, read only"],
  rows_returned: 1,
  truncated: false,
  value_digest: "v1",
  parity: { standing: "unproven", reason: null, certificate_id: null, backend: null },
  receipt_id: "01JD8QK",
  ...over,
});

/** An answer of one number; `previous` only where it was asked for. */
export function anAnswer(
  value: string | number,
  over: Partial<Answer> = {},
  previous?: string | number,
): Answer {
  const column = {
    name: "value",
    type: "decimal",
    unit: "usd",
    role: "value",
    metric_id: "cost_avoided_mtd",
  } as const;
  const before = { ...column, name: "previous", role: "previous" } as const;
  return {
    answer_id: "7f3ac91",
    metric_id: "cost_avoided_mtd",
    metrics: ["cost_avoided_mtd"],
    columns: previous === undefined ? [column] : [column, before],
    rows: [previous === undefined ? [value] : [value, previous]],
    dense: true,
    question: {
      metrics: ["cost_avoided_mtd"],
      dimensions: [],
      filters: [],
      window: {
        name: "month_to_date",
        start: "2026-11-01T00:00:00Z",
        end: "2026-11-23T10:41:07Z",
        timezone: "UTC",
      },
      previous: null,
      as_of: "2026-11-23T10:41:07Z",
      grain: null,
      compare: previous === undefined ? null : "previous_period",
      order: [],
      limit: null,
    },
    partial: [],
    provenance: aProvenance(),
    ...over,
  };
}

export const aProblem = (over: Partial<Problem> = {}): Problem => ({
  type: "about:blank",
  title: "Backend unavailable",
  status: 503,
  kind: "backend_unavailable",
  detail: "postgres: connection refused",
  mend: null,
  ...over,
});

export const aKpi = (question: Partial<Question> = {}): Widget => ({
  kind: "kpi",
  question: { metrics: ["cost_avoided_mtd"], ...question },
});

export const aDashboard = (over: Partial<Dashboard> = {}): Dashboard => ({
  dashboard_id: "overview",
  label: "Executive overview",
  description: "",
  version: 4,
  edited: false,
  tiles: [
    { widget_id: "a", x: 0, y: 0, w: 3, h: 2, widget: aKpi() },
    { widget_id: "b", x: 3, y: 0, w: 3, h: 2, widget: aKpi() },
  ],
  ...over,
});

export function aReceipt(over: Partial<Receipt> = {}): Receipt {
  const answer = anAnswer("1410000.00");
  return {
    receipt_id: "01JD8QK",
    answer_id: answer.answer_id,
    metric_id: answer.metric_id,
    metrics: answer.metrics,
    label: "Cost avoided (MTD)",
    definition_text: "Money not spent on replacements.",
    owner: "claims-analytics",
    definition: [],
    definition_version: "d1",
    dictionary_version: "y1",
    meaning_version: 2,
    question: answer.question,
    route: { backend: "postgres", driver: "postgres", epoch: 3 },
    data_version: "ev_claim:42",
    data_version_kind: "counter",
    source_tables: ["l3_asurion.ev_claim"],
    sql: answer.provenance.sql,
    params: {},
    generator: "compiler",
    checks: ["one SELECT, read only"],
    value_digest: "v1",
    columns: answer.columns,
    rows: answer.rows,
    rows_returned: 1,
    truncated: false,
    timings: answer.provenance.timings,
    elapsed_ms: 1.9,
    as_of: new Date().toISOString(),
    synthetic: true,
    parity: answer.provenance.parity,
    created_at: new Date().toISOString(),
    signature: "s",
    signature_valid: true,
    ...over,
  };
}

export const aRecommendation = (over: Partial<Recommendation> = {}): Recommendation => ({
  recommendation_id: "rec_1",
  state: "open",
  revision: 1,
  action: "book_same_day_repair",
  label: "Book same-day repair",
  cost_usd: "40.00",
  saving_usd: "210.00",
  score: "1.000",
  reasons: [
    { code: "PART_IN_STOCK", text: "12 parts are on the shelf at Nashville West End.", weight: "0.3" },
    { code: "COVERED", text: "iPhone 14 Pro is covered by Phone Complete.", weight: "0.2" },
  ],
  rationale: "Book a same-day repair at Nashville West End.",
  author: "rules",
  author_note: null,
  model: null,
  event_id: "evt-1",
  event_type: "device.damage_detected",
  customer_id: "cust_1",
  device_id: "dev_1",
  claim_id: "CLM-1",
  session_id: "ses_1",
  center_id: "ctr_1",
  product: "iPhone 14 Pro",
  issue: "Device screen damage",
  place: "Nashville West End",
  state_code: "TN",
  created_at: new Date().toISOString(),
  decided_at: null,
  decided_by: null,
  dismiss_reason: null,
  undo_until: null,
  ...over,
});
