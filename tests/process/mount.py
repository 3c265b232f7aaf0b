"""A folder seen through a file system of this program's own, read-only: while the program is stopped, the mount stalls.

    python -m tests.process.mount FOLDER MOUNTED

As a network mount does whose server is gone: whoever looks at a file waits, until the program goes on or ends. Linux, root.
Its requests and replies are those of `include/uapi/linux/fuse.h`, 7.31.
"""

import contextlib
import ctypes
import errno
import os
import signal
import stat
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_HEAD, _REPLY = struct.Struct("<IIQQIIIHH"), struct.Struct("<IiQ")
_ATTR = struct.Struct("<QQQQQQIIIIIIIIII")
_LOOKUP, _FORGET, _GETATTR, _READLINK, _OPEN, _READ, _STATFS, _RELEASE = 1, 2, 3, 5, 14, 15, 17, 18
_FLUSH, _INIT, _OPENDIR, _READDIR, _RELEASEDIR, _ACCESS, _INTERRUPT, _FORGETS = 25, 26, 27, 28, 29, 34, 36, 42
_UNANSWERED = (_FORGET, _FORGETS, _INTERRUPT)
_MOST_READ = 1 << 17


class Mounted:
    def __init__(self, folder: Path) -> None:
        self._paths = {1: folder}
        self._numbers = {folder: 1}
        self._replies: dict[int, Callable[[Path, bytes], bytes]] = {
            _INIT: self._init,
            _LOOKUP: self._lookup,
            _GETATTR: lambda path, _: struct.pack("<QII", 0, 0, 0) + self._attributes(path),
            _READLINK: lambda path, _: os.fsencode(os.readlink(path)),
            _OPEN: lambda path, _: struct.pack("<QII", 0, 0, 0),
            _OPENDIR: lambda path, _: struct.pack("<QII", 0, 0, 0),
            _READ: self._read,
            _READDIR: self._list,
            _STATFS: lambda path, _: self._room(path),
            **{each: lambda path, _: b"" for each in (_RELEASE, _FLUSH, _RELEASEDIR, _ACCESS)},
        }

    def serve(self, device: int) -> None:
        while True:
            try:
                request = os.read(device, _MOST_READ + 4_096)
            except OSError as error:
                if error.errno == errno.ENODEV:  # unmounted
                    return
                if error.errno in (errno.EINTR, errno.ENOENT):
                    continue
                raise
            _, code, unique, number, *_ = _HEAD.unpack_from(request)
            if code in _UNANSWERED:
                continue
            try:
                reply = self._replies.get(code)
                body = reply(self._paths[number or 1], request[_HEAD.size :]) if reply else None
                fault = 0 if body is not None else -errno.ENOSYS
            except OSError as error:
                body, fault = b"", -(error.errno or errno.EIO)
            body = body or b""
            with contextlib.suppress(FileNotFoundError):  # who asked has been ended meanwhile
                os.write(device, _REPLY.pack(_REPLY.size + len(body), fault, unique) + body)

    def _init(self, path: Path, body: bytes) -> bytes:
        return struct.pack("<IIIIHHIIHH8I", 7, 31, 0, 0, 12, 9, 4_096, 1, 32, 0, *[0] * 8)

    def _number(self, path: Path) -> int:
        number = self._numbers.setdefault(path, len(self._numbers) + 1)
        self._paths[number] = path
        return number

    def _attributes(self, path: Path) -> bytes:
        found = os.lstat(path)
        times = (found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns)
        return _ATTR.pack(
            found.st_ino, found.st_size, found.st_blocks, *(each // 10**9 for each in times),
            *(each % 10**9 for each in times), found.st_mode, found.st_nlink, found.st_uid, found.st_gid, 0, 4_096, 0,
        )  # fmt: skip

    def _lookup(self, path: Path, body: bytes) -> bytes:
        found = path / os.fsdecode(body.partition(b"\0")[0])
        attributes = self._attributes(found)
        # Nothing of it is kept by the kernel: each look is asked here.
        return struct.pack("<QQQQII", self._number(found), 0, 0, 0, 0, 0) + attributes

    def _read(self, path: Path, body: bytes) -> bytes:
        _, offset, size = struct.unpack_from("<QQI", body)
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def _list(self, path: Path, body: bytes) -> bytes:
        _, offset, size = struct.unpack_from("<QQI", body)
        listed = b""
        for place, name in enumerate(sorted(os.listdir(path))[offset:], offset + 1):
            found, raw = os.lstat(path / name), os.fsencode(name)
            entry = struct.pack("<QQII", found.st_ino, place, len(raw), stat.S_IFMT(found.st_mode) >> 12) + raw
            entry += b"\0" * (-len(entry) % 8)
            if len(listed) + len(entry) > size:
                break
            listed += entry
        return listed

    def _room(self, path: Path) -> bytes:
        found = os.statvfs(path)
        room = found.f_blocks, found.f_bfree, found.f_bavail, found.f_files, found.f_ffree
        return struct.pack("<5Q10I", *room, found.f_bsize, 255, found.f_frsize, *[0] * 7)


def main(folder: Path, mounted: Path) -> None:
    device = os.open("/dev/fuse", os.O_RDWR)
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"fd={device},rootmode=40755,user_id=0,group_id=0,allow_other".encode()
    if libc.mount(b"tests", os.fsencode(mounted), b"fuse", 1, options):  # 1: read-only
        sys.exit(os.strerror(ctypes.get_errno()))
    print("mounted", flush=True)
    Mounted(folder).serve(device)


class Mount:
    """`folder` seen at `place`."""

    def __init__(self, folder: Path, place: Path) -> None:
        self.place = place
        place.mkdir()
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.process.mount", str(folder), str(place)], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert self._program.stdout
        self.is_there = self._program.stdout.readline() == b"mounted\n"

    def stall(self) -> None:
        self._program.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._program.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Whoever waits for it is let go with an error."""
        if self.is_there:
            subprocess.run(["umount", "--lazy", "--force", str(self.place)], check=False, capture_output=True)
        self._program.kill()
        self._program.wait()
        assert self._program.stdout
        self._program.stdout.close()


@contextlib.contextmanager
def mounted(folder: Path, place: Path) -> Iterator[Mount]:
    mount = Mount(folder, place)
    try:
        if not mount.is_there:
            pytest.skip("nothing can be mounted here")
        yield mount
    finally:
        mount.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
