import { Plus, X } from "lucide-react";
import type { ReactNode } from "react";
import type { Metric, NumberFormat, ReferenceLine, Threshold, Widget } from "@/api/types";
import { Button, IconButton } from "@/ui/Button";
import { FIELD } from "@/ui/fields";
import { Labelled } from "./Labelled";

interface LookFormProps {
  widget: Widget;
  metric: Metric | undefined;
  onChange: (widget: Widget) => void;
}

const TONES: [Threshold["tone"], string][] = [
  ["good", "good"],
  ["watch", "to watch"],
  ["bad", "bad"],
];

const STACKING: ReadonlySet<Widget["kind"]> = new Set(["bar", "trend"]);

/** Digits with a point: what the spec takes as a number. */
const isDecimal = (text: string) => /^-?\d{1,18}(\.\d{1,9})?$/.test(text);

const ascending = (thresholds: Threshold[]) => [...thresholds].sort((a, b) => Number(a.at) - Number(b.at));

/** How it looks: title, digits, lines across it, colours by value. */
export function LookForm({ widget, metric, onChange }: LookFormProps) {
  const { dimensions = [], grain } = widget.question;
  const keys = dimensions.length + (grain ? 1 : 0);
  const lines = widget.reference_lines ?? [];
  const thresholds = widget.thresholds ?? [];
  const format: NumberFormat = widget.format ?? {};
  const setFormat = (change: NumberFormat) => {
    const next = { ...format, ...change };
    const isPlain = (next.decimals ?? null) === null && !next.compact;
    onChange({ ...widget, format: isPlain ? null : next });
  };
  const canShare = widget.question.metrics.length === 1 && metric?.adds_up === true;
  const label = (name: string) => metric?.dimensions.find((each) => each.name === name)?.label ?? name;
  return (
    <details className="rounded-[10px] border border-line">
      <summary className="px-3 py-2 text-label font-medium select-none">Look</summary>
      <div className="grid gap-3 border-line border-t px-3 py-3">
        <div className="grid grid-cols-2 gap-3">
          <Labelled label="Title">
            {(id) => (
              <input
                id={id}
                maxLength={120}
                placeholder={metric?.label}
                className={FIELD}
                value={widget.title ?? ""}
                onChange={(event) => onChange({ ...widget, title: event.target.value || null })}
              />
            )}
          </Labelled>
          <Labelled label="Subtitle">
            {(id) => (
              <input
                id={id}
                maxLength={120}
                className={FIELD}
                value={widget.subtitle ?? ""}
                onChange={(event) => onChange({ ...widget, subtitle: event.target.value || null })}
              />
            )}
          </Labelled>
          <Labelled label="Decimals">
            {(id) => (
              <select
                id={id}
                className={FIELD}
                value={format.decimals ?? ""}
                onChange={(event) =>
                  setFormat({ decimals: event.target.value === "" ? null : Number(event.target.value) })
                }
              >
                <option value="">as the unit asks</option>
                {[0, 1, 2, 3, 4, 5, 6].map((decimals) => (
                  <option key={decimals}>{decimals}</option>
                ))}
              </select>
            )}
          </Labelled>
          {keys >= 2 && STACKING.has(widget.kind) && (
            <Labelled label="Series">
              {(id) => (
                <select
                  id={id}
                  className={FIELD}
                  value={widget.shares ? "shares" : widget.stacked ? "stacked" : ""}
                  onChange={({ target: { value } }) =>
                    onChange({ ...widget, stacked: value === "stacked", shares: value === "shares" })
                  }
                >
                  <option value="">side by side</option>
                  <option value="stacked">stacked</option>
                  {canShare && <option value="shares">stacked to 100 %</option>}
                </select>
              )}
            </Labelled>
          )}
          {keys >= 2 && dimensions.length > 0 && (
            <Labelled label="Colour by">
              {(id) => (
                <select
                  id={id}
                  className={FIELD}
                  value={widget.series ?? ""}
                  onChange={(event) => onChange({ ...widget, series: event.target.value || null })}
                >
                  <option value="">the last one</option>
                  {dimensions.map((name) => (
                    <option key={name} value={name}>
                      {label(name)}
                    </option>
                  ))}
                </select>
              )}
            </Labelled>
          )}
        </div>
        <div className="flex flex-wrap gap-x-5 gap-y-1.5">
          <Tick checked={format.compact === true} onTick={(compact) => setFormat({ compact })}>
            Short figures (1.2M)
          </Tick>
        </div>
        <Rows
          legend="Lines across it"
          add="Line"
          onAdd={() => onChange({ ...widget, reference_lines: [...lines, { value: "0", label: "" }] })}
          canAdd={lines.length < 6}
        >
          {lines.map((line, index) => (
            <Row
              // biome-ignore lint/suspicious/noArrayIndexKey: a line has no identity but its place.
              key={index}
              remove="Remove this line"
              onRemove={() => onChange({ ...widget, reference_lines: without(lines, index) })}
            >
              <DecimalField
                label="At"
                value={line.value}
                onChange={(value) =>
                  onChange({
                    ...widget,
                    reference_lines: put<ReferenceLine>(lines, index, { ...line, value }),
                  })
                }
              />
              <input
                aria-label="Name of the line"
                placeholder="name"
                maxLength={60}
                className={`${FIELD} w-28 flex-1`}
                value={line.label ?? ""}
                onChange={(event) =>
                  onChange({
                    ...widget,
                    reference_lines: put(lines, index, { ...line, label: event.target.value }),
                  })
                }
              />
            </Row>
          ))}
        </Rows>
        <Rows
          legend="Colour by value"
          add="Threshold"
          onAdd={() => onChange({ ...widget, thresholds: [...thresholds, nextThreshold(thresholds)] })}
          canAdd={thresholds.length < 6}
        >
          {thresholds.map((threshold, index) => (
            <Row
              // biome-ignore lint/suspicious/noArrayIndexKey: a threshold has no identity but its place.
              key={index}
              remove="Remove this threshold"
              onRemove={() => onChange({ ...widget, thresholds: without(thresholds, index) })}
            >
              <span className="text-label text-soft">from</span>
              <DecimalField
                label="From"
                value={threshold.at}
                onChange={(at) =>
                  onChange({ ...widget, thresholds: ascending(put(thresholds, index, { ...threshold, at })) })
                }
              />
              <select
                aria-label="Tone"
                className={`${FIELD} flex-1`}
                value={threshold.tone}
                onChange={(event) =>
                  onChange({
                    ...widget,
                    thresholds: put(thresholds, index, {
                      ...threshold,
                      tone: event.target.value as Threshold["tone"],
                    }),
                  })
                }
              >
                {TONES.map(([tone, words]) => (
                  <option key={tone} value={tone}>
                    {words}
                  </option>
                ))}
              </select>
            </Row>
          ))}
        </Rows>
      </div>
    </details>
  );
}

