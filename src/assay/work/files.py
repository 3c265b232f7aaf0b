"""Reading a file that somebody else wrote: only what is one, so that no pipe or device is waited for."""

import errno
import os
import stat
from pathlib import Path


def read_file(path: Path) -> bytes:
    """Raises OSError, also for what is not a regular file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a file", str(path))
        return file.read()
