"""Who vouches for people, as a file names them (`ASSAY_IDENTITY`), and the roles that follow from groups and addresses.

What somebody may do is never stored: it follows from what was said of them and from the file as it is now.
"""

import os
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from assay.catalog.faults import faults_of
from assay.catalog.marked_yaml import BadYaml, read_yaml
from assay.errors import SetupFailed
from assay.people.roles import Role
from assay.settings import LOOPBACK
from assay.store.access import Vouched
from assay.work.networks import Network
from assay.work.principal import Principal

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_LEAST_SECRET = 16
_MOST_GROUPS, _MOST_LETTERS = 2_000, 254
_Text = Annotated[str, Field(min_length=1, max_length=500)]
_Header = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,99}$")]
_Secret = Annotated[str, Field(pattern=r"^\$\{[A-Z][A-Z0-9_]*\}$")]
"""The variable of the environment that holds it, and once the file is read what it holds."""
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]


def is_safe(address: str) -> bool:
    """https, or http on this machine."""
    url = urlsplit(address)
    return bool(url.hostname) and (url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK))


def _asked_safely(address: str) -> str:
    if not is_safe(address):
        raise ValueError("is not asked over https")
    return address


_Safe = Annotated[_Text, AfterValidator(_asked_safely)]


class _Vouches(BaseModel):
    """`domains`: those whose addresses it speaks for. `claims`: what else of somebody is kept, for policies to read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    domains: tuple[_Text, ...] = ()
    groups_claim: _Text = "groups"
    claims: tuple[_Text, ...] = ()

    def vouched(self, provider: str, subject: str, said: Mapping[str, Any]) -> Vouched:
        """What is kept of a token that was verified."""
        email, kept = said.get("email"), {name: _texts(said.get(name)) for name in self.claims}
        is_address = isinstance(email, str) and said.get("email_verified") is True and len(email) <= _MOST_LETTERS
        address = email.strip().lower() if is_address and isinstance(email, str) else ""
        return Vouched(
            provider, subject, address if _ADDRESS.fullmatch(address) else None, _texts(said.get(self.groups_claim)),
            {name: values for name, values in kept.items() if values},
        )  # fmt: skip


def _texts(said: Any) -> list[str]:
    values = said if isinstance(said, list) else [said]
    return [each for each in values if isinstance(each, str) and 0 < len(each) <= _MOST_LETTERS][:_MOST_GROUPS]


class Provider(_Vouches):
    """Of OpenID Connect."""

    issuer: _Safe
    client_id: _Text
    client_secret: _Secret | None = Field(default=None, repr=False)
    label: _Text | None = None
    scopes: tuple[_Text, ...] = ("openid", "email", "profile")
    session_hours: Annotated[float, Field(gt=0, le=168)] = 12

    @field_validator("scopes")
    @classmethod
    def _has_openid(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in value:
            raise ValueError("lacks openid")
        return value


class Token(BaseModel):
    """A signed token in a header; `keys`: where its keys are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    header: _Header
    keys: _Safe
    issuer: _Text
    audience: _Text


