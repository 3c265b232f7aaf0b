import { Link } from "react-router";
import type { Parity } from "@/api/types";
import { paths } from "@/app/address";
import { classes } from "@/ui/classes";
import { ParitySeal, parityWords } from "./ParitySeal";

/** What is said in so many words: a person's decision, and trouble. The seal alone tells the rest. */
const SAID: Partial<Record<Parity["standing"], { word: string; look: string }>> = {
  accepted: { word: "accepted", look: "text-gold" },
  differs: { word: "differs", look: "text-bad" },
};

/** How a number's route stands, at the end of its hallmark. It leads to the certificate. */
export function StandingMark({ parity }: { parity: Parity }) {
  if (parity.standing === "unproven") return null;
  const said = SAID[parity.standing];
  const content = (
    <>
      {said && <span className={said.look}>{said.word}</span>}
      <ParitySeal parity={parity} />
    </>
  );
  const look = "inline-flex shrink-0 items-center gap-1";
  if (parity.certificate_id === null) return <span className={look}>{content}</span>;
  return (
    <Link
      to={paths.routing({ certificate: parity.certificate_id })}
      aria-label={`Certificate. ${parityWords(parity)}${parity.reason ? `: ${parity.reason}` : ""}`}
      className={classes(look, "rounded-full hover:[&>span:first-child]:underline")}
    >
      {content}
    </Link>
  );
}
