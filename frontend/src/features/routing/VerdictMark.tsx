import { Check, CircleAlert, CircleSlash } from "lucide-react";
import type { Verdict } from "@/api/types";
import { classes } from "@/ui/classes";
import { VERDICT_WORDS } from "./words";

const LOOKS: Record<Verdict, { icon: typeof Check; look: string; words: string }> = {
  equal: { icon: Check, look: "bg-gold-soft text-gold ring-gold/45", words: "text-gold" },
  within_tolerance: { icon: Check, look: "bg-transparent text-gold ring-gold/45", words: "text-gold" },
  differs: { icon: CircleAlert, look: "bg-bad-soft text-bad ring-bad/45", words: "text-bad" },
  not_comparable: {
    icon: CircleSlash,
    look: "bg-transparent text-faint ring-line-strong/60",
    words: "text-soft",
  },
};

interface VerdictMarkProps {
  verdict: Verdict;
  /** The mark alone; its word is then for whoever does not see it. */
  bare?: boolean;
  large?: boolean;
}

/** What a comparison found, as a mark and a word. */
export function VerdictMark({ verdict, bare = false, large = false }: VerdictMarkProps) {
  const { icon: Icon, look, words } = LOOKS[verdict];
  return (
    <span className={classes("inline-flex items-center gap-1.5 whitespace-nowrap", words)}>
      <span
        aria-hidden
        className={classes(
          "grid shrink-0 place-items-center rounded-full ring-1 ring-inset",
          large ? "size-9 [&_svg]:size-5" : "size-4 [&_svg]:size-2.5",
          look,
        )}
      >
        <Icon strokeWidth={large ? 2.4 : 3} />
      </span>
      <span className={bare ? "sr-only" : ""}>{VERDICT_WORDS[verdict]}</span>
    </span>
  );
}
