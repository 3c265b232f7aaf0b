"""People whom a provider of identity vouches for, in the store: sign-ins begun, done, and ended by the provider."""

import json
from datetime import timedelta
from typing import NamedTuple

from assay.store.access import ByProvider, Vouched, digest, insert_session
from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database
from assay.work.principal import Principal, named_person

BEGUN_LASTS = timedelta(minutes=10)
_LOGOUT_KEPT = timedelta(days=2)


class Begun(NamedTuple):
    """`back_to`: the place of the page. `replaces`: the hash of the session that the browser held."""

    state: str
    nonce: str
    verifier: str
    back_to: str
    replaces: bytes


class SignedIn(NamedTuple):
    person_id: str
    is_new: bool


async def keep_begun(database: Database, secret: str, provider: str, begun: Begun) -> None:
    await database.fetch(
        "INSERT INTO assay.sign_in_begun (hash, provider, state, nonce, verifier, back_to, replaces)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING 1", digest(secret), provider, *begun,
    )  # fmt: skip


async def take_begun(database: Database, secret: str, provider: str) -> Begun | None:
    """Once, whatever comes of it."""
    rows = await database.fetch(
        "DELETE FROM assay.sign_in_begun WHERE hash = $1 AND provider = $2 AND begun_at > now() - $3::interval"
        " RETURNING state, nonce, verifier, back_to, replaces", digest(secret), provider, BEGUN_LASTS,
    )  # fmt: skip
    return Begun(*rows[0]) if rows else None


async def sign_in_vouched(
    database: Database, person_id: str, who: Principal, vouched: Vouched, session: str, copy: str, address: str,
    by: ByProvider, replaces: bytes,
) -> bool:  # fmt: skip
    """Begin a session in the place of the one that the browser held. False: they are disabled."""

    async def work(connection: Connection) -> bool:
        known = await _note(connection, person_id, who.name, vouched)
        if known is None:
            return False
        mine = named_person(known.person_id, who.name)
        ended = await connection.fetchval(
            "UPDATE assay.session SET ended_at = now() WHERE hash = $1 AND ended_at IS NULL RETURNING principal", replaces
        )
        await insert_session(connection, session, known.person_id, copy, address, by=by)
        after = {"by": vouched.provider, "roles": sorted(who.roles)}
        deeds = [Deed("sign_out", ended, after={"by": "another sign-in"}, who=mine)] if ended else []
        await audit(connection, *deeds, *_joined(known, mine, vouched), Deed("sign_in.ok", mine.id, after=after, who=mine))
        return True

    return await database.transact(work)


async def know_vouched(database: Database, person_id: str, who: Principal, vouched: Vouched) -> str | None:
    """The id of whom a proxy vouches for, with no session of ours; None where they are disabled."""

    async def work(connection: Connection) -> str | None:
        known = await _note(connection, person_id, who.name, vouched)
        if known is None:
            return None
        mine = named_person(known.person_id, who.name)
        await audit(connection, *_joined(known, mine, vouched))
        return known.person_id

    return await database.transact(work)


async def _note(connection: Connection, person_id: str, name: str, vouched: Vouched) -> SignedIn | None:
    """`person_id` is theirs where they were never here; what was said of them before goes. None where they are disabled."""
    said = json.dumps({"email": vouched.email, "groups": vouched.groups, "claims": vouched.claims}, sort_keys=True)
    made = await connection.fetchval(
        "INSERT INTO assay.person (person_id, email, roles, provider, subject, vouched, created_by, joined_at)"
        " VALUES ($1, $2, '{}', $3, $4, $5::text::jsonb, $3, now()) ON CONFLICT (provider, subject) DO NOTHING"
        " RETURNING person_id", person_id, name, vouched.provider, vouched.subject, said,
    )  # fmt: skip
    if made is not None:
        return SignedIn(made, is_new=True)
    row = await connection.fetchrow(
        "SELECT person_id, email = $3 AND vouched = $4::text::jsonb FROM assay.person"
        " WHERE provider = $1 AND subject = $2 AND disabled_at IS NULL FOR UPDATE",
        vouched.provider, vouched.subject, name, said,
    )  # fmt: skip
    if row is None:
        return None
    if not row[1]:
        await connection.execute(
            "UPDATE assay.person SET email = $2, vouched = $3::text::jsonb WHERE person_id = $1", row[0], name, said
        )
    return SignedIn(row[0], is_new=False)


def _joined(known: SignedIn, who: Principal, vouched: Vouched) -> list[Deed]:
    return [Deed("person.joined", who.id, after={"by": vouched.provider}, who=who)] if known.is_new else []


async def end_vouched(database: Database, provider: str, subject: str | None, session: str | None, once: str) -> bool:
    """End what a provider ends: one of its sessions, or all of a subject. False where its token was heard before."""

    async def work(connection: Connection) -> bool:
        heard = await connection.fetch(
            "INSERT INTO assay.logout_token (provider, token_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1",
            provider, once,
        )  # fmt: skip
        if not heard:
            return False
        ended = await connection.fetch(
            "UPDATE assay.session AS s SET ended_at = now() FROM assay.person AS p WHERE p.person_id = s.principal"
            " AND s.ended_at IS NULL AND p.provider = $1 AND ($2::text IS NULL OR p.subject = $2)"
            " AND ($3::text IS NULL OR s.provider_session = $3) RETURNING p.person_id", provider, subject, session,
        )  # fmt: skip
        people = sorted({row[0] for row in ended})
        await audit(connection, *(Deed("sign_out", each, after={"by": provider}, who=None) for each in people))
        return True

    return await database.transact(work)


async def forget_old_sign_ins(database: Database) -> None:
    """Those that never came back, and logout tokens that no provider would send again."""
    await database.fetch("DELETE FROM assay.sign_in_begun WHERE begun_at < now() - $1::interval RETURNING 1", BEGUN_LASTS)
    await database.fetch("DELETE FROM assay.logout_token WHERE heard_at < now() - $1::interval RETURNING 1", _LOGOUT_KEPT)
