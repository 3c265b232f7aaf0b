"""Files that somebody else writes: told apart, and read only where they are files, so that no pipe is waited for."""

import errno
import os
import stat
from pathlib import Path

FileIdentity = tuple[int, int, int]
"""Inode, time of the last change in nanoseconds, size."""


def identity_of(file: str | os.PathLike[str] | int) -> FileIdentity:
    """Of what lies at a path, or of an open file by its descriptor. Raises OSError."""
    found = os.stat(file)
    return found.st_ino, found.st_mtime_ns, found.st_size


def read_file(path: Path) -> bytes:
    """Raises OSError, also for what is not a regular file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a file", str(path))
        return file.read()
