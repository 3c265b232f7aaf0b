"""Which policies hold in this process, and whether they are still the ones in force: looked at twice a second.

A process whose files are not those in force, or cannot be read, gives nobody anything. As long as there was never a policy
everybody who may ask sees all rows.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path

from assay.catalog.findings import Finding
from assay.catalog.workspace import Workspace
from assay.errors import NotAllowed, PolicyRefused, PolicyUnknown, StoreUnavailable
from assay.people.policies import Policies
from assay.people.policy_files import FOLDER, Providers, Texts, read_folder, read_policies
from assay.people.scope import EVERYTHING, Scope
from assay.store.database import Database
from assay.store.policies import Revision, policy_in_force, put_policy
from assay.work.files import FileIdentity, identity_of
from assay.work.patience import FILES_SECONDS, Aside, in_time
from assay.work.principal import Principal

_log = logging.getLogger(__name__)
_LOOK_SECONDS, _FRESH_SECONDS, _STILL_SECONDS = 0.5, 1.5, 0.3
Seen = tuple[tuple[str, FileIdentity | None], ...]


class Access:
    def __init__(
        self, root: Path, database: Database, workspace: Callable[[], Workspace], changed: Callable[[], None]
    ) -> None:
        """`changed` is called when it stands otherwise than before."""
        self._changed = changed
        self._root = root
        self._database = database
        self._workspace = workspace
        self.providers: Providers | None = None
        """Of the file of who vouches for people, which is read once; None where there is none."""
        self.in_force = Revision(0, "")
        self.texts = Texts({}, ())
        self.findings: list[Finding] = []
        self.policies: Policies | None = None
        self._known = False
        """Whether it was looked at all."""
        self._taken: tuple[object, ...] = ()
        """What the policies at hand were made from."""
        self._looked_at: float | None = None
        self._moves = 0
        self._looking = asyncio.Lock()
        self._aside = Aside()

    @property
    def is_open(self) -> bool:
        """Whether there was never a policy: then everybody who may ask sees all rows."""
        return self._known and self.policies is None and not self.findings and self.in_force.number == 0

    def told(self) -> str:
        """How it stands, in a sentence."""
        if self.is_open:
            return "No policy was ever in force: everybody who is signed in sees all rows."
        if self.policies is None:
            why = f": {self.findings[0]}" if self.findings else ""
            return f"Nobody is given any row{why}."
        return f"Revision {self.in_force.number} of the policies in {FOLDER}/ is in force."

    # -- who sees what --------------------------------------------------------------------------

    async def scope(self, who: Principal | None) -> Scope:
        """Of whoever asks. Raises PolicyUnknown or StoreUnavailable where nobody is given anything just now."""
        await self._look_unless_fresh()
        if self.is_open:
            return EVERYTHING if who is None else EVERYTHING.limited(who)
        if self.policies is None:
            raise PolicyUnknown(self.told(), mend="an admin can mend the files, or confirm them: assay access confirm")
        if who is None:
            raise NotAllowed("Nobody is known to ask.", mend="sign in")
        return self.policies.scope_of(who).limited(who)

    async def may_push(self) -> bool:
        """Whether what is heard here may be passed on."""
        try:
            await self._look_unless_fresh()
        except (StoreUnavailable, PolicyUnknown):
            return False
        return self.is_open or self.policies is not None

    # -- keeping up -----------------------------------------------------------------------------

    def moved(self) -> None:
        """The store says that somebody may do less, or that other policies are in force."""
        self._looked_at = None
        self._moves += 1

    async def watch(self) -> None:
        told = self.told()
        while True:
            with contextlib.suppress(StoreUnavailable, PolicyUnknown):
                await self.look()
            if self.told() != told:
                told = self.told()
                self._changed()
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """At the files and at the store. Raises StoreUnavailable or PolicyUnknown where that has to be and cannot."""
        async with self._looking:
            await self._look_now()

    async def _look_unless_fresh(self) -> None:
        """Of all who wait for it one looks."""
        if self.is_open or self._is_fresh():
            return
        async with self._looking:
            if not self._is_fresh():
                await self._look_now()

    async def _look_now(self) -> None:
        asked_at, moves = time.monotonic(), self._moves
        try:
            seen = await in_time(FILES_SECONDS, _seen, self._root, aside=self._aside)
        except TimeoutError:
            self._deny(Finding(f"{FOLDER}/", None, "cannot be read: its disk does not answer", "see that it is mounted"))
            raise PolicyUnknown(self.told()) from None
        if seen and self.is_open:
            self._deny(Finding(f"{FOLDER}/", None, "is being taken over", "wait a moment"))
        try:
            self.in_force = await policy_in_force(self._database) or self.in_force
        except StoreUnavailable:
            # Where there is neither a folder nor a policy that was ever in force, the store has nothing to say.
            if self.in_force.number or seen or not self._known:
                raise
        if (seen, self.in_force, self._workspace()) != self._taken:
            await self._take(seen)
        if moves == self._moves:
            self._looked_at = asked_at

    async def _take(self, seen: Seen) -> None:
        while True:
            await asyncio.sleep(_STILL_SECONDS if self._known else 0)
            again = await in_time(FILES_SECONDS, _seen, self._root, aside=self._aside)
            if again == seen:
                break
            seen = again
        workspace = self._workspace()
        texts = await in_time(FILES_SECONDS, read_folder, self._root, aside=self._aside)
        policies, findings = None, list(texts.troubles)
        if texts.files and not findings:
            policies, findings = await asyncio.to_thread(read_policies, texts, workspace, self.providers)
        if policies is not None:
            self.in_force = await put_policy(self._database, texts.digest, texts.files)
            if self.in_force.digest != texts.digest:
                policies, findings = None, [_older(self.in_force)]
        elif not texts.files and not findings and self.in_force.number:
            findings = [Finding(f"{FOLDER}/", None, "is missing, and policies were in force", _BACK)]
        self.policies = policies and policies.numbered(self.in_force.number)
        self.texts, self.findings, self._known = texts, findings, True
        self._taken = (seen, self.in_force, workspace)
        _log.info("access: %s", self.told())

    def _deny(self, finding: Finding) -> None:
        self.policies, self.findings, self._taken, self._looked_at = None, [finding], (), None

    def _is_fresh(self) -> bool:
        return self._looked_at is not None and time.monotonic() - self._looked_at < _FRESH_SECONDS

    async def confirm(self) -> Revision:
        """The files as they lie here, put in force though they were before. Raises PolicyRefused where they cannot be."""
        texts = await in_time(FILES_SECONDS, read_folder, self._root)
        policies, findings = await asyncio.to_thread(read_policies, texts, self._workspace(), self.providers)
        if policies is None or not texts.files:
            why = f": {findings[0]}" if findings else f": {FOLDER}/ holds no file"
            raise PolicyRefused(f"These policies cannot be put in force{why}.")
        found = await put_policy(self._database, texts.digest, texts.files, is_confirmed=True)
        self.moved()
        await self.look()
        return found


_BACK = "put its files back; for everybody to see all rows, a policy has to say so (docs/access.md)"


def _older(in_force: Revision) -> Finding:
    return Finding(f"{FOLDER}/", None, f"holds an older text than revision {in_force.number}, which is in force",
                   "take over the newer files here; or an admin confirms the older ones: assay access confirm")  # fmt: skip


def _seen(root: Path) -> Seen:
    """What lies there, told apart without reading it. What cannot be told apart is read, and refused there."""
    folder = root / FOLDER
    try:
        paths = sorted(folder.iterdir())
    except FileNotFoundError:
        return ((str(folder), None),) if folder.is_symlink() else ()
    except OSError:
        return ((str(folder), None),)
    return tuple((each.name, _identity(each)) for each in paths)


def _identity(path: Path) -> FileIdentity | None:
    try:
        return identity_of(path)
    except OSError:
        return None
