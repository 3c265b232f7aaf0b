import { ArrowRight } from "lucide-react";
import { problemOf } from "@/api/problem";
import { useChangeRoute } from "@/api/routes";
import type { Route } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Trouble } from "@/ui/Trouble";
import { BackendMark } from "@/widgets/BackendMark";
import { parityWords } from "@/widgets/ParitySeal";

interface ChangeRouteDialogProps {
  route: Route;
  backend: string;
  file: string;
  onClose: () => void;
}

/** Says what will be written where before it is written. */
export function ChangeRouteDialog({ route, backend, file, onClose }: ChangeRouteDialogProps) {
  const change = useChangeRoute();
  const driver = route.choices.find((choice) => choice.backend === backend)?.driver ?? "";
  const move = () => change.mutate({ metricId: route.metric_id, backend }, { onSuccess: onClose });
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Move ${route.label}?`}
      footer={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button look="primary" onClick={move} disabled={change.isPending}>
            {change.isPending ? "Moving…" : `Move to ${backend}`}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <p className="flex items-center gap-2 text-[14px]">
          <BackendMark backend={route.backend} driver={route.driver} />
          <ArrowRight className="size-4 text-faint" aria-label="to" />
          <BackendMark backend={backend} driver={driver} />
        </p>
        <p className="text-soft">
          This writes {route.line === null ? "a new line" : `line ${route.line}`} of{" "}
          <code className="font-mono text-[11.5px]">{file}</code>. From then on everyone's {route.label} is
          computed by {backend}.
        </p>
        <p className="text-soft">Parity: {parityWords(route.parity).toLowerCase()}.</p>
        {change.error && (
          <Trouble sentence={problemOf(change.error).detail} mend={problemOf(change.error).mend} />
        )}
      </div>
    </Dialog>
  );
}
