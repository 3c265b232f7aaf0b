/** What a session of the clarifier says, one message after another; the shapes are the server's own. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ClarifySession = Schemas["ClarifySessionOut"];
export type ClarifyEvent = ClarifySession["events"][number];

export type StageEvent = Schemas["ClarifyStage"];
export type QuestionsEvent = Schemas["ClarifyQuestions"];
export type ResultEvent = Schemas["ClarifyResult"];
export type RefusalEvent = Schemas["ClarifyRefusal"];

export type ClarifyGap = Schemas["ClarifyGap"];
export type Asked = Schemas["ClarifyQuestion"];
export type Nearest = Schemas["ClarifyNearest"];
export type ReadBy = ResultEvent["read_by"];
