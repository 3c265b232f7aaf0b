"""Files: told apart, read only where they are files, so that no pipe is waited for, and written whole or not at all."""

import errno
import os
import secrets
import shutil
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path

from assay.errors import SetupFailed, StandsInAFile

FileIdentity = tuple[int, int, int]
"""Inode, time of the last change in nanoseconds, size."""


_FULL = (errno.ENOSPC, errno.EDQUOT)


def mend_of(error: OSError, else_do: str) -> str:
    """What to do about a file that could not be written."""
    return "free some space there" if error.errno in _FULL else else_do


def identity_of(file: str | os.PathLike[str] | int) -> FileIdentity:
    """Of what lies at a path, or of an open file by its descriptor. Raises OSError."""
    found = os.stat(file)
    return found.st_ino, found.st_mtime_ns, found.st_size


def open_file(path: Path) -> BufferedReader:
    """For reading. Raises OSError, also for what is not a regular file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is not a file", str(path))
    return file


def read_file(path: Path) -> bytes:
    """Raises OSError, also for what is not a regular file."""
    with open_file(path) as file:
        return file.read()


def text_in(path: Path) -> str:
    """Empty where there is no such file. Raises StandsInAFile where it cannot be read."""
    try:
        return read_file(path).decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise StandsInAFile(f"{path.name} cannot be read.", mend="mend it as assay validate says") from error


def write_file(path: Path, text: str, mode: int | None = None) -> None:
    """At once: whoever reads sees the old file or the new one, also after a crash, and a full disk leaves the old one.

    `mode`: of a file that is new; one that is there keeps its own. Raises OSError.
    """
    with _beside(path, text) as fresh:
        if path.exists():
            shutil.copymode(path, fresh)
        elif mode is not None:
            fresh.chmod(mode)
        fresh.replace(path)


@contextmanager
def _beside(path: Path, text: str) -> Iterator[Path]:
    """A file of this text next to `path`, whole on the disk; gone at the end, unless it was moved."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_native_id()}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def kept_secret(path: Path, mend: str) -> str:
    """A random text made once and kept for the owner's eyes only. Raises OSError.

    Raises SetupFailed where the file is empty: whatever has emptied it, nothing may be signed or locked with nothing.
    """
    if not path.exists():
        # Of two processes that begin at once the first one's stays.
        with _beside(path, secrets.token_urlsafe(32)) as fresh, suppress(FileExistsError):
            path.hardlink_to(fresh)
    found = path.read_text().strip()
    if not found:
        raise SetupFailed(f"{path} is empty.", mend=mend)
    return found
