import { Scale } from "lucide-react";
import { Link } from "react-router";
import { useCompareQuestion } from "@/api/compareRoute";
import { problemOf } from "@/api/problem";
import { useMay } from "@/api/session";
import type { Receipt } from "@/api/types";
import { paths } from "@/app/address";
import { Button } from "@/ui/Button";
import { shortId } from "@/ui/ids";
import { Trouble } from "@/ui/Trouble";
import { ParitySeal, parityWords } from "@/widgets/ParitySeal";

const VERDICTS = {
  equal: "Equal",
  within_tolerance: "Equal within the tolerance",
  differs: "Differs",
  not_comparable: "Not comparable",
};

const CertificateLink = ({ id }: { id: string }) => (
  <Link to={paths.routing({ certificate: id })} className="text-accent underline underline-offset-2">
    Certificate <span title={id}>{shortId(id)}</span>
  </Link>
);

/** How the answer stood when the receipt was written, and the way to prove its question where only others were. */
export function StandingLines({ receipt }: { receipt: Receipt }) {
  const { parity, question } = receipt;
  const compare = useCompareQuestion();
  const mayCompare = useMay("compare");
  const problem = compare.error && problemOf(compare.error);
  const to = parity.backend;
  const isOneOfMany = parity.standing === "proven_for_others" && question.metrics.length === 1;
  return (
    <div className="flex items-center gap-2.5 text-soft">
      <ParitySeal parity={parity} large />
      <div>
        <p className="font-medium text-ink">{parityWords(parity)}</p>
        {parity.reason && <p>{parity.reason}</p>}
        {parity.certificate_id && <CertificateLink id={parity.certificate_id} />}
        {mayCompare && isOneOfMany && to && !compare.data && (
          <div className="mt-1.5">
            <Button onClick={() => compare.mutate({ question, to })} disabled={compare.isPending}>
              <Scale className="size-3.5" aria-hidden />
              {compare.isPending ? "Comparing…" : "Compare this question"}
            </Button>
          </div>
        )}
        <div role="status">
          {problem && <Trouble sentence={problem.detail} mend={problem.mend} />}
          {compare.data && (
            <p className="mt-1">
              {VERDICTS[compare.data.verdict]}: {compare.data.reason}.{" "}
              <CertificateLink id={compare.data.certificate_id} />
            </p>
          )}
        </div>
      </div>
    </div>
  );
}
