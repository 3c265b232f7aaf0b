"""What each role may do. Nothing that is not written here is allowed to anybody."""

from collections.abc import Collection
from typing import Literal, get_args

from assay.errors import NotAllowed
from assay.work.principal import Principal

Role = Literal["viewer", "editor", "operator", "steward", "admin"]
Verb = Literal["see", "edit", "decide", "settle", "manage"]
Need = Literal["open", Verb]
"""What an endpoint needs; `open` needs nobody to be signed in."""

ROLES: dict[Role, frozenset[Verb]] = {
    "viewer": frozenset({"see"}),
    "editor": frozenset({"see", "edit"}),
    "operator": frozenset({"see", "decide"}),
    "steward": frozenset({"see", "settle"}),
    "admin": frozenset(get_args(Verb)),
}
"""A person may have several; what one allows no other takes away."""
ALL: frozenset[str] = frozenset(get_args(Role))


def may(who: Principal, need: Need) -> bool:
    if need == "open":
        return True
    is_kept_back = who.needs is not None and need not in who.needs
    return not is_kept_back and any(need in allowed for role, allowed in ROLES.items() if role in who.roles)


def expect(who: Principal, need: Need) -> None:
    """Raises NotAllowed with the role that is missing."""
    if who.needs is not None and need not in who.needs:
        raise NotAllowed(f"{who.name} is limited to: {', '.join(sorted(who.needs))}.", mend="make another key for this")
    if not may(who, need):
        least = next(role for role, allowed in ROLES.items() if need in allowed)
        held = ", ".join(role for role in ROLES if role in who.roles) or "no role"
        raise NotAllowed(f"This needs the role {least}; {who.name} has {held}.", mend="ask an admin for it")


def expect_anything(who: Principal) -> None:
    """Raises NotAllowed where somebody may do nothing at all."""
    if who.needs is None or "see" in who.needs or not any(may(who, need) for need in get_args(Verb)):
        expect(who, "see")


def within(roles: Collection[str], others: Collection[str]) -> frozenset[str]:
    """Those of the roles that allow nothing beyond what the others allow together."""
    allowed = {need for role, needs in ROLES.items() if role in others for need in needs}
    return frozenset(role for role, needs in ROLES.items() if role in roles and needs <= allowed)
