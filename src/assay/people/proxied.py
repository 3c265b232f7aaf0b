"""People whom a proxy before this server has had sign in: what it says of them in headers, and what makes that believed."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from assay.people.door import Door, Found
from assay.people.providers import Proxy, Token
from assay.people.tokens import NotProved, Signer, subject_of
from assay.store.access import Vouched
from assay.store.database import Database
from assay.store.vouched import know_vouched
from assay.work.networks import is_within
from assay.work.principal import Principal, new_person_id


class Claim(NamedTuple):
    """What came of a listed proxy: `said` by the headers that it was told to send."""

    proxy: str
    said: dict[str, str]


class Proxied:
    def __init__(self, proxies: Mapping[str, Proxy], database: Database, door: Door) -> None:
        self._proxies = proxies
        self._database = database
        self._door = door
        self._signers = {name: _signer(each.token) for name, each in proxies.items() if each.token}

    def claim(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> Claim | None:
        """None where no listed proxy names anybody. Raises NotProved where that is not to be believed."""
        for name, proxy in self._proxies.items():
            if not is_within(peer, proxy.addresses):
                continue
            said = _said(proxy.headers, headers)
            if proxy.subject_header in said:
                plain = proxy.plain
                if plain and not hmac.compare_digest(
                    said.get(plain.secret_header.lower(), "").encode(), plain.secret.encode()
                ):
                    raise NotProved("Who is there was named without the proxy's secret.")
                return Claim(name, said)
        return None

    def sign_out(self, claim: Claim) -> str:
        """Where a browser signs out of the proxy."""
        return self._proxies[claim.proxy].sign_out

    async def who(self, claim: Claim) -> Principal | None:
        """None where they are disabled. Raises NotProved, ProviderFailed or StoreUnavailable."""
        mark = hashlib.sha256(repr((claim.proxy, sorted(claim.said.items()))).encode()).digest()

        async def find() -> Found:
            vouched, ends_at = await self._read(claim)
            person_id = new_person_id()
            who = self._door.identity.known(person_id, vouched)
            if not who.roles:
                return who, ends_at  # nobody to remember
            known = await know_vouched(self._database, person_id, who, vouched)
            return (None if known is None else replace(who, id=known)), ends_at

        return await self._door.remembered(mark, find)

    async def _read(self, claim: Claim) -> tuple[Vouched, datetime | None]:
        proxy, name, said = self._proxies[claim.proxy], f"proxy:{claim.proxy}", claim.said
        if proxy.token:
            claims = await self._signers[claim.proxy].claims(said[proxy.subject_header], proxy.token.audience)
            until = datetime.fromtimestamp(claims["exp"], UTC)
        else:
            assert proxy.plain
            email, groups = said.get((proxy.plain.email or "").lower()), said.get((proxy.plain.groups or "").lower(), "")
            listed = [each.strip() for each in groups.split(",") if each.strip()]
            claims = {"sub": said[proxy.subject_header], "email": email, "email_verified": True, proxy.groups_claim: listed}
            until = None
        return proxy.vouched(name, subject_of(claims, "proxy"), claims), until


def _signer(token: Token) -> Signer:
    async def address() -> str:
        return token.keys

    return Signer(token.issuer, address, token.keys)


def _said(wanted: frozenset[str], headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Raises NotProved where one of them stands twice: the proxy's, and one that somebody else has put there."""
    said: dict[str, str] = {}
    for name, value in headers:
        known = name.decode("latin-1")
        if known in wanted:
            if known in said:
                raise NotProved(f"The header {known} came twice.")
            said[known] = value.decode("utf-8", "replace")
    return said
