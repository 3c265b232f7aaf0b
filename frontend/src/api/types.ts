/** The shapes of the wire (v1), under the names the rest of the page uses. */

export interface Problem {
  type: string;
  title: string;
  status: number;
  kind: string;
  detail: string;
  mend: string | null;
  [extra: string]: unknown;
}

export type BackendState = "ready" | "down" | "not_configured";

export interface Backend {
  name: string;
  driver: string;
  state: BackendState;
  detail: string | null;
  missing: string[];
  data_version_kind: "counter" | "file" | "statistics" | "time_bucket" | null;
}

export interface WorkspaceProblem {
  kind: string;
  file: string;
  line: number | null;
  message: string;
  mend: string | null;
  metric_id: string | null;
}

export interface DashboardRef {
  dashboard_id: string;
  label: string;
}

export interface Workspace {
  name: string;
  label: string;
  timezone: string;
  synthetic: boolean;
  version: string;
  catalog_version: string;
  route_epoch: number;
  server_time: string;
  backends: Backend[];
  problems: WorkspaceProblem[];
  dashboards: DashboardRef[];
}

export type Direction = "up_is_good" | "down_is_good" | "neutral";

export interface Dimension {
  name: string;
  label: string;
  type: string;
  table: string;
}

export interface Metric {
  metric_id: string;
  label: string;
  definition: string;
  kind: string;
  entity: string | null;
  source_tables: string[];
  formula: string;
  filter: string | null;
  time: string | null;
  window: string | null;
  dimensions: Dimension[];
  unit: string;
  direction: Direction;
  owner: string;
  refresh_seconds: number;
  synonyms: string[];
  definition_version: string;
  backend: string;
  driver: string;
  last_validated_at: string | null;
  file: string;
  line: number;
  synthetic: boolean;
}

export type Grain = "hour" | "day" | "week" | "month" | "quarter" | "year";
export type Compare = "previous_period" | "previous_year";
export type WindowChoice = string | { start: string; end: string };

export interface Filter {
  dimension: string;
  op: string;
  values: unknown[];
}

export interface Order {
  by: string;
  descending: boolean;
}

export interface Question {
  metrics: string[];
  dimensions?: string[];
  filters?: Filter[];
  window?: WindowChoice | null;
  grain?: Grain | null;
  compare?: Compare | null;
  order?: Order[];
  limit?: number | null;
}

export type ColumnType = "integer" | "decimal" | "double" | "string" | "boolean" | "date" | "timestamp";

export interface Column {
  name: string;
  type: ColumnType;
  unit: string | null;
  role: "time" | "dimension" | "value" | "previous";
  metric_id: string | null;
}

/** A decimal travels as a string, so that no digit is lost. */
export type Cell = string | number | boolean | null;

export interface ResolvedWindow {
  name: string | null;
  start: string;
  end: string;
  timezone: string;
}

export interface ResolvedQuestion {
  metrics: string[];
  dimensions: string[];
  filters: Filter[];
  window: ResolvedWindow | null;
  previous: { start: string; end: string } | null;
  as_of: string;
  grain: Grain | null;
  compare: Compare | null;
  order: Order[];
  limit: number | null;
}

export type Standing = "unproven" | "proven" | "stale" | "accepted" | "differs";

export interface Parity {
  standing: Standing;
  reason: string | null;
  certificate_id: string | null;
  backend: string | null;
}

export type Timings = Record<string, number>;

export interface Provenance {
  backend: string;
  driver: string;
  generator: string;
  sql: string;
  params: Record<string, unknown>;
  definition: string;
  owner: string;
  source_tables: string[];
  definition_version: string;
  dictionary_version: string;
  route_epoch: number;
  data_version: string;
  data_version_kind: string;
  as_of: string;
  cached: boolean;
  stale: boolean;
  stale_reason: string | null;
  synthetic: boolean;
  elapsed_ms: number;
  timings: Timings;
  checks: string[];
  rows_returned: number;
  truncated: boolean;
  value_digest: string;
  parity: Parity;
  receipt_id: string;
}

