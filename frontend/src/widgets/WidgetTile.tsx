import { Braces, Ellipsis, Info, ReceiptText, RotateCw } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useMetrics } from "@/api/metrics";
import type { Widget, WindowChoice } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import { LoadingLines } from "@/ui/Skeleton";
import { MetricInfoBadge } from "./MetricInfoBadge";
import { SourceBadge } from "./SourceBadge";
import { TileFrame } from "./TileFrame";
import { AskAgain, TileTrouble } from "./TileTrouble";
import { tileSubtitle, tileTitle } from "./tileWords";
import { useOpenReceipt } from "./useOpenReceipt";
import { useWidgetData } from "./useWidgetData";
import { WidgetBody, WidgetSkeleton } from "./WidgetBody";

const SpecJsonView = lazy(() =>
  import("./SpecJsonView").then((module) => ({ default: module.SpecJsonView })),
);

interface WidgetTileProps {
  widget: Widget;
  /** Names the tile in the URL when its receipt is open. */
  tileId?: string;
  window?: WindowChoice | null;
}

/** A widget with its number, its hallmark and what can be done with it. */
export function WidgetTile({ widget, tileId, window = null }: WidgetTileProps) {
  const data = useWidgetData(widget, window);
  const metrics = useMetrics().data ?? [];
  const receipt = useOpenReceipt();
  const [isSpecOpen, setSpecOpen] = useState(false);
  const [isInfoOpen, setInfoOpen] = useState(false);
  const { answer, problem } = data;
  const metric = metrics.find((each) => each.metric_id === widget.question.metrics[0]);
  const title = tileTitle(widget, metrics, data.isWindowChosen);
  const openReceipt = answer && (() => receipt.open(answer.provenance.receipt_id, tileId));
  return (
    <>
      <TileFrame
        title={title}
        heading={
          metric && (
            <MetricInfoBadge
              metric={metric}
              open={isInfoOpen}
              onOpenChange={setInfoOpen}
              trigger={
                <button
                  type="button"
                  className="block max-w-full truncate rounded underline-offset-2 hover:underline"
                >
                  {title}
                </button>
              }
            />
          )
        }
        subtitle={tileSubtitle(widget, answer, data.isWindowChosen)}
        isSelected={tileId !== undefined && receipt.tile === tileId}
        isBusy={!answer && !problem}
        scrolls={Boolean(answer) && ["bar", "table", "breakdown"].includes(widget.kind)}
        tools={
          <Menu
            trigger={
              <IconButton label={`Actions for ${title}`}>
                <Ellipsis aria-hidden />
              </IconButton>
            }
          >
            {openReceipt && (
              <MenuItem icon={<ReceiptText aria-hidden />} onPick={openReceipt}>
                Open receipt
              </MenuItem>
            )}
            {metric && (
              <MenuItem icon={<Info aria-hidden />} onPick={() => setInfoOpen(true)}>
                Metric info
              </MenuItem>
            )}
            <MenuItem icon={<Braces aria-hidden />} onPick={() => setSpecOpen(true)}>
              SQL &amp; spec
            </MenuItem>
            <MenuSeparator />
            <MenuItem icon={<RotateCw aria-hidden />} onPick={data.askAgain}>
              Ask again
            </MenuItem>
          </Menu>
        }
        foot={
          answer && openReceipt ? (
            <SourceBadge
              provenance={answer.provenance}
              trouble={problem?.detail ?? null}
              onOpen={openReceipt}
              anchor={tileId}
            />
          ) : (
            problem && <AskAgain onPress={data.askAgain} isBusy={data.isFetching} />
          )
        }
      >
        {answer ? (
          <WidgetBody widget={widget} answer={answer} spark={data.spark} metrics={metrics} label={title} />
        ) : problem ? (
          <TileTrouble problem={problem} />
        ) : (
          <WidgetSkeleton kind={widget.kind} />
        )}
      </TileFrame>
      <Dialog open={isSpecOpen} onClose={() => setSpecOpen(false)} title={title} wide>
        <Suspense fallback={<LoadingLines label="Loading" />}>
          <SpecJsonView widget={widget} answer={answer} metrics={metrics} />
        </Suspense>
      </Dialog>
    </>
  );
}
