"""Who may come in, in the store: keys, sessions, and the revision that rises when somebody may do less."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from assay.errors import StoreUnavailable
from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database
from assay.work.principal import Principal, named_person

_KEY = (
    "key_id, name, prefix, roles, metrics, needs, created_by, created_at, expires_at, last_used_at, revoked_at, revoked_by,"
    " question::text"
)


class StoredKey(NamedTuple):
    """`question`: as JSON, of one that is a link to its answer."""

    key_id: str
    name: str
    prefix: str
    roles: list[str]
    metrics: list[str] | None
    needs: list[str] | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    question: str | None

    @property
    def state(self) -> Literal["holds", "expired", "revoked"]:
        """Of this moment."""
        if self.revoked_at is not None:
            return "revoked"
        return "holds" if self.expires_at is None or self.expires_at > datetime.now(UTC) else "expired"


class Vouched(NamedTuple):
    """What a provider (such as `oidc:corp`) said at somebody's last sign-in. `email`: one that it has verified."""

    provider: str
    subject: str
    email: str | None
    groups: list[str]
    claims: dict[str, list[str]]


VOUCHED = "p.provider, p.subject, p.vouched::text"


def vouched_in(provider: str | None, subject: str | None, said: str | None) -> Vouched | None:
    """Of the columns `VOUCHED`; None where no provider vouches for this person."""
    if provider is None or subject is None or said is None:
        return None
    known = json.loads(said)
    return Vouched(provider, subject, known["email"], known["groups"], known["claims"])


def digest(secret: str) -> bytes:
    """Secrets of 256 random bits need no slow hash: nobody can guess one."""
    return hashlib.sha256(secret.encode()).digest()


async def access_revision(database: Database) -> int:
    rows = await database.fetch("SELECT number FROM assay.access_revision")
    if not rows:
        raise StoreUnavailable("Nobody is known: assay.access_revision has lost its row.")
    return rows[0][0]


# -- keys -----------------------------------------------------------------------------------------


async def add_key(
    database: Database, key_id: str, name: str, secret: str, prefix: str, roles: list[str], by: Principal,
    lasts: timedelta | None, metrics: list[str] | None = None, needs: list[str] | None = None,
    question: str | None = None,
) -> StoredKey:  # fmt: skip
    """Behind a key that a key has made stands whoever made that one. `metrics`, `needs`: what it is limited to.

    `question`: as JSON, of one that is a link to its answer.
    """

    async def work(connection: Connection) -> StoredKey:
        row = await connection.fetchrow(
            "INSERT INTO assay.api_key (key_id, name, prefix, hash, roles, created_by, expires_at, metrics, needs, maker,"
            " question)"
            " VALUES ($1, $2, $3, $4, $5, $6, now() + $7::interval, $9, $10,"
            f" coalesce((SELECT maker FROM assay.api_key WHERE key_id = $8), $8), $11::jsonb) RETURNING {_KEY}",
            key_id, name, prefix, digest(secret), roles, by.name, lasts, by.id, metrics, needs, question,
        )  # fmt: skip
        assert row
        stored = StoredKey(*row)
        until = stored.expires_at and stored.expires_at.isoformat()
        asks = metrics if question is None else json.loads(question)["metrics"]
        await audit(connection, Deed("key.created" if question is None else "link.created", key_id, after={
            "name": name, "roles": roles, "expires_at": until, "metrics": asks, "verbs": needs,
        }))  # fmt: skip
        return stored

    return await database.transact(work)


async def list_keys(database: Database) -> list[StoredKey]:
    """Newest first, those that hold no more too."""
    rows = await database.fetch(f"SELECT {_KEY} FROM assay.api_key WHERE question IS NULL ORDER BY created_at DESC, key_id")
    return [StoredKey(*row) for row in rows]


async def list_links(database: Database, maker: str | None) -> list[StoredKey]:
    """Newest first, those that hold no more too: of one maker, by their id, or of all."""
    rows = await database.fetch(
        f"SELECT {_KEY} FROM assay.api_key"
        " WHERE question IS NOT NULL AND ($1::text IS NULL OR maker = $1) ORDER BY created_at DESC, key_id",
        maker,
    )
    return [StoredKey(*row) for row in rows]


