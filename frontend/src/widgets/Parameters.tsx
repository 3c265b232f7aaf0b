/** Values bound to a statement. They travel beside the SQL, never in it. */
export function Parameters({ params }: { params: Record<string, unknown> }) {
  const entries = Object.entries(params);
  if (entries.length === 0) return null;
  return (
    <dl
      aria-label="Bound parameters"
      className="flex flex-wrap gap-x-3 gap-y-0.5 font-mono text-mark text-soft"
    >
      {entries.map(([name, value]) => (
        <div key={name} className="flex min-w-0 gap-1.5">
          <dt className="font-semibold text-stale">{name}</dt>
          <dd className="[overflow-wrap:anywhere]">
            {typeof value === "string" ? `'${value}'` : JSON.stringify(value)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
