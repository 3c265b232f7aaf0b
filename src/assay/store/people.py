"""People in the store: who may sign in with a password, the links with which they choose one, and failed attempts.

Whom a provider of identity vouches for is in `assay.store.vouched`.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from assay.errors import AlreadyThere
from assay.store.access import VOUCHED, Person, Vouched, digest, insert_session, vouched_in
from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database
from assay.work.principal import Principal, named_person

_SESSIONS = """(SELECT count(*) FROM assay.session AS s WHERE s.principal = p.person_id AND s.ended_at IS NULL
    AND s.ends_at > now())"""
_PERSON = f"""p.person_id, p.email, p.roles, p.password IS NOT NULL, p.created_by, p.created_at, p.joined_at,
    p.disabled_at, p.disabled_by, {_SESSIONS}, p.factor IS NOT NULL, p.groups, p.claims::text, {VOUCHED}"""
_VALID_LINK = "i.hash = $1 AND i.copy = $2 AND i.used_at IS NULL AND i.ends_at > now() AND p.disabled_at IS NULL"
INVITATION_LASTS, RESET_LASTS = timedelta(days=7), timedelta(days=1)
Link = Literal["join", "reset"]


class StoredPerson(NamedTuple):
    person_id: str
    email: str
    roles: list[str]
    has_password: bool
    created_by: str
    created_at: datetime
    joined_at: datetime | None
    disabled_at: datetime | None
    disabled_by: str | None
    sessions: int
    """That hold."""
    has_factor: bool
    groups: list[str]
    claims: dict[str, list[str]]
    """As an admin gave them, for policies to read."""
    vouched: Vouched | None
    """Who vouches for them, and what they say; None of those with a password, or a link for one."""

    @property
    def person(self) -> Person:
        return Person(self.person_id, self.email, self.roles, self.groups, self.claims, self.vouched)


class Credentials(NamedTuple):
    """`password`: what argon2id made of it. `factor`: the sealed secret of the second one."""

    person_id: str
    email: str
    password: str
    factor: str | None


class FoundLink(NamedTuple):
    email: str
    roles: list[str]
    kind: Link
    ends_at: datetime


# -- what admins do -------------------------------------------------------------------------------


async def invite(
    database: Database, person_id: str, email: str, roles: list[str], by: str, secret: str, copy: str
) -> StoredPerson:
    """Raises AlreadyThere."""

    async def work(connection: Connection) -> StoredPerson:
        made = await connection.fetch(
            "INSERT INTO assay.person (person_id, email, roles, created_by) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (email) WHERE provider IS NULL DO NOTHING RETURNING 1", person_id, email, roles, by,
        )  # fmt: skip
        if not made:
            raise AlreadyThere(
                f"{email} is known already.", mend="assay people role gives other roles, assay people reset a new link"
            )
        await _add_link(connection, person_id, secret, copy, INVITATION_LASTS)
        await audit(connection, Deed("person.invited", person_id, after={"email": email, "roles": roles}))
        return await _found(connection, person_id)

    return await database.transact(work)


async def list_people(database: Database) -> list[StoredPerson]:
    """By their address; disabled ones too."""
    return [_stored(row) for row in await database.fetch(f"SELECT {_PERSON} FROM assay.person AS p ORDER BY email")]


async def find_people(database: Database, person: str) -> list[StoredPerson]:
    """By id, or by address: one may be several people's, of several providers."""
    rows = await database.fetch(f"SELECT {_PERSON} FROM assay.person AS p WHERE person_id = $1 OR email = $1", person)
    return [_stored(row) for row in rows]


async def set_roles(database: Database, person_id: str, roles: list[str]) -> StoredPerson:
    async def work(connection: Connection) -> StoredPerson:
        before = await connection.fetchval("SELECT roles FROM assay.person WHERE person_id = $1 FOR UPDATE", person_id)
        if before != roles:
            await connection.execute("UPDATE assay.person SET roles = $2 WHERE person_id = $1", person_id, roles)
            await audit(connection, Deed("person.roles", person_id, before=before, after=roles))
        return await _found(connection, person_id)

    return await database.transact(work)


