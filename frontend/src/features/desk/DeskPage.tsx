import { useRecommendations } from "@/api/loop";
import { useMetrics } from "@/api/metrics";
import { AddressNote } from "@/widgets/AddressNote";
import { PageTop } from "@/widgets/PageTop";
import { WidgetTile } from "@/widgets/WidgetTile";
import { CasePanel } from "./CasePanel";
import { deskFigures, issuesWidget, stateQuestion } from "./deskWidgets";
import { Recommendations } from "./Recommendations";
import { RegionalMap } from "./RegionalMap";
import { Signals } from "./Signals";
import { useDeskChoice } from "./useDeskChoice";

/** Where events become decisions: what to do now, about whom, and the figures that move with it. */
export function DeskPage() {
  const metrics = useMetrics().data ?? [];
  const listed = useRecommendations().data;
  const recommendations = listed ?? [];
  const choice = useDeskChoice();
  const figures = deskFigures(metrics);
  const issues = issuesWidget(metrics, choice.state);
  const states = stateQuestion(metrics);
  const first = recommendations.find((each) => each.state === "open") ?? recommendations[0] ?? null;
  // A link to a case that is not here leads to no other: it might be decided for the one that was meant.
  const named = recommendations.find((each) => each.recommendation_id === choice.caseId) ?? null;
  const chosen = choice.customerId !== null ? null : choice.caseId === null ? first : named;
  const customerId = choice.customerId ?? chosen?.customer_id ?? null;
  return (
    <>
      <PageTop
        title="Live desk"
        description="What just happened, what to do about it, and what came of it."
      />
      {listed && choice.caseId !== null && named === null && (
        <AddressNote
          what="the case"
          wanted={choice.caseId}
          but="which is not among the latest"
          instead="No other is chosen in its place."
          onDrop={() => choice.chooseCase(null)}
          drop="Show the latest"
        />
      )}
      <div className="@container grid gap-3">
        {figures.length > 0 && (
          <div className="grid grid-cols-[repeat(auto-fit,minmax(min(100%,9.5rem),1fr))] gap-3 @[880px]:grid-cols-4">
            {figures.map(({ id, widget }) => (
              <div key={id} className="grid min-h-[10.154rem] min-w-0 grid-cols-[minmax(0,1fr)]">
                <WidgetTile widget={widget} tileId={id} />
              </div>
            ))}
          </div>
        )}
        <div className="grid gap-3 @[880px]:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
          <div className="flex min-w-0 flex-col gap-3">
            <Recommendations chosenId={chosen?.recommendation_id ?? null} onChoose={choice.chooseCase} />
            <Signals
              customerId={customerId}
              onChooseCase={choice.chooseCase}
              onChooseCustomer={choice.chooseCustomer}
            />
          </div>
          <CasePanel recommendation={chosen} customerId={customerId} />
        </div>
        <div className="grid gap-3 @[880px]:grid-cols-2">
          {issues && (
            <div className="min-h-[23.077rem] min-w-0">
              <WidgetTile widget={issues} tileId="desk_issues" />
            </div>
          )}
          {states && <RegionalMap question={states} chosen={choice.state} onChoose={choice.chooseState} />}
        </div>
      </div>
    </>
  );
}
