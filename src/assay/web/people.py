"""People over HTTP: invited, listed, given other roles, disabled, and given a new link. A link is in one answer only."""

import re
import secrets
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assay.errors import BadQuestion, NotFound
from assay.people.door import Door
from assay.people.roles import ROLES, Role
from assay.people.sign_in import normal_email
from assay.settings import Settings
from assay.store.people import (
    StoredPerson,
    find_people,
    invite,
    list_people,
    reset_password,
    set_disabled,
    set_roles,
    set_seen_by,
)
from assay.web.room import Room
from assay.web.schemas import Moment
from assay.web.wiring import Me, Opens, Run, Set
from assay.work.principal import new_person_id

router = Room("people", "/v1/people")
_EMAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"']+@[^\s@<>()\[\]\\,;:\"']+")
Roles = Annotated[list[Role], Field(min_length=1, max_length=len(ROLES))]


Group = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Claim = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
ClaimValue = Annotated[str, Field(min_length=1, max_length=254)]


class PersonIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=254)
    roles: Roles


class PersonChange(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    roles: Roles | None = None
    disabled: bool | None = None
    groups: list[Group] | None = Field(default=None, max_length=200)
    claims: dict[Claim, list[ClaimValue]] | None = Field(default=None, max_length=50)


class PersonOut(BaseModel):
    """`provider`: who vouches for them (`oidc:NAME`, `proxy:NAME`); null for those with a password of their own.

    `groups` and `claims`: what an admin gave for policies to read; of a provider's people it is the provider that says them.
    `has_factor`: signing in takes a code as well. `sessions`: how many hold just now.
    `state`: *invited* and *reset* wait until a password is chosen.
    """

    person_id: str
    email: str
    provider: str | None
    roles: list[str]
    groups: list[str]
    claims: dict[str, list[str]]
    state: Literal["invited", "joined", "reset", "disabled"]
    sessions: int
    has_factor: bool
    created_by: str
    created_at: Moment
    joined_at: Moment | None
    disabled_at: Moment | None
    disabled_by: str | None


class PersonInvited(PersonOut):
    """`link`: where the password is chosen, once; without ASSAY_PUBLIC_URL it begins with its path. Shown this once."""

    link: str


class PeopleOut(BaseModel):
    people: list[PersonOut]


@router.post("", status_code=201)
async def invite_person(given: PersonIn, running: Run, door: Opens, settings: Set, me: Me) -> PersonInvited:
    """Somebody who is to sign in with a password. The link holds for seven days."""
    email, secret = normal_email(given.email), secrets.token_urlsafe(32)
    if not _EMAIL.fullmatch(email):
        raise BadQuestion(f"{email!r} is not an email address.", mend="write it as in jane@example.com", field="email")
    person_id = new_person_id()
    stored = await invite(running.database, person_id, email, _ordered(given.roles), me.name, secret, door.copy)
    return PersonInvited(**_told(stored, door).model_dump(), link=_link(secret, settings))


@router.get("")
async def list_all_people(running: Run, door: Opens) -> PeopleOut:
    """By their address; disabled ones too."""
    return PeopleOut(people=[_told(each, door) for each in await list_people(running.database)])


@router.patch("/{person}")
async def change_person(person: str, given: PersonChange, running: Run, door: Opens, me: Me) -> PersonOut:
    """Other roles, from their next request on; or disabled: their sessions, links and keys end. `person`: id or address."""
    stored = await _known(person, running)
    if given.roles is not None:
        _expect_password_of(stored, "What they may do follows from groups and addresses")
        stored = await set_roles(running.database, stored.person_id, _ordered(given.roles))
    if given.groups is not None or given.claims is not None:
        _expect_password_of(stored, "What policies read of them is said there")
        groups = None if given.groups is None else sorted(set(given.groups))
        claims = given.claims and {name: values for name, values in given.claims.items() if values}
        stored = await set_seen_by(running.database, stored.person_id, groups, claims)
    if given.disabled is not None:
        stored = await set_disabled(running.database, stored.person_id, given.disabled, me.name)
    return _told(stored, door)


@router.post("/{person}/reset")
async def reset_person(person: str, running: Run, door: Opens, settings: Set) -> PersonInvited:
    """Their password and sessions end, and a link lets them choose another within a day."""
    stored = await _known(person, running)
    if stored.disabled_at is not None:
        raise BadQuestion(f"{stored.email} is disabled.", mend=f"assay people enable {stored.email}")
    _expect_password_of(stored, "They have no password here")
    secret = secrets.token_urlsafe(32)
    stored = await reset_password(running.database, stored.person_id, secret, door.copy)
    return PersonInvited(**_told(stored, door).model_dump(), link=_link(secret, settings))


async def _known(person: str, running: Run) -> StoredPerson:
    found = await find_people(running.database, normal_email(person))
    if not found:
        raise NotFound(f"Nobody is known as {person!r}.", mend="assay people list shows everybody")
    if len(found) > 1:
        ids = ", ".join(f"{each.person_id} ({_provider(each) or 'with a password'})" for each in found)
        raise BadQuestion(f"{person!r} is several people: {ids}.", mend="name the one by their id")
    return found[0]


def _expect_password_of(stored: StoredPerson, why_not: str) -> None:
    if stored.vouched is not None:
        raise BadQuestion(f"{stored.email} comes in by {_provider(stored)}. {why_not}.", mend="change it there")


def _provider(stored: StoredPerson) -> str | None:
    return stored.vouched and stored.vouched.provider


def _link(secret: str, settings: Settings) -> str:
    """Behind the #, where browsers keep it to themselves: it stands in no log and in no Referer."""
    return f"{settings.public_url or ''}/join#{secret}"


def _ordered(roles: list[Role]) -> list[str]:
    return [role for role in ROLES if role in roles]


def _told(stored: StoredPerson, door: Door) -> PersonOut:
    state = "disabled" if stored.disabled_at else "joined" if stored.has_password or stored.vouched else "invited"
    if state == "invited" and stored.joined_at:
        state = "reset"
    known = {name: value for name, value in stored._asdict().items() if name not in ("has_password", "vouched")}
    now = door.known(stored.person)
    roles = [role for role in ROLES if role in now.roles]
    return PersonOut.model_validate({**known, "provider": _provider(stored), "roles": roles, "state": state})
