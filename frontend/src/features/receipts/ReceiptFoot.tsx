import { useQuery } from "@tanstack/react-query";
import { usePublicKeys, useSigned } from "@/api/receipts";
import type { PublicKeys, Signed } from "@/api/types";
import { shortId } from "@/ui/ids";
import type { Check } from "./checking";

interface Marked {
  receipt_id: string;
  signature: string;
  signature_valid: boolean;
}

interface ReceiptFootProps {
  /** What the receipt is of, and its id. */
  of: string;
  id: string;
  receipt: Marked;
  check: Check | undefined;
}

/** What is signed with a key that is published; before there were any, the server alone could tell. */
const isForEverybody = ({ signature }: Marked) => signature.includes(":");

const checking = () => import("./checking");

function useCheck(
  name: string,
  receipt: Marked,
  inputs: readonly unknown[],
  work: ((keys: PublicKeys) => Promise<Check>) | null,
) {
  const isWanted = isForEverybody(receipt);
  const keys = usePublicKeys(isWanted).data;
  return useQuery({
    queryKey: ["check", name, receipt.receipt_id, ...inputs, keys],
    queryFn: () => (work && keys ? work(keys) : Promise.reject(new Error("nothing to check"))),
    enabled: isWanted && work !== null && keys !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    networkMode: "always",
  }).data;
}

/** Of an answer: its signature, and its place in the log. */
export function useAnswerCheck(receipt: Marked): Check | undefined {
  const signed: Signed | undefined = useSigned(receipt.receipt_id, isForEverybody(receipt)).data;
  const work = async (keys: PublicKeys) => (await checking()).checkReceipt(signed as Signed, keys);
  return useCheck("answer", receipt, [signed?.log], signed ? work : null);
}

/** Of a recommendation, whose document is at hand. */
export function useRecommendationCheck(receipt: Marked & { document: unknown }): Check | undefined {
  const { document, signature } = receipt;
  const work = async (keys: PublicKeys) =>
    (await checking()).checkSigned("recommendation", document, signature, keys);
  return useCheck("recommendation", receipt, [], work);
}

const Altered = ({ why }: { why: string }) => (
  <strong className="font-medium text-bad">{why}: this receipt was altered</strong>
);

function Said({ receipt, check }: { receipt: Marked; check: Check | undefined }) {
  if (!receipt.signature_valid) return <Altered why="signature does not match" />;
  if (check?.is === "altered") return <Altered why={check.why} />;
  const valid = <span title={receipt.signature}>signature valid</span>;
  if (check?.is === "valid")
    return (
      <>
        {valid}, checked in this browser by key <span title={check.keyId}>{shortId(check.keyId)}</span>
        {check.place && `; entry ${check.place.position + 1} of ${check.place.size} in the log of receipts`}
      </>
    );
  if (check?.is === "unknown")
    return (
      <>
        {valid}, says the server; not checked in this browser: {check.why}
      </>
    );
  return valid;
}

/** At the foot of every receipt: what it is of, its own id, and whether it is as it was signed. */
export function ReceiptFoot({ of, id, receipt, check }: ReceiptFootProps) {
  return (
    <p className="mt-auto pt-3 text-axis text-faint">
      {of} <span title={id}>{shortId(id)}</span> · receipt{" "}
      <span title={receipt.receipt_id}>{shortId(receipt.receipt_id)}</span> ·{" "}
      <Said receipt={receipt} check={check} />
    </p>
  );
}
