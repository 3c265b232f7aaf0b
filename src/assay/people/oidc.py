"""OpenID Connect with one provider: where to send a browser, what its answer proves, and which sessions a provider ends.

Authorization code with PKCE (RFC 7636), `iss` in the answer (RFC 9207), RP-initiated and back-channel logout.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from assay.people.providers import Provider
from assay.people.tokens import Kept, NotProved, ProviderFailed, Signer, ask, expect_safe, subject_of
from assay.store.access import Vouched

_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_MAY_BE = ("userinfo_endpoint", "end_session_endpoint")
_LONGEST_HINT = 4_000


class Start(NamedTuple):
    """Where the browser is sent, and what is kept until it comes back; it holds none of it but the state, in its address."""

    address: str
    state: str
    nonce: str
    verifier: str


class Proved(NamedTuple):
    """`session`: the provider's name for its own, if it has one. `token`: by which it is asked to end it."""

    vouched: Vouched
    session: str | None
    token: str | None


class Ended(NamedTuple):
    """Whose sessions the provider ends: one of them, or all of a subject. `once`: the token's own id."""

    subject: str | None
    session: str | None
    once: str


class Client:
    """Of one provider. `name`: as groups name it, such as `oidc:corp`; `redirect`: where it sends browsers back to."""

    def __init__(self, name: str, provider: Provider, redirect: str) -> None:
        self.name = name
        self.provider = provider
        self._redirect = redirect
        self._metadata = Kept(self._read)
        self._signer = Signer(provider.issuer, self._keys_at, provider.issuer)

    async def begin(self) -> Start:
        """Raises ProviderFailed."""
        metadata = await self._metadata.get()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        address = _asking(metadata["authorization_endpoint"], {
            "response_type": "code", "client_id": self.provider.client_id, "redirect_uri": self._redirect,
            "scope": " ".join(self.provider.scopes), "state": state, "nonce": nonce,
            "code_challenge": challenge, "code_challenge_method": "S256",
        })  # fmt: skip
        return Start(address, state, nonce, verifier)

    async def finish(self, code: str, issuer: str | None, nonce: str, verifier: str) -> Proved:
        """Who the code is of. Raises NotProved or ProviderFailed."""
        metadata = await self._metadata.get()
        must_say = metadata.get("authorization_response_iss_parameter_supported") is True
        if issuer != self.provider.issuer and (must_say or issuer is not None):
            raise NotProved("The answer is of another provider than the one that was asked.")
        told = await self._exchange(metadata, code, verifier)
        token = str(told.get("id_token", ""))
        claims = await self._signer.claims(token, self.provider.client_id)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(errors="replace"), nonce.encode()):
            raise NotProved("The answer belongs to another sign-in.")
        subject = subject_of(claims, "provider")
        wanted = ("email", self.provider.groups_claim, *self.provider.claims)
        if any(each not in claims for each in wanted):
            claims = _joined(claims, await self._asked_for(metadata, told, subject))
        session = claims.get("sid")
        return Proved(
            self.provider.vouched(self.name, subject, claims), session if isinstance(session, str) else None,
            token if len(token) <= _LONGEST_HINT else None,
        )  # fmt: skip

    async def bearer(self, token: str, resource: str) -> tuple[Vouched, int]:
        """Whom an access token for `resource` is of, and the second at which it ends. Raises NotProved or ProviderFailed."""
        claims = await self._signer.claims(token, resource, for_resource=True)
        return self.provider.vouched(self.name, subject_of(claims, "token"), claims), claims["exp"]

    async def ended(self, token: str) -> Ended:
        """Whose sessions a logout token ends. Raises NotProved or ProviderFailed."""
        claims = await self._signer.claims(token, self.provider.client_id, typ="logout+jwt", must_end=False)
        subject, session, once, events = (claims.get(name) for name in ("sub", "sid", "jti", "events"))
        whose = [each for each in (subject, session) if each is not None]
        is_event = isinstance(events, dict) and isinstance(events.get(_LOGOUT_EVENT), dict)
        names = [*whose, once]
        if not is_event or "nonce" in claims or not whose or not all(isinstance(each, str) and each for each in names):
            raise NotProved("This is not a logout token.")
        return Ended(subject, session, str(once))

    async def leave(self, token: str | None, back_to: str) -> str | None:
        """Where a browser signs out of the provider too; None where it has no such place. Raises ProviderFailed."""
        endpoint = (await self._metadata.get()).get("end_session_endpoint")
        if endpoint is None:
            return None
        hint = {"id_token_hint": token} if token else {}
        return _asking(endpoint, {"client_id": self.provider.client_id, "post_logout_redirect_uri": back_to, **hint})

    # -- what is asked of the provider ----------------------------------------------------------

    async def _exchange(self, metadata: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect, "code_verifier": verifier,
        }  # fmt: skip
        headers = {"accept": "application/json"}
        ways = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        name, secret = self.provider.client_id, self.provider.client_secret
        if secret is not None and "client_secret_basic" in ways:
            pair = f"{quote(name, safe='')}:{quote(secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": name} | ({"client_secret": secret} if secret is not None else {})
        status, told = await ask(self.provider.issuer, "POST", metadata["token_endpoint"], data=form, headers=headers)
        if status != 200:
            # invalid_grant: the code was used, has run out, or was not given for this sign-in.
            error = NotProved if told.get("error") == "invalid_grant" else ProviderFailed
            raise error(f"The provider refused to say who it is: {str(told.get('error', status))[:60]}.")
        return told

    async def _asked_for(self, metadata: dict[str, Any], told: dict[str, Any], subject: str) -> dict[str, Any]:
        """What the token did not say: groups and addresses are often told at a place of their own."""
        endpoint, token = metadata.get("userinfo_endpoint"), told.get("access_token")
        if endpoint is None or not isinstance(token, str):
            return {}
        status, found = await ask(self.provider.issuer, "GET", endpoint, headers={"authorization": f"Bearer {token}"})
        if status != 200:
            return {}
        if found.get("sub") != subject:
            raise NotProved("The provider tells of somebody else than its token.")
        return found

    async def _keys_at(self) -> str:
        return (await self._metadata.get())["jwks_uri"]

    async def _read(self) -> dict[str, Any]:
        issuer = self.provider.issuer
        status, metadata = await ask(issuer, "GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if status != 200 or metadata.get("issuer") != issuer:
            raise ProviderFailed(f"The provider {issuer} does not describe itself.", mend="check its issuer, to the letter")
        for name in (*_ENDPOINTS, *(each for each in _MAY_BE if each in metadata)):
            expect_safe(issuer, metadata.get(name))
        return metadata


def _asking(endpoint: str, parameters: dict[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(parameters)}"


def _joined(token: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """An address and whether it was verified are of one source: never the one's word on the other's."""
    address = token if "email" in token else more
    verified = {"email": address.get("email"), "email_verified": address.get("email_verified")}
    return {**more, **token, **verified}
