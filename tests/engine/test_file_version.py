"""The version of a file of DuckDB is what is in it: equal files agree everywhere, a file changed by anybody is another."""

import asyncio
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assay.engines.duckdb import file_version
from assay.engines.duckdb.driver import DuckDBBackend
from assay.engines.duckdb.file_version import FileVersions
from assay.store.epoch import Epoch
from assay.work.files import identity_of


def _file(path: Path, value: int) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT ?::INTEGER AS x", [value])
    return path


async def _version(path: Path) -> str:
    backend = DuckDBBackend("lake", path)
    try:
        found = await backend.data_version(())
        known = backend.known_version(())
        assert known is not None
        assert known.text == found.text
        return found.text
    finally:
        await backend.close()


async def test_equal_files_agree_and_a_changed_one_is_another(tmp_path: Path) -> None:
    here = _file(tmp_path / "here.duckdb", 1)
    there = Path(shutil.copyfile(here, tmp_path / "there.duckdb"))
    first = await _version(here)
    assert await _version(there) == first
    os.utime(there, ns=(1, 1))
    assert await _version(there) == first, "another time, the same rows"

    # Written in place, of the same length and with its time put back: the inode is the same, the time of writing is not.
    before = here.stat()
    with duckdb.connect(str(here)) as connection:
        connection.execute("UPDATE t SET x = 2")
        connection.execute("CHECKPOINT")
    os.utime(here, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    second = await _version(here)
    assert second != first
    # A restore of the old file is the old version again: those rows were answered from it.
    shutil.copyfile(there, here)
    assert await _version(here) == first


async def test_a_version_is_not_known_until_it_was_read_and_never_that_of_a_file_that_went(tmp_path: Path) -> None:
    path = _file(tmp_path / "lake.duckdb", 1)
    versions = FileVersions(path)
    old = identity_of(path)
    assert versions.known(old) is None
    os.replace(_file(tmp_path / "new.duckdb", 2), path)
    gone = await versions.of(old)
    present = await versions.of(identity_of(path))
    assert gone != present
    assert versions.known(old) is None, "a file that went is read by nobody"
    assert versions.known(identity_of(path)) == present


async def test_whoever_leaves_while_it_is_read_leaves_the_reading_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = _file(tmp_path / "lake.duckdb", 1), (0, 0, 0)
    begun, goes_on, opened, plain = threading.Event(), threading.Event(), list[Path](), file_version.open_file

    def slow(file: Path) -> Any:
        opened.append(file)
        begun.set()
        goes_on.wait(60)
        return plain(file)

    monkeypatch.setattr(file_version, "open_file", slow)
    versions = FileVersions(path)
    first = asyncio.create_task(versions.of(identity_of(path)))
    assert await asyncio.to_thread(begun.wait, 60)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    second, third = asyncio.create_task(versions.of(identity_of(path))), asyncio.create_task(versions.of(other))
    await asyncio.sleep(0)
    assert not second.done()
    assert not third.done()
    goes_on.set()
    assert await second == versions.known(identity_of(path))
    await third
    assert len(opened) == 2, "the first reading was the second's, and the other file's came after it"


async def test_a_file_too_large_to_be_read_has_a_version_of_this_machine_and_epoch(tmp_path: Path) -> None:
    path = _file(tmp_path / "lake.duckdb", 1)
    identity = identity_of(path)
    read = await FileVersions(path).of(identity)
    epoch = Epoch(token="one")
    large = FileVersions(path, epoch, most_bytes=10)
    text = await large.of(identity)
    assert text == large.known(identity)
    assert read not in text
    epoch.token = "two"
    assert await large.of(identity) != text
