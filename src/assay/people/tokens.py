"""Signed tokens of whoever vouches for people: their keys, read anew as they are changed, and what a token proves."""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from assay.errors import AssayError
from assay.settings import LOOPBACK

T = TypeVar("T")
_ALGORITHMS = {
    "RSA": ("RS256", "PS256", "RS384", "PS384", "RS512", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA", "Ed25519"),
}  # fmt: skip
"""By kind of key, of which only the provider has the half that signs: no shared secrets, and never `none`."""
_KINDS: dict[str, Any] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_LONGEST_SUBJECT = 255
LEEWAY_SECONDS = 60
"""So far clocks may differ."""
_KEPT_SECONDS = 3_600.0
_COOLDOWN_SECONDS = 30.0
"""Between the readings that an unknown key id asks for: whoever invents ids does not make us ask."""
_FAILED_SECONDS = 5.0
_TIMEOUT_SECONDS = 10.0
_MOST_BYTES, _MOST_KEYS, _LONGEST_TOKEN = 500_000, 100, 50_000


class ProviderFailed(AssayError):
    """The provider of identity does not answer as it should."""

    status = 502
    kind = "provider_failed"


class NotProved(AssayError):
    """What was brought from the provider of identity does not prove who somebody is."""

    status = 401
    kind = "not_proved"


class Kept(Generic[T]):
    """What was read of a provider: for an hour, and anew where that is asked for, now and then."""

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._value: tuple[T, float] | None = None
        self._failure: tuple[ProviderFailed, float] | None = None
        self._forced_at = -_COOLDOWN_SECONDS
        self._reading = asyncio.Lock()

    async def get(self, *, anew: bool = False) -> T:
        """Raises ProviderFailed; the same again for some seconds, so that those who wait are not a queue."""
        before = self._value
        if before is not None and self._holds(before[1], anew):
            return before[0]
        async with self._reading:
            if self._value is not None and self._value is not before:
                return self._value[0]
            now = time.monotonic()
            if self._failure is not None and now - self._failure[1] < _FAILED_SECONDS:
                raise ProviderFailed(self._failure[0].detail, mend=self._failure[0].mend)
            if anew:
                self._forced_at = now
            try:
                found = await self._read()
            except ProviderFailed as error:
                self._failure = error, time.monotonic()
                raise
            self._value = found, time.monotonic()
            return found

    def _holds(self, read_at: float, anew: bool) -> bool:
        now = time.monotonic()
        return now - self._forced_at < _COOLDOWN_SECONDS if anew else now - read_at < _KEPT_SECONDS


class Signer:
    """Whoever signs tokens as `issuer`; `address` tells where its keys are, of the provider `whose`."""

    def __init__(self, issuer: str, address: Callable[[], Awaitable[str]], whose: str) -> None:
        self._issuer = issuer
        self._whose = whose
        self._address = address
        self._keys = Kept(self._read)

    async def claims(
        self, token: str, audience: str, *, typ: str | None = None, must_end: bool = True, for_resource: bool = False
    ) -> dict[str, Any]:
        """Of a token that was signed for `audience`, and holds now. Raises NotProved or ProviderFailed.

        `for_resource`: an access token, whose audience is a server and whose `azp` a program that may ask it.
        """
        header = _header(token)
        told = str(header.get("typ", "jwt")).lower().removeprefix("application/")
        if told not in (("jwt", "at+jwt") if for_resource else (typ or told,)):
            raise NotProved("This is not the kind of token that is expected.")
        algorithm = header.get("alg")
        kind = next((kind for kind, names in _ALGORITHMS.items() if algorithm in names), None)
        if kind is None:
            raise NotProved("The token is signed in a way that proves nothing.")
        key = _chosen(await self._keys.get(), header, kind) or _chosen(await self._keys.get(anew=True), header, kind)
        if key is None:
            raise NotProved("The token is signed with a key that its provider does not name.")
        try:
            claims = dict(jwt.decode(token, key, algorithms=[str(algorithm)]).claims)
            jwt.JWTClaimsRegistry(
                leeway=LEEWAY_SECONDS, iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": audience}, exp={"essential": must_end}, iat={"essential": True},
            ).validate(claims)  # fmt: skip
        except (JoseError, ValueError, TypeError) as error:
            raise NotProved(f"The token does not hold: {_why(error)}.") from error
        if for_resource:
            return claims
        others = claims["aud"] if isinstance(claims["aud"], list) else []
        if claims.get("azp", audience if len(others) < 2 else None) != audience:
            raise NotProved("The token is for somebody else.")
        return claims

    async def _read(self) -> list[Key]:
        status, told = await ask(self._whose, "GET", await self._address())
        given = told.get("keys")
        if status != 200 or not isinstance(given, list):
            raise ProviderFailed(f"The keys of {self._whose} cannot be read.", mend="try again in a moment")
        return [key for each in given[:_MOST_KEYS] if (key := _key(each)) is not None]


def _key(given: Any) -> Key | None:
    """None of one that signs nothing, or that only a shared secret is."""
    if not isinstance(given, dict) or given.get("use", "sig") != "sig" or given.get("kty") not in _KINDS:
        return None
    try:
        return _KINDS[given["kty"]].import_key({name: value for name, value in given.items() if name != "d"})
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _chosen(keys: list[Key], header: dict[str, Any], kind: str) -> Key | None:
    """By its id; the only one of its kind, where the token names none."""
    alike = [each for each in keys if each.key_type == kind]
    if "kid" in header:
        return next((each for each in alike if each.kid == header["kid"]), None)
    return alike[0] if len(alike) == 1 else None


def _header(token: str) -> dict[str, Any]:
    head = token.partition(".")[0]
    try:
        if len(token) > _LONGEST_TOKEN or token.count(".") != 2:
            raise ValueError
        found = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NotProved("The token cannot be read.")
    return found


def _why(error: Exception) -> str:
    return {
        "ExpiredTokenError": "it has run out", "BadSignatureError": "its signature is of somebody else",
        "InvalidTokenError": "it is not valid yet", "MissingClaimError": f"it lacks {getattr(error, 'claim', 'a claim')}",
        "InvalidClaimError": f"its {getattr(error, 'claim', 'claim')} is another",
    }.get(type(error).__name__, type(error).__name__)  # fmt: skip


async def ask(whose: str, method: str, address: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """Status and JSON object, an empty one where there is none. Never goes on elsewhere. Raises ProviderFailed."""
    expect_safe(whose, address)
    here = urlsplit(address).hostname in LOOPBACK
    try:
        async with (
            httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=False, trust_env=not here) as client,
            client.stream(method, address, **more) as response,
        ):
            body = b""
            async for part in response.aiter_bytes():
                body += part
                if len(body) > _MOST_BYTES:
                    raise ProviderFailed(f"The provider {whose} says too much.")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderFailed(f"The provider {whose} does not answer: {type(error).__name__}.",
                             mend="try again in a moment") from error  # fmt: skip
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    return response.status_code, found if isinstance(found, dict) else {}


def subject_of(claims: Mapping[str, Any], whose: str) -> str:
    """Who it is. Raises NotProved where `whose` token, or headers, do not say."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise NotProved(f"The {whose} does not say who it is.")
    return subject


def expect_safe(whose: str, address: Any) -> str:
    """An address that a provider names, for us or for a browser to go to. Raises ProviderFailed."""
    try:
        url = urlsplit(address) if isinstance(address, str) else urlsplit("")
        is_plain = url.scheme == "http" and url.hostname in LOOPBACK and urlsplit(whose).scheme != "https"
        is_right = bool(url.hostname) and (url.scheme == "https" or is_plain)
    except ValueError:
        is_right = False
    if not is_right:
        raise ProviderFailed(f"The provider {whose} names an address that is not asked over https.")
    return str(address)
