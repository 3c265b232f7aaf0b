"""Access tokens of whoever vouches for people: what a program brings that somebody let ask for them (RFC 9068, RFC 8707).

Nobody is let in by a token that was given for another server, and none of ours opens one there.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from assay.people.door import Door, Found
from assay.people.oidc import Client
from assay.people.tokens import NotProved
from assay.store.access import digest
from assay.store.database import Database
from assay.store.vouched import know_vouched
from assay.work.principal import Principal, new_person_id

_SIGNED = re.compile(rb"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class AccessTokens:
    def __init__(self, clients: Mapping[str, Client], resource: str, database: Database, door: Door) -> None:
        """`resource`: the address that tokens have to be given for."""
        self._clients = {each.provider.issuer: each for each in clients.values()}
        self._resource = resource
        self._database = database
        self._door = door

    @property
    def metadata(self) -> dict[str, object] | None:
        """Of the protected resource, as RFC 9728 has it; None where nobody gives tokens for it."""
        return {
            "resource": self._resource, "resource_name": "Assay", "authorization_servers": list(self._clients),
            "bearer_methods_supported": ["header"],
        } if self._clients else None  # fmt: skip

    def may_be_one(self, secret: bytes) -> bool:
        """Whether it has the form of a signed token, and somebody is listed who signs them. Keys have another form."""
        return bool(self._clients) and _SIGNED.fullmatch(secret) is not None

    async def who(self, secret: bytes) -> Principal | None:
        """None where they are disabled or have no role. Raises NotProved, ProviderFailed or StoreUnavailable."""
        token = secret.decode("ascii")

        async def find() -> Found:
            client = self._clients.get(_issuer(token))
            if client is None:
                raise NotProved("The token is of a provider that is not listed here.")
            vouched, ends_at = await client.bearer(token, self._resource)
            person_id = new_person_id()
            who = self._door.identity.known(person_id, vouched)
            if not who.roles:
                return None, None
            known = await know_vouched(self._database, person_id, who, vouched)
            return (None if known is None else replace(who, id=known)), datetime.fromtimestamp(ends_at, UTC)

        return await self._door.remembered(digest(token), find)


def _issuer(token: str) -> str:
    """As the token says itself: its signature is looked at with the keys of whom it names."""
    body = token.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, RecursionError):
        claims = None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else ""
