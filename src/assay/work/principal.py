"""A principal: who asks, as the door has made sure of it. What their roles allow stands in `assay.people.roles`."""

import getpass
from dataclasses import dataclass
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

    def signs(self, claimed: str) -> str:
        """The name under which something is decided. Only on loopback, where everybody is one, may a body bring one."""
        return claimed if self.kind == "local" else self.name


def local_name() -> str:
    """As the system calls whoever runs this process."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "this machine"
