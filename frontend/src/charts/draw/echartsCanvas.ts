/** ECharts on a canvas, for a picture to take away; loaded only then. */
import { use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { init } from "./echarts";

use([CanvasRenderer]);

export { init };
