/**
 * What a tile can meet, for every kind: the cases that `/_states` shows. Pictures of it are kept, and axe looks at each case: all
 * of it is made up, and of one moment, so that two looks at it are the same.
 */
import type { Answer, Cell, Column, Metric, Parity, Problem, Question, Target, Widget } from "@/api/types";
import { KINDS } from "@/charts/kinds";
import type { Kind } from "@/question/edits";

/** What it holds, beside what went wrong. */
interface Case {
  names?: Cell[];
  values?: Cell[];
  isEmpty?: boolean;
  /** The first bucket cut by its window, the last one so far. */
  isPartial?: boolean;
  stale?: string;
  parity?: Partial<Parity>;
  title?: string;
  problem?: Problem;
  /** There is no answer beside the problem; without a problem it is still waited for. */
  isAlone?: boolean;
  /** How many buckets of time there are. */
  days?: number;
  /** Only these kinds meet it. */
  only?: Kind[];
  /** What it is asked in place of what its kind is asked, and how it is drawn. */
  asked?: Asked;
  widget?: Partial<Widget>;
}

const NAMES = ["Phone", "Tablet", "Laptop", "Wearable", "Appliance"];
const STATES = ["Texas", "California", "New York", "Florida", "Ohio"];
const POINTS: [string, number, number][] = [
  ["Lisbon", 38.72, -9.14],
  ["São Paulo", -23.55, -46.63],
  ["上海", 31.23, 121.47],
  ["Austin", 30.27, -97.74],
];
const OTHERS = ["Southeast", "West", "Northeast"];
const VALUES = [1286, 642, 414, 313, 216, 198];
const DAYS = Array.from({ length: 14 }, (_, day) => `2026-11-${String(day + 15).padStart(2, "0")}`);

const column = (
  name: string,
  role: Column["role"],
  type: Column["type"],
  metric: string | null = null,
): Column => ({
  name,
  role,
  type,
  unit: metric ? "count" : null,
  metric_id: metric,
  ...(metric ? { empty: "unknown" as const } : {}),
});
const TIME = column("time", "time", "date");
const NAME = column("product", "dimension", "string");
const REGION = column("region", "dimension", "string");
const VALUE = column("claims", "value", "integer", "claims");
const COST = column("cost", "value", "integer", "cost");
const PAID = column("paid", "value", "integer", "paid");
const SHARE: Column = { ...column("back", "value", "double", "back"), unit: "percent" };
const SINCE = column("days_since", "dimension", "integer");
const BEFORE: Column = { ...VALUE, name: "previous", role: "previous" };

interface Held {
  days: string[];
  names: Cell[];
  value: (at: number) => Cell;
}

/** What a kind is asked, and how its rows come. */
interface Asked {
  columns: Column[];
  rows: (held: Held) => Cell[][];
  question?: Partial<Question>;
  /** What each row is meant to come to, and where it leads; null: it has none. */
  goals?: (readonly [value: string, pace: string | null] | null)[];
}

/** Goals of months that are not over; the last of the groups has none. */
const GOALS = [["1500", "1610"], ["600", "803"], ["600", "518"], ["313", null], null] as const;
const byName: Asked = {
  columns: [NAME, VALUE],
  rows: ({ names, value }) => names.map((name, at) => [name, value(at)]),
  question: { dimensions: ["product"] },
};
const grid: Asked = {
  columns: [NAME, REGION, VALUE],
  rows: ({ names, value }) =>
    names.flatMap((name, at) => OTHERS.map((other, place) => [name, other, value(at + place)])),
  question: { dimensions: ["product", "region"] },
};
/** A value of its own for each name, that goes up and down from day to day; what is null, 0 or huge is met on some days. */
function moved(value: Held["value"], day: number, place: number): Cell {
  const usual = value(place);
  if (value(0) !== VALUES[0] || typeof usual !== "number") return value(day + place);
  const wave = ((day * 5 + place * 3) % 7) - 3;
  return Math.round(usual * (1 - place / 400) * (1 + wave / 24));
}

