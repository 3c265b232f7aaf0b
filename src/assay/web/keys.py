"""Keys of programs over HTTP: made, listed, revoked. The key itself is in one answer only, that of its making."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assay.errors import NotFound
from assay.people.roles import Role
from assay.store.access import StoredKey, add_key
from assay.store.access import list_keys as stored_keys
from assay.store.access import revoke_key as revoke
from assay.web.schemas import Moment
from assay.web.wiring import Me, Run

router = APIRouter(prefix="/v1/keys", tags=["people"])
_SHOWN = 12
"""Letters by which a key is told from others: six of its 43 random ones."""


class KeyIn(BaseModel):
    """`expires_days`: null for one that holds until it is revoked."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    role: Role
    expires_days: int | None = Field(default=90, ge=1, le=3_650)


class KeyOut(BaseModel):
    """`prefix`: how it begins."""

    key_id: str
    name: str
    prefix: str
    roles: list[str]
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
    stored = await add_key(
        running.database, f"key-{secrets.token_hex(6)}", given.name, secret, secret[:_SHOWN], [given.role], me, lasts
    )
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


def _told(stored: StoredKey) -> KeyOut:
    is_over = stored.expires_at is not None and stored.expires_at <= datetime.now(UTC)
    state = "revoked" if stored.revoked_at else "expired" if is_over else "holds"
    return KeyOut.model_validate({**stored._asdict(), "state": state})
