import { useId } from "react";
import { useMetrics } from "@/api/metrics";
import type { Metric, Widget } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { KINDS } from "@/charts/kinds";
import {
  type Compare,
  canBe,
  type Grain,
  type Kind,
  mayHaveOthers,
  ofTwo,
  orderOf,
  secondMetrics,
  stepsOf,
  withCompare,
  withDimension,
  withGrain,
  withKind,
  withLimit,
  withMetric,
  withOrder,
  withOthers,
  withOwnFilters,
  withSecond,
  withStep,
  withTargets,
  withWindow,
} from "@/question/edits";
import { grainsOf } from "@/question/grains";
import { groupedDimensions } from "@/question/hierarchies";
import { classes } from "@/ui/classes";
import { FIELD } from "@/ui/fields";
import { WindowPicker } from "@/widgets/WindowPicker";
import { FilterRows } from "./FilterRows";
import { Labelled } from "./Labelled";
import { LookForm } from "./LookForm";

interface SpecFormProps {
  widget: Widget;
  onChange: (widget: Widget) => void;
}

const KIND_LABELS = Object.entries(KINDS).map(([kind, { label }]) => [kind as Kind, label] as const);
/** Kinds over time, with or without a grain of their own, and those whose rows have no order to choose. */
const OVER_TIME = new Set<Kind>(["trend", "table", "combo", "multiples", "pivot", "heatmap", "histogram"]);
const WITHOUT_GRAIN = new Set<Kind>(["table", "pivot", "heatmap", "histogram"]);
const UNSORTED = new Set<Kind>([
  "kpi",
  "trend",
  "combo",
  "multiples",
  "scatter",
  "histogram",
  "map",
  "funnel",
  "cohort",
  "gauge",
]);
const WITHOUT_SPLIT = new Set<Kind>(["kpi", "combo", "funnel", "cohort"]);

/** The same spec that the words make, by hand. Every change is in the preview at once. */
export function SpecForm({ widget, onChange }: SpecFormProps) {
  const metrics = useMetrics().data ?? [];
  const { question } = widget;
  const grains = grainsOf(useWorkspace().data?.grains, question.grain);
  const metric = metrics.find((each) => each.metric_id === question.metrics[0]);
  const isTimed = Boolean(metric?.time && metric.window);
  return (
    <div className="grid gap-3">
      <Labelled label="Metric">
        {(id) => (
          <select
            id={id}
            className={FIELD}
            value={question.metrics[0]}
            onChange={(event) => onChange(withMetric(widget, event.target.value, metrics))}
          >
            {metrics.map((each) => (
              <option key={each.metric_id} value={each.metric_id}>
                {each.label}
              </option>
            ))}
          </select>
        )}
      </Labelled>
      <KindChoice
        kind={widget.kind}
        isPossible={(kind) => canBe(widget, kind, metrics)}
        onPick={(kind) => onChange(withKind(widget, kind, metrics))}
      />
      {ofTwo(widget.kind) && (
        <Labelled label={widget.kind === "combo" ? "With a line of" : "Against, upwards"}>
          {(id) => (
            <select
              id={id}
              className={FIELD}
              value={question.metrics[1]}
              onChange={(event) => onChange(withSecond(widget, event.target.value, metrics))}
            >
              {secondMetrics(widget, metrics).map((each) => (
                <option key={each.metric_id} value={each.metric_id}>
                  {each.label}
                </option>
              ))}
            </select>
          )}
        </Labelled>
      )}
      {widget.kind === "funnel" && <StepsChoice widget={widget} metrics={metrics} onChange={onChange} />}
      {!WITHOUT_SPLIT.has(widget.kind) && (
        <SplitChoice widget={widget} metrics={metrics} onChange={onChange} />
      )}
      <FilterRows
        filters={question.filters ?? []}
        metric={metric}
        onChange={(filters) => onChange(withOwnFilters(widget, filters))}
      />
      {isTimed && (
        <Labelled label="Window">
          {(id) => (
            <WindowPicker
              id={id}
              window={question.window ?? null}
              onPick={(window) => onChange(withWindow(widget, window))}
            />
          )}
        </Labelled>
      )}
      <div className="grid grid-cols-2 gap-3">
        {isTimed && OVER_TIME.has(widget.kind) && (
          <Labelled label="Per">
            {(id) => (
              <select
                id={id}
                className={FIELD}
                value={question.grain ?? ""}
                onChange={(event) =>
                  onChange(withGrain(widget, (event.target.value || null) as Grain | null, metrics))
                }
              >
                {WITHOUT_GRAIN.has(widget.kind) && <option value="">the whole window</option>}
                {grains.map((grain) => (
                  <option key={grain} value={grain}>
                    {grain.replaceAll("_", " ")}
                  </option>
                ))}
              </select>
            )}
          </Labelled>
        )}
        {widget.kind === "trend" && metric?.has_targets && (
          <Labelled label="Targets">
            {(id) => (
              <select
                id={id}
                className={FIELD}
                value={question.targets ? "shown" : ""}
                onChange={(event) => onChange(withTargets(widget, event.target.value === "shown"))}
              >
                <option value="">not shown</option>
                <option value="shown">as a line</option>
              </select>
            )}
          </Labelled>
        )}
        <Labelled label="Compared with">
          {(id) => (
            <select
              id={id}
              className={FIELD}
              value={question.compare ?? ""}
              onChange={(event) =>
                onChange(withCompare(widget, (event.target.value || null) as Compare | null))
              }
            >
              <option value="">nothing</option>
              <option value="previous_period">the period before</option>
              <option value="previous_year">the year before</option>
            </select>
          )}
        </Labelled>
        {!UNSORTED.has(widget.kind) && (
          <>
            <Labelled label="Sorted by">
              {(id) => (
                <select
                  id={id}
                  className={FIELD}
                  value={orderOf(widget)}
                  onChange={(event) => onChange(withOrder(widget, event.target.value))}
                >
                  <option value="">as it comes</option>
                  <option value="value:desc">largest first</option>
                  <option value="value:asc">smallest first</option>
                  {(question.dimensions ?? []).map((name) => (
                    <option key={name} value={`${name}:asc`}>
                      {dimensionLabel(name, metric)}
                    </option>
                  ))}
                </select>
              )}
            </Labelled>
            <LimitField label="At most" placeholder="all rows" widget={widget} onChange={onChange} />
          </>
        )}
        {widget.kind === "trend" && (question.dimensions ?? []).length > 0 && (
          <LimitField
            label="The largest, and the others"
            placeholder="each group"
            widget={widget}
            onChange={onChange}
          />
        )}
      </div>
      {widget.kind !== "trend" && mayHaveOthers(widget) && (
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={question.others === true}
            onChange={(event) => onChange(withOthers(widget, event.target.checked))}
          />
          All others together, behind these
        </label>
      )}
      <LookForm widget={widget} metric={metric} onChange={onChange} />
    </div>
  );
}

