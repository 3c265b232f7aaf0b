import { ask } from "@/api/answers";
import { api, told } from "@/api/client";
import type { Answer } from "@/api/types";
import { answerCsv } from "@/charts/csv";
import type { Picture } from "@/charts/draw/picture";
import { drawnOf } from "@/charts/drawn";
import { isCommon } from "@/charts/kinds";
import { belongs, restQuestion } from "@/charts/rest";
import { downloadFile, fileSlug } from "@/ui/download";
import { sayProblem } from "./sayProblem";

export type ExportKind = "csv" | "png" | "vega-lite";

/** As on the page: what a chart leaves out is the engine's, where it tells it. */
async function restOf({ widget, answer, metrics, title }: Picture): Promise<Answer | undefined> {
  if (!isCommon(widget)) return undefined;
  const drawn = drawnOf(widget, answer, metrics, title);
  const wanted = drawn.as === "chart" ? drawn.plan.rest : null;
  const rest = wanted && (await ask(restQuestion(answer, wanted)).catch(() => null));
  return rest && belongs(rest, answer) ? rest : undefined;
}

async function fileOf(kind: ExportKind, picture: Picture): Promise<{ ending: string; content: Blob }> {
  switch (kind) {
    case "csv":
      return { ending: "csv", content: new Blob([answerCsv(picture.answer)], { type: "text/csv" }) };
    case "png": {
      const { widgetPng } = await import("@/charts/draw/picture");
      return { ending: "png", content: await widgetPng({ ...picture, rest: await restOf(picture) }) };
    }
    case "vega-lite": {
      const { widget } = picture;
      const spec = await told(api.POST("/v1/widgets/vega-lite", { body: { widget } }));
      return {
        ending: "vl.json",
        content: new Blob([JSON.stringify(spec, null, 2)], { type: "application/json" }),
      };
    }
  }
}

/** Hands out a widget as a file whose name has the receipt that it can be checked by. */
export async function exportWidget(kind: ExportKind, picture: Picture) {
  try {
    const { ending, content } = await fileOf(kind, picture);
    const name = `${fileSlug(picture.title)}-${picture.answer.provenance.receipt_id}.${ending}`;
    downloadFile(name, content);
  } catch (error) {
    sayProblem(error);
  }
}
