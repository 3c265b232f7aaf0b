import { problemOf } from "@/api/problem";
import { useDecideProposal } from "@/api/proposals";
import { useProposeSynonym } from "@/api/synonyms";
import { Button } from "@/ui/Button";
import { DiffView } from "@/ui/DiffView";
import { Trouble } from "@/ui/Trouble";
import type { Settled } from "./conversation";
import { type Lesson, lessonsOf } from "./lessonsOf";

/** What the answers of a clarification could teach: each offered as a synonym, which a person accepts. */
export function Lessons({ settled }: { settled: Settled[] }) {
  const lessons = lessonsOf(settled);
  if (lessons.length === 0) return null;
  return (
    <ul aria-label="Words to remember" className="grid grid-cols-[minmax(0,1fr)] gap-2">
      {lessons.map((lesson) => (
        <Offer key={lesson.words} lesson={lesson} />
      ))}
    </ul>
  );
}

function Offer({ lesson }: { lesson: Lesson }) {
  const proposing = useProposeSynonym();
  const deciding = useDecideProposal();
  const proposed = proposing.data;
  const error = proposing.error ?? deciding.error;
  const problem = error && problemOf(error);
  const isDecided = deciding.data !== undefined;
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-2 rounded-[8px] border border-line px-3 py-2 text-small">
      <p className="[overflow-wrap:anywhere]">
        {deciding.data
          ? deciding.data.state === "confirmed"
            ? `“${lesson.words}” is known from now on.`
            : `“${lesson.words}” stays unknown.`
          : proposed
            ? `${proposed.sentence}. ${proposed.may_accept ? `Accepting it changes ${proposed.file}:` : "Somebody with the role steward accepts it under Waiting:"}`
            : `Shall “${lesson.words}” mean ${lesson.label} from now on?`}
      </p>
      {problem && <Trouble sentence={problem.detail} mend={problem.mend} />}
      {proposed && !isDecided && <DiffView diff={proposed.diff} />}
      {!proposed && (
        <Button
          className="justify-self-start"
          disabled={proposing.isPending}
          onClick={() => proposing.mutate({ words: lesson.words, means: lesson.means })}
        >
          Propose it as a synonym<span className="sr-only">: {lesson.words}</span>
        </Button>
      )}
      {proposed?.may_accept && !isDecided && (
        <div className="flex justify-end gap-2">
          {[false, true].map((isConfirmed) => (
            <Button
              key={String(isConfirmed)}
              look={isConfirmed ? "primary" : "plain"}
              disabled={deciding.isPending}
              onClick={() => deciding.mutate({ proposalId: proposed.proposal_id, isConfirmed })}
            >
              {isConfirmed ? "Accept" : "Decline"}
            </Button>
          ))}
        </div>
      )}
    </li>
  );
}