const dimensionLabel = (name: string, metric: Metric | undefined) =>
  (metric?.dimensions.find((each) => each.name === name)?.label ?? name).toLowerCase();

interface LimitFieldProps extends SpecFormProps {
  label: string;
  placeholder: string;
}

const LimitField = ({ label, placeholder, widget, onChange }: LimitFieldProps) => (
  <Labelled label={label}>
    {(id) => (
      <input
        id={id}
        type="number"
        min={1}
        max={1000}
        placeholder={placeholder}
        className={FIELD}
        value={widget.question.limit ?? ""}
        onChange={(event) => onChange(withLimit(widget, Number(event.target.value) || null))}
      />
    )}
  </Labelled>
);

interface KindChoiceProps {
  kind: Kind;
  /** A kind that nothing can be drawn by is not offered. */
  isPossible: (kind: Kind) => boolean;
  onPick: (kind: Kind) => void;
}

function KindChoice({ kind, isPossible, onPick }: KindChoiceProps) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1 text-small text-soft">Drawn as</legend>
      <div className="inline-flex max-w-full flex-wrap gap-0.5 rounded-[9px] border border-line bg-bg p-0.5">
        {KIND_LABELS.filter(([value]) => value === kind || isPossible(value)).map(([value, label]) => (
          <label
            key={value}
            className={classes(
              "cursor-pointer rounded-[7px] border px-2.5 py-1 has-focus-visible:outline-2 has-focus-visible:outline-accent",
              value === kind ? "border-line bg-surface font-medium" : "border-transparent text-soft",
            )}
          >
            <input
              type="radio"
              name={name}
              className="sr-only"
              checked={value === kind}
              onChange={() => onPick(value)}
            />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Which steps are drawn: what is left out is gone through all the same. */
function StepsChoice({ widget, metrics, onChange }: SplitChoiceProps) {
  const { metrics: shown } = widget.question;
  const [, ...further] = stepsOf(widget, metrics);
  return (
    <fieldset>
      <legend className="mb-1 text-small text-soft">Steps, behind the first</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1">
        {further.map((step) => (
          <label key={step} className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={shown.includes(step)}
              disabled={shown.length === 2 && shown.includes(step)}
              onChange={(event) => onChange(withStep(widget, step, event.target.checked, metrics))}
            />
            {metrics.find((each) => each.metric_id === step)?.label ?? step}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface SplitChoiceProps extends SpecFormProps {
  metrics: Metric[];
}

const DimensionOptions = ({ dimensions }: Pick<Metric, "dimensions">) =>
  dimensions.map(({ name, label }) => (
    <option key={name} value={name}>
      {label}
    </option>
  ));

function SplitChoice({ widget, metrics, onChange }: SplitChoiceProps) {
  const { groups, others } = groupedDimensions(widget, metrics);
  const { dimensions = [] } = widget.question;
  const count = groups.reduce((sum, each) => sum + each.dimensions.length, others.length);
  if (count === 0) return null;
  const places = Math.min(dimensions.length + 1, 2, count);
  return (
    <div className="grid grid-cols-2 gap-3">
      {Array.from({ length: places }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is what the choice is of.
        <Labelled key={place} label={place === 0 ? "Split by" : "and by"}>
          {(id) => (
            <select
              id={id}
              className={FIELD}
              value={dimensions[place] ?? ""}
              onChange={(event) => onChange(withDimension(widget, place, event.target.value, metrics))}
            >
              <option value="">nothing</option>
              {groups.map(({ label, dimensions: levels }) => (
                <optgroup key={label} label={label}>
                  <DimensionOptions dimensions={levels} />
                </optgroup>
              ))}
              <DimensionOptions dimensions={others} />
            </select>
          )}
        </Labelled>
      ))}
    </div>
  );
}
