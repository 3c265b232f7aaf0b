import {
  Bell,
  CircleDot,
  FileText,
  Gavel,
  Lightbulb,
  type LucideIcon,
  MessageSquare,
  Radio,
} from "lucide-react";
import { useState } from "react";
import type { TimelineLine } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { humanName } from "@/format/words";
import { Button } from "@/ui/Button";
import { Moment } from "@/widgets/Age";
import { titleWords } from "./caseWords";

const ICONS: Record<string, LucideIcon> = {
  event: Radio,
  alert: Bell,
  recommendation: Lightbulb,
  decision: Gavel,
  claim: FileText,
  session: MessageSquare,
};
const SHOWN = 7;

/** What has happened to this customer, newest first. */
export function Timeline({ lines }: { lines: TimelineLine[] }) {
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  const [isWhole, setWhole] = useState(false);
  return (
    <section aria-label="Timeline" className="mt-3 border-line border-t pt-2.5">
      <h3 className="mb-1 text-small font-medium text-soft">Timeline</h3>
      {lines.length === 0 && <p className="text-soft">Nothing has happened yet.</p>}
      <ol className="grid">
        {(isWhole ? lines : lines.slice(0, SHOWN)).map((line) => {
          const Icon = ICONS[line.kind] ?? CircleDot;
          return (
            <li
              key={`${line.kind} ${line.reference}`}
              className="flex items-baseline gap-2 border-line/70 border-b py-[5px] last:border-b-0"
            >
              <Icon className="size-3.5 shrink-0 translate-y-[2px] text-faint" aria-hidden />
              <span className="min-w-0 flex-1 [overflow-wrap:anywhere]" title={line.reference}>
                <span className="text-faint">{humanName(line.kind)}</span> {titleWords(line.title)}
                {line.status && <span className="text-faint"> · {line.status.replaceAll("_", " ")}</span>}
              </span>
              <time dateTime={line.at} className="shrink-0 text-small text-faint">
                <Moment at={line.at} zone={timezone} />
              </time>
            </li>
          );
        })}
      </ol>
      {lines.length > SHOWN && (
        <Button look="ghost" className="mt-1" onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show the latest only" : `Show ${lines.length - SHOWN} earlier`}
        </Button>
      )}
    </section>
  );
}
