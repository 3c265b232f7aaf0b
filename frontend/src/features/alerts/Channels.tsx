import { useMay } from "@/api/session";
import type { WatchChannel } from "@/api/types";
import { useWatchDeed } from "@/api/watches";
import { Button } from "@/ui/Button";
import { notify } from "@/ui/notices";
import { Panel } from "@/ui/Panel";
import { sayProblem } from "@/widgets/sayProblem";

/** Where messages go; each can be sent one that holds nothing of any data. */
export function Channels({ channels }: { channels: WatchChannel[] }) {
  const deed = useWatchDeed();
  const mayTry = useMay("try_channel");
  const test = (channel: string) =>
    deed.mutate(
      { kind: "test", channel },
      { onSuccess: () => notify({ text: `A message to ${channel} is on its way.` }), onError: sayProblem },
    );
  return (
    <Panel title="Channels">
      <ul className="grid gap-1">
        {channels.map(({ name, kind, why_not }) => (
          <li key={name} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
            <span className="min-w-0 [overflow-wrap:anywhere]">
              {name} <span className="text-soft">{kind}</span>
              {why_not && <span className="block text-small text-stale">Not configured: {why_not}</span>}
            </span>
            {mayTry && !why_not && (
              <Button
                aria-label={`Send a test to ${name}`}
                disabled={deed.isPending}
                onClick={() => test(name)}
              >
                Send a test
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