async def revoke_key(database: Database, key_id: str, by: str) -> StoredKey | None:
    """None where there is none. One that was revoked stays as it was."""
    return await _revoke(database, key_id, by, "question IS NULL", "key.revoked")


async def revoke_link(database: Database, key_id: str, by: str, maker: str | None) -> StoredKey | None:
    """The same of a link: of one maker, by their id, or of anybody."""
    return await _revoke(database, key_id, by, "question IS NOT NULL AND ($2::text IS NULL OR maker = $2)", "link.revoked",
                         maker)  # fmt: skip


async def _revoke(
    database: Database, key_id: str, by: str, which: str, deed: str, *of_which: str | None
) -> StoredKey | None:
    async def work(connection: Connection) -> StoredKey | None:
        row = await connection.fetchrow(
            f"SELECT {_KEY} FROM assay.api_key WHERE key_id = $1 AND {which} FOR UPDATE", key_id, *of_which
        )
        if row is None or row["revoked_at"] is not None:
            return StoredKey(*row) if row else None
        row = await connection.fetchrow(
            f"UPDATE assay.api_key SET revoked_at = now(), revoked_by = $2 WHERE key_id = $1 RETURNING {_KEY}", key_id, by
        )
        assert row
        await audit(connection, Deed(deed, key_id, before={"name": row["name"], "roles": row["roles"]}))
        return StoredKey(*row)

    return await database.transact(work)


class Person(NamedTuple):
    """Somebody as they are just now. `roles`: as they were given; of a provider's people they follow from `vouched`."""

    person_id: str
    email: str
    roles: list[str]
    groups: list[str]
    claims: dict[str, list[str]]
    """As an admin gave them to somebody with a password, like `groups`."""
    vouched: Vouched | None


_OF_PERSON = f"p.person_id, p.email, p.roles, p.groups, p.claims::text, {VOUCHED}"


def _person(row: Sequence[Any]) -> Person | None:
    """Of the columns `_OF_PERSON`."""
    person_id, email, roles, groups, claims, *said = row
    return None if person_id is None else Person(person_id, email, roles, groups, json.loads(claims), vouched_in(*said))


class ValidKey(NamedTuple):
    """`question`: as JSON, the only one that a link asks. `maker`: None where no person made it."""

    key_id: str
    name: str
    roles: list[str]
    metrics: list[str] | None
    needs: list[str] | None
    expires_at: datetime | None
    question: str | None
    maker: Person | None


async def find_valid_key(database: Database, secret: str) -> ValidKey | None:
    """It stops with the person who made it."""
    return await _find_valid(database, secret, "k.question IS NULL")


async def find_valid_link(database: Database, secret: str) -> ValidKey | None:
    """The same of a link."""
    return await _find_valid(database, secret, "k.question IS NOT NULL")


async def _find_valid(database: Database, secret: str, which: str) -> ValidKey | None:
    rows = await database.fetch(
        f"SELECT k.key_id, k.name, k.roles, k.metrics, k.needs, k.expires_at, k.question::text, {_OF_PERSON}"
        " FROM assay.api_key AS k LEFT JOIN assay.person AS p ON p.person_id = k.maker"
        " WHERE k.hash = $1 AND k.revoked_at IS NULL"
        f" AND (k.expires_at IS NULL OR k.expires_at > now()) AND p.disabled_at IS NULL AND {which}", digest(secret),
    )  # fmt: skip
    if not rows:
        return None
    key_id, name, roles, metrics, needs, expires_at, question, *maker = rows[0]
    return ValidKey(key_id, name, roles, metrics, needs, expires_at, question, _person(maker))


async def note_use(database: Database, key_id: str) -> None:
    await database.fetch("UPDATE assay.api_key SET last_used_at = now() WHERE key_id = $1 RETURNING 1", key_id)


# -- sessions -------------------------------------------------------------------------------------

