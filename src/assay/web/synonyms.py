"""Synonyms that a clarification teaches: proposed by whoever explained a word, written once somebody accepts them."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from assay.catalog.binder import Binder
from assay.catalog.entry import MetricEntry
from assay.catalog.last_good import definition_mark
from assay.catalog.marked_yaml import parse_yaml
from assay.catalog.workspace import Workspace
from assay.live.running import Running
from assay.people.roles import may
from assay.store.proposals import propose
from assay.web.room import Room
from assay.web.widgets import Words
from assay.web.wiring import Me, Run
from assay.widgets.drafts.file import difference, replace_file
from assay.widgets.words import apart
from assay.widgets.words.lessons import Lesson, lesson
from assay.widgets.words.values import LivingReader
from assay.work.patience import WORKSPACE_FILES, with_files

router = Room("widgets", "/v1/synonyms")


class SynonymIn(BaseModel):
    """`means`: the value of the choice that explained the words, such as `metric:revenue`."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    means: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class SynonymOut(BaseModel):
    """`diff`: what accepting it would write into `file`. `may_accept`: whether whoever asks may do that alone."""

    proposal_id: str
    sentence: str
    file: str
    diff: str
    may_accept: bool


@router.post("", status_code=201)
async def propose_synonym(given: SynonymIn, words: Words, running: Run, me: Me) -> SynonymOut:
    """Propose that words are another name for what a person has said they mean. Nothing is written."""
    found = await taught(given.words, given.means, words)
    diff = difference(found.file, found.before, found.after)
    document = {"words": " ".join(given.words.split()), "means": given.means, **_defined(found, given.means, running)}
    said = {"sentence": found.sentence, "file": found.file, "diff": diff}
    proposal = await propose(running.database, "synonym", given.means, document, me.name, me, said)
    is_alone = not running.catalog.workspace.four_eyes and me.kind != "key" and may(me, "settle")
    return SynonymOut(
        proposal_id=proposal.proposal_id, sentence=found.sentence, file=found.file, diff=diff, may_accept=is_alone
    )


async def taught(words: str, means: str, living: LivingReader) -> Lesson:
    """As it would be written just now. Raises what `lesson` raises."""
    reader = await living.reader()
    return await with_files(WORKSPACE_FILES, lesson, words, means, reader.lexicon, apart.warm()[0])


async def write_taught(document: Mapping[str, Any], living: LivingReader, running: Running) -> None:
    """Raises what `lesson` raises, StandsInAFile, DiskSilent; then nothing is written."""
    found = await taught(document["words"], document["means"], living)
    await with_files(WORKSPACE_FILES, replace_file, running.catalog.workspace.root / found.file, found.after)


def _defined(found: Lesson, means: str, running: Running) -> dict[str, str]:
    """The definition that two persons would have confirmed with it: a synonym of a metric stands in its entry."""
    what, _, metric_id = means.partition(":")
    if what != "metric":
        return {}
    entries = parse_yaml(found.after.removeprefix("\ufeff")).data["metrics"]
    entry = MetricEntry.model_validate(next(each for each in entries if each["id"] == metric_id))
    workspace: Workspace = running.catalog.workspace
    return {
        "metric": metric_id,
        "definition": definition_mark(Binder(workspace.dictionary, workspace.entities, workspace.calendar).completed(entry)),
    }
