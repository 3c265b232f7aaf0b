"""Proposals in the store: what one has proposed and another has to confirm, where a workspace asks for two persons.

Each process sees them, and takes what was confirmed. Two different people stand behind it then: whoever proposed it and
whoever confirmed it; where nobody with a name proposed it, the first who confirms it takes the proposer's place.
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from assay.errors import AlreadyThere, NotAllowed, NotFound
from assay.store.audit import Deed, audit, mark_of
from assay.store.database import Connection, Database
from assay.work.principal import Principal

Kind = Literal["route", "draft", "definition", "four_eyes", "synonym"]
State = Literal["open", "confirmed", "declined", "ended"]
LEAVE_SECONDS = 600
"""So long a route that was confirmed may take to move."""
_COLUMNS = (
    "proposal_id, kind, subject, document::text, mark, person_id, proposed_by, proposed_at, state, decided_by, decided_at,"
    " reason"
)


class Proposal(NamedTuple):
    proposal_id: str
    kind: Kind
    subject: str
    document: dict[str, Any]
    mark: str
    person_id: str | None
    """Who stands behind it; None as long as nobody with a name does."""
    proposed_by: str
    proposed_at: datetime
    state: State
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None

    @property
    def signed(self) -> str:
        """The names under which it takes effect."""
        return f"{self.proposed_by}, confirmed by {self.decided_by}" if self.decided_by else self.proposed_by


class ConfirmedRoute(NamedTuple):
    """Where a metric is to be served, as two persons have said."""

    backend: str
    epoch: int
    """Of the route that this was to replace."""
    definition: str
    in_file: str | None
    """What the routing file said when it was proposed."""
    signed: str
    is_fresh: bool


def _proposal(row: Any) -> Proposal:
    return Proposal(row[0], row[1], row[2], json.loads(row[3]), *row[4:])


async def propose(
    database: Database, kind: Kind, subject: str, document: dict[str, Any], by: str, who: Principal | None,
    said: Mapping[str, Any] | None = None,
) -> Proposal:  # fmt: skip
    """Keep it, unless just this waits already. `who`: None for an edit of a file, which is not proposed again once it was
    declined. `said`: what a person is shown of it beside the document, and what tells no proposal from another."""
    mark = mark_of([kind, subject, document])

    async def work(connection: Connection) -> Proposal:
        await connection.execute("LOCK TABLE assay.proposal IN SHARE ROW EXCLUSIVE MODE")
        row = await connection.fetchrow(
            f"SELECT {_COLUMNS} FROM assay.proposal WHERE kind = $1 AND subject = $2 AND mark = $3"
            " ORDER BY state = 'open' DESC, proposed_at DESC LIMIT 1", kind, subject, mark,
        )  # fmt: skip
        if row is not None and (row["state"] == "open" or (who is None and row["state"] != "confirmed")):
            return _proposal(row)
        whole = {**document, **(said or {})}
        row = await connection.fetchrow(
            "INSERT INTO assay.proposal (proposal_id, kind, subject, document, mark, person_id, proposed_by)"
            f" VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7) RETURNING {_COLUMNS}",
            f"proposal-{secrets.token_hex(6)}", kind, subject, json.dumps(whole), mark, who and who.person_behind, by,
        )  # fmt: skip
        found = _proposal(row)
        await _tell(connection, found)
        await audit(connection, Deed("proposal.made", found.proposal_id, after=_told(found), by=by, who=who))
        return found

    return await database.transact(work)


def _told(proposal: Proposal) -> dict[str, Any]:
    told = {"kind": proposal.kind, "subject": proposal.subject, "mark": proposal.mark, **proposal.document}
    return told if proposal.reason is None else {**told, "reason": proposal.reason}


async def _tell(connection: Connection, proposal: Proposal) -> None:
    """Every process: of one that was confirmed, its kind, because that takes effect."""
    await connection.execute("SELECT pg_notify('assay_proposal', $1)",
                             proposal.kind if proposal.state == "confirmed" else "")  # fmt: skip


async def find_proposal(database: Database, proposal_id: str) -> Proposal:
    """Raises NotFound."""
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM assay.proposal WHERE proposal_id = $1", proposal_id)
    if not rows:
        raise NotFound(f"There is no proposal {proposal_id!r}.")
    return _proposal(rows[0])


async def list_proposals(database: Database, limit: int) -> list[Proposal]:
    """Those that wait, then those that were decided, newest first."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM assay.proposal ORDER BY state = 'open' DESC, coalesce(decided_at, proposed_at) DESC,"
        " proposal_id LIMIT $1", limit,
    )  # fmt: skip
    return [_proposal(row) for row in rows]