const overTime: Asked = {
  columns: [TIME, NAME, VALUE],
  rows: ({ days, names, value }) =>
    days.flatMap((day, at) => names.map((name, place) => [day, name, moved(value, at, place)])),
  question: { dimensions: ["product"], grain: "day" },
};
const compared: Asked = {
  columns: [TIME, VALUE, BEFORE],
  rows: ({ days, value }) => days.map((day, at) => [day, moved(value, at, 0), moved(value, at + 2, 0)]),
  question: { grain: "day", compare: "previous_period" },
};
const byPoint: Asked = {
  columns: [
    column("latitude", "dimension", "double"),
    column("longitude", "dimension", "double"),
    NAME,
    VALUE,
  ],
  rows: ({ value }) =>
    POINTS.map(([name, latitude, longitude], at) => [latitude, longitude, name, value(at)]),
  question: { dimensions: ["latitude", "longitude", "product"] },
};
const REST = column("others", "others", "integer");
const largest = { dimensions: ["product"], limit: 5, others: true };
/** The first five of many products, and all others as one row. */
const withOthers: Asked = {
  columns: [NAME, REST, VALUE],
  rows: ({ names, value }) => [...names.map((name, at): Cell[] => [name, null, value(at)]), [null, 37, 2904]],
  question: largest,
};
const withOthersOverTime: Asked = {
  columns: [TIME, NAME, REST, VALUE],
  rows: ({ days, names, value }) =>
    days.flatMap((day, at) => [
      ...names.map((name, place): Cell[] => [day, name, null, moved(value, at, place)]),
      [day, null, 37, moved(value, at, 2)],
    ]),
  question: { ...largest, grain: "day" },
};
const ASKED: Record<Exclude<Kind, "text">, Asked> = {
  kpi: { columns: [VALUE, BEFORE], rows: ({ value }) => [[value(0), value(1)]] },
  trend: overTime,
  bar: byName,
  breakdown: byName,
  table: {
    ...byName,
    columns: [NAME, VALUE, COST],
    rows: ({ names, value }) => names.map((name, at) => [name, value(at), value(at + 1)]),
  },
  combo: {
    columns: [TIME, VALUE, COST],
    rows: ({ days, value }) => days.map((day, at) => [day, moved(value, at, 0), moved(value, at, 1)]),
    question: { metrics: ["claims", "cost"], grain: "day" },
  },
  scatter: {
    columns: [NAME, VALUE, COST],
    rows: ({ names, value }) => names.map((name, at) => [name, value(at), value(at + 2)]),
    question: { metrics: ["claims", "cost"], dimensions: ["product"] },
  },
  histogram: {
    columns: [TIME, VALUE],
    rows: ({ days, value }) => days.map((day, at) => [day, moved(value, at, 0)]),
    question: { grain: "day" },
  },
  heatmap: grid,
  pivot: grid,
  multiples: overTime,
  funnel: {
    columns: [VALUE, COST, PAID],
    rows: ({ value }) => [[value(0), value(1), value(3)]],
    question: { metrics: ["claims", "cost", "paid"] },
  },
  map: byName,
  gauge: { ...byName, question: { dimensions: ["product"], targets: true }, goals: [...GOALS] },
  cohort: {
    columns: [TIME, SINCE, SHARE, COST],
    rows: ({ days, value }) =>
      days.slice(-5).flatMap((day, at, { length }) =>
        Array.from({ length: 5 }, (_, since): Cell[] => {
          const isOver = at + since < length - 1;
          const told = value(at + since);
          const share = since === 0 ? 1 : Math.round((7000 - at * 500) / (since + 2)) / 10_000;
          return [
            day,
            since,
            isOver ? (typeof told === "number" && told > 1 ? share : told) : null,
            isOver ? value(at) : null,
          ];
        }),
      ),
    question: { metrics: ["back", "cost"], dimensions: ["days_since"], grain: "day" },
  },
};

const problem = (status: number, kind: string, title: string, detail: string, mend: string): Problem => ({
  type: "about:blank",
  status,
  kind,
  title,
  detail,
  mend,
});

const LONG = "Device screen damage that came through a case with a cracked corner, reported by telephone";

