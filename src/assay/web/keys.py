"""Keys of programs over HTTP: made, listed, revoked. The key itself is in one answer only, that of its making."""

import secrets
from datetime import timedelta
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assay.errors import BadQuestion, NotAllowed, NotFound
from assay.people.roles import ROLES, Role, Verb
from assay.store.access import StoredKey, add_key
from assay.store.access import list_keys as stored_keys
from assay.store.access import revoke_key as revoke
from assay.web.room import Room
from assay.web.schemas import Moment
from assay.web.wiring import Me, Run
from assay.work.principal import Principal

router = Room("people", "/v1/keys")
_Pattern = Annotated[str, Field(pattern=r"^[a-z0-9_*]{1,63}$")]
_SHOWN = 12
"""Letters by which a key is told from others: six of its 43 random ones."""


class KeyIn(BaseModel):
    """`expires_days`: null for one that holds until it is revoked.

    `metrics`: names or patterns (`cost_*`) that it may ask for, and nothing else; null for all. `verbs`: what it may do of
    its role; null for all of that.
    """

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    role: Role
    expires_days: int | None = Field(default=90, ge=1, le=3_650)
    metrics: Annotated[list[_Pattern], Field(min_length=1, max_length=200)] | None = None
    verbs: Annotated[list[Verb], Field(min_length=1, max_length=len(get_args(Verb)))] | None = None


class KeyOut(BaseModel):
    """`prefix`: how it begins."""

    key_id: str
    name: str
    prefix: str
    roles: list[str]
    metrics: list[str] | None
    verbs: list[str] | None
    state: Literal["holds", "expired", "revoked"]
    created_by: str
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None
    revoked_at: Moment | None
    revoked_by: str | None


class KeyCreated(KeyOut):
    """`key` is shown this once: the server keeps a hash of it."""

    key: str


class KeysOut(BaseModel):
    keys: list[KeyOut]


@router.post("", status_code=201)
async def create_key(given: KeyIn, running: Run, me: Me) -> KeyCreated:
    secret = f"assay_{secrets.token_urlsafe(32)}"
    lasts = timedelta(days=given.expires_days) if given.expires_days else None
    metrics, needs = _limits(given, me)
    stored = await add_key(
        running.database, f"key-{secrets.token_hex(6)}", given.name, secret, secret[:_SHOWN], [given.role], me, lasts,
        metrics, needs,
    )  # fmt: skip
    return KeyCreated(**_told(stored).model_dump(), key=secret)


@router.get("")
async def list_keys(running: Run) -> KeysOut:
    """Newest first, those that hold no more too."""
    return KeysOut(keys=[_told(each) for each in await stored_keys(running.database)])


@router.delete("/{key_id}")
async def revoke_key(key_id: str, running: Run, me: Me) -> KeyOut:
    """It opens nothing any more, in any process."""
    gone = await revoke(running.database, key_id, me.name)
    if gone is None:
        raise NotFound(f"There is no key {key_id!r}.", mend="assay keys list shows their ids")
    return _told(gone)


def _limits(given: KeyIn, me: Principal) -> tuple[list[str] | None, list[str] | None]:
    """Metrics and needs. One that is limited to metrics asks and does nothing else; one that does not see asks for none."""
    beyond = [verb for verb in given.verbs or () if verb not in ROLES[given.role]]
    if beyond:
        raise BadQuestion(f"The role {given.role} does not allow: {', '.join(beyond)}.", field="verbs")
    if given.metrics is not None:
        if given.verbs not in (None, ["see"]):
            raise BadQuestion("A key that is limited to metrics asks for them and does nothing else.", field="verbs")
        return list(dict.fromkeys(given.metrics)), ["see"]
    if given.verbs is None and me.needs is None:
        return None, None
    # What a key makes may do no more than it does.
    needs = sorted(need for need in set(given.verbs or ROLES[given.role]) if me.needs is None or need in me.needs)
    if not needs:
        raise NotAllowed(f"{me.name} may do nothing of this itself.", mend="ask an admin for the key")
    return None if "see" in needs else [], needs


def _told(stored: StoredKey) -> KeyOut:
    return KeyOut.model_validate({**stored._asdict(), "verbs": stored.needs, "state": stored.state})
