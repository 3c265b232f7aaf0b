import { useCustomer } from "@/api/loop";
import { useMay } from "@/api/session";
import type { CustomerView, Device, Recommendation } from "@/api/types";
import { humanName } from "@/format/words";
import { Fact, Facts } from "@/ui/Facts";
import { Panel } from "@/ui/Panel";
import { Stand } from "./Stand";
import { Story } from "./Story";
import { Timeline } from "./Timeline";

interface CasePanelProps {
  /** The chosen recommendation, or the latest; null where there is none. */
  recommendation: Recommendation | null;
  customerId: string | null;
}

/** Who and what it is about, as far as an operator needs to know; names and addresses are never read. */
export function CasePanel({ recommendation, customerId }: CasePanelProps) {
  const maySee = useMay("customer");
  const read = useCustomer(maySee ? customerId : null);
  if (customerId === null && !recommendation) {
    return (
      <Panel title="Customer and device">
        <p className="py-10 text-center text-soft">
          Choose a recommendation or a signal to see who and what it is about.
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Customer and device" note={customerId} className="@container">
      {recommendation && (
        <div className="pb-3">
          <Story recommendation={recommendation} />
        </div>
      )}
      {customerId !== null && !maySee && (
        <p className="text-soft">Who it is about is for those with the role operator.</p>
      )}
      {customerId !== null && maySee && (
        <Stand read={read} loading="Loading the customer" lines={9}>
          {(view) => <Customer view={view} deviceId={recommendation?.device_id ?? null} />}
        </Stand>
      )}
    </Panel>
  );
}

const words = (value: string | null) => (value === null ? null : humanName(value));

function Customer({ view, deviceId }: { view: CustomerView; deviceId: string | null }) {
  const { customer, devices, timeline } = view;
  const place = [customer.state_code, customer.region].filter(Boolean).join(", ");
  const facts: [string, string | null][] = [
    ["Segment", words(customer.segment)],
    ["Loyalty", words(customer.loyalty_tier)],
    ["Lives in", place || null],
    [
      "Reach by",
      [words(customer.preferred_channel), customer.preferred_language].filter(Boolean).join(", ") || null,
    ],
    ["Since", customer.enrolled_ts?.slice(0, 10) ?? null],
  ];
  // The device it is about first.
  const sorted = [...devices].sort(
    (a, b) => Number(b.device_id === deviceId) - Number(a.device_id === deviceId),
  );
  return (
    <>
      <div className="grid gap-x-6 gap-y-3 border-line border-t pt-3 @[460px]:grid-cols-2">
        <Facts>
          {facts.map(
            ([name, value]) =>
              value && (
                <Fact key={name} name={name}>
                  {value}
                </Fact>
              ),
          )}
        </Facts>
        <ul aria-label="Devices" className="grid content-start gap-2">
          {sorted.length === 0 && <li className="text-soft">No covered device.</li>}
          {sorted.map((device) => (
            <DeviceLine key={device.device_id} device={device} />
          ))}
        </ul>
      </div>
      <Timeline lines={timeline} />
    </>
  );
}

function DeviceLine({ device }: { device: Device }) {
  const battery = device.battery_health_pct;
  const parts = [
    device.condition_grade && `grade ${device.condition_grade}`,
    words(device.device_status)?.toLowerCase(),
    device.plan_name && `${device.plan_name} (${device.coverage_status})`,
  ].filter(Boolean);
  return (
    <li className="min-w-0">
      <p className="flex items-baseline justify-between gap-2">
        <span className="min-w-0 truncate font-medium">{device.product_name ?? device.device_id}</span>
        {battery !== null && (
          <span className="shrink-0 text-small text-soft">
            battery <b className="font-medium text-ink">{battery}%</b>
          </span>
        )}
      </p>
      <p className="text-small text-soft [overflow-wrap:anywhere]">{parts.join(" · ")}</p>
      <p className="font-mono text-axis text-faint [overflow-wrap:anywhere]">{device.device_id}</p>
    </li>
  );
}
