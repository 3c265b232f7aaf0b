import { useOpenReceipt } from "@/widgets/useOpenReceipt";

/** Opens the receipt of what an alert said. */
export function ReceiptLink({ id }: { id: string }) {
  const receipt = useOpenReceipt();
  return (
    <button
      type="button"
      className="text-accent underline underline-offset-2"
      onClick={() => receipt.open(id)}
    >
      receipt
    </button>
  );
}
