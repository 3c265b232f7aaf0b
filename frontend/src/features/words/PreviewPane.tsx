import { lazy, type ReactNode, Suspense, useCallback, useState } from "react";
import { useMetrics } from "@/api/metrics";
import type { Widget } from "@/api/types";
import { tidySpec } from "@/question/edits";
import { classes } from "@/ui/classes";
import { ReceiptPlace } from "@/widgets/ReceiptPlace";
import { SpecJsonView } from "@/widgets/SpecJsonView";
import { useWidgetData } from "@/widgets/useWidgetData";
import { WidgetPreview } from "@/widgets/WidgetPreview";

const WhyItChanged = lazy(() =>
  import("@/widgets/ExplainDialog").then((module) => ({ default: module.WhyItChanged })),
);

interface PreviewPaneProps {
  widget: Widget | null;
  /** It was asked why the figure changed. */
  explains: boolean;
  /** It stands from before words that came to nothing. */
  isOutdated: boolean;
  renderReceipt: (receiptId: string) => ReactNode;
}

/** The widget as it would be, with its real answer. */
export function PreviewPane({ widget, explains, isOutdated, renderReceipt }: PreviewPaneProps) {
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
          <Living widget={widget} explains={explains} renderReceipt={renderReceipt} />
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

interface LivingProps {
  widget: Widget;
  explains: boolean;
  renderReceipt: (id: string) => ReactNode;
}

function Living({ widget, explains, renderReceipt }: LivingProps) {
  const { answer } = useWidgetData(widget);
  const metrics = useMetrics().data ?? [];
  const [tab, setTab] = useState("sql");
  const openReceipt = useCallback(() => setTab("receipt"), []);
  return (
    <>
      <ReceiptPlace open={openReceipt}>
        <WidgetPreview widget={widget} />
        {explains && widget.question.metrics[0] && (
          <section aria-label="Why it changed">
            <Suspense fallback={null}>
              <WhyItChanged metricId={widget.question.metrics[0]} question={widget.question} />
            </Suspense>
          </section>
        )}
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
