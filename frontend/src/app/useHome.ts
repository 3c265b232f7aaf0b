import { useWorkspace } from "@/api/workspace";
import { paths } from "./address";

/** Where the page begins: the workspace's first dashboard, or its catalog where there is none. Null while not known. */
export function useHome(): string | null {
  const workspace = useWorkspace().data;
  if (!workspace) return null;
  const first = workspace.dashboards[0];
  return first ? paths.dashboard(first.dashboard_id) : paths.catalog();
}