async def set_seen_by(
    database: Database, person_id: str, groups: list[str] | None, claims: dict[str, list[str]] | None
) -> StoredPerson:
    """What policies read of somebody with a password; what is None stays."""

    async def work(connection: Connection) -> StoredPerson:
        known = await connection.fetchrow(
            "SELECT groups, claims::text FROM assay.person WHERE person_id = $1 FOR UPDATE", person_id
        )
        assert known
        before = {"groups": known[0], "claims": json.loads(known[1])}
        after = {"groups": before["groups"] if groups is None else groups,
                 "claims": before["claims"] if claims is None else claims}  # fmt: skip
        if after != before:
            await connection.execute(
                "UPDATE assay.person SET groups = $2, claims = $3::text::jsonb WHERE person_id = $1",
                person_id, after["groups"], json.dumps(after["claims"]),
            )  # fmt: skip
            await audit(connection, Deed("person.groups", person_id, before=before, after=after))
        return await _found(connection, person_id)

    return await database.transact(work)


async def set_disabled(database: Database, person_id: str, is_disabled: bool, by: str) -> StoredPerson:
    """Sessions and links end with it, and do not come back where it is taken back."""

    async def work(connection: Connection) -> StoredPerson:
        changed = await connection.fetch(
            "UPDATE assay.person SET disabled_at = CASE WHEN $2 THEN now() END, disabled_by = CASE WHEN $2 THEN $3 END"
            " WHERE person_id = $1 AND (disabled_at IS NOT NULL) <> $2 RETURNING 1", person_id, is_disabled, by,
        )  # fmt: skip
        if changed:
            await _end_all(connection, person_id)
            await audit(connection, Deed("person.disabled" if is_disabled else "person.enabled", person_id))
        return await _found(connection, person_id)

    return await database.transact(work)


async def reset_password(database: Database, person_id: str, secret: str, copy: str) -> StoredPerson:
    """The password opens nothing any more, nor does any session, and no second factor is left: a link begins anew."""

    async def work(connection: Connection) -> StoredPerson:
        await connection.execute("UPDATE assay.person SET password = NULL WHERE person_id = $1", person_id)
        await _drop_factor(connection, person_id)
        await _end_all(connection, person_id)
        await _add_link(connection, person_id, secret, copy, RESET_LASTS)
        await audit(connection, Deed("person.reset", person_id))
        return await _found(connection, person_id)

    return await database.transact(work)


async def _found(connection: Connection, person_id: str) -> StoredPerson:
    row = await connection.fetchrow(f"SELECT {_PERSON} FROM assay.person AS p WHERE person_id = $1", person_id)
    assert row
    return _stored(row)


def _stored(row: Iterable[Any]) -> StoredPerson:
    *known, claims, provider, subject, said = row
    return StoredPerson._make([*known, json.loads(claims), vouched_in(provider, subject, said)])


async def _add_link(connection: Connection, person_id: str, secret: str, copy: str, lasts: timedelta) -> None:
    await connection.execute(
        "INSERT INTO assay.invitation (hash, person_id, copy, ends_at) VALUES ($1, $2, $3, now() + $4::interval)",
        digest(secret), person_id, copy, lasts,
    )  # fmt: skip


async def _end_all(connection: Connection, person_id: str) -> None:
    await connection.execute(
        "UPDATE assay.session SET ended_at = now() WHERE principal = $1 AND ended_at IS NULL", person_id
    )
    await connection.execute(
        "UPDATE assay.invitation SET used_at = now() WHERE person_id = $1 AND used_at IS NULL", person_id
    )


# -- signing in -----------------------------------------------------------------------------------


async def has_people(database: Database) -> bool:
    """Whether anybody could sign in with a password."""
    rows = await database.fetch(
        "SELECT EXISTS (SELECT FROM assay.person WHERE password IS NOT NULL AND disabled_at IS NULL)"
    )
    return rows[0][0]


