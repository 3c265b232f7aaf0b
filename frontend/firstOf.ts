interface Graph {
  getModuleInfo: (id: string) => { importedIds: readonly string[] } | null;
}

/** Taken one by one from a file that names them all: which of them come first cannot be told from it, and all that are used are 4 kB. */
const ICONS = /node_modules\/lucide-react\//;

/** Names the chunk of what an entry imports without waiting, far and near; the rest is left to the bundler. */
export function firstOf(entry: string) {
  let first: Set<string> | null = null;
  let begin: string | null = null;
  const reach = (from: string, graph: Graph) => {
    const found = new Set<string>();
    const open = [from];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id) || ICONS.test(id)) continue;
      found.add(id);
      open.push(...(graph.getModuleInfo(id)?.importedIds ?? []));
    }
    return found;
  };
  return (id: string, graph: Graph): string | null => {
    if (ICONS.test(id)) return "icons";
    begin ??= `${import.meta.dirname}/${entry}`;
    first ??= reach(begin, graph);
    if (!first.has(id) || id === begin) return null;
    return id.includes("/node_modules/") ? "libraries" : "first";
  };
}
