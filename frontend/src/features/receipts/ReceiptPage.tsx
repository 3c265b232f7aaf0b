import { ArrowLeft } from "lucide-react";
import { Link, useNavigate } from "react-router";
import { paths } from "@/app/address";
import { PageTop } from "@/widgets/PageTop";
import { ReceiptLoader } from "./ReceiptLoader";

/** A receipt under an address of its own. */
export function ReceiptPage({ receiptId }: { receiptId: string }) {
  const navigate = useNavigate();
  return (
    <>
      <PageTop title="Receipt" />
      <Link to={paths.receipts()} className="mb-3 inline-flex items-center gap-1 text-soft hover:text-ink">
        <ArrowLeft className="size-3.5" aria-hidden />
        All receipts
      </Link>
      <div className="mx-auto max-w-[43.077rem] rounded-xl border border-line bg-paper px-6 py-5 shadow-sheet">
        <ReceiptLoader receiptId={receiptId} onOpen={(id) => void navigate(paths.receipt(id))} />
      </div>
    </>
  );
}
