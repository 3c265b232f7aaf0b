"""What the store says of an install: its name, and the public keys that have signed here."""

from assay.store.audit import Deed, audit
from assay.store.database import Connection, Database

_ADD = "INSERT INTO assay.signing_key (key_id, public_key) VALUES ($1, $2) ON CONFLICT DO NOTHING"


async def install_id(database: Database) -> str:
    """Of the install, whichever copy of its database this is."""
    return (await database.fetch("SELECT install_id FROM assay.install"))[0][0]


async def note_signing_key(database: Database, key_id: str, public_key: str) -> list[str]:
    """The ids of all keys that have signed here."""
    await database.execute_many(_ADD, [(key_id, public_key)])
    return [row[0] for row in await database.fetch("SELECT key_id FROM assay.signing_key")]


async def replace_signing_key(database: Database, before: str, key_id: str, public_key: str) -> None:
    """That another key signs from now on."""

    async def work(connection: Connection) -> None:
        await connection.execute(_ADD, key_id, public_key)
        await audit(connection, Deed("signing_key.rotated", key_id, before, public_key))

    await database.transact(work)
