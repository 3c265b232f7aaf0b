import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useIsDark } from "@/ui/theme";
import { useMediaQuery } from "@/ui/useMediaQuery";
import { noteOf, type Plan } from "../plan";
import { init } from "./echarts";
import { Legend } from "./Legend";
import { optionOf } from "./option";
import { pageColour } from "./palette";

/** From this width on names stand at line ends; below they would leave no room for the lines. */
const NAMES_FROM = 460;

/** How much larger than usual the reader has text. */
const textZoom = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize || "13") / 13;

/** A chart over time, drawn by ECharts from its plan. */
export function OverTime({ plan }: { plan: Plan }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init> | null>(null);
  const dark = useIsDark();
  const still = useMediaQuery("(prefers-reduced-motion: reduce)");
  const [isWide, setWide] = useState(false);
  const own = plan.series.filter(({ role }) => role === "own");
  const note = noteOf(plan);
  const withNames = isWide && plan.lines.length > 1;

  // Before anything is painted: a chart that is drawn for another width first would jump.
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    chart.current = init(element, null, { renderer: "svg" });
    setWide(element.clientWidth >= NAMES_FROM);
    const observer = new ResizeObserver(() => {
      setWide(element.clientWidth >= NAMES_FROM);
      chart.current?.resize();
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are the theme's, read from the page.
  useEffect(() => {
    const look = { colour: pageColour, isAnimated: !still, withNames, zoom: textZoom() };
    chart.current?.setOption(optionOf(plan, look), { notMerge: true });
  }, [plan, still, dark, withNames]);

  return (
    <div className="flex h-full min-h-[10rem] flex-col">
      {own.length > 1 && !withNames && <Legend series={own} />}
      <div className="relative min-h-[8.462rem] w-full flex-1">
        <div ref={place} role="img" aria-label={plan.sentence} className="absolute inset-0" />
      </div>
      {note && <p className="text-right text-axis leading-4 text-faint">{note}</p>}
    </div>
  );
}
