"""A process that checks alerts and sends messages as `assay up` does, with a clock that runs a hundred times as fast.

Leases that last minutes are over in seconds then. It is killed by the test that starts it.
"""

import asyncio
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from assay.alerts.channels import Post
from assay.backends.registry import Surroundings
from assay.live.running import start_running
from assay.signing.ring import Ring
from assay.store.database import Database

SPEED = 100


def now(begun: float, anchor: datetime) -> datetime:
    return anchor + timedelta(seconds=(time.time() - begun) * SPEED)


async def main() -> None:
    url, reader, root, home, hook, secret, begun, anchor = sys.argv[1:]
    at, began = datetime.fromisoformat(anchor), float(begun)
    around = Surroundings(url, reader, Path(home))
    running = await start_running(Path(root), Database(url), around, Ring(["key-of-the-tests"]), lambda: now(began, at))
    running.outbox.post = Post({"OPS": hook, "OPS_SECRET": secret})
    print("ready", flush=True)
    await asyncio.gather(running.notifications.listen(), running.checks.go_on(), running.outbox.go_on())


asyncio.run(main())
