import { type ReactNode, useCallback, useState } from "react";
import { useMetrics } from "@/api/metrics";
import type { Widget } from "@/api/types";
import { tidySpec } from "@/question/edits";
import { classes } from "@/ui/classes";
import { ReceiptPlace } from "@/widgets/ReceiptPlace";
import { SpecJsonView } from "@/widgets/SpecJsonView";
import { useWidgetData } from "@/widgets/useWidgetData";
import { WidgetPreview } from "@/widgets/WidgetPreview";

interface PreviewPaneProps {
  widget: Widget | null;
  /** It stands from before words that came to nothing. */
  isOutdated: boolean;
  renderReceipt: (receiptId: string) => ReactNode;
}

/** The widget as it would be, with its real answer. */
export function PreviewPane({ widget, isOutdated, renderReceipt }: PreviewPaneProps) {
  return (
    <section aria-label="Preview" className="grid min-h-full grid-cols-[minmax(0,1fr)] content-start gap-4">
      {isOutdated && (
        <p role="status" className="text-label text-soft">
          This stands from before. It can be added again once the words are read, or once it is changed by
          hand.
        </p>
      )}
      {widget ? (
        <div
          inert={isOutdated}
          className={classes(
            "grid grid-cols-[minmax(0,1fr)] content-start gap-4",
            isOutdated && "opacity-35",
          )}
        >
          <Living widget={widget} renderReceipt={renderReceipt} />
        </div>
      ) : (
        <div className="grid min-h-[19.231rem] place-items-center rounded-[11px] border border-line border-dashed p-6 text-center text-soft">
          <p className="max-w-[38ch]">
            The widget stands here with its real answer, its SQL and its receipt. Nothing is saved until you
            add it.
          </p>
        </div>
      )}
    </section>
  );
}

function Living({ widget, renderReceipt }: { widget: Widget; renderReceipt: (id: string) => ReactNode }) {
  const { answer } = useWidgetData(widget);
  const metrics = useMetrics().data ?? [];
  const [tab, setTab] = useState("sql");
  const openReceipt = useCallback(() => setTab("receipt"), []);
  return (
    <>
      <ReceiptPlace open={openReceipt}>
        <WidgetPreview widget={widget} />
      </ReceiptPlace>
      <SpecJsonView
        widget={tidySpec(widget)}
        answer={answer}
        metrics={metrics}
        tab={tab}
        onTab={setTab}
        more={[
          {
            id: "receipt",
            label: "Receipt",
            content: answer ? (
              <div className="mx-auto max-w-[32.308rem] rounded-xl border border-line bg-paper px-[18px] py-3">
                {renderReceipt(answer.provenance.receipt_id)}
              </div>
            ) : (
              <p className="text-soft">There is no answer yet, so there is no receipt.</p>
            ),
          },
        ]}
      />
    </>
  );
}
