import {
  BellPlus,
  Braces,
  ChartColumn,
  Ellipsis,
  FileImage,
  FileSpreadsheet,
  Info,
  Link2,
  ReceiptText,
  RotateCw,
  Rows3,
  Split,
} from "lucide-react";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { NO_METRICS, useMetrics } from "@/api/metrics";
import { useMay } from "@/api/session";
import type { Cell, Filter, Question, Widget, WindowChoice } from "@/api/types";
import type { Drill } from "@/charts/draw/drill";
import { KINDS } from "@/charts/kinds";
import { notes } from "@/charts/plan";
import { steppedDown, steppedNote } from "@/question/hierarchies";
import { IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import { LoadingLines } from "@/ui/Skeleton";
import { type ExportKind, exportWidget } from "./exportWidget";
import { MetricInfoBadge } from "./MetricInfoBadge";
import { alarmOf, SourceBadge } from "./SourceBadge";
import { TextTile } from "./TextTile";
import { TileFrame } from "./TileFrame";
import { AskAgain, TileTrouble } from "./TileTrouble";
import { notFiltered, tileSubtitle, tileTitle } from "./tileWords";
import { useOpenReceipt } from "./useOpenReceipt";
import { useWidgetData } from "./useWidgetData";
import { WidgetBody, WidgetSkeleton } from "./WidgetBody";

const SpecJsonView = lazy(() =>
  import("./SpecJsonView").then((module) => ({ default: module.SpecJsonView })),
);
const LinkDialog = lazy(() => import("./LinkDialog").then((module) => ({ default: module.LinkDialog })));
const WatchDialog = lazy(() => import("./WatchDialog").then((module) => ({ default: module.WatchDialog })));

interface WidgetTileProps {
  widget: Widget;
  /** Names the tile in the URL when its receipt is open. */
  tileId?: string;
  window?: WindowChoice | null;
  /** The page's conditions: those whose dimension it has apply. */
  filters?: Filter[];
  onPick?: (dimension: string, value: Cell) => void;
  onRows?: (metricId: string, label: string, question: Question) => void;
  /** Why a figure changed; of what has groups or buckets nobody can ask it. */
  onExplain?: (metricId: string, label: string, question: Question) => void;
  /** What else can be done with it here, as items of its menu. */
  more?: ReactNode;
}

const EXPORTS: [ExportKind, string, typeof Info][] = [
  ["csv", "Export CSV", FileSpreadsheet],
  ["png", "Export PNG", FileImage],
  ["vega-lite", "Export Vega-Lite", ChartColumn],
];

/** A widget with what can be done with it; a text has no number and no hallmark. */
export function WidgetTile(props: WidgetTileProps) {
  if (props.widget.kind === "text") return <TextTile widget={props.widget} more={props.more} />;
  return <NumberTile {...props} />;
}

/** A widget with its number, its hallmark and what can be done with it. */
function NumberTile({
  widget: given,
  tileId,
  window = null,
  filters,
  onPick,
  onRows,
  onExplain,
  more,
}: WidgetTileProps) {
  const metrics = useMetrics().data ?? NO_METRICS;
  const widget = useMemo(() => steppedDown(given, filters ?? [], metrics), [given, filters, metrics]);
  const data = useWidgetData(widget, window, filters);
  const receipt = useOpenReceipt();
  const [isSpecOpen, setSpecOpen] = useState(false);
  const [isInfoOpen, setInfoOpen] = useState(false);
  const [isWatchOpen, setWatchOpen] = useState(false);
  const [isLinkOpen, setLinkOpen] = useState(false);
  const mayLink = useMay("create_link");
  const { answer, problem, outdated } = data;
  // One drawing for both: it stays while the next answer comes, and is not built anew for it.
  const shown = answer ?? outdated;
  const metric = metrics.find((each) => each.metric_id === widget.question.metrics[0]);
  const title = tileTitle(widget, metrics, data.isWindowChosen);
  const receiptId = answer?.provenance.receipt_id;
  const { open } = receipt;
  const openReceipt = useMemo(
    () => (receiptId === undefined ? undefined : () => open(receiptId, tileId)),
    [receiptId, open, tileId],
  );
  const subtitle = tileSubtitle(widget, answer, data.isWindowChosen, metrics);
  const metricId = widget.question.metrics[0] ?? "";
  const { question } = data;
  const showRows = useMemo(
    () =>
      onRows &&
      ((own: Filter[], other?: WindowChoice, of = metricId) => {
        const conditions = [...(question.filters ?? []), ...own];
        const window = other ?? question.window ?? null;
        const name = of === metricId ? title : (metrics.find((each) => each.metric_id === of)?.label ?? of);
        onRows(of, name, { ...question, filters: conditions, window });
      }),
    [onRows, question, metricId, title, metrics],
  );
  const isExplained = Boolean(answer?.question.previous) && !question.grain && !question.dimensions?.length;
  const drill = useMemo(
    (): Drill => ({
      ...(onPick ? { pick: onPick } : {}),
      ...(showRows ? { rows: showRows } : {}),
      ...(openReceipt ? { receipt: openReceipt } : {}),
    }),
    [onPick, showRows, openReceipt],
  );
  const hand = (kind: ExportKind) => {
    if (!answer) return;
    const shown = { ...widget, question: data.question };
    void exportWidget(kind, { widget: shown, answer, metrics, title, subtitle });
  };
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
                <button type="button" className="rounded text-left underline-offset-2 hover:underline">
                  {title}
                </button>
              }
            />
          )
        }
        subtitle={subtitle}
        note={
          notes(
            steppedNote(given, widget, metrics),
            notFiltered(data.unfiltered, metrics),
            answer?.folded?.sentence ?? null,
          ) || null
        }
        isSelected={tileId !== undefined && receipt.tile === tileId}
        isBusy={!answer && !problem}
        alarm={answer ? alarmOf(answer.provenance, problem?.detail ?? null) : null}
        isOutdated={outdated !== undefined}
        scrolls={Boolean(shown) && KINDS[widget.kind].scrolls}
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
            {showRows && (
              <MenuItem icon={<Rows3 aria-hidden />} onPick={() => showRows([])}>
                Rows behind it
              </MenuItem>
            )}
            {onExplain && isExplained && (
              <MenuItem icon={<Split aria-hidden />} onPick={() => onExplain(metricId, title, question)}>
                Why did it change?
              </MenuItem>
            )}
            {metric && (
              <MenuItem icon={<BellPlus aria-hidden />} onPick={() => setWatchOpen(true)}>
                Tell me when…
              </MenuItem>
            )}
            <MenuItem icon={<RotateCw aria-hidden />} onPick={data.askAgain}>
              Ask again
            </MenuItem>
            {answer && (
              <>
                <MenuSeparator />
                {EXPORTS.map(([kind, label, Icon]) => (
                  <MenuItem key={kind} icon={<Icon aria-hidden />} onPick={() => hand(kind)}>
                    {label}
                  </MenuItem>
                ))}
                {mayLink && (
                  <MenuItem icon={<Link2 aria-hidden />} onPick={() => setLinkOpen(true)}>
                    Link for a spreadsheet…
                  </MenuItem>
                )}
              </>
            )}
            {more && (
              <>
                <MenuSeparator />
                {more}
              </>
            )}
          </Menu>
        }
        foot={
          answer && openReceipt ? (
            <SourceBadge
              provenance={answer.provenance}
              trouble={problem?.detail ?? null}
              onOpen={openReceipt}
              anchor={tileId}
              isQuiet
            />
          ) : (
            <>
              {outdated && <span className="text-faint">Asking anew; what stands here is from before.</span>}
              {problem && <AskAgain onPress={data.askAgain} isBusy={data.isFetching} />}
            </>
          )
        }
      >
        {shown ? (
          <WidgetBody
            widget={widget}
            answer={shown}
            spark={data.spark}
            metrics={metrics}
            label={title}
            drill={drill}
          />
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
      {isLinkOpen && (
        <Suspense fallback={null}>
          <LinkDialog title={title} question={question} onClose={() => setLinkOpen(false)} />
        </Suspense>
      )}
      {isWatchOpen && (
        <Suspense fallback={null}>
          <WatchDialog title={title} question={question} onClose={() => setWatchOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
