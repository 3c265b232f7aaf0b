/** The shapes of the wire, under the names the rest of the page uses. They come from the server's own description. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Problem = Schemas["Problem"];
export type Workspace = Schemas["WorkspaceOut"];
export type WorkspaceProblem = Schemas["ProblemNote"];
export type Backend = Schemas["BackendOut"];
export type Metric = Schemas["MetricOut"];

/** What is asked. Everything but the metrics may be left out. */
export type Question = Schemas["AskedMetrics"];
export type WindowChoice = NonNullable<Question["window"]>;
export type Column = Schemas["ColumnOut"];

/** A decimal travels as a string, so that no digit is lost. */
export type Cell = Answer["rows"][number][number];
export type Answer = Schemas["AnswerOut"];
/** The rows of an answer or of a receipt, with what it takes to read them. */
export type AnswerRows = Pick<Answer, "columns" | "rows" | "metric_id" | "question"> &
  Partial<Pick<Answer, "partial" | "provenance" | "folded" | "targets">>;
export type Provenance = Schemas["ProvenanceOut"];
export type Parity = Schemas["ParityOut"];
export type Standing = Parity["standing"];
export type Timings = Provenance["timings"];
/** Exactly one of answer and problem is there. */
export type BatchAnswer = Schemas["KeyedAnswer"];

export type Route = Schemas["RouteOut"];
export type Routes = Schemas["RoutesOut"];
export type RouteStory = Schemas["RouteStory"];
export type RouteChange = Schemas["ChangeOut"];
export type ShadowLine = Schemas["ShadowLineOut"];
export type RouteOutcome = Schemas["OutcomeOut"];
/** A comparison of two backends, as its certificate keeps it. */
export type Comparison = Schemas["ComparisonOut"];
export type Verdict = Comparison["verdict"];
export type GrainCompared = Comparison["grains"][number];
export type Gap = GrainCompared["largest"][number];
export type Explained = NonNullable<Comparison["explained_by"]>;

export type Explanation = Schemas["ExplanationOut"];
export type ReceiptLine = Schemas["ReceiptLine"];
export type Receipt = Schemas["ReceiptOut"];
export type Replay = Schemas["ReplayOut"];
export type ReceiptsCompared = Schemas["ReceiptsComparedOut"];
/** A receipt as it leaves, whole, with what proves it. */
export type Signed = Schemas["ExportedOut"];
export type PublicKeys = Schemas["PublicKeysOut"];

export type AuditEntry = Schemas["EntryOut"];
export type Proposal = Schemas["ProposalOut"];

export type Session = Schemas["SessionOut"];
export type Credentials = Schemas["SessionIn"];
export type PasswordLink = Schemas["LinkOut"];
export type PasswordChange = Schemas["PasswordChange"];
export type FactorBegun = Schemas["FactorBegun"];
export type FactorIn = Schemas["FactorIn"];
export type FactorEnd = Schemas["FactorEnd"];

export type Widget = Schemas["Widget"];
export type ReferenceLine = Schemas["ReferenceLine"];
export type Threshold = Schemas["Threshold"];
export type NumberFormat = Schemas["NumberFormat"];
export type Tile = Schemas["Tile"];
export type Dashboard = Schemas["Dashboard"];
export type DashboardLine = Schemas["DashboardLine"];
export type SavedWidget = Schemas["SavedWidgetOut"];
export type DraftedMetric = Schemas["DraftLine"];
export type Filter = Schemas["AskedFilter"];

export type Dictionary = Schemas["DictionaryOut"];
export type DictionaryTable = Schemas["DictionaryTable"];
export type DictionaryColumn = Schemas["DictionaryColumn"];
export type DictionaryKpi = Schemas["DictionaryKpi"];
export type Join = Schemas["DictionaryJoin"];

export type Recommendation = Schemas["RecommendationOut"];
export type RecommendationDetail = Schemas["RecommendationDetail"];
export type Signal = Schemas["SignalOut"];
export type CustomerView = Schemas["CustomerView"];
export type Device = Schemas["DeviceOut"];
export type TimelineLine = Schemas["TimelineLine"];

export type StreamMessage = Schemas["StreamMessage"];
export type ParityMoved = Extract<StreamMessage, { kind: "parity" }>;

/** What a value is meant to come to, and how far it has come. */
export type Target = Schemas["TargetOut"];
export type Annotation = Schemas["AnnotationOut"];
export type Watch = Schemas["WatchOut"];
export type WatchListener = Schemas["ListenerOut"];
export type WatchMessage = Schemas["WatchMessageOut"];
export type WatchForm = Schemas["AlertForm"];
export type LinkForm = Schemas["FigureLinkIn"];
export type Tried = Schemas["PastOut"];
export type WatchChannel = Schemas["ChannelOut"];

/** What may be surveyed; the address of none of them is told. */
export type SurveyConnection = Schemas["ConnectionOut"];
/** What a survey would add to the workspace. */
export type Survey = Schemas["SurveyOut"];
export type OfferedMetric = Schemas["OfferedMetric"];
export type SurveyEvent = Schemas["SurveyLine"] | Schemas["SurveyDone"] | Schemas["SurveyError"];

export type Report = Schemas["ReportOut"];
export type ReportReader = Schemas["ReaderOut"];
export type ReportFile = Schemas["ReportFileOut"];
