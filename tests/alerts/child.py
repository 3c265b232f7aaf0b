"""A process that checks alerts, makes reports and sends both as `assay up` does, with a clock that runs many times as fast.

Leases that last minutes are over in seconds then. It is killed by the test that starts it, or at a step that the test names:
all that it needs is imported once, and each line that it reads, a step or nothing, begins a life as a fork of it.
"""

import asyncio
import os
import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from assay.alerts import checks, outbox
from assay.alerts.channels import Post
from assay.answers.resolve import Corridor
from assay.backends.registry import Surroundings
from assay.live.running import start_running
from assay.signing.ring import Ring
from assay.store import alerts as store
from assay.store.database import Database

STEPS: dict[str, Any] = {
    "list_made": checks, "note_alerts": checks, "list_alerts": checks, "take_turn": checks, "states_of": checks,
    "looks_of": checks, "ask": Corridor, "finish_check": checks, "add_message": store, "take_message": outbox,
    "channel_of": checks.Checks, "send": Post, "end_message": outbox,
}  # fmt: skip
"""What a round consists of, in order, and where each is looked up. A message is added before its transaction ends."""
_PAUSE_SECONDS = 0.2


def die_at(step: str) -> None:
    """`step`: a name of STEPS, before or after, and the how manieth time; killed as by kill -9."""
    name, when, text = step.split()
    owner, left = STEPS[name], [int(text)]
    real = getattr(owner, name)

    async def stepped(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        is_last = left[0] == 0
        if is_last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = await real(*given, **named)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(owner, name, stepped)


async def live(step: str) -> None:
    url, reader, root, home, hook, secret, smtp, begun, anchor, speed = sys.argv[1:]
    at, began, times = datetime.fromisoformat(anchor), float(begun), int(speed)

    def now() -> datetime:
        return at + timedelta(seconds=(time.time() - began) * times)

    for module, name in ((checks, "_EACH_SECONDS"), (checks, "_MADE_SECONDS"), (outbox, "_LOOK_SECONDS")):
        setattr(module, name, _PAUSE_SECONDS)
    around = Surroundings(url, reader, Path(home))
    running = await start_running(Path(root), Database(url), around, Ring(["key-of-the-tests"]), now)
    running.outbox.post = Post({"OPS": hook, "OPS_SECRET": secret}, smtp or None, "assay@example.com")
    if step:
        die_at(step)
    print(f"ready {os.getpid()}", flush=True)
    await asyncio.gather(
        running.notifications.listen(), running.checks.go_on(), running.rounds.go_on(), running.outbox.go_on()
    )


def main() -> None:
    for line in iter(sys.stdin.readline, ""):
        life = os.fork()
        if life == 0:
            asyncio.run(live(line.strip()))
            os._exit(1)
        _, status = os.waitpid(life, 0)
        print(f"ended {os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}", flush=True)


if __name__ == "__main__":
    main()