class Plain(BaseModel):
    """Headers as they are, believed because a secret that only the proxy knows comes with them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: _Header
    email: _Header | None = None
    groups: _Header | None = None
    secret_header: _Header
    secret: _Secret = Field(repr=False)


class Proxy(_Vouches):
    """A proxy that has people sign in before they come here, from these addresses."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    addresses: Annotated[tuple[Network, ...], Field(alias="from", min_length=1)]
    token: Token | None = None
    plain: Plain | None = None
    sign_out: Annotated[str, Field(pattern=r"^(https://|/[A-Za-z0-9_.-])\S{0,500}$")]
    """Where a browser signs out of it: an address, or a path of this server's that the proxy answers itself."""

    @cached_property
    def subject_header(self) -> str:
        """In lower case, as headers come."""
        named = self.token.header if self.token else self.plain.user if self.plain else ""
        return named.lower()

    @cached_property
    def headers(self) -> frozenset[str]:
        plain = self.plain and (self.plain.email, self.plain.groups, self.plain.secret_header)
        return frozenset([self.subject_header, *(each.lower() for each in plain or () if each)])

    @field_validator("addresses", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        return tuple(ip_network(each) for each in value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _has_one_way(self) -> "Proxy":
        if (self.token is None) == (self.plain is None):
            raise ValueError("has to say either token or plain")
        return self


class Identity(BaseModel):
    """`roles`: by role, groups (`oidc:NAME/GROUP`, `proxy:NAME/GROUP`) and patterns of addresses (`*@example.com`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    oidc: dict[_Name, Provider] = {}
    proxy: dict[_Name, Proxy] = {}
    roles: dict[Role, tuple[_Text, ...]]

    @property
    def domains(self) -> dict[str, tuple[str, ...]]:
        """By the name that groups have before their slash."""
        return {f"{kind}:{name}": each.domains for kind, named in (("oidc", self.oidc), ("proxy", self.proxy))
                for name, each in named.items()}  # fmt: skip

    def known(self, person_id: str, vouched: Vouched) -> Principal:
        """Somebody as they are let in now. A provider that is named no more vouches for nobody.

        Only an address that the provider speaks for is what they are called by.
        """
        kind, _, called = vouched.provider.partition(":")
        provider: _Vouches | None = {"oidc": self.oidc, "proxy": self.proxy}.get(kind, {}).get(called)
        name = f"{vouched.provider}/{vouched.subject}"
        if provider is None:
            return Principal(person_id, name, "person", frozenset())
        domain = (vouched.email or "").partition("@")[2]
        email = vouched.email if domain and domain in {each.lower() for each in provider.domains} else None
        groups = frozenset(f"{vouched.provider}/{each}" for each in vouched.groups)
        roles = frozenset[str](
            role for role, given in self.roles.items()
            if any(each in groups if _is_group(each) else email and fnmatchcase(email, each.lower()) for each in given)
        )  # fmt: skip
        claims = {each: tuple(values) for each, values in vouched.claims.items() if each in provider.claims}
        return Principal(person_id, email or name, "person", roles, email, groups, claims)


def _is_group(entry: str) -> bool:
    return entry.startswith(("oidc:", "proxy:"))


def read_identity(file: Path, environment: Mapping[str, str] = os.environ) -> Identity:
    """Raises SetupFailed with the file, its line and what is wrong there. Secrets come from the environment alone."""
    try:
        marked = read_yaml(file)
    except BadYaml as error:
        raise _broken(file, error.line, str(error), error.mend) from error
    try:
        found = Identity.model_validate(marked.data)
    except ValidationError as error:
        fault = faults_of(error.errors(), Identity)[0]
        raise _broken(file, marked.line(fault.place), fault.told_of("the file"), fault.mend) from error
    named = found.domains
    for role, entries in found.roles.items():
        for index, each in enumerate(entries):
            if not (each.partition("/")[0] in named and "/" in each if _is_group(each) else _ADDRESS.fullmatch(each)):
                raise _broken(
                    file, marked.line(("roles", role, index)), f"{each!r} is neither a group of a provider nor an address",
                    "write oidc:NAME/GROUP with a provider's name, or an address such as *@example.com",
                )  # fmt: skip

    def secret(place: tuple[str, ...], written: str) -> str:
        name = written[2:-1]
        value = environment.get(name, "")
        if len(value) < _LEAST_SECRET:
            why = f"has fewer than {_LEAST_SECRET} characters" if value else "is not set"
            raise _broken(file, marked.line(place), f"{name} {why}", f"export {name}=...")
        return value

    oidc = {
        name: each.model_copy(update={"client_secret": secret(("oidc", name, "client_secret"), each.client_secret)})
        if each.client_secret else each
        for name, each in found.oidc.items()
    }  # fmt: skip
    proxy = {
        name: each.model_copy(update={
            "plain": each.plain.model_copy(update={"secret": secret(("proxy", name, "plain", "secret"), each.plain.secret)})
        }) if each.plain else each
        for name, each in found.proxy.items()
    }  # fmt: skip
    return found.model_copy(update={"oidc": oidc, "proxy": proxy})


def _broken(file: Path, line: int | None, message: str, mend: str | None) -> SetupFailed:
    return SetupFailed(f"ASSAY_IDENTITY: {file}:{line or 1}: {message}.", mend=mend or "docs/security.md shows one")
