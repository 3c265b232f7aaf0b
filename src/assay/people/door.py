"""The door: who stands behind a credential, known for as long as nobody may do less than before.

What was found is kept, so that a prepared answer costs no statement. It holds for one revision of the store's access
tables, which is looked at twice a second and whenever the store says that it moved. Where the store does not answer, nobody
is known but whoever bears the token.
"""

import asyncio
import hmac
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from assay.errors import StoreUnavailable, TooManyAttempts
from assay.people.guesses import Guesses
from assay.people.providers import Identity
from assay.people.roles import ALL, within
from assay.store.access import (
    Ended,
    Person,
    ValidKey,
    access_revision,
    add_token_session,
    digest,
    end_session,
    find_valid_key,
    find_valid_link,
    find_valid_session,
    note_seen_session,
    note_use,
)
from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database
from assay.store.people import find_people
from assay.work.principal import Principal, local_name

KEY = re.compile(rb"assay_[A-Za-z0-9_-]{43}")
"""256 random bits, and a word by which people and scanners of secrets know them."""
LINK = re.compile(r"assaylink_[A-Za-z0-9_-]{43}")
"""Of another form than a key: as one it opens nothing."""
SESSION = re.compile(r"[A-Za-z0-9_-]{43}")
_FRESH_SECONDS = 0.5
_KNOWN_SECONDS = 60.0
"""So long one is known without a look at its row: what is said of its last use is no older."""
_MOST_KNOWN = 20_000
NOBODY_VOUCHES = Identity(roles={})


def new_session() -> str:
    return secrets.token_urlsafe(32)


Found = tuple[Principal | None, datetime | None]
"""Who stands behind a credential, and until when it holds; None of the latter where it has no end."""


class Known(NamedTuple):
    who: Principal
    until: float
    """On the monotonic clock."""


