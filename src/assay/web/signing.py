"""The keys that receipts are signed with: the public ones for everybody, and a new one in place of the one that signs."""

import asyncio
import secrets
from typing import Literal

from pydantic import BaseModel

from assay.errors import AlreadyThere
from assay.signing.exported import keys_as_published
from assay.signing.ring import Ring
from assay.store.signing import replace_signing_key
from assay.web.room import Room
from assay.web.wiring import Run, Set
from assay.work.files import read_file, write_file
from assay.work.patience import with_files

router = Room("receipts")


class PublicKeyOut(BaseModel):
    """`key_id`: the first half of the key's SHA-256, in hexadecimal. `public_key`: its 32 bytes, in base64."""

    key_id: str
    algorithm: Literal["Ed25519"]
    public_key: str


class PublicKeysOut(BaseModel):
    """The first signs; the others have signed."""

    install: str
    keys: list[PublicKeyOut]


@router.get("/.well-known/assay-keys.json")
async def signing_keys(running: Run) -> PublicKeysOut:
    """What receipts of this install are checked with, by anybody and anywhere."""
    return PublicKeysOut.model_validate(keys_as_published(running.install, running.ring.public_keys))


@router.post("/v1/signing-keys", status_code=201)
async def rotate_signing_key(running: Run, settings: Set) -> PublicKeysOut:
    """Sign with a new key from now on. What the old ones have signed stays valid."""
    if settings.receipt_key is not None:
        raise AlreadyThere(
            "The keys of this server are those of ASSAY_RECEIPT_KEY.",
            mend="put a line with a new one before the others in it, for every process, and start them anew",
        )
    file = settings.secrets_file

    def rotated() -> list[str]:
        try:
            known = read_file(file).decode().splitlines()
        except FileNotFoundError as error:
            # Written anew without those of before, it would leave what they have signed to nobody.
            raise AlreadyThere(f"{file.name} of ASSAY_HOME is gone.", mend="put it back from a backup") from error
        fresh = [secrets.token_urlsafe(32), *known]
        write_file(file, "\n".join(fresh), 0o600)
        return fresh

    async with running.changing:
        before = running.ring.current
        fresh = await with_files("The keys that receipts are signed with", rotated)
        now = (await asyncio.to_thread(Ring, fresh)).current
        running.ring.take(fresh)
        await replace_signing_key(running.database, before.key_id, now.key_id, now.text)
    return await signing_keys(running)
