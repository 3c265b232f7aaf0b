import { useReceipt } from "@/api/receipts";
import { LoadingLines } from "@/ui/Skeleton";
import { Failure } from "@/widgets/Failure";
import { ReceiptPaper } from "./ReceiptPaper";
import { isRecommendation, RecommendationReceipt } from "./RecommendationPaper";

interface ReceiptLoaderProps {
  receiptId: string;
  onOpen: (receiptId: string) => void;
}

/** A receipt of an answer, or of a recommendation. */
export function ReceiptLoader(props: ReceiptLoaderProps) {
  if (isRecommendation(props.receiptId)) return <RecommendationReceipt recommendationId={props.receiptId} />;
  return <AnswerReceipt {...props} />;
}

function AnswerReceipt({ receiptId, onOpen }: ReceiptLoaderProps) {
  const receipt = useReceipt(receiptId);
  if (receipt.data) return <ReceiptPaper key={receiptId} receipt={receipt.data} onOpen={onOpen} />;
  if (receipt.error) return <Failure of={receipt} />;
  return <LoadingLines label="Loading the receipt" lines={10} />;
}
