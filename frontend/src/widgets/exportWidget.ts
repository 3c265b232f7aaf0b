import { api, told } from "@/api/client";
import { problemOf } from "@/api/problem";
import { answerCsv } from "@/charts/csv";
import type { Picture } from "@/charts/draw/picture";
import { downloadFile, fileSlug } from "@/ui/download";
import { notify } from "@/ui/notices";

export type ExportKind = "csv" | "png" | "vega-lite";

async function fileOf(kind: ExportKind, picture: Picture): Promise<{ ending: string; content: Blob }> {
  switch (kind) {
    case "csv":
      return { ending: "csv", content: new Blob([answerCsv(picture.answer)], { type: "text/csv" }) };
    case "png": {
      const { widgetPng } = await import("@/charts/draw/picture");
      return { ending: "png", content: await widgetPng(picture) };
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
    notify({ text: problemOf(error).detail, isTrouble: true });
  }
}
