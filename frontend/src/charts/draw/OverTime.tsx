import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { fixed } from "@/format/numbers";
import { classes } from "@/ui/classes";
import { useIsDark } from "@/ui/theme";
import { useMediaQuery } from "@/ui/useMediaQuery";
import type { Points } from "../further/drawn";
import { noteOf, type Plan, type Series } from "../plan";
import { isOfAllOthers, MOST_LINES, mayNarrow } from "../rules/others";
import { init } from "./echarts";
import { Legend } from "./Legend";
import type { Look } from "./look";
import { type Opening, OthersButton } from "./OthersButton";
import { optionOf } from "./option";
import { pageColour } from "./palette";
import { pointsOption } from "./pointsOption";
import { drawInTurn } from "./queue";

/** From this width on names stand at line ends; below they would leave no room for the lines. */
const NAMES_FROM = 460;

/** Grey groups are told apart by no colour, and stand under one name; all others together are no group, and keep theirs. */
function named(own: Series[]): Series[] {
  const grey = own.filter((each) => each.hue === "others" && !isOfAllOthers(each));
  const [first] = grey;
  return first && grey.length > 1
    ? [...own.filter((each) => !grey.includes(each)), { ...first, name: `${fixed(grey.length, 0)} others` }]
    : own;
}

/** How much larger than usual the reader has text. */
const textZoom = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize || "13") / 13;

interface CanvasProps {
  /** What is drawn for a look; another one draws anew. */
  option: (look: Look) => EChartsCoreOption;
  sentence: string;
  withNames: boolean;
  onWide: (isWide: boolean) => void;
  isSmall?: boolean;
}

/** A place that ECharts draws into, in the theme and the size that the page has. */
function Canvas({ option, sentence, withNames, onWide, isSmall = false }: CanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init> | null>(null);
  const draw = useRef(() => {});
  const dark = useIsDark();
  const still = useMediaQuery("(prefers-reduced-motion: reduce)");

  // Before anything is painted: a chart that is drawn for another width first would jump.
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    chart.current = init(element, null, { renderer: "svg" });
    onWide(element.clientWidth >= NAMES_FROM);
    let forget = () => {};
    const observer = new ResizeObserver(() => {
      onWide(element.clientWidth >= NAMES_FROM);
      forget();
      forget = drawInTurn(() => {
        const before = chart.current?.getWidth();
        chart.current?.resize();
        if (chart.current?.getWidth() !== before) draw.current();
      });
    });
    observer.observe(element);
    return () => {
      forget();
      observer.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, [onWide]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are the theme's, read from the page.
  useEffect(() => {
    draw.current = () => {
      const width = chart.current?.getWidth() || undefined;
      const look = {
        colour: pageColour,
        isAnimated: !still,
        withNames,
        zoom: textZoom(),
        ...(width && { width }),
      };
      chart.current?.setOption(option(look), { notMerge: true });
    };
    return drawInTurn(() => draw.current());
  }, [option, still, dark, withNames]);

  return (
    <div className={classes("relative w-full flex-1", isSmall ? "min-h-[3rem]" : "min-h-[8.462rem]")}>
      <div ref={place} role="img" aria-label={sentence} className="absolute inset-0" />
    </div>
  );
}

interface OverTimeProps {
  plan: Plan;
  open?: Opening | undefined;
  isSmall?: boolean;
}

/** A chart over time, drawn by ECharts from its plan. */
export function OverTime({ plan, open, isSmall = false }: OverTimeProps) {
  const [isWide, setWide] = useState(false);
  const own = plan.series.filter(({ role }) => role === "own");
  const beside = plan.lines
    .flatMap(({ series }) => plan.series[series] ?? [])
    .filter(({ role }) => role !== "own");
  const unnamed = [...(own.length > 1 ? named(own) : []), ...(isSmall || plan.second ? [] : beside)];
  const note = noteOf(plan);
  const withNames = isWide && plan.lines.length > 1 && !plan.second;
  const option = useCallback((look: Look) => optionOf(plan, { ...look, isSmall }), [plan, isSmall]);
  return (
    <div className={classes("flex h-full flex-col", !isSmall && "min-h-[10rem]")}>
      {unnamed.length > 0 && !withNames && <Legend series={unnamed} />}
      <Canvas
        option={option}
        sentence={plan.sentence}
        withNames={withNames}
        onWide={setWide}
        isSmall={isSmall}
      />
      {note && <p className="text-right text-axis leading-4 text-faint">{note}</p>}
      {(mayNarrow(plan) || plan.folded <= MOST_LINES) && (
        <OthersButton plan={plan} open={open} most={MOST_LINES} />
      )}
    </div>
  );
}

/** Points at their two values, and for whoever does not see them a sentence and the rows. */
export function PointsChart({ points }: { points: Points }) {
  const [isWide, setWide] = useState(false);
  const option = useCallback((look: Look) => pointsOption(points, look), [points]);
  return (
    <div className="flex h-full min-h-[14rem] flex-col">
      {points.legend.length > 1 && (
        <Legend
          series={points.legend.map((each) => ({ ...each, key: each.name, role: "own", dimension: null }))}
        />
      )}
      <Canvas option={option} sentence={points.sentence} withNames={isWide} onWide={setWide} />
      {points.note && <p className="text-right text-axis leading-4 text-faint">{points.note}</p>}
      <div className="sr-only">
        <table>
          <caption>{points.label}</caption>
          <thead>
            <tr>
              <th scope="col">Group</th>
              <th scope="col">{points.x.name}</th>
              <th scope="col">{points.y.name}</th>
            </tr>
          </thead>
          <tbody>
            {points.points.slice(0, 200).map(({ name, texts }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{texts[0]}</td>
                <td>{texts[1]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
