"""A process that checks alerts, makes reports and sends both as `assay up` does, with a clock that runs many times as fast.

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


async def main() -> None:
    url, reader, root, home, hook, secret, smtp, begun, anchor, speed = sys.argv[1:]
    at, began, times = datetime.fromisoformat(anchor), float(begun), int(speed)

    def now() -> datetime:
        return at + timedelta(seconds=(time.time() - began) * times)

    around = Surroundings(url, reader, Path(home))
    running = await start_running(Path(root), Database(url), around, Ring(["key-of-the-tests"]), now)
    running.outbox.post = Post({"OPS": hook, "OPS_SECRET": secret}, smtp or None, "assay@example.com")
    print("ready", flush=True)
    await asyncio.gather(
        running.notifications.listen(), running.checks.go_on(), running.rounds.go_on(), running.outbox.go_on()
    )


asyncio.run(main())
