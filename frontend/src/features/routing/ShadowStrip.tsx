import type { Route, ShadowLine } from "@/api/types";
import { clockText } from "@/format/times";
import { CopyButton } from "@/ui/CopyButton";
import { Panel } from "@/ui/Panel";
import { ShadowMarks } from "./ShadowMarks";
import { cleanInARow, median, shadowSentence } from "./shadow";
import { hasPassed, millisecondsText } from "./words";

interface ShadowStripProps {
  route: Route;
  shadows: ShadowLine[];
  timezone: string;
}

/** What a sample of the live questions gave on the route's shadow, over time; or how to set one. */
export function ShadowStrip({ route, shadows, timezone }: ShadowStripProps) {
  const { shadow } = route;
  const name = shadow?.backend ?? shadows[0]?.shadow ?? null;
  const lines = shadows.filter((line) => line.shadow === name);
  if (name === null) return <NoShadow route={route} />;
  const trouble = lines.filter((line) => !hasPassed(line.verdict)).slice(0, 4);
  const clean = cleanInARow(lines);
  const here = median(lines.map((line) => line.here_ms));
  const there = median(lines.map((line) => line.there_ms));
  return (
    <Panel title={`In the shadow of ${name}`}>
      {lines.length === 0 ? (
        <p className="text-label text-soft">
          Nothing yet. Of the questions that are asked live, one every ten seconds at most is asked on {name}{" "}
          too.
        </p>
      ) : (
        <div className="grid gap-2">
          <p className="text-label">{shadowSentence(lines)}</p>
          <ShadowMarks route={route} shadow={name} lines={lines} timezone={timezone} />
          {here !== null && there !== null && (
            <p className="text-small text-soft">
              Half of the answers came within {millisecondsText(here)} on {lines[0]?.backend}, within{" "}
              {millisecondsText(there)} on {name}.
            </p>
          )}
          {trouble.length > 0 && (
            <ul aria-label="The last that did not agree" className="grid gap-1 text-small">
              {trouble.map((line) => (
                <li key={line.compared_at} className="[overflow-wrap:anywhere]">
                  <span className="text-faint">{clockText(line.compared_at, timezone)}</span> {line.reason}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      {shadow && shadow.wanted > 0 && (
        <div className="mt-2 grid gap-1 text-small text-soft">
          <span>
            {Math.min(clean, shadow.wanted)} of {shadow.wanted} clean in a row; so many are wanted before it
            may move there
          </span>
          <progress
            aria-label="Clean comparisons in a row"
            value={Math.min(clean, shadow.wanted)}
            max={shadow.wanted}
            className="h-1 w-full accent-(--gold)"
          />
        </div>
      )}
      {!shadow && <p className="mt-2 text-small text-faint">The line asks for no shadow any more.</p>}
    </Panel>
  );
}

function NoShadow({ route }: { route: Route }) {
  const other = route.choices.find((each) => each.ok && each.backend !== route.backend);
  if (!other || !route.backend) return null;
  const line = `${route.metric_id}: {backend: ${route.backend}, shadow: ${other.backend}}`;
  return (
    <Panel title="Shadow">
      <p className="mb-2 text-label text-soft">
        No other backend is asked in the background. This line would ask a sample of the live questions on{" "}
        {other.backend} too, and draw here how often the two agree:
      </p>
      <pre className="mb-2 rounded-lg bg-sunken p-2 font-mono text-mark [overflow-wrap:anywhere] whitespace-pre-wrap">
        {line}
      </pre>
      <div>
        <CopyButton text={line} label="Copy the line" />
      </div>
    </Panel>
  );
}
