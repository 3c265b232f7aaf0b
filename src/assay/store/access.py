"""Who may come in, in the store: keys, sessions, and the revision that rises when somebody may do less."""

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

from assay.errors import StoreUnavailable
from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database
from assay.work.principal import Principal

_KEY = "key_id, name, prefix, roles, created_by, created_at, expires_at, last_used_at, revoked_at, revoked_by"


class StoredKey(NamedTuple):
    key_id: str
    name: str
    prefix: str
    roles: list[str]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None


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
    lasts: timedelta | None,
) -> StoredKey:  # fmt: skip
    """Behind a key that a key has made stands whoever made that one."""

    async def work(connection: Connection) -> StoredKey:
        row = await connection.fetchrow(
            "INSERT INTO assay.api_key (key_id, name, prefix, hash, roles, created_by, expires_at, maker)"
            " VALUES ($1, $2, $3, $4, $5, $6, now() + $7::interval,"
            f" coalesce((SELECT maker FROM assay.api_key WHERE key_id = $8), $8)) RETURNING {_KEY}",
            key_id, name, prefix, digest(secret), roles, by.name, lasts, by.id,
        )  # fmt: skip
        assert row
        stored = StoredKey(*row)
        until = stored.expires_at and stored.expires_at.isoformat()
        await audit(connection, Deed("key.created", key_id, after={"name": name, "roles": roles, "expires_at": until}))
        return stored

    return await database.transact(work)


async def list_keys(database: Database) -> list[StoredKey]:
    """Newest first, those that hold no more too."""
    rows = await database.fetch(f"SELECT {_KEY} FROM assay.api_key ORDER BY created_at DESC, key_id")
    return [StoredKey(*row) for row in rows]


async def revoke_key(database: Database, key_id: str, by: str) -> StoredKey | None:
    """None where there is none. One that was revoked stays as it was."""

    async def work(connection: Connection) -> StoredKey | None:
        row = await connection.fetchrow(
            "UPDATE assay.api_key SET revoked_at = now(), revoked_by = $2 WHERE key_id = $1 AND revoked_at IS NULL"
            f" RETURNING {_KEY}", key_id, by,
        )  # fmt: skip
        if row is None:
            row = await connection.fetchrow(f"SELECT {_KEY} FROM assay.api_key WHERE key_id = $1", key_id)
            return StoredKey(*row) if row else None
        await audit(connection, Deed("key.revoked", key_id, before={"name": row["name"], "roles": row["roles"]}))
        return StoredKey(*row)

    return await database.transact(work)


class ValidKey(NamedTuple):
    """`maker_roles`: what the person who made it may do just now; None where no person did."""

    key_id: str
    name: str
    roles: list[str]
    expires_at: datetime | None
    maker_roles: list[str] | None


async def find_valid_key(database: Database, secret: str) -> ValidKey | None:
    """It stops with the person who made it."""
    rows = await database.fetch(
        "SELECT k.key_id, k.name, k.roles, k.expires_at, p.roles FROM assay.api_key AS k"
        " LEFT JOIN assay.person AS p ON p.person_id = k.maker WHERE k.hash = $1 AND k.revoked_at IS NULL"
        " AND (k.expires_at IS NULL OR k.expires_at > now()) AND p.disabled_at IS NULL", digest(secret),
    )  # fmt: skip
    return ValidKey(*rows[0]) if rows else None


async def note_use(database: Database, key_id: str) -> None:
    await database.fetch("UPDATE assay.api_key SET last_used_at = now() WHERE key_id = $1 RETURNING 1", key_id)


# -- sessions -------------------------------------------------------------------------------------

SESSION_LASTS = timedelta(days=7)
SESSION_IDLES = timedelta(days=1)
"""An open page is seen each minute."""


class ValidSession(NamedTuple):
    """`email` and `roles` are those of a person just now; None where the token's bearer has signed in."""

    principal: str
    ends_at: datetime
    email: str | None
    roles: list[str] | None


async def add_token_session(
    database: Database, secret: str, who: Principal, token_mark: str, copy: str, address: str
) -> None:
    async def work(connection: Connection) -> None:
        await insert_session(connection, secret, who.id, copy, address, token_mark)
        await audit(connection, Deed("sign_in.ok", who.id, who=who))

    await database.transact(work)


async def insert_session(
    connection: Connection, secret: str, principal: str, copy: str, address: str, token_mark: str | None = None
) -> None:
    """`token_mark`: by which the sessions of the token's bearer hang."""
    await connection.execute(
        "INSERT INTO assay.session (hash, principal, token_mark, copy, address, ends_at)"
        " VALUES ($1, $2, $3, $4, $5, now() + $6::interval)",
        digest(secret), principal, token_mark, copy, address, SESSION_LASTS,
    )  # fmt: skip


async def find_valid_session(
    database: Database, secret: str, token: str, token_mark: str | None, copy: str
) -> ValidSession | None:
    """None where it does not hold, or not here. `token`: the principal whose sessions hang by the mark."""
    rows = await database.fetch(
        "SELECT s.principal, s.ends_at, p.email, p.roles FROM assay.session AS s"
        " LEFT JOIN assay.person AS p ON p.person_id = s.principal"
        " WHERE s.hash = $1 AND s.copy = $4 AND s.ended_at IS NULL AND s.ends_at > now()"
        " AND s.seen_at > now() - $5::interval"
        " AND CASE WHEN s.principal = $2 THEN s.token_mark = $3 ELSE p.person_id IS NOT NULL AND p.disabled_at IS NULL END",
        digest(secret), token, token_mark, copy, SESSION_IDLES,
    )  # fmt: skip
    return ValidSession(*rows[0]) if rows else None


async def note_seen_session(database: Database, secret: str) -> None:
    await database.fetch("UPDATE assay.session SET seen_at = now() WHERE hash = $1 RETURNING 1", digest(secret))


async def end_session(database: Database, secret: str, token: Principal) -> None:
    """Nothing where it has ended already. `token`: its bearer, who is no person of the store."""

    async def work(connection: Connection) -> None:
        row = await connection.fetchrow(
            "UPDATE assay.session AS s SET ended_at = now() WHERE hash = $1 AND ended_at IS NULL"
            " RETURNING principal, (SELECT email FROM assay.person WHERE person_id = s.principal) AS email", digest(secret),
        )  # fmt: skip
        if row is None:
            return
        known = Principal(row["principal"], row["email"] or row["principal"], "person", frozenset())
        who = token if row["principal"] == token.id else known
        await audit(connection, Deed("sign_out", who.id, who=who))

    await database.transact(work)


async def forget_ended_sessions(database: Database) -> None:
    await database.fetch(
        "DELETE FROM assay.session WHERE ended_at IS NOT NULL OR ends_at < now() OR seen_at < now() - $1::interval"
        " RETURNING 1",
        SESSION_IDLES,
    )
