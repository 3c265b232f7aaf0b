import { useMay } from "@/api/session";
import type { WatchMessage } from "@/api/types";
import { useWatchDeed, useWatchMessages } from "@/api/watches";
import { clockText } from "@/format/times";
import { Button } from "@/ui/Button";
import { Panel } from "@/ui/Panel";
import { Failure, hasFailed } from "@/widgets/Failure";
import { sayProblem } from "@/widgets/sayProblem";
import { ReceiptLink } from "./ReceiptLink";

/** What was sent to whom, newest first. */
export function Messages({ timezone }: { timezone: string }) {
  const messages = useWatchMessages();
  const told = messages.data ?? [];
  return (
    <Panel title="Messages" note={messages.data && told.length === 0 ? "none yet" : undefined}>
      {hasFailed(messages) ? (
        <Failure of={messages} />
      ) : (
        <ul className="grid">
          {told.map((each) => (
            <Message key={each.message_id} message={each} timezone={timezone} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Message({ message, timezone }: { message: WatchMessage; timezone: string }) {
  const deed = useWatchDeed();
  const maySend = useMay("send_message_again");
  const { message_id, receipt_ids } = message;
  const first = receipt_ids[0];
  return (
    <li className="grid gap-0.5 border-line border-t py-2 first:border-t-0 [overflow-wrap:anywhere]">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="min-w-0 font-medium">{message.title}</span>
        <span className="text-small text-soft">{stateText(message, timezone)}</span>
      </div>
      {message.sentences.map((each) => (
        <span key={each} className="text-small">
          {each}
        </span>
      ))}
      <div className="flex flex-wrap items-center gap-x-3 text-small text-soft">
        <span>
          to {message.listener}, {clockText(message.made_at, timezone)}
        </span>
        {first && <ReceiptLink id={first} />}
        {message.trouble && <span className="text-stale">{message.trouble}</span>}
        {message.state === "dead" && maySend && (
          <Button
            disabled={deed.isPending}
            onClick={() => deed.mutate({ kind: "send", messageId: message_id }, { onError: sayProblem })}
          >
            Send again
          </Button>
        )}
      </div>
    </li>
  );
}

function stateText({ state, attempts, next_at, ended_at }: WatchMessage, timezone: string): string {
  if (state === "delivered") return `delivered ${ended_at ? clockText(ended_at, timezone) : ""}`;
  if (state === "dead") return `given up after ${attempts} attempts`;
  return attempts === 0 || !next_at
    ? "on its way"
    : `tried ${attempts} times, again ${clockText(next_at, timezone)}`;
}