async def open_routes(database: Database) -> list[Proposal]:
    """Of routes, those that wait; the newest last."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM assay.proposal WHERE kind = 'route' AND state = 'open' ORDER BY proposed_at, proposal_id"
    )
    return [_proposal(row) for row in rows]


async def open_drafts(database: Database) -> dict[str, str]:
    """Of drafts that wait, who proposed to accept them."""
    rows = await database.fetch("SELECT subject, proposed_by FROM assay.proposal WHERE kind = 'draft' AND state = 'open'")
    return {row[0]: row[1] for row in rows}


async def confirm_proposal(database: Database, seen: Proposal, who: Principal) -> Proposal:
    """As another person, who is signed in. It is open still where nobody with a name had proposed it.

    `seen`: as it was when everything was looked at. Raises NotFound, NotAllowed, or AlreadyThere where it was decided, or
    somebody has vouched for it since.
    """
    proposal_id = seen.proposal_id

    async def work(connection: Connection) -> Proposal:
        found = await _held(connection, proposal_id)
        if found.person_id != seen.person_id:
            raise AlreadyThere(f"It was {found.proposed_by} just now.", mend="look at it again")
        for person in {who.id, found.person_id} - {None}:
            if not await connection.fetchval(
                "SELECT 1 FROM assay.person WHERE person_id = $1 AND disabled_at IS NULL FOR SHARE", person
            ):
                raise NotAllowed("Two persons have to stand behind it, and one of them may not come in any more.")
        if found.person_id == who.id:
            raise NotAllowed("Whoever proposed it does not confirm it.", mend="another person has to")
        if found.person_id is None:
            row = await connection.fetchrow(
                "UPDATE assay.proposal SET person_id = $2, proposed_by = proposed_by || ', vouched for by ' || $3"
                f" WHERE proposal_id = $1 RETURNING {_COLUMNS}", proposal_id, who.id, who.name,
            )  # fmt: skip
            vouched = _proposal(row)
            await _tell(connection, vouched)
            await audit(connection, Deed("proposal.vouched", proposal_id, after=_told(vouched), who=who))
            return vouched
        return await _decide(connection, found, "confirmed", who.name, None, who)

    return await database.transact(work)


async def confirm_alone(
    database: Database, proposal_id: str, who: Principal, effect: Callable[[], Awaitable[None]]
) -> Proposal:
    """Where one person is enough: it takes effect first, and nobody else decides meanwhile. Raises what `effect` raises."""

    async def work(connection: Connection) -> Proposal:
        found = await _held(connection, proposal_id)
        await effect()
        return await _decide(connection, found, "confirmed", who.name, None, who)

    return await database.transact(work)


async def decline_proposal(database: Database, proposal_id: str, who: Principal, by: str, reason: str | None) -> Proposal:
    """Raises NotFound, or AlreadyThere where it was decided."""

    async def work(connection: Connection) -> Proposal:
        return await _decide(connection, await _held(connection, proposal_id), "declined", by, reason, who)

    return await database.transact(work)


async def end_proposal(database: Database, proposal_id: str, reason: str) -> None:
    """What it stood on has moved. Raises NotFound, or AlreadyThere where it was decided."""

    async def work(connection: Connection) -> None:
        await _decide(connection, await _held(connection, proposal_id), "ended", None, reason, None)

    await database.transact(work)


async def reopen_proposal(database: Database, proposal_id: str, reason: str) -> None:
    """What was confirmed could not be written: it waits as before, unless the same was proposed again meanwhile."""

    async def work(connection: Connection) -> None:
        await connection.execute("LOCK TABLE assay.proposal IN SHARE ROW EXCLUSIVE MODE")
        row = await connection.fetchrow(
            "UPDATE assay.proposal AS one SET state = CASE WHEN EXISTS (SELECT 1 FROM assay.proposal AS other"
            " WHERE (other.kind, other.subject, other.mark, other.state) = (one.kind, one.subject, one.mark, 'open'))"
            " THEN 'ended' ELSE 'open' END, decided_by = NULL, decided_at = NULL, reason = NULL"
            f" WHERE proposal_id = $1 AND state = 'confirmed' RETURNING {_COLUMNS}", proposal_id,
        )  # fmt: skip
        if row is not None:
            found = _proposal(row)
            await _tell(connection, found)
            await audit(
                connection, Deed("proposal.opened_again", proposal_id, after={"state": found.state, "reason": reason})
            )

    await database.transact(work)


async def _held(connection: Connection, proposal_id: str) -> Proposal:
    """Until the end of the transaction nobody else decides on it."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM assay.proposal WHERE proposal_id = $1 FOR UPDATE", proposal_id)
    if row is None:
        raise NotFound(f"There is no proposal {proposal_id!r}.")
    found = _proposal(row)
    if found.state != "open":
        who = f" by {found.decided_by}" if found.decided_by else ""
        why = f": {found.reason}" if found.reason else ""
        raise AlreadyThere(f"This was {found.state}{who} already{why}.")
    return found


