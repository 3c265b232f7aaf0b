"""Files are written whole or not at all, and a secret is never empty: a disk may be full at any moment."""

import os
import resource
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from assay.errors import SetupFailed
from assay.work.files import kept_secret, read_file, write_file


@contextmanager
def a_full_disk() -> Iterator[None]:
    """Files may be made, and nothing can be written into them."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    write_file(file, "old", 0o640)
    with a_full_disk(), pytest.raises(OSError):
        write_file(file, "new", 0o600)
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("old", 0o640)
    write_file(file, "new", 0o600)
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o640)
    assert os.listdir(tmp_path) == ["routes.yaml"]


def test_a_secret_is_made_once_and_is_never_empty(tmp_path: Path) -> None:
    key = tmp_path / "receipt.key"
    with a_full_disk(), pytest.raises(OSError):
        kept_secret(key, "mend")
    assert not key.exists()
    made = kept_secret(key, "mend")
    assert (len(made) > 40, kept_secret(key, "mend"), key.stat().st_mode & 0o777) == (True, made, 0o600)
    key.write_text("\n")
    with pytest.raises(SetupFailed, match="is empty"):
        kept_secret(key, "put it back")


def test_what_is_not_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for each in (tmp_path / "pipe", tmp_path):
        with pytest.raises(OSError, match=r"it is not a file|Is a directory"):
            read_file(each)


def test_all_who_begin_at_once_have_the_first_ones_secret(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / f"{number}.key"
        with ThreadPoolExecutor(8) as several:
            found = set(several.map(lambda _, path=path: kept_secret(path, "mend"), range(8)))
        assert found == {path.read_text()}
        assert path.stat().st_mode & 0o777 == 0o600
    assert all(each.suffix == ".key" for each in tmp_path.iterdir())
