"""The version of a file: a digest of what is in it, so that equal files agree on every machine.

It is taken again, off the event loop, whenever the file's inode, size or time has moved. A file that is too large for that
has a version of this machine's own, which fits no other file anywhere.
"""

import asyncio
import functools
import hashlib
import uuid
from collections import OrderedDict
from functools import cache
from pathlib import Path

from assay.store.epoch import Epoch
from assay.work.files import FileIdentity, identity_of, open_file
from assay.work.patience import Aside, in_time

MOST_BYTES = 2_000_000_000
_KEPT = 8
_PIECE = 1 << 20
_READ_SECONDS = 25.0
"""A whole file is read in that time, or the disk is taken for one that does not answer."""


class FileVersions:
    def __init__(self, path: Path, epoch: Epoch | None = None, most_bytes: int = MOST_BYTES) -> None:
        self._path = path
        self._epoch = epoch or Epoch()
        self._most_bytes = most_bytes
        self._known: OrderedDict[FileIdentity, str] = OrderedDict()
        self._reading = asyncio.Lock()
        self._aside = Aside()
        self._under_way: dict[FileIdentity, asyncio.Task[str]] = {}

    def known(self, identity: FileIdentity) -> str | None:
        """Without reading; None where it would have to be read."""
        return self._own(identity) if identity[2] > self._most_bytes else self._known.get(identity)

    async def of(self, identity: FileIdentity) -> str:
        """Of the file with that identity; where another lies there by now, a version that nothing else has.

        Raises TimeoutError where reading it takes too long: it goes on beside, and what it finds is known then. Whoever
        asks meanwhile waits for the same reading, which goes on when the first asker leaves.
        """
        if found := self.known(identity):
            return found
        loop = asyncio.get_running_loop()
        if any(each.get_loop() is not loop for each in self._under_way.values()):
            # Of a loop that is over: nothing of it comes to an end here.
            self._under_way, self._reading, self._aside = {}, asyncio.Lock(), Aside()
        reading = self._under_way.get(identity)
        if reading is None:
            reading = self._under_way[identity] = loop.create_task(self._in_turn(identity))
            reading.add_done_callback(functools.partial(self._ended, identity))
        return await asyncio.shield(reading)

    def _ended(self, identity: FileIdentity, reading: "asyncio.Task[str]") -> None:
        if self._under_way.get(identity) is reading:
            del self._under_way[identity]
        if not reading.cancelled():
            reading.exception()  # perhaps nobody waits for it any more

    async def _in_turn(self, identity: FileIdentity) -> str:
        async with self._reading:
            return await in_time(_READ_SECONDS, self._read, identity, aside=self._aside) or self._own(identity)

    def _read(self, identity: FileIdentity) -> str | None:
        """In a thread, one at a time."""
        digest = self._digest(identity)
        if digest is not None:
            self._known[identity] = digest
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return digest

    def _own(self, identity: FileIdentity) -> str:
        inode, modified, size = identity
        # A clock that was set back gives times again that were given before.
        return f"{_machine()}:{self._epoch.token}:{inode:x}-{modified:x}-{size:x}"

    def _digest(self, identity: FileIdentity) -> str | None:
        digest = hashlib.blake2b(digest_size=16)
        try:
            with open_file(self._path) as file:
                if identity_of(file.fileno()) != identity:
                    return None
                while piece := file.read(_PIECE):
                    digest.update(piece)
                return digest.hexdigest() if identity_of(file.fileno()) == identity else None
        except OSError:
            return None


@cache
def _machine() -> str:
    try:
        name = Path("/etc/machine-id").read_bytes()
    except OSError:
        name = uuid.getnode().to_bytes(6, "big")
    return hashlib.sha256(name).hexdigest()[:8]
