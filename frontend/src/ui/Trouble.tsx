import { RotateCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./Button";

interface TroubleProps {
  sentence: string;
  mend: string | null;
  onRetry?: () => void;
  retryLabel?: string;
  children?: ReactNode;
}

/** What went wrong, what mends it, and a way to try again. */
export function Trouble({ sentence, mend, onRetry, retryLabel = "Ask again", children }: TroubleProps) {
  return (
    <div role="alert" className="flex items-start gap-2.5 rounded-lg bg-bad-soft p-3 text-label">
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <p className="font-medium text-ink">{sentence}</p>
        {mend && <p className="text-soft">{mend}</p>}
        {children}
        {onRetry && (
          <Button className="mt-2" onClick={onRetry}>
            <RotateCw className="size-3.5" aria-hidden />
            {retryLabel}
          </Button>
        )}
      </div>
    </div>
  );
}
