import type { Answer, Widget } from "@/api/types";
import { numberOf } from "@/ui/numbers";
import { rowFilters } from "./BarList";
import { Drillable } from "./Drillable";
import type { Drill } from "./drill";
import type { Group, Series } from "./series";
import { seriesColumn } from "./series";
import { cellAt, shapeOf } from "./shape";
import { ValueText } from "./ValueText";

interface SeriesBarsProps {
  answer: Answer;
  series: Series;
  widget: Widget;
  label: string;
  drill: Drill;
}

const sizeOf = (value: Group["parts"][number]["value"]) => Math.abs(numberOf(value) ?? 0);
const sum = (group: Group) => group.parts.reduce((all, part) => all + sizeOf(part.value), 0);

/** Bars of two dimensions: one is the axis, the other is told apart by colour, side by side or on top of each other. */
export function SeriesBars({ answer, series, widget, label, drill }: SeriesBarsProps) {
  const shape = shapeOf(answer);
  const unit = shape.values[0]?.column.unit ?? null;
  const by = seriesColumn(widget, shape);
  const axis = shape.dimensions.filter(({ index }) => index !== by);
  const [only] = axis;
  const wholes = widget.stacked
    ? series.groups.map(sum)
    : series.groups.flatMap((group) => group.parts.map((part) => sizeOf(part.value)));
  const largest = Math.max(...wholes, 0) || 1;
  const width = (size: number) => `${(size / largest) * 100}%`;
  const { pick, rows } = drill;
  return (
    <div className="grid content-start gap-2 py-1">
      <ul aria-label="Colours" className="flex flex-wrap gap-x-3 gap-y-0.5 text-[11.5px] text-soft">
        {series.legend.map((each) => (
          <li key={each.name} className="flex items-center gap-1.5">
            <i aria-hidden className="size-[9px] rounded-sm" style={{ background: each.hue }} />
            {each.name}
          </li>
        ))}
      </ul>
      <ul aria-label={label} className="grid gap-2">
        {series.groups.map((group) => (
          <li key={group.name} className="grid grid-cols-[minmax(0,3fr)_minmax(0,9fr)] items-center gap-x-3">
            <Drillable
              label={`Filter by ${group.name}`}
              onDrill={
                pick && only && axis.length === 1
                  ? () => pick(only.column.name, cellAt(group.row, only.index))
                  : undefined
              }
              className="truncate text-left text-soft"
            >
              {group.name}
            </Drillable>
            {widget.stacked ? (
              <div className="flex h-4 gap-px overflow-hidden rounded bg-sunken">
                {group.parts.map((part) => (
                  <span
                    key={part.name}
                    className="h-full"
                    style={{ width: width(sizeOf(part.value)), background: part.hue }}
                    title={part.name}
                  >
                    <span className="sr-only">
                      {part.name}: <ValueText value={part.value} unit={unit} widget={widget} />
                    </span>
                  </span>
                ))}
              </div>
            ) : (
              <ul className="grid gap-0.5">
                {group.parts.map((part) => (
                  <li key={part.name} className="flex items-center gap-2">
                    <span aria-hidden className="h-2.5 min-w-0 flex-1 rounded-sm bg-sunken">
                      <span
                        className="block h-full rounded-sm"
                        style={{ width: width(sizeOf(part.value)), background: part.hue }}
                      />
                    </span>
                    <span className="sr-only">{part.name}: </span>
                    <Drillable
                      label={`Rows behind ${group.name}, ${part.name}`}
                      onDrill={rows && (() => rows(rowFilters(part.row, shape)))}
                      className="min-w-12 text-right text-[11.5px] font-medium"
                    >
                      <ValueText value={part.value} unit={unit} widget={widget} />
                    </Drillable>
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
