import { Map as MapIcon, Table2, X } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useMetrics } from "@/api/metrics";
import type { Answer, Metric, Question, Widget } from "@/api/types";
import { AnswerTable } from "@/charts/draw/AnswerTable";
import { ChangeMark } from "@/charts/draw/ChangeMark";
import { type StateRow, stateRows } from "@/charts/map/classes";
import { exactText } from "@/format/numbers";
import { comparedWith } from "@/format/windows";
import { Button, IconButton } from "@/ui/Button";
import { Skeleton } from "@/ui/Skeleton";
import { SourceBadge } from "@/widgets/SourceBadge";
import { TileFrame } from "@/widgets/TileFrame";
import { AskAgain, TileTrouble } from "@/widgets/TileTrouble";
import { useOpenReceipt } from "@/widgets/useOpenReceipt";
import { useWidgetData } from "@/widgets/useWidgetData";
import { STATE_METRIC } from "./deskWidgets";

const PlaceMap = lazy(() => import("@/charts/map/PlaceMap").then((m) => ({ default: m.PlaceMap })));
const MapLegend = lazy(() => import("@/charts/map/PlaceMap").then((m) => ({ default: m.MapLegend })));
const TITLE = "Issues by state";

interface RegionalMapProps {
  question: Question;
  chosen: string | null;
  onChoose: (state: string | null) => void;
}

/** Where it happens: an ordinary answer drawn on the map, with its hallmark, and the same rows as a table. */
export function RegionalMap({ question, chosen, onChoose }: RegionalMapProps) {
  const widget: Widget = { kind: "table", question };
  const { answer, problem, isFetching, askAgain } = useWidgetData(widget);
  const metrics = useMetrics().data ?? [];
  const receipt = useOpenReceipt();
  const [isTable, setTable] = useState(false);
  const openReceipt = answer && (() => receipt.open(answer.provenance.receipt_id, TITLE));
  const Icon = isTable ? MapIcon : Table2;
  return (
    <TileFrame
      title={TITLE}
      subtitle="last 30 days"
      isSelected={receipt.tile === TITLE}
      isBusy={!answer && !problem}
      tools={
        <IconButton label={isTable ? "Show as a map" : "Show as a table"} onClick={() => setTable(!isTable)}>
          <Icon aria-hidden />
        </IconButton>
      }
      foot={
        answer && openReceipt ? (
          <SourceBadge
            provenance={answer.provenance}
            trouble={problem?.detail ?? null}
            onOpen={openReceipt}
            anchor={TITLE}
          />
        ) : (
          problem && <AskAgain onPress={askAgain} isBusy={isFetching} />
        )
      }
    >
      {answer ? (
        <Drawn answer={answer} metrics={metrics} isTable={isTable} chosen={chosen} onChoose={onChoose} />
      ) : problem ? (
        <TileTrouble problem={problem} />
      ) : (
        <Skeleton className="h-64 w-full" />
      )}
    </TileFrame>
  );
}

interface DrawnProps extends Omit<RegionalMapProps, "question"> {
  answer: Answer;
  metrics: Metric[];
  isTable: boolean;
}

function Drawn({ answer, metrics, isTable, chosen, onChoose }: DrawnProps) {
  const rows = stateRows(answer);
  const unit = answer.columns.find((column) => column.role === "value")?.unit ?? null;
  const table = <AnswerTable answer={answer} metrics={metrics} caption={`${TITLE}, last 30 days`} />;
  const picked = chosen === null ? null : (rows.find((row) => row.name === chosen) ?? null);
  if (isTable) {
    return (
      <section
        aria-label={`${TITLE}, values`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable to be scrolled by key.
        tabIndex={0}
        className="max-h-[26.154rem] overflow-y-auto bg-surface"
      >
        {table}
      </section>
    );
  }
  return (
    <div className="grid gap-2 pb-2">
      <Suspense fallback={<Skeleton className="h-64 w-full" />}>
        <PlaceMap
          on="states"
          rows={rows}
          unit={unit}
          label={TITLE}
          absent="none"
          chosen={chosen}
          onChoose={onChoose}
        />
        <div className="flex min-h-7 flex-wrap items-center justify-between gap-x-4 gap-y-1.5">
          <MapLegend on="states" rows={rows} unit={unit} absent="none" />
          {chosen !== null && (
            <Picked
              name={chosen}
              row={picked}
              rows={rows}
              answer={answer}
              metrics={metrics}
              onChoose={onChoose}
            />
          )}
        </div>
      </Suspense>
      <div className="sr-only">{table}</div>
    </div>
  );
}

interface PickedProps {
  name: string;
  row: StateRow | null;
  rows: StateRow[];
  answer: Answer;
  metrics: Metric[];
  onChoose: (state: string | null) => void;
}

/** The chosen state in figures. */
function Picked({ name, row, rows, answer, metrics, onChoose }: PickedProps) {
  const unit = answer.columns.find((column) => column.role === "value")?.unit ?? null;
  const whole = rows.reduce((sum, each) => sum + each.size, 0);
  const metric = metrics.find((each) => each.metric_id === STATE_METRIC);
  return (
    <p role="status" className="flex flex-wrap items-center gap-x-2 text-label">
      <b className="font-medium">{name}</b>
      {row ? (
        <>
          <span>
            {exactText(row.value, unit)}{" "}
            <span className="text-faint">
              {whole > 0 && `${((row.size / whole) * 100).toFixed(1)}% of all`}
            </span>
          </span>
          <ChangeMark
            value={row.value}
            previous={row.previous}
            unit={unit}
            direction={metric?.direction ?? "neutral"}
            against={comparedWith(answer.question)}
          />
        </>
      ) : (
        <span className="text-soft">none in this window</span>
      )}
      <Button look="ghost" className="px-1.5 text-small" onClick={() => onChoose(null)}>
        <X className="size-3" aria-hidden />
        All states
      </Button>
    </p>
  );
}
