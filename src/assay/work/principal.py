"""A principal: who asks, as the door has made sure of it. What their roles allow stands in `assay.people.roles`."""

import getpass
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["local", "token", "key", "person"]
"""`local`: whoever sits at this machine, where nobody signs in. `token`: whoever bears ASSAY_TOKEN."""


@dataclass(frozen=True, slots=True)
class Principal:
    """`id` never changes and is never given to another; `name` is what decisions and the audit log show beside it."""

    id: str
    name: str
    kind: Kind
    roles: frozenset[str]
    email: str | None = None
    """An address that counts: a provider that is listed for its domain has verified it, or an admin has invited it."""
    groups: frozenset[str] = frozenset()
    """Each with whoever says so: a provider (`oidc:corp/finance`), or an admin (`people:finance`)."""
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """What else is said of them, by name: by a provider, where the file of providers asks for it, or by an admin."""

    seen_as: frozenset[str] | None = None
    """Of a key: the roles of whoever made it, by which policies say what is seen. Its own say what it may do."""
    needs: frozenset[str] | None = None
    """Of a key that may do no more than these of what its role allows."""
    metrics: tuple[str, ...] | None = None
    """Patterns; of a key that may ask for these alone."""
    maker: str | None = None
    """Of a key: the id of the person who made it."""

    @property
    def person_behind(self) -> str | None:
        """Whose doing it is, by the id of a person: of a key, whoever made it. None where nobody is known by name."""
        return self.id if self.kind == "person" else self.maker

    def signs(self, claimed: str) -> str:
        """The name under which something is decided. Only on loopback, where everybody is one, may a body bring one."""
        return claimed if self.kind == "local" else self.name


def named_person(person_id: str, name: str) -> Principal:
    """As the audit log names somebody; what they may do is asked of their row."""
    return Principal(person_id, name, "person", frozenset())


def new_person_id() -> str:
    return f"person-{secrets.token_hex(6)}"


def local_name() -> str:
    """As the system calls whoever runs this process."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "this machine"
