"""Takes a house's database away and brings it back, as a restart of the server would."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg


@asynccontextmanager
async def database_away(url: str) -> AsyncIterator[None]:
    """Nobody can connect to it, and whoever was connected is not any more."""
    name = urlsplit(url).path.strip("/")
    admin = await asyncpg.connect(url.rpartition("/")[0] + "/assay")
    try:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1 AND backend_type = $2",
            name, "client backend",
        )  # fmt: skip
        yield
    finally:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await admin.close()