export interface Answer {
  answer_id: string;
  metric_id: string;
  metrics: string[];
  columns: Column[];
  rows: Cell[][];
  question: ResolvedQuestion;
  provenance: Provenance;
}

/** The rows of an answer or of a receipt, with what it takes to read them. */
export type AnswerRows = Pick<Answer, "columns" | "rows" | "metric_id" | "question">;

export interface BatchAnswer {
  key: string;
  answer: Answer | null;
  problem: Problem | null;
}

export interface RouteChoice {
  backend: string;
  driver: string;
  ok: boolean;
  reason: string | null;
}

export interface Route {
  metric_id: string;
  label: string;
  backend: string;
  driver: string;
  epoch: number;
  line: number | null;
  parity: Parity;
  pending: { backend: string; state: "refused" | "comparing"; reason: string; line: number | null } | null;
  choices: RouteChoice[];
}

export interface Routes {
  epoch: number;
  file: string;
  routes: Route[];
  problems: WorkspaceProblem[];
}

export interface ReceiptLine {
  receipt_id: string;
  answer_id: string;
  metric_id: string;
  label: string;
  backend: string;
  driver: string;
  value: string | null;
  rows_returned: number;
  created_at: string;
  definition_version: string;
  data_version: string;
  route_epoch: number;
  sql: string;
}

export interface Receipt {
  receipt_id: string;
  answer_id: string;
  metric_id: string;
  label: string;
  definition_text: string;
  definition: Metric;
  question: ResolvedQuestion;
  route: { backend: string; driver: string; epoch: number };
  data_version: string;
  dictionary_version: string;
  definition_version: string;
  sql: string;
  params: Record<string, unknown>;
  generator: string;
  checks: string[];
  value_digest: string;
  columns: Column[];
  rows: Cell[][];
  rows_returned: number;
  timings: Timings;
  as_of: string;
  created_at: string;
  signature: string;
  signature_valid: boolean;
  parity: Parity;
}

export interface Moved {
  part: "definition" | "question" | "route" | "data";
  from: string;
  to: string;
}

export interface Replay {
  receipt_id: string;
  moved: Moved[];
  same_value: boolean;
  then: { rows: Cell[][] };
  now: { rows: Cell[][]; answer_id: string; receipt_id: string; backend: string; sql: string };
  sentence: string;
}

export type WidgetKind = "kpi" | "trend" | "bar" | "table" | "breakdown";

export interface Widget {
  title: string | null;
  subtitle: string | null;
  kind: WidgetKind;
  question: Question;
  spark: (Omit<Question, "metrics"> & Partial<Pick<Question, "metrics">>) | null;
}

export interface Tile {
  widget_id: string;
  x: number;
  y: number;
  w: number;
  h: number;
  widget: Widget;
}

export interface Dashboard {
  dashboard_id: string;
  label: string;
  description: string;
  version: number;
  edited: boolean;
  tiles: Tile[];
}

export interface DictionaryColumn {
  name: string;
  type: string;
  role: string;
  pii: string | null;
  description: string;
  references: string | null;
}

export interface DictionaryTable {
  schema: string;
  table: string;
  description: string;
  grain: string;
  primary_key: string[];
  backends: string[];
  columns: DictionaryColumn[];
}

export interface Join {
  join_id: string;
  from_table: string;
  from_columns: string[];
  to_table: string;
  to_columns: string[];
  cardinality: string;
}

export interface DictionaryKpi {
  kpi_id: string;
  name: string;
  definition: string;
  formula_sql: string;
  base_table: string;
  unit: string;
}

export interface Dictionary {
  version: string;
  schemas: string[];
  tables: DictionaryTable[];
  joins: Join[];
  kpis: DictionaryKpi[];
}

export type StreamMessage =
  | { kind: "hello"; route_epoch: number; catalog_version: string }
  | { kind: "routes"; epoch: number; metrics: string[] }
  | { kind: "catalog"; catalog_version: string }
  | { kind: "data"; backend: string; tables: string[] }
  | { kind: "problems"; problems: WorkspaceProblem[] }
  | { kind: "backends" }
  | { kind: "heartbeat" };