async def find_credentials(database: Database, person: str) -> Credentials | None:
    """By address or id. None where there is nobody, or they may not sign in with a password just now."""
    rows = await database.fetch(
        "SELECT person_id, email, password, factor FROM assay.person"
        " WHERE (email = $1 OR person_id = $1) AND password IS NOT NULL AND disabled_at IS NULL", person,
    )  # fmt: skip
    return Credentials(*rows[0]) if rows else None


async def sign_in(
    database: Database, found: Credentials, session: str, copy: str, address: str, step: int | None, recovery: bytes | None
) -> bool:
    """Begin a session, unless the password or the second factor is another meanwhile, or the person was disabled.

    `step` or `recovery`: what the second factor was shown by; neither is taken twice.
    """

    async def work(connection: Connection) -> bool:
        if not await _holds(connection, found) or not await _use_code(connection, found, step, recovery):
            return False
        how = "password" if found.factor is None else "password and code" if step is not None else "recovery code"
        await _begin_session(connection, named_person(found.person_id, found.email), session, copy, address, how)
        return True

    return await database.transact(work)


async def change_password(
    database: Database, found: Credentials, password: str, session: str, copy: str, address: str
) -> bool:
    """Every other session and link ends, and a new session begins. False where the person is another meanwhile."""

    async def work(connection: Connection) -> bool:
        if not await _holds(connection, found):
            return False
        await _end_all(connection, found.person_id)
        await connection.execute("UPDATE assay.person SET password = $2 WHERE person_id = $1", found.person_id, password)
        who = named_person(found.person_id, found.email)
        deed = Deed("person.password", who.id, who=who)
        await _begin_session(connection, who, session, copy, address, "a new password", deed)
        return True

    return await database.transact(work)


async def set_factor(database: Database, found: Credentials, factor: str, step: int, recovery: Sequence[bytes]) -> bool:
    """`step`: of the code by which it was shown to work. False where the person is another meanwhile, or has one."""

    async def work(connection: Connection) -> bool:
        if found.factor is not None or not await _holds(connection, found):
            return False
        await connection.execute(
            "UPDATE assay.person SET factor = $2, factor_step = $3 WHERE person_id = $1", found.person_id, factor, step
        )
        await connection.executemany(
            "INSERT INTO assay.recovery_code (hash, person_id) VALUES ($1, $2)",
            [(each, found.person_id) for each in recovery],
        )
        await audit(connection, Deed("person.factor", found.person_id, after="set"))
        return True

    return await database.transact(work)


async def remove_factor(database: Database, found: Credentials, step: int | None, recovery: bytes | None) -> bool:
    """False where the code was used, or the person is another meanwhile."""

    async def work(connection: Connection) -> bool:
        if not await _holds(connection, found) or not await _use_code(connection, found, step, recovery):
            return False
        await _drop_factor(connection, found.person_id)
        await audit(connection, Deed("person.factor", found.person_id, before="set"))
        return True

    return await database.transact(work)


async def _holds(connection: Connection, found: Credentials) -> bool:
    """Whether they are still what was looked at; until the transaction ends they stay so."""
    return await connection.fetchval(
        "SELECT true FROM assay.person WHERE person_id = $1 AND password = $2 AND factor IS NOT DISTINCT FROM $3"
        " AND disabled_at IS NULL FOR UPDATE", found.person_id, found.password, found.factor,
    ) or False  # fmt: skip


async def _use_code(connection: Connection, found: Credentials, step: int | None, recovery: bytes | None) -> bool:
    """Whether there is no second factor, or its code was not used before."""
    if found.factor is None:
        return True
    used = await connection.fetchval(
        "UPDATE assay.person SET factor_step = $2 WHERE person_id = $1 AND factor_step < $2 RETURNING true",
        found.person_id, step,
    ) if step is not None else await connection.fetchval(
        "UPDATE assay.recovery_code SET used_at = now() WHERE person_id = $1 AND hash = $2 AND used_at IS NULL"
        " RETURNING true",
        found.person_id, recovery,
    )  # fmt: skip
    return used or False


