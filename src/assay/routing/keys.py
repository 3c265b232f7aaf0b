"""Whether the keys that a statement's joins rely on are unique, as it was last proved; and proving them anew.

A proof holds for a version of the data. When that has moved the last proof serves with its date while the key is
proved again beside serving; a key with duplicates, and one never proved, is waited for. Statements without joins rely on
no key and pass at once.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from assay.backends.protocol import Backend
from assay.catalog.dictionary import Dictionary
from assay.catalog.workspace import BackendSettings, Workspace
from assay.errors import AssayError, BackendTimeout, KeyNotProved, KeyNotUnique, StoreUnavailable
from assay.gate import Policy, SafeSql
from assay.gate.policy import Key
from assay.routing.uniqueness import counting_policy, faults_of, prove_key, seen_in, told_key
from assay.store.database import Database
from assay.store.keys import Uniqueness, find_key_proof, keep_key_proof
from assay.work.request import seconds_left

_log = logging.getLogger(__name__)
WAIT_SECONDS = 25.0
"""How long an asker waits at most for a key that was never proved."""
_LOOK_SECONDS = 5.0
_CLOCK_SECONDS = 600.0
"""Where the engine cannot tell whether the table moved, it is counted no more often than this."""
_AGAIN_SECONDS = 30.0
_TOO_LARGE_SECONDS = 900.0
_UNPROVED_MEND = "declare it as a primary key or unique in the database, or write  unproved_joins: say  in assay.yaml"
_AT_ONCE = 2
"""So many keys of a backend are counted at a time: they have no place among its questions."""
_SHARE = 20
"""Counting takes no more than one part in so many of the time."""


@dataclass(eq=False)
class _Known:
    """What this process knows of one key on one backend."""

    proof: Uniqueness | None = None
    is_read: bool = False
    """Whether the store was asked for what an earlier process had proved."""
    failure: str | None = None
    """Why the last attempt proved nothing."""
    task: "asyncio.Task[None] | None" = None
    not_before: float = 0.0


class Keys:
    def __init__(self, database: Database, moved: Callable[[str, str], None] = lambda *_: None) -> None:
        """`moved` is told the backend and the table of a key that turned out otherwise than it was."""
        self.database = database
        self.moved = moved
        self._known: WeakKeyDictionary[Backend, dict[Key, _Known]] = WeakKeyDictionary()
        self._counting: WeakKeyDictionary[Backend, asyncio.Semaphore] = WeakKeyDictionary()
        self._policies: tuple[Dictionary | None, dict[str, Policy]] = (None, {})
        """For counting, of the dictionary that was used last."""

    async def require(self, backend: Backend, statement: SafeSql, workspace: Workspace) -> tuple[str, ...]:
        """What is known of each key, as sentences for the receipt. Raises KeyNotUnique or KeyNotProved."""
        if not statement.keys:
            return ()
        return tuple([await self._sentence(backend, key, workspace) for key in sorted(statement.keys)])

    async def _sentence(self, backend: Backend, key: Key, workspace: Workspace) -> str:
        known = self._known.setdefault(backend, {}).setdefault(key, _Known())
        name = told_key(key, workspace.dictionary)
        if not known.is_read:
            known.is_read = True
            known.proof = await self._kept(backend, key, workspace)
        serves = known.proof is not None and not known.proof.duplicates
        task = self._look(known, backend, key, workspace)
        if task is not None and not serves:
            # Shielded: who leaves does not take the proof from those who wait beside.
            await asyncio.wait({task}, timeout=seconds_left(WAIT_SECONDS))
        proof = known.proof
        if proof is None:
            reason = known.failure or "it is being counted"
            if workspace.unproved_joins == "say":
                return f"key {name} was never proved unique, rows may be counted more than once ({reason.rstrip('.')})"
            raise KeyNotProved(
                f"Whether {name} is unique on {backend.name} was never proved, so a join to it may count rows more than"
                f" once: {reason.rstrip('.')}.",
                mend="ask again in a moment" if known.failure is None else _UNPROVED_MEND, key=name,
            )  # fmt: skip
        if proof.duplicates:
            raise KeyNotUnique(
                f"{name} is not unique on {backend.name}{seen_in(proof)}: {faults_of(key, proof, workspace.dictionary)}."
                " A join to it would count rows more than once.",
                mend="remove the duplicates, or correct the key in data-dictionary/", key=name, duplicates=proof.duplicates,
                proved_at=_instant(proof),
            )  # fmt: skip
        how = "the database keeps it so, seen" if proof.how == "constraint" else "counted"
        return f"key {name} is unique ({how} {_instant(proof)})"

    def _look(self, known: _Known, backend: Backend, key: Key, workspace: Workspace) -> "asyncio.Task[None] | None":
        """The look at the key that is under way or begins now; None where there is nothing to look at yet."""
        if known.task is not None:
            return known.task
        wait = known.not_before - time.monotonic()
        if known.proof is None:
            if wait > 0:
                return None  # it was tried a moment ago
        else:
            now = backend.known_version(known.proof.tables)
            if now is not None and now.text == known.proof.data_version:
                return None
            if known.proof.duplicates:
                wait = 0.0  # nothing is served meanwhile
            elif now is None and wait > 0:
                return None
        known.task = asyncio.create_task(self._prove(known, backend, key, workspace, max(0.0, wait)))
        known.task.add_done_callback(lambda _: setattr(known, "task", None))
        return known.task

    async def _prove(self, known: _Known, backend: Backend, key: Key, workspace: Workspace, wait: float) -> None:
        """Prove the key, where its table moved since it was proved."""
        await asyncio.sleep(wait)
        async with self._counting.setdefault(backend, asyncio.Semaphore(_AT_ONCE)):
            await self._prove_now(known, backend, key, workspace)

    async def _prove_now(self, known: _Known, backend: Backend, key: Key, workspace: Workspace) -> None:
        started, before = time.monotonic(), known.proof
        had_failed, pause = known.failure is not None, _LOOK_SECONDS
        try:
            found = await self._present(known, backend, key, workspace)
            if found is not before:
                known.proof = found
                pause = max(pause, _SHARE * (time.monotonic() - started))
            known.failure = None
        except AssayError as error:
            known.failure = error.detail
            pause = _TOO_LARGE_SECONDS if isinstance(error, BackendTimeout) else _AGAIN_SECONDS
            _log.warning(
                "%s: the key %s (%s) could not be proved: %s", backend.name, key[0], ", ".join(key[1]), error.detail
            )
        known.not_before = time.monotonic() + pause
        is_other = known.proof is not None and (before.duplicates != known.proof.duplicates if before else had_failed)
        if is_other:
            self.moved(backend.name, key[0])

    async def _kept(self, backend: Backend, key: Key, workspace: Workspace) -> Uniqueness | None:
        """The last proof in the store; while that is away nothing is known of other processes."""
        with contextlib.suppress(StoreUnavailable):
            return await find_key_proof(self.database, backend.name, _place(backend, workspace), *key)
        return None

    async def _present(self, known: _Known, backend: Backend, key: Key, workspace: Workspace) -> Uniqueness:
        """The proof that holds now: the one that is known, another process's, or a new one."""
        proof = known.proof
        if proof is None or proof.duplicates:
            proof = await self._kept(backend, key, workspace) or proof
        if proof is not None:
            version = await backend.data_version(proof.tables)
            is_new = time.time() - proof.proved_at.timestamp() < _CLOCK_SECONDS
            if version.text == proof.data_version or (version.kind == "time_bucket" and is_new and not proof.duplicates):
                return proof
        if self._policies[0] is not workspace.dictionary:
            self._policies = (workspace.dictionary, {})
        policies = self._policies[1]
        if backend.name not in policies:
            policies[backend.name] = counting_policy(workspace.dictionary, backend.name)
        fresh = await prove_key(backend, key, workspace.dictionary, policies[backend.name])
        with contextlib.suppress(StoreUnavailable):
            await keep_key_proof(self.database, backend.name, _place(backend, workspace), *key, fresh)
        return fresh


def _place(backend: Backend, workspace: Workspace) -> str:
    settings = workspace.backends.get(backend.name)
    return place_of(settings) if settings else backend.driver


def _instant(proof: Uniqueness) -> str:
    return proof.proved_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def place_of(settings: BackendSettings) -> str:
    """Which database a backend's settings lead to, without names and secrets of who asks."""
    values: dict[str, Any] = dict(settings.values)
    url = str(values.get("url", ""))
    if "//" in url:
        try:
            parsed = urlsplit(url)
            url = f"{parsed.hostname or ''}:{parsed.port or ''}{parsed.path.partition(';')[0]}"
        except ValueError:
            url = "unreadable"
    parts = [
        settings.driver,
        url,
        *(str(values.get(name, "")) for name in ("path", "host", "http_path", "catalog", "schema")),
    ]
    return " ".join(part for part in parts if part)
