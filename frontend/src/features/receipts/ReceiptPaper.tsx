import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { Braces, Columns2, Download, RotateCcw } from "lucide-react";
import { useState } from "react";
import { signedQuery, useReplay } from "@/api/receipts";
import type { Receipt } from "@/api/types";
import { windowWords } from "@/format/windows";
import { Button } from "@/ui/Button";
import { CopyButton } from "@/ui/CopyButton";
import { downloadFile } from "@/ui/download";
import { Fact, Facts } from "@/ui/Facts";
import { shortId } from "@/ui/ids";
import { Json } from "@/ui/Json";
import { Sql } from "@/ui/Sql";
import { Age, Moment } from "@/widgets/Age";
import { BackendMark } from "@/widgets/BackendMark";
import { Parameters } from "@/widgets/Parameters";
import { sayProblem } from "@/widgets/sayProblem";
import { Checks } from "./Checks";
import { ReceiptFoot, useAnswerCheck } from "./ReceiptFoot";
import { ReceiptValue } from "./ReceiptValue";
import { ReplayResult } from "./ReplayResult";
import { SideBySide } from "./SideBySide";
import { StandingLines } from "./StandingLines";
import { TimingsBar } from "./TimingsBar";

interface ReceiptPaperProps {
  receipt: Receipt;
  onOpen: (receiptId: string) => void;
}

const Rule = () => <hr className="rule-dashed my-2.5 border-0 border-t" />;

function ReceiptFacts({ receipt }: { receipt: Receipt }) {
  const zone = receipt.question.window?.timezone ?? "UTC";
  return (
    <Facts>
      <Fact name="Owner">{receipt.owner}</Fact>
      <Fact name="Window">{windowWords(receipt.question.window, receipt.question.as_of)}</Fact>
      <Fact name="Source">{receipt.source_tables.join(", ")}</Fact>
      <Fact name="Served by">
        <BackendMark backend={receipt.route.backend} driver={receipt.route.driver} /> · route{" "}
        {receipt.route.epoch}
      </Fact>
      <Fact name="As of">
        <Moment at={receipt.as_of} zone={zone} /> · <Age at={receipt.as_of} /> ago
      </Fact>
      <Fact name="Data version">
        <span title={receipt.data_version}>
          {receipt.data_version.length > 40 ? shortId(receipt.data_version) : receipt.data_version}
        </span>
      </Fact>
      <Fact name="Written by">{receipt.generator}</Fact>
    </Facts>
  );
}

/** As `assay verify` takes it. */
async function save(client: QueryClient, receiptId: string) {
  try {
    const text = JSON.stringify(await client.fetchQuery(signedQuery(receiptId)), null, 1);
    downloadFile(`receipt-${receiptId}.json`, new Blob([text], { type: "application/json" }));
  } catch (error) {
    sayProblem(error);
  }
}

/** A receipt set like one: what the number is, where it came from, how it was made, and how to check it. */
export function ReceiptPaper({ receipt, onOpen }: ReceiptPaperProps) {
  const [isJson, setJson] = useState(false);
  const [isBeside, setBeside] = useState(false);
  const client = useQueryClient();
  const replay = useReplay(receipt.receipt_id);
  const check = useAnswerCheck(receipt);
  const isAltered = !receipt.signature_valid || check?.is === "altered";
  return (
    <div className="flex min-h-full flex-col text-label">
      <h2 className="text-said font-semibold">{receipt.label}</h2>
      {isAltered && (
        <p role="alert" className="my-1.5 rounded-lg bg-bad-soft px-3 py-2 font-medium text-bad">
          This receipt was altered after it was signed: nothing on it can be relied on.
        </p>
      )}
      {isJson ? (
        <div className="my-2">
          <Json value={receipt} label="Copy JSON" />
        </div>
      ) : (
        <>
          <ReceiptValue receipt={receipt} />
          <p className="mb-2.5 text-soft">{receipt.definition_text}</p>
          <ReceiptFacts receipt={receipt} />
          <Rule />
          <Sql sql={receipt.sql} />
          <div className="mt-1.5">
            <Parameters params={receipt.params} />
          </div>
          <Rule />
          <Checks checks={receipt.checks} />
          <Rule />
          <TimingsBar timings={receipt.timings} />
          <Rule />
          <StandingLines receipt={receipt} />
        </>
      )}
      <div className="my-3 flex flex-wrap gap-2">
        <Button onClick={() => replay.mutate()} disabled={replay.isPending}>
          <RotateCcw className="size-3.5" aria-hidden />
          {replay.isPending ? "Replaying…" : "Replay"}
        </Button>
        <Button onClick={() => setBeside(!isBeside)} aria-expanded={isBeside}>
          <Columns2 className="size-3.5" aria-hidden />
          Compare with…
        </Button>
        <CopyButton text={receipt.sql} label="Copy SQL" />
        <Button onClick={() => setJson(!isJson)} aria-pressed={isJson}>
          <Braces className="size-3.5" aria-hidden />
          JSON
        </Button>
        <Button onClick={() => void save(client, receipt.receipt_id)}>
          <Download className="size-3.5" aria-hidden />
          Save
        </Button>
      </div>
      <ReplayResult receipt={receipt} replay={replay.data} error={replay.error} onOpen={onOpen} />
      {isBeside && <SideBySide receipt={receipt} onOpen={onOpen} />}
      <ReceiptFoot of="answer" id={receipt.answer_id} receipt={receipt} check={check} />
    </div>
  );
}