async def _decide(
    connection: Connection, proposal: Proposal, state: State, by: str | None, reason: str | None, who: Principal | None
) -> Proposal:
    row = await connection.fetchrow(
        "UPDATE assay.proposal SET state = $2, decided_by = $3, decided_at = now(), reason = $4 WHERE proposal_id = $1"
        f" RETURNING {_COLUMNS}", proposal.proposal_id, state, by, reason,
    )  # fmt: skip
    decided = _proposal(row)
    if state == "confirmed" and decided.kind == "four_eyes":
        await connection.execute("UPDATE assay.four_eyes SET is_on = false")
    await _tell(connection, decided)
    await audit(connection, Deed(f"proposal.{state}", decided.proposal_id, after=_told(decided), by=by, who=who))
    return decided


async def end_routes(connection: Connection, metrics: list[str]) -> list[Deed]:
    """What waits for these metrics stood on routes that have moved; what is to be audited of it."""
    rows = await connection.fetch(
        "UPDATE assay.proposal SET state = 'ended', decided_at = now(), reason = 'the route has moved'"
        f" WHERE kind = 'route' AND state = 'open' AND subject = ANY ($1) RETURNING {_COLUMNS}", metrics,
    )  # fmt: skip
    ended = [_proposal(row) for row in rows]
    for each in ended:
        await _tell(connection, each)
    return [Deed("proposal.ended", each.proposal_id, after=_told(each), who=None) for each in ended]


# -- what was confirmed ---------------------------------------------------------------------------


async def confirmed_routes(database: Database) -> dict[str, ConfirmedRoute]:
    """By metric, the last one."""
    rows = await database.fetch(
        f"SELECT DISTINCT ON (subject) {_COLUMNS}, decided_at > now() - $1 * interval '1 second' AS is_fresh"
        " FROM assay.proposal WHERE kind = 'route' AND state = 'confirmed' ORDER BY subject, decided_at DESC",
        LEAVE_SECONDS,
    )
    found = dict[str, ConfirmedRoute]()
    for row in rows:
        each = _proposal(tuple(row)[:-1])
        document = each.document
        found[each.subject] = ConfirmedRoute(document["to"], document["epoch"], document["definition"],
                                             document["in_file"], each.signed, row["is_fresh"])  # fmt: skip
    return found


async def note_written(database: Database, proposal_id: str) -> None:
    """The routing file says it too: another line there is an edit from now on, also the one from before."""
    await database.fetch(
        "UPDATE assay.proposal SET document = document || jsonb_build_object('in_file', document -> 'to')"
        " WHERE proposal_id = $1 RETURNING 1", proposal_id,
    )  # fmt: skip


async def confirmed_definitions(database: Database) -> dict[str, str] | None:
    """By metric, the mark of the last definition that two persons have confirmed; None where two are not asked for."""
    is_on = await database.fetch("SELECT is_on FROM assay.four_eyes")
    if is_on and not is_on[0][0]:
        return None
    rows = await database.fetch(
        "SELECT DISTINCT ON (document ->> 'metric') document ->> 'metric', document ->> 'definition' FROM assay.proposal"
        " WHERE (kind IN ('definition', 'draft') OR (kind = 'synonym' AND document ? 'metric')) AND state = 'confirmed'"
        " ORDER BY document ->> 'metric', decided_at DESC"
    )
    return {row[0]: row[1] for row in rows}


async def ask_for_two(database: Database) -> None:
    """From now on. What serves just now is taken as it is."""

    async def work(connection: Connection) -> None:
        if await connection.fetchval("UPDATE assay.four_eyes SET is_on = true WHERE NOT is_on RETURNING 1"):
            await audit(connection, Deed("four_eyes.on", "workspace", who=None))

    await database.transact(work)
