import { classes } from "@/ui/classes";

const COLOURS: Record<string, string> = {
  postgres: "bg-(--postgres)",
  duckdb: "bg-(--duckdb)",
  databricks: "bg-(--databricks)",
  spark: "bg-(--spark)",
};

/** The small square in the colour of the engine. The name beside it says the same in words. */
export function BackendSquare({ driver, muted = false }: { driver: string | null; muted?: boolean }) {
  const colour = muted ? "bg-stale" : (COLOURS[driver ?? ""] ?? "bg-(--other)");
  return <i aria-hidden className={classes("swatch inline-block size-2 shrink-0 rounded-[2.5px]", colour)} />;
}

export function BackendMark({ backend, driver }: { backend: string | null; driver: string | null }) {
  if (backend === null) return <span className="text-faint">not routed</span>;
  return (
    <span className="inline-flex items-baseline gap-1.5 whitespace-nowrap" title={`driver: ${driver}`}>
      <BackendSquare driver={driver} />
      {backend}
    </span>
  );
}