SESSION_LASTS = timedelta(days=7)
SESSION_IDLES = timedelta(days=1)
"""An open page is seen each minute."""


class ValidSession(NamedTuple):
    """`person`: None where the token's bearer has signed in."""

    ends_at: datetime
    person: Person | None


async def add_token_session(
    database: Database, secret: str, who: Principal, token_mark: str, copy: str, address: str
) -> None:
    async def work(connection: Connection) -> None:
        await insert_session(connection, secret, who.id, copy, address, token_mark)
        await audit(connection, Deed("sign_in.ok", who.id, who=who))

    await database.transact(work)


class ByProvider(NamedTuple):
    """Of a session that a provider's own stands behind: its name there, the token to end it by, and how long it may last."""

    session: str | None
    token: str | None
    lasts: timedelta


async def insert_session(
    connection: Connection, secret: str, principal: str, copy: str, address: str, token_mark: str | None = None,
    by: ByProvider = ByProvider(None, None, SESSION_LASTS),  # noqa: B008  it never changes
) -> None:  # fmt: skip
    """`token_mark`: by which the sessions of the token's bearer hang."""
    await connection.execute(
        "INSERT INTO assay.session (hash, principal, token_mark, copy, address, ends_at, provider_session, provider_token)"
        " VALUES ($1, $2, $3, $4, $5, now() + $6::interval, $7, $8)",
        digest(secret), principal, token_mark, copy, address, by.lasts, by.session, by.token,
    )  # fmt: skip


async def find_valid_session(
    database: Database, secret: str, token: str, token_mark: str | None, copy: str
) -> ValidSession | None:
    """None where it does not hold, or not here. `token`: the principal whose sessions hang by the mark."""
    rows = await database.fetch(
        f"SELECT s.ends_at, {_OF_PERSON} FROM assay.session AS s"
        " LEFT JOIN assay.person AS p ON p.person_id = s.principal"
        " WHERE s.hash = $1 AND s.copy = $4 AND s.ended_at IS NULL AND s.ends_at > now()"
        " AND s.seen_at > now() - $5::interval"
        " AND CASE WHEN s.principal = $2 THEN s.token_mark = $3 ELSE p.person_id IS NOT NULL AND p.disabled_at IS NULL END",
        digest(secret), token, token_mark, copy, SESSION_IDLES,
    )  # fmt: skip
    return ValidSession(rows[0][0], _person(rows[0][1:])) if rows else None


async def note_seen_session(database: Database, secret: str) -> None:
    await database.fetch("UPDATE assay.session SET seen_at = now() WHERE hash = $1 RETURNING 1", digest(secret))


class Ended(NamedTuple):
    """A provider's session that stood behind one of ours. `token`: the one to end it by."""

    provider: str
    token: str | None


async def end_session(database: Database, secret: str, token: Principal) -> Ended | None:
    """Nothing where it has ended already. `token`: its bearer, who is no person of the store."""

    async def work(connection: Connection) -> Ended | None:
        row = await connection.fetchrow(
            "UPDATE assay.session AS s SET ended_at = now() WHERE hash = $1 AND ended_at IS NULL"
            " RETURNING s.principal, s.provider_token,"
            " (SELECT p.email FROM assay.person AS p WHERE p.person_id = s.principal) AS email,"
            " (SELECT p.provider FROM assay.person AS p WHERE p.person_id = s.principal) AS provider", digest(secret),
        )  # fmt: skip
        if row is None:
            return None
        known = named_person(row["principal"], row["email"] or row["principal"])
        who = token if row["principal"] == token.id else known
        await audit(connection, Deed("sign_out", who.id, who=who))
        return Ended(row["provider"], row["provider_token"]) if row["provider"] else None

    return await database.transact(work)


async def forget_ended_sessions(database: Database) -> None:
    await database.fetch(
        "DELETE FROM assay.session WHERE ended_at IS NOT NULL OR ends_at < now() OR seen_at < now() - $1::interval"
        " RETURNING 1",
        SESSION_IDLES,
    )
