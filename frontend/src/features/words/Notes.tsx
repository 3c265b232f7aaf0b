import { Info } from "lucide-react";

/** What one should know besides: a model that was away, a word that was left out. */
export function Notes({ notes }: { notes: string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul aria-label="Notes" className="grid gap-1 rounded-lg bg-stale-soft px-2.5 py-1.5 text-label">
      {notes.map((note) => (
        <li key={note} className="flex gap-1.5">
          <Info className="mt-0.5 size-3.5 shrink-0 text-stale" aria-hidden />
          <span className="min-w-0 [overflow-wrap:anywhere]">{note}</span>
        </li>
      ))}
    </ul>
  );
}