async def _drop_factor(connection: Connection, person_id: str) -> None:
    await connection.execute("UPDATE assay.person SET factor = NULL, factor_step = 0 WHERE person_id = $1", person_id)
    await connection.execute("DELETE FROM assay.recovery_code WHERE person_id = $1", person_id)


async def find_link(database: Database, secret: str, copy: str) -> FoundLink | None:
    """What a link is for; None where it opens nothing, or nothing any more."""
    rows = await database.fetch(
        "SELECT p.email, p.roles, CASE WHEN p.joined_at IS NULL THEN 'join' ELSE 'reset' END, i.ends_at"
        f" FROM assay.invitation AS i JOIN assay.person AS p USING (person_id) WHERE {_VALID_LINK}",
        digest(secret), copy,
    )  # fmt: skip
    return FoundLink(*rows[0]) if rows else None


async def use_link(database: Database, secret: str, copy: str, password: str, session: str, address: str) -> bool:
    """Set the password and begin a session, once: of two who bring the link one finds it used."""

    async def work(connection: Connection) -> bool:
        row = await connection.fetchrow(
            "SELECT p.person_id, p.email, p.joined_at FROM assay.invitation AS i JOIN assay.person AS p USING (person_id)"
            f" WHERE {_VALID_LINK} FOR UPDATE", digest(secret), copy,
        )  # fmt: skip
        if row is None:
            return False
        person_id, email, joined_at = row
        await _end_all(connection, person_id)
        await connection.execute(
            "UPDATE assay.person SET password = $2, joined_at = coalesce(joined_at, now()) WHERE person_id = $1",
            person_id, password,
        )  # fmt: skip
        action = "person.joined" if joined_at is None else "person.password"
        who = named_person(person_id, email)
        await _begin_session(connection, who, session, copy, address, "link", Deed(action, person_id, who=who))
        return True

    return await database.transact(work)


async def _begin_session(
    connection: Connection, who: Principal, session: str, copy: str, address: str, how: str, *before: Deed
) -> None:
    await insert_session(connection, session, who.id, copy, address)
    await audit(connection, *before, Deed("sign_in.ok", who.id, after={"by": how}, who=who))


async def forget_used_links(database: Database) -> None:
    await database.fetch("DELETE FROM assay.invitation WHERE used_at IS NOT NULL OR ends_at < now() RETURNING 1")


# -- attempts -------------------------------------------------------------------------------------


class Tried(NamedTuple):
    """`times`: this one too. `left_seconds`: until they are forgotten."""

    times: int
    left_seconds: float


async def note_attempt(database: Database, subject: str, within: timedelta) -> Tried:
    """Counted before it is known how it ends: so many at once are so many attempts."""
    rows = await database.fetch(
        "INSERT INTO assay.attempt AS a (subject, tried, since) VALUES ($1, 1, now()) ON CONFLICT (subject) DO UPDATE"
        " SET tried = CASE WHEN a.since < now() - $2::interval THEN 1 ELSE a.tried + 1 END,"
        " since = CASE WHEN a.since < now() - $2::interval THEN now() ELSE a.since END"
        " RETURNING tried, extract(epoch FROM since + $2::interval - now())::float8", digest(subject), within,
    )  # fmt: skip
    return Tried(*rows[0])


async def forget_attempts(database: Database, wholly: Sequence[str], once: Sequence[str]) -> None:
    """One that succeeded: of `wholly` all that failed before is forgotten, of `once` this attempt alone."""
    if wholly:
        await database.fetch(
            "DELETE FROM assay.attempt WHERE subject = ANY ($1) RETURNING 1", [digest(each) for each in wholly]
        )
    if once:
        await database.fetch(
            "UPDATE assay.attempt SET tried = tried - 1 WHERE subject = ANY ($1) AND tried > 0 RETURNING 1",
            [digest(each) for each in once],
        )


async def forget_old_attempts(database: Database, within: timedelta) -> None:
    await database.fetch("DELETE FROM assay.attempt WHERE since < now() - $1::interval RETURNING 1", within)
