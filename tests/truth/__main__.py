"""`make truth`: worlds and questions for as long as one asks (SECONDS=600), from SEED on. Exit code 1 where one is wrong."""

import asyncio
import itertools
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from assay.store.embedded import EmbeddedPostgres
from tests.truth.asking import held, questions, smallest
from tests.truth.stage import ENGINES, open_stage
from tests.truth.world import make_world

QUESTIONS_A_WORLD = 60


async def search(
    server: str, worlds: Iterable[int], *, until_one: bool = False, mariadb: str | None = None
) -> tuple[int, list[str]]:
    """How many questions were held against the reference, and what was wrong: at most one fault a world, the first of it.

    `until_one`: end at the first fault. `mariadb`: the address of one that is asked too.
    """
    count, wrong = 0, list[str]()
    engines = (*ENGINES, "mariadb") if mariadb else ENGINES
    for seed in worlds:
        world = make_world(seed)
        with tempfile.TemporaryDirectory(prefix="assay-truth-") as folder:
            async with open_stage(server, Path(folder), world, mariadb) as client:
                rng = random.Random(seed)
                for _, (metric, asked) in zip(range(QUESTIONS_A_WORLD), questions(world, rng), strict=False):
                    count += 1
                    if not await held(client, world, metric, asked, engines):
                        continue
                    least = await smallest(client, world, metric, asked, engines)
                    found = await held(client, world, metric, least, engines)
                    wrong.append(f"SEED={seed} {world.zone.key} now {world.now}\n{found}")
                    print(wrong[-1], flush=True)
                    break
        if wrong and until_one:
            break
    return count, wrong


def seeds(first: int, seconds: float) -> Iterator[int]:
    """One after the other, for so long."""
    until = time.monotonic() + seconds
    for seed in itertools.count(first):
        if time.monotonic() >= until:
            return
        yield seed


def main() -> int:
    seconds, first = float(os.environ.get("SECONDS", "60")), int(os.environ.get("SEED", str(int(time.time()))))
    with tempfile.TemporaryDirectory(prefix="assay-truth-") as home:
        Path(home).chmod(0o755)
        postgres = EmbeddedPostgres(Path(home))
        postgres.start()
        try:
            until_one = "UNTIL_ONE" in os.environ
            count, wrong = asyncio.run(search(postgres.url.rsplit("/", 1)[0], seeds(first, seconds), until_one=until_one))
        finally:
            postgres.stop()
    print(f"{count:,} questions from SEED={first} on, asked of each engine: {len(wrong)} worlds with a wrong answer")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