/** Each with its name, as the page shows it. */
const CASES = {
  "as it should be": {},
  loading: { isAlone: true },
  empty: { isEmpty: true },
  refused: {
    isAlone: true,
    problem: problem(
      403,
      "not_allowed",
      "Not allowed",
      "Your role does not allow this.",
      "Ask an admin for the role operator.",
    ),
  },
  error: {
    isAlone: true,
    problem: problem(
      503,
      "backend_unavailable",
      "Backend unavailable",
      "lakehouse: the file lakehouse.duckdb cannot be opened.",
      "Check that it is there.",
    ),
  },
  "not configured": {
    isAlone: true,
    problem: problem(
      503,
      "backend_not_configured",
      "Not configured",
      "databricks lacks DATABRICKS_HOST.",
      "Set it where the server runs.",
    ),
  },
  offline: {
    problem: problem(
      0,
      "server_unreachable",
      "Server unreachable",
      "The Assay server does not answer.",
      "Check that it runs; the page reconnects by itself.",
    ),
  },
  stale: { stale: "databricks does not answer" },
  differs: { parity: { standing: "differs", reason: "2 more rows", backend: "lakehouse" } },
  partial: { isPartial: true },
  "long names": { names: [LONG, `${LONG} again`, "Battery", "Liquid", "Lost"], title: LONG },
  negative: { values: [-1286, 642, -414, 0, 216, -1] },
  huge: { values: ["9007199254740993123", "1510000000000000", "-420000000000", 12, 0, "700000000000000000"] },
  zero: { values: [0] },
  "no values": { values: [null, 642, null, 216] },
  "nothing but no values": { values: [null] },
  "texts that look alike": {
    names: [null, "", "(none)", " Phone", "Phone", "Pho\u200bne", "\u202ePhone", "הטלפון"],
  },
  "240 parts": { names: Array.from({ length: 240 }, (_, at) => `Part ${at + 1}`) },
  "one of it": { names: ["Phone"], days: 1 },
  compared: { only: ["trend"], asked: compared },
  "beside one another": { only: ["bar"], asked: grid },
  stacked: { only: ["bar"], asked: grid, widget: { stacked: true } },
  "stacked to 100 %": { only: ["bar"], asked: grid, widget: { shares: true } },
  "stacked over time": { only: ["bar", "trend"], asked: overTime, widget: { stacked: true } },
  "to 100 % over time": { only: ["bar", "trend"], asked: overTime, widget: { shares: true } },
  "with the others": { only: ["bar", "breakdown", "table"], asked: withOthers },
  "with the others over time": {
    only: ["bar", "trend"],
    asked: withOthersOverTime,
    widget: { stacked: true },
  },
  countries: { only: ["map"], names: ["Germany", "FR", "中国", "Brasil", "Atlantis"] },
  points: { only: ["map"], asked: byPoint },
  "of the whole": {
    only: ["gauge"],
    asked: {
      columns: [VALUE],
      rows: ({ value }) => [[value(0)]],
      question: { targets: true },
      goals: [["1500", "1610"]],
    },
  },
  "without a target": {
    only: ["gauge"],
    asked: { columns: [VALUE], rows: ({ value }) => [[value(0)]], question: { targets: true }, goals: [] },
  },
  "with targets": {
    only: ["trend"],
    asked: {
      columns: [TIME, VALUE],
      rows: ({ days, value }) => days.map((day, at) => [day, moved(value, at, 0)]),
      question: { grain: "day", targets: true },
      goals: DAYS.map((_, at) => (at < 2 ? null : ([at < 8 ? "1250" : "1300", null] as const))),
    },
  },
} satisfies Record<string, Case>;

export type CaseName = keyof typeof CASES;

/** The cases that a kind meets: a text asks for nothing, and so meets few. */
export const casesOf = (kind: Kind): CaseName[] =>
  kind === "text"
    ? ["as it should be", "long names"]
    : (Object.entries<Case>(CASES) as [CaseName, Case][]).flatMap(([name, { only }]) =>
        only === undefined || only.includes(kind) ? [name] : [],
      );

/** Each name its colour, as the server gives them: by the name's raw key. */
export const HUES_OF = Object.fromEntries(
  [...NAMES, ...OTHERS, ...Object.values<Case>(CASES).flatMap(({ names = [] }) => names)].map((name, at) => [
    JSON.stringify([name]),
    (at % 8) + 1,
  ]),
);

export const KIND_NAMES = Object.keys(KINDS) as Kind[];

const LABELS = { claims: "Claims", cost: "Cost of claims", paid: "Paid out", back: "Come back" };
export const METRICS = Object.entries(LABELS).map(
  ([metric_id, label]): Metric => ({
    metric_id,
    label,
    definition: "Claims that were opened in the window.",
    kind: "simple",
    entity: "claim",
    source_tables: ["claims"],
    formula: "COUNT(*)",
    filter: null,
    time: "opened_at",
    window: "trailing_30d",
    dimensions: [NAME, REGION].map(({ name }) => ({
      name,
      label: name === "product" ? "Product" : "Region",
      type: "string",
      table: "claims",
    })),
    unit: "count",
    adds_up: true,
    has_targets: true,
    held: null,
    direction: "down_is_good",
    owner: "claims-analytics",
    refresh_seconds: 0,
    synonyms: [],
    segments: [],
    definition_version: "d1",
    backend: "postgres",
    driver: "postgres",
    last_validated_at: null,
    file: "metrics/claims.yaml",
    line: 1,
    synthetic: false,
  }),
);

export interface Shown {
  widget: Widget;
  answer: Answer | null;
  problem: Problem | null;
}

