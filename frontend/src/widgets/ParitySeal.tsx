import { Check, CircleAlert, Clock, Equal, Grid2x2Check } from "lucide-react";
import type { Parity, Standing } from "@/api/types";
import { classes } from "@/ui/classes";

/** The standing in words, with the other engine where one is known. */
export function parityWords(parity: Parity): string {
  const where = parity.backend ? ` on ${parity.backend}` : "";
  switch (parity.standing) {
    case "proven":
      return `Proven equal${where}`;
    case "proven_for_others":
      return `Proven${where} for other groupings`;
    case "stale":
      return `Proof${where} is out of date`;
    case "accepted":
      return `Difference${where} accepted`;
    case "differs":
      return `Differs${where}`;
    case "unproven":
      return "Not compared with another engine";
  }
}

/** Why it stands so; of what was accepted, who accepted it and why comes first. */
export function standingReason(parity: Parity): string | null {
  const { standing, reason } = parity;
  const at = standing === "accepted" ? (reason?.indexOf("accepted by ") ?? -1) : -1;
  return reason !== null && at > 0 ? reason.slice(at) : reason;
}

const LOOKS: Record<Exclude<Standing, "unproven">, { icon: typeof Check; look: string }> = {
  proven: { icon: Check, look: "bg-gold-soft text-gold ring-gold/45" },
  proven_for_others: { icon: Grid2x2Check, look: "bg-transparent text-faint ring-gold/45" },
  accepted: { icon: Equal, look: "bg-transparent text-gold ring-gold/45" },
  stale: { icon: Clock, look: "bg-transparent text-faint ring-line-strong/60" },
  differs: { icon: CircleAlert, look: "bg-bad-soft text-bad ring-bad/45" },
};

/** Gold when another engine gave the same answer; nothing at all when that was never tried. */
export function ParitySeal({ parity, large = false }: { parity: Parity; large?: boolean }) {
  if (parity.standing === "unproven") return null;
  const { icon: Icon, look } = LOOKS[parity.standing];
  const words = parityWords(parity) + (parity.reason ? `: ${parity.reason}` : "");
  return (
    <span
      role="img"
      aria-label={words}
      title={words}
      className={classes(
        "grid shrink-0 place-items-center rounded-full ring-1 ring-inset",
        large ? "size-[2rem] [&_svg]:size-3.5" : "size-4 [&_svg]:size-2.5",
        look,
      )}
    >
      <Icon aria-hidden strokeWidth={3} />
    </span>
  );
}
