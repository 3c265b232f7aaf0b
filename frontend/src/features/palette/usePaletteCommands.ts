import { useMetrics } from "@/api/metrics";
import { useWorkspace } from "@/api/workspace";
import { paths } from "@/app/address";
import { type Command, useCommands } from "@/ui/commands";

const PAGES: [string, string, string][] = [
  [paths.desk(), "Live desk", "recommendations signals approve dismiss timeline map loop"],
  [
    paths.alerts(),
    "Alerts",
    "tell me when watch channels messages mute acknowledge reports mail pdf unsubscribe",
  ],
  [paths.catalog(), "Metrics", "catalog definitions"],
  [paths.routing(), "Routing", "backends engines routes"],
  [paths.receipts(), "Receipts", "answers replay"],
  [paths.drafts(), "Drafts of metrics", "review accept"],
  [paths.begin(), "Add a database", "begin connection survey draft tables first page init csv file"],
  [paths.dictionary(), "Dictionary", "tables columns joins kpis"],
  [paths.waiting(), "Waiting for a second person", "four eyes proposals confirm decline"],
  [paths.audit(), "Audit log", "who did what verify entries"],
];

/** What the palette offers: what pages offer themselves, and the way to every page, dashboard and metric. */
export function usePaletteCommands(go: (to: string) => void): Command[] {
  const offered = useCommands();
  const dashboards = useWorkspace().data?.dashboards ?? [];
  const metrics = useMetrics().data ?? [];
  return [
    ...dashboards.map((dashboard) => ({
      id: `dashboard-${dashboard.dashboard_id}`,
      group: "Dashboards",
      label: dashboard.label,
      words: dashboard.dashboard_id,
      run: () => go(paths.dashboard(dashboard.dashboard_id)),
    })),
    ...PAGES.map(([to, label, words]) => ({
      id: `page-${to}`,
      group: "Pages",
      label,
      words,
      run: () => go(to),
    })),
    ...metrics.map((metric) => ({
      id: `metric-${metric.metric_id}`,
      group: "Metrics",
      label: metric.label,
      words: [metric.metric_id, ...metric.synonyms].join(" "),
      run: () => go(paths.catalog(metric.metric_id)),
    })),
    ...offered,
  ];
}