const put = <T,>(held: T[], at: number, value: T): T[] =>
  held.map((each, index) => (index === at ? value : each));
const without = <T,>(held: T[], at: number): T[] => held.filter((_, index) => index !== at);

/** Above the highest, so that they ascend. */
function nextThreshold(thresholds: Threshold[]): Threshold {
  const highest = thresholds.at(-1);
  return { at: highest ? String(Number(highest.at) + 1) : "0", tone: "watch" };
}

function Tick(props: { checked: boolean; onTick: (checked: boolean) => void; children: ReactNode }) {
  return (
    <label className="flex items-center gap-1.5 text-label">
      <input
        type="checkbox"
        className="size-3.5 accent-(--accent)"
        checked={props.checked}
        onChange={(event) => props.onTick(event.target.checked)}
      />
      {props.children}
    </label>
  );
}

interface DecimalFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** Only what is a number reaches the spec; what is being typed stays in the field until it is one. */
function DecimalField({ label, value, onChange }: DecimalFieldProps) {
  return (
    <input
      aria-label={label}
      inputMode="decimal"
      className={`${FIELD} w-24`}
      key={value}
      defaultValue={value}
      onBlur={(event) => {
        const text = event.target.value.trim();
        if (isDecimal(text) && text !== value) onChange(text);
        else event.target.value = value;
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
      }}
    />
  );
}

interface RowsProps {
  legend: string;
  add: string;
  canAdd: boolean;
  onAdd: () => void;
  children: ReactNode;
}

function Rows({ legend, add, canAdd, onAdd, children }: RowsProps) {
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1 text-small text-soft">{legend}</legend>
      {children}
      {canAdd && (
        <div>
          <Button look="ghost" className="-ml-2.5" onClick={onAdd}>
            <Plus className="size-3.5" aria-hidden />
            {add}
          </Button>
        </div>
      )}
    </fieldset>
  );
}

function Row({ remove, onRemove, children }: { remove: string; onRemove: () => void; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {children}
      <IconButton label={remove} onClick={onRemove}>
        <X aria-hidden />
      </IconButton>
    </div>
  );
}