class Door:
    def __init__(
        self, database: Database, token: str | None, sign: Callable[[str], str], copy: Callable[[], str] = lambda: "", *,
        asks_for_sign_in: bool = False, identity: Identity = NOBODY_VOUCHES,
    ) -> None:  # fmt: skip
        """`sign`: by a key that is not in the store. `copy` tells a restored copy from its original."""
        self._database = database
        self._token = token
        self.asks_for_sign_in = asks_for_sign_in or token is not None
        self.identity = identity
        self._token_mark = sign(f"session of token\n{token}") if token is not None else None
        self._copy = copy
        self._local = Principal("local", local_name(), "local", ALL)
        self._bearer = Principal("token", "ASSAY_TOKEN", "token", frozenset({"admin"}))
        self._guesses = Guesses()
        self._known: dict[bytes, Known] = {}
        self._revision: int | None = None
        self._looked_at: float | None = None
        self._moves = 0
        self._looking = asyncio.Lock()

    @property
    def has_token(self) -> bool:
        return self._token is not None

    @property
    def nobody_named(self) -> Principal | None:
        """Who asks without any credential: the one person of loopback, or nobody."""
        return None if self.asks_for_sign_in else self._local

    async def bearer(self, secret: bytes, address: str = "local") -> Principal | None:
        """Of the header Authorization: the token, or a key. On loopback other texts mean nothing, as ever.

        Raises TooManyAttempts, where too many texts of this network were not the token. Keys are too long to be guessed.
        """
        left = self._guesses.seconds_left(address)
        if (not left or self._guesses.is_known(address)) and self.is_token(secret):
            self._guesses.note_right(address)
            return self._bearer
        if KEY.fullmatch(secret):
            return await self._key(secret.decode())
        if self.has_token and secret:
            if self._guesses.note_wrong(address, secret):
                await self.say(Deed("sign_in.throttled", "token", who=None))
            elif left:
                raise TooManyAttempts(retry_after_seconds=max(1, round(left)))
        return self.nobody_named

    async def say(self, deed: Deed) -> None:
        """In the audit log, where the store takes it."""

        async def work(connection: Connection) -> None:
            await audit(connection, deed)

        with suppress(StoreUnavailable):
            await self._database.transact(work)

    def is_token(self, given: bytes) -> bool:
        return self._token is not None and hmac.compare_digest(given, self._token.encode())

    def moved(self) -> None:
        """The store says that somebody may do less."""
        self._looked_at = None
        self._moves += 1

    # -- sessions -------------------------------------------------------------------------------

    @property
    def copy(self) -> str:
        return self._copy()

    async def begin_token_session(self, address: str) -> str:
        """Of whoever has shown the token: what the browser is to hold. The token's next one ends it."""
        assert self._token_mark is not None
        secret = new_session()
        await add_token_session(self._database, secret, self._bearer, self._token_mark, self._copy(), address)
        return secret

    async def end_session(self, secret: str) -> Ended | None:
        """What stood behind it at a provider of identity, if anything did."""
        return await end_session(self._database, secret, self._bearer) if SESSION.fullmatch(secret) else None

    async def remembered(self, mark: bytes, find: Callable[[], Awaitable[Found]]) -> Principal | None:
        """Who stands behind a credential whose digest is `mark`: as it is known, or as `find` tells, and until when."""
        found = await self._still_known(mark)
        if found is not None:
            return found
        revision = self._revision
        who, ends_at = await find()
        return who and self._know(mark, who, ends_at, revision)

    async def session(self, secret: str) -> Principal | None:
        if not SESSION.fullmatch(secret):
            return None

        async def find() -> Found:
            stored = await find_valid_session(self._database, secret, self._bearer.id, self._token_mark, self._copy())
            if stored is None:
                return None, None
            with suppress(StoreUnavailable):
                await note_seen_session(self._database, secret)
            return self._bearer if stored.person is None else self.known(stored.person), stored.ends_at

        return await self.remembered(digest(secret), find)

    def known(self, person: Person) -> Principal:
        """Somebody with what they may do just now."""
        if person.vouched is not None:
            return self.identity.known(person.person_id, person.vouched)
        # An admin has vouched for the address: with a password somebody comes in by a link that was made for it.
        groups = frozenset(f"people:{each}" for each in person.groups)
        claims = {name: tuple(values) for name, values in person.claims.items()}
        roles = frozenset(person.roles)
        return Principal(person.person_id, person.email, "person", roles, person.email, groups, claims)

    async def known_as(self, name: str) -> Principal | None:
        """Somebody by their address or id, as they would come in just now; None of whom that is nobody, or several."""
        if name in (self._local.id, self._bearer.id):
            return self._local if name == self._local.id else self._bearer
        found = [each for each in await find_people(self._database, name) if each.disabled_at is None]
        if len(found) != 1:
            return None
        (one,) = found
        return self.known(one.person)

    # -- keys -----------------------------------------------------------------------------------

    async def _key(self, secret: str) -> Principal | None:
        async def find() -> Found:
            stored = await find_valid_key(self._database, secret)
            if stored is None:
                return None, None
            with suppress(StoreUnavailable):  # a store that can only be read lets in whoever it knows
                await note_use(self._database, stored.key_id)
            return self._program(stored, "key"), stored.expires_at

        return await self.remembered(digest(secret), find)

    async def link(self, secret: str) -> tuple[Principal, str] | None:
        """Who asks by a link, and the only question that it asks, as JSON; None of what is no link that holds."""
        found = await find_valid_link(self._database, secret) if LINK.fullmatch(secret) else None
        if found is None:
            return None
        assert found.question is not None
        with suppress(StoreUnavailable):
            await note_use(self._database, found.key_id)
        return self._program(found, "link"), found.question

    def _program(self, stored: ValidKey, called: str) -> Principal:
        maker = stored.maker and self.known(stored.maker)
        roles = frozenset(stored.roles) if maker is None else within(stored.roles, maker.roles)
        needs = None if stored.needs is None else frozenset(stored.needs)
        metrics = None if stored.metrics is None else tuple(stored.metrics)
        who = Principal(stored.key_id, f"{called} {stored.name}", "key", roles, needs=needs, metrics=metrics)
        sees = maker or self._bearer  # it sees what its maker sees
        return replace(who, seen_as=sees.roles, email=sees.email, groups=sees.groups, claims=sees.claims,
                       maker=maker and maker.id)  # fmt: skip

    async def _still_known(self, mark: bytes) -> Principal | None:
        await self._look()
        known = self._known.get(mark)
        return known.who if known is not None and time.monotonic() < known.until else None

    def _know(self, mark: bytes, who: Principal, ends_at: datetime | None, revision: int | None) -> Principal:
        if revision != self._revision:
            return who  # its row was read before somebody may do less: it is not kept
        left = _KNOWN_SECONDS
        if ends_at is not None:
            left = min(left, (ends_at - datetime.now(UTC)).total_seconds())
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[mark] = Known(who, time.monotonic() + left)
        return who

    async def _look(self) -> None:
        """The revision is read before the rows: what is known under it is as new, or newer."""
        if self._is_fresh():
            return
        async with self._looking:
            if self._is_fresh():
                return
            asked_at, moves = time.monotonic(), self._moves
            revision = await access_revision(self._database)
            if revision != self._revision:
                self._known.clear()
                self._revision = revision
            if moves == self._moves:
                self._looked_at = asked_at

    def _is_fresh(self) -> bool:
        return self._looked_at is not None and time.monotonic() - self._looked_at < _FRESH_SECONDS
