"""A folder is watched: what changes is told, and a watch that ends holds up nobody."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
import watchfiles

from assay.catalog.folder import is_watched
from assay.live import watching
from assay.live.watching import changes_in


async def _first_change(folder: Path, about_to: asyncio.Event) -> set[Path]:
    async with aclosing(changes_in(folder, is_watched)) as watch:
        async for changes in watch:
            about_to.set()
            if changes:
                return changes
    raise AssertionError("the watch ended by itself")


async def test_what_changes_is_told_and_what_nobody_watches_is_not(tmp_path: Path) -> None:
    begun = asyncio.Event()
    watching = asyncio.create_task(_first_change(tmp_path, begun))
    await begun.wait()
    (tmp_path / "notes.txt").write_text("not a definition")
    (tmp_path / "metric.yaml").write_text("metric: one")
    assert await watching == {tmp_path / "metric.yaml"}


async def test_where_the_system_gives_no_watch_whoever_looks_for_himself_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> Iterator[None]:
        raise RuntimeError("Too many open files (os error 24)")
        yield

    monkeypatch.setattr(watchfiles, "watch", refuse)
    monkeypatch.setattr(watching, "_YIELD_MS", 1)
    async with aclosing(changes_in(tmp_path, is_watched)) as watch:
        assert [await anext(watch) for _ in range(3)] == [set(), set(), set()]


def test_a_watch_outlives_the_work_that_began_it_and_still_ends_at_once(tmp_path: Path) -> None:
    """As a server does that is started by one call of a loop and closed by another."""

    async def begin() -> tuple[asyncio.Task[set[Path]], asyncio.Event]:
        begun = asyncio.Event()
        return asyncio.create_task(_first_change(tmp_path, begun)), begun

    async def end(watching: asyncio.Task[set[Path]]) -> None:
        watching.cancel()
        await asyncio.wait((watching,))
        assert watching.cancelled()

    with asyncio.Runner() as runner:
        watching, begun = runner.run(begin())
        runner.run(begun.wait())
        begun.clear()
        runner.run(begun.wait())  # it goes on where it began, though that work is over
        runner.run(end(watching))
