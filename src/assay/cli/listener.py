"""The listener of the server. A certificate that was renewed is served by another, which takes over from the one before:
no connection is refused, and none that is open is cut off.
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable

from granian.server.embed import Server

from assay.errors import SetupFailed
from assay.settings import Settings, check_tls
from assay.work.files import FileIdentity, identity_of
from assay.work.patience import FILES_SECONDS, Aside, in_time

_LOOK_SECONDS = 5.0
_OVERLAP_SECONDS = 1.0
"""Until the new one listens for certain."""
_log = logging.getLogger(__name__)


class Listener:
    def __init__(self, make: Callable[[], Server], settings: Settings) -> None:
        self._make = make
        self._settings = settings
        self._server = make()
        self._before: set[asyncio.Task[None]] = set()
        """Those that end with their last connection."""

    async def serve(self) -> None:
        """Until it is stopped, or ends by itself."""
        serving = asyncio.create_task(self._server.serve())
        looking = asyncio.create_task(self._look()) if self._settings.tls_cert else None
        while True:
            await asyncio.wait([serving, *([looking] if looking else [])], return_when=asyncio.FIRST_COMPLETED)
            if serving.done() or looking is None:
                break
            fresh = looking.result()
            begun = asyncio.create_task(fresh.serve())
            await asyncio.sleep(_OVERLAP_SECONDS)
            self._leave(serving)
            self._server, serving, looking = fresh, begun, asyncio.create_task(self._look())
            _log.info("the renewed certificate %s was taken", self._settings.tls_cert)
        if looking:
            looking.cancel()
        with contextlib.suppress(TimeoutError):
            await serving
        await asyncio.gather(*self._before, return_exceptions=True)

    def stop(self) -> None:
        self._server.stop()

    def _leave(self, serving: "asyncio.Task[None]") -> None:
        """It takes nobody in any more; who is connected stays until they go."""
        self._server.workers_kill_timeout = None
        self._server.stop()
        self._before.add(serving)
        serving.add_done_callback(self._before.discard)

    async def _look(self) -> Server:
        """A server with the certificate and the key as they are now, once they are others and belong to each other."""
        aside, refused = Aside(), None
        known = await self._marks(aside)
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            found = await self._marks(aside)
            if found is None or found in (known, refused):
                continue
            try:
                await in_time(FILES_SECONDS, check_tls, self._settings, aside=aside)
                return self._make()
            except TimeoutError:
                continue
            except (SetupFailed, ssl.SSLError, OSError, ValueError) as error:
                refused = found
                _log.warning("the certificate was changed and cannot be taken; the one before stays: %s", error)

    async def _marks(self, aside: Aside) -> list[FileIdentity] | None:
        """Of both files, whatever they are links to."""
        files = [each for each in (self._settings.tls_cert, self._settings.tls_key) if each]
        try:
            return await in_time(FILES_SECONDS, lambda: [identity_of(file) for file in files], aside=aside)
        except (OSError, TimeoutError):
            return None