/** A kind in a case: what is asked, and how it came out. The condition tells the question from every other on the page. */
export function shownOf(kind: Kind, name: CaseName): Shown {
  const held: Case = CASES[name];
  if (kind === "text")
    return {
      widget: {
        kind,
        text: `# ${held.title ?? `Heading, ${name}`}\n\nA paragraph.\n\n- one\n- two`,
        question: { metrics: [] },
      },
      answer: null,
      problem: null,
    };
  const { columns, rows, question, goals = [] } = held.asked ?? ASKED[kind];
  const asked: Question = {
    metrics: ["claims"],
    ...question,
    filters: [{ dimension: "case", op: "eq", values: [`${kind}: ${name}`] }],
  };
  const widget: Widget = {
    kind,
    title: held.title ?? `${KINDS[kind].label}, ${name}`,
    question: asked,
    ...held.widget,
  };
  if (held.isAlone) return { widget, answer: null, problem: held.problem ?? null };
  const names = held.names ?? (kind === "map" ? STATES : NAMES);
  const values = held.values ?? VALUES;
  const value = (at: number) => values[at % values.length] ?? null;
  const made = held.isEmpty ? [] : rows({ days: DAYS.slice(-(held.days ?? DAYS.length)), names, value });
  const answer = answerOf(asked, columns, made, held);
  if (asked.targets) {
    answer.targets = targetsFor(asked, made, goals);
    const why = answer.targets.length > 0 ? null : "No target is written for Claims.";
    answer.question.targets = { known: [], why };
  }
  return { widget, answer, problem: held.problem ?? null };
}

function targetsFor(asked: Question, rows: Cell[][], goals: NonNullable<Asked["goals"]>): Target[] {
  return rows.flatMap((row, at): Target[] => {
    const goal = goals[at];
    const reached = row.at(-1) ?? null;
    if (!goal) return [];
    const [value, pace] = goal;
    const share = typeof reached === "number" ? (reached / Number(value)).toFixed(4) : null;
    return [
      {
        metric: "claims",
        grain: "month",
        starts: "2026-11-01",
        where: asked.dimensions?.length ? { product: row[0] ?? null } : {},
        value,
        note: "Plan 2026",
        source: `targets/plan.yaml:${at + 2}`,
        time: asked.grain ? String(row[0]) : null,
        period: "November 2026",
        ends: "2026-11-30",
        is_over: false,
        reached,
        share,
        pace: share === null ? null : pace,
      },
    ];
  });
}

function answerOf(question: Question, columns: Column[], rows: Cell[][], held: Case): Answer {
  const isOverTime = question.grain !== undefined && question.grain !== null;
  return {
    answer_id: "states",
    metric_id: "claims",
    metrics: question.metrics,
    columns,
    rows,
    dense: isOverTime,
    partial:
      held.isPartial && isOverTime
        ? [
            { time: DAYS[0] ?? "", reason: "cut" },
            { time: DAYS.at(-1) ?? "", reason: "so_far" },
          ]
        : [],
    question: {
      metrics: question.metrics,
      dimensions: question.dimensions ?? [],
      filters: [],
      any_of: [],
      window: {
        name: "trailing_14d",
        start: "2026-11-15T00:00:00Z",
        end: "2026-11-29T00:00:00Z",
        timezone: "UTC",
      },
      previous: null,
      as_of: "2026-11-28T19:17:31Z",
      grain: question.grain ?? null,
      compare: columns.includes(BEFORE) ? "previous_period" : null,
      order: [],
      limit: question.limit ?? null,
      ...(question.others ? { others: true } : {}),
    },
    provenance: {
      backend: "postgres",
      driver: "postgres",
      generator: "compiler",
      sql: "SELECT COUNT(*) AS claims FROM claims",
      params: {},
      definition: "Claims that were opened in the window.",
      owner: "claims-analytics",
      source_tables: ["claims"],
      definition_version: "d1",
      dictionary_version: "y1",
      meaning_version: 1,
      route_epoch: 1,
      data_version: "claims:42",
      data_version_kind: "counter",
      as_of: new Date(Date.now() - 25 * 60_000).toISOString(),
      cached: false,
      stale: held.stale !== undefined,
      stale_reason: held.stale ?? null,
      synthetic: false,
      elapsed_ms: 1.9,
      timings: {},
      checks: [],
      rows_returned: rows.length,
      truncated: false,
      value_digest: "v1",
      parity: {
        standing: "proven",
        reason: null,
        certificate_id: null,
        backend: "lakehouse",
        ...held.parity,
      },
      receipt_id: "01STATES",
    },
  } as Answer;
}
