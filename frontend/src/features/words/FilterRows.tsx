import { Plus, X } from "lucide-react";
import { useId } from "react";
import type { Filter, Metric } from "@/api/types";
import { useDimensionValues } from "@/api/values";
import { typedValue } from "@/question/filters";
import { Button, IconButton } from "@/ui/Button";
import { FIELD } from "@/ui/fields";

interface FilterRowsProps {
  filters: Filter[];
  metric: Metric | undefined;
  onChange: (filters: Filter[]) => void;
}

type Operator = Filter["op"];

const WORDS: [Operator, string][] = [
  ["eq", "is"],
  ["ne", "is not"],
  ["in", "is one of"],
  ["not_in", "is none of"],
  ["gt", "is over"],
  ["gte", "is at least"],
  ["lt", "is under"],
  ["lte", "is at most"],
  ["between", "is between"],
  ["contains", "contains"],
  ["not_contains", "does not contain"],
  ["starts_with", "starts with"],
  ["not_starts_with", "does not start with"],
  ["ends_with", "ends with"],
  ["not_ends_with", "does not end with"],
  ["is_null", "is empty"],
  ["is_not_null", "is not empty"],
];
const ORDERED = new Set<Operator>(["gt", "gte", "lt", "lte", "between"]);

const MANY = new Set<Operator>(["in", "not_in", "between"]);
const OF_TEXT = /(contains|starts_with|ends_with)$/;

const isText = (type: string | undefined) => type === "string" || type === "boolean";

/** Conditions by hand. Values are those that the data has. */
export function FilterRows({ filters, metric, onChange }: FilterRowsProps) {
  const first = metric?.dimensions[0]?.name;
  if (!metric || !first) return null;
  const put = (at: number, filter: Filter) =>
    onChange(filters.map((each, index) => (index === at ? filter : each)));
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1 text-small text-soft">Only where</legend>
      {filters.map((filter, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition has no identity but its place.
        <div key={index} className="flex flex-wrap items-center gap-1.5">
          <select
            aria-label="Dimension"
            className={`${FIELD} min-w-0 max-w-full`}
            value={filter.dimension}
            onChange={(event) => put(index, { dimension: event.target.value, op: "eq", values: [""] })}
          >
            {metric.dimensions.map((each) => (
              <option key={each.name} value={each.name}>
                {each.label}
              </option>
            ))}
          </select>
          <OneFilter filter={filter} metric={metric} onChange={(next) => put(index, next)} />
          <IconButton
            label="Remove this condition"
            onClick={() => onChange(filters.filter((_, at) => at !== index))}
          >
            <X aria-hidden />
          </IconButton>
        </div>
      ))}
      <div>
        <Button
          look="ghost"
          className="-ml-2.5"
          onClick={() => onChange([...filters, { dimension: first, op: "eq", values: [""] }])}
        >
          <Plus className="size-3.5" aria-hidden />
          Condition
        </Button>
      </div>
    </fieldset>
  );
}

interface OneFilterProps {
  filter: Filter;
  metric: Metric;
  onChange: (filter: Filter) => void;
}

function OneFilter({ filter, metric, onChange }: OneFilterProps) {
  const list = useId();
  const type = metric.dimensions.find((each) => each.name === filter.dimension)?.type;
  const values = useDimensionValues(metric, filter.dimension);
  const takesNone = filter.op === "is_null" || filter.op === "is_not_null";
  const takesMany = MANY.has(filter.op);
  const changeOperator = (op: Operator) => {
    const isNone = op === "is_null" || op === "is_not_null";
    const isMany = MANY.has(op);
    const held = filter.values ?? [];
    onChange({ ...filter, op, values: isNone ? [] : isMany ? held : [held[0] ?? ""] });
  };
  return (
    <>
      <select
        aria-label="Condition"
        className={FIELD}
        value={filter.op}
        onChange={(event) => changeOperator(event.target.value as Operator)}
      >
        {WORDS.filter(([op]) =>
          OF_TEXT.test(op) ? type === "string" : !ORDERED.has(op) || !isText(type),
        ).map(([op, words]) => (
          <option key={op} value={op}>
            {words}
          </option>
        ))}
      </select>
      {!takesNone && (
        <>
          <input
            aria-label="Value"
            list={list}
            className={`${FIELD} min-w-24 flex-1 basis-32`}
            placeholder={takesMany ? "one, another" : "value"}
            value={(filter.values ?? []).join(", ")}
            onChange={(event) => {
              const text = event.target.value;
              const said = takesMany ? text.split(/,\s*/) : [text];
              onChange({ ...filter, values: said.map((each) => typedValue(each, type)) });
            }}
          />
          <datalist id={list}>
            {values.map((value) => (
              <option key={value} value={value} />
            ))}
          </datalist>
        </>
      )}
    </>
  );
}
