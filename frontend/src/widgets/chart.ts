/** The parts of ECharts that a trend needs and no others; loaded only when a page has one. */
import { LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([LineChart, GridComponent, TooltipComponent, MarkLineComponent, VisualMapComponent, SVGRenderer]);

export { init };
