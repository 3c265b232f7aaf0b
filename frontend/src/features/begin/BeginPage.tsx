import { useMay } from "@/api/session";
import { PageTop } from "@/widgets/PageTop";
import { Connections } from "./Connections";
import { Offer } from "./Offer";

/** A first page of a database, without a shell: choose a connection, look, untick, rename, open. */
export function BeginPage({ surveyId }: { surveyId: string | null }) {
  const mayBegin = useMay("take_survey");
  return (
    <>
      <PageTop
        title="Add a database"
        description="Tables, metrics and a first page, drafted for you to judge"
      />
      {!mayBegin ? (
        <p className="py-16 text-center text-soft">Adding a database needs the role steward; ask an admin.</p>
      ) : surveyId === null ? (
        <Connections />
      ) : (
        <Offer key={surveyId} surveyId={surveyId} />
      )}
    </>
  );
}
