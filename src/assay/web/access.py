"""Policies over HTTP: which are in force, what somebody sees by them and why, and an older text put back."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from assay.catalog.findings import nearest
from assay.errors import MetricNotFound, NotAllowed, NotFound, PolicyRefused, PolicyUnknown
from assay.live.running import Running
from assay.people.explained import explained
from assay.people.policies import Policies
from assay.store.policies import policy_revisions
from assay.web.room import Room
from assay.web.schemas import FindingOut
from assay.web.wiring import Me, Opens, Run
from assay.work.instants import instant

router = Room("access", "/v1/access")
_REVISIONS = 50


class RevisionOut(BaseModel):
    number: int
    digest: str
    put_by: str
    put_at: str


class AccessOut(BaseModel):
    """`state`: *open* where there was never a policy, *denied* where nobody is given anything. `findings`: why."""

    state: Literal["open", "in_force", "denied"]
    number: int
    sentence: str
    findings: list[FindingOut]
    revisions: list[RevisionOut]


class SeenOut(BaseModel):
    """What is seen of one table for one metric. `rows`: the conditions of which one holds."""

    table: str
    sees: Literal["all", "some", "nothing"]
    rows: list[str]
    hidden: list[str]


class PolicyOut(BaseModel):
    """A policy that speaks of somebody. `gives`: whether it names the metric."""

    file: str
    line: int
    gives: bool
    reason: str


class AccessExplainedOut(BaseModel):
    who: str
    metric_id: str
    may_ask: bool
    sentence: str
    attributes: dict[str, list[str]]
    policies: list[PolicyOut]
    tables: list[SeenOut]


class ConfirmIn(BaseModel):
    """`digest`: of the text that is meant, as it begins; without one, whatever lies in the folder."""

    model_config = ConfigDict(extra="forbid")

    digest: str | None = Field(default=None, min_length=8, max_length=64)


@router.get("")
async def access(running: Run) -> AccessOut:
    """Which policies are in force here."""
    known = running.access
    revisions = await policy_revisions(running.database, _REVISIONS)
    return AccessOut(
        state="open" if known.is_open else "denied" if known.policies is None else "in_force",
        number=known.in_force.number, sentence=known.told(),
        findings=[FindingOut.of(each) for each in known.findings],
        revisions=[
            RevisionOut(number=each.number, digest=each.digest, put_by=each.put_by, put_at=instant(each.put_at))
            for each in revisions
        ],
    )  # fmt: skip


@router.get("/explain")
async def explain_access(
    running: Run, door: Opens, me: Me, who: Annotated[str, Query(max_length=300)],
    metric: Annotated[str, Query(max_length=200)],
) -> AccessExplainedOut:  # fmt: skip
    """What somebody sees of a metric just now, and which policies say so. `who`: an address, an id, or `me`."""
    policies = _in_force(running)
    found = me if who == "me" else await door.known_as(who)
    if found is None:
        raise NotFound(f"There is nobody {who!r}.", mend="assay people list, or assay keys list")
    known = running.catalog.workspace.metrics
    if metric not in known:
        raise MetricNotFound(f"There is no metric {metric!r}.", mend=nearest(metric, set(known)))
    told = explained(policies, found, known[metric])
    return AccessExplainedOut(
        who=found.name, metric_id=metric, may_ask=told.may_ask, sentence=told.sentence,
        attributes={name: list(values) for name, values in policies.attributes(found).items()},
        policies=[
            PolicyOut(file=each.file, line=each.line, gives=gives, reason=reason) for each, gives, reason in told.policies
        ],
        tables=[
            SeenOut(table=table, sees="all" if sees == "all" else "some" if sees else "nothing",
                    rows=[] if sees == "all" else list(sees), hidden=hidden)
            for table, sees, hidden in told.tables
        ],
    )  # fmt: skip


@router.post("/confirm")
async def confirm_access(running: Run, me: Me, given: ConfirmIn | None = None) -> AccessOut:
    """Put the files in force as they lie here, though they were before. For people: a key never confirms."""
    if me.kind == "key":
        raise NotAllowed("A key cannot confirm policies: only a person may.", mend="sign in as an admin")
    wanted = given.digest if given else None
    if wanted is not None and not running.access.texts.digest.startswith(wanted):
        raise PolicyRefused("The files are others than those that you mean.", mend="look at them again: assay access show")
    await running.access.confirm()
    return await access(running)


def _in_force(running: Running) -> Policies:
    if running.access.is_open:
        raise NotFound("No policy was ever in force: everybody sees all rows.", mend="docs/access.md tells how to write one")
    if running.access.policies is None:
        raise PolicyUnknown(running.access.told(), mend="docs/access.md says how a policy is written")
    return running.access.policies
