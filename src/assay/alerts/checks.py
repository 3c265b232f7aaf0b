"""Each alert checked when it is due, by one process of all; what is found and who is told of it are one transaction.

A listener is a channel, or the person who made an alert on the page. Each hears what its own scope's answer says.
"""

import asyncio
import contextlib
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from assay.alerts.entry import AlertEntry, ChannelEntry
from assay.alerts.evaluation import Evaluation, evaluate, moved
from assay.alerts.files import Alert, Alerts, faults_of_alert, read_alerts
from assay.alerts.itself import evaluate_itself
from assay.alerts.judgement import Key
from assay.alerts.message import news
from assay.alerts.state import step
from assay.answers.resolve import Corridor
from assay.catalog.findings import Finding
from assay.errors import AssayError, NotAllowed, NotFound, StoreUnavailable
from assay.people.roles import may
from assay.people.scope import Scope
from assay.store.alerts import (
    GroupState,
    MadeAlert,
    NewMessage,
    StoredAlert,
    StoredGroup,
    StoredLook,
    StoredMessage,
    finish_check,
    list_alerts,
    list_made,
    looks_of,
    note_alerts,
    put_off,
    states_of,
    take_turn,
    tell_anew,
)
from assay.store.database import Database
from assay.work.principal import Principal

_log = logging.getLogger(__name__)
ME = "me"
"""As an alert that was made on the page names the mail of whoever made it."""
_EACH_SECONDS, _MADE_SECONDS = 1, 5
_SLACK = timedelta(minutes=2)
"""By so much the clocks of several machines may differ."""
_AT_ONCE = 4
_MOST_SECONDS = 60
"""For the questions of one scope; all scopes of an alert are asked at once, so that a check ends well within its lease."""
_MOVES_EVERY = timedelta(seconds=15)
"""How often the version of the data is looked at, of alerts that wait for it to move."""


def channel_principal(name: str) -> Principal:
    """Policies give a channel what they give its name, `channel:claims_ops`, and everybody; it has no role."""
    return Principal(f"channel-{name}", f"the channel {name}", "key", frozenset(), groups=frozenset({f"channel:{name}"}))


@dataclass
class Checks:
    """`scope_of`: what somebody sees now. `known_as`: a person by id, as the door knows them now."""

    database: Database
    corridor: Corridor
    scope_of: Callable[[Principal], Awaitable[Scope]]
    is_held: Callable[[], bool]
    changed: Callable[[], None]
    """Called when what is wrong with the alerts is something else."""
    known_as: Callable[[str], Awaitable[Principal | None]] | None = None
    base_url: str = ""
    files: Alerts = field(default_factory=Alerts)
    made: dict[str, MadeAlert] = field(default_factory=dict[str, MadeAlert])
    _broken: list[Finding] = field(default_factory=list[Finding])
    _told: list[Finding] = field(default_factory=list[Finding])
    """The findings as pages were last told of them."""
    _taken: dict[str, Alert] = field(default_factory=dict[str, Alert])
    """Those of the page that can be asked by today's catalog."""

    _noted: dict[str, str] = field(default_factory=dict[str, str])
    """What the store knows of the alerts that there are."""

    @property
    def findings(self) -> list[Finding]:
        """Of the files, and of what was made on the page and cannot be asked any more."""
        return [*self.files.findings, *self._broken]

    @property
    def alerts(self) -> Mapping[str, Alert]:
        """Those of the files before those of the page, whose ids are others.

        A catalog is another one before its alerts are read again: one whose metric is gone is none in between.
        """
        metrics = self.corridor.catalog.workspace.metrics
        known = {**self._taken, **self.files.alerts}
        return {name: each for name, each in known.items() if each.entry.is_of(metrics)}

    @property
    def channels(self) -> Mapping[str, ChannelEntry]:
        return self.files.channels

    # -- which there are ------------------------------------------------------------------------

    async def reload(self) -> None:
        """Read the files again, and what was made on the page."""
        self.files = await asyncio.to_thread(read_alerts, self.corridor.catalog.workspace)
        await self.reload_made()

    async def reload_made(self) -> None:
        self.made = {each.alert_id: each for each in await list_made(self.database)}
        self._taken, self._broken = {}, []
        for name, each in self.made.items():
            alert, why = self._read(each)
            if alert is not None:
                self._taken[name] = alert
            else:
                message = f"the alert that {each.made_by} made on the page, {name}, is not watched: {why}"
                self._broken.append(Finding("alerts", None, message, f"drop it: DELETE /v1/watches/{name}"))
        if self.findings != self._told:
            self._told = self.findings
            self.changed()
        marks = {name: mark_of(each.entry) for name, each in self.alerts.items()}
        if marks != self._noted:
            await note_alerts(self.database, marks, self.corridor.now())
            self._noted = marks

    def _read(self, made: MadeAlert) -> tuple[Alert | None, str]:
        try:
            entry = AlertEntry.model_validate(made.document)
        except ValidationError:
            return None, "it was made by an Assay that wrote alerts otherwise"
        faults = self.faults_of(entry)
        return (None, faults[0][0]) if faults else (Alert(entry, "", 0), "")

    def faults_of(self, entry: AlertEntry) -> list[tuple[str, str | None]]:
        """(what, mend) of each thing for which it cannot be watched, of an alert that may tell its maker."""
        own = ChannelEntry.model_construct(name=ME, kind="mail", to=())
        found = faults_of_alert(entry, {**self.channels, ME: own}, self.corridor.catalog.workspace)
        return [(message, mend) for _, message, mend, _ in found]

    # -- checking -------------------------------------------------------------------------------

    async def go_on(self) -> None:
        since = float(_MADE_SECONDS)
        while True:
            with contextlib.suppress(StoreUnavailable):
                if since >= _MADE_SECONDS:
                    await self.reload_made()
                    since = 0
                await self.check_due()
            await asyncio.sleep(_EACH_SECONDS)
            since += _EACH_SECONDS

    async def check_due(self) -> None:
        """All that are due now, a few at a time. A restored copy checks nothing: the original does."""
        if not self.alerts or self.is_held():
            return
        now, places = self.corridor.now(), asyncio.Semaphore(_AT_ONCE)

        async def one(entry: AlertEntry, stored: StoredAlert) -> None:
            async with places:
                await self.check(entry, stored)

        stored = await list_alerts(self.database)
        due = [
            (alert.entry, stored[name]) for name, alert in self.alerts.items()
            if name in stored and not now < stored[name].next_at <= _latest(alert.entry, now)
        ]  # fmt: skip
        await asyncio.gather(*(one(*each) for each in due))

    async def check(self, entry: AlertEntry, stored: StoredAlert) -> None:
        """Where it is this process's turn."""
        now = self.corridor.now()
        lease = await take_turn(self.database, entry.id, stored.mark, now, _latest(entry, now))
        if lease is None:
            return
        try:
            await self._check(entry, stored, lease)
        except AssayError as error:
            # Another process, or this one, takes its turn once the lease has run out.
            _log.warning("alert %s was not checked: %s", entry.id, error.detail)

    async def _check(self, entry: AlertEntry, stored: StoredAlert, lease: str) -> None:
        now = self.corridor.now()
        next_at = now + (entry.every or _MOVES_EVERY)
        scopes = {name: await self._scope_or_why(entry.id, name) for name in entry.channels}
        keys = {name: each.key if isinstance(each, Scope) else "" for name, each in scopes.items()}
        before, looked = await states_of(self.database, entry.id), await looks_of(self.database, entry.id)
        last = {each.listener: each.scope for each in looked}
        seen, is_same = stored.seen, False
        if entry.every is None:
            seen = await self._version(entry, scopes)
            is_same = seen is not None and seen == stored.seen and all(last.get(name) == key for name, key in keys.items())
            if is_same and not any(each.state.fired_at for each in before):
                await put_off(self.database, entry.id, lease, next_at)
                return
        # Equal scopes share one evaluation. Data that have not moved are not counted again.
        distinct = {each.key: each for each in scopes.values() if isinstance(each, Scope)}
        same = Evaluation((), None, "the data have not moved")
        asked = [] if is_same else await asyncio.gather(*(self._evaluated(entry, each) for each in distinct.values()))
        found = dict.fromkeys(distinct, same) if is_same else dict(zip(distinct, asked, strict=True))
        looks = looked if is_same else []
        groups, messages = list[StoredGroup](), list[NewMessage]()
        for listener, scope in scopes.items():
            evaluation = found[scope.key] if isinstance(scope, Scope) else Evaluation((), None, scope)
            if not is_same:
                looks.append(_look(entry.id, listener, keys[listener], now, evaluation))
            known = _known(before, listener, evaluation, is_as_before=last.get(listener) == keys[listener])
            states, message = self._step(entry, stored, listener, evaluation, known, now)
            groups += states
            if message is not None:
                messages.append(message._replace(scope=keys[listener]))
        await finish_check(self.database, entry.id, lease, now, next_at, seen, looks, groups, messages)

    async def _evaluated(self, entry: AlertEntry, scope: Scope) -> Evaluation:
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                if entry.question is None:
                    return await evaluate_itself(entry, self.corridor, scope, self.database)
                return await evaluate(entry, self.corridor, scope)
        except TimeoutError:
            return Evaluation((), None, f"it was not answered within {_MOST_SECONDS} s")

    def _step(
        self,
        entry: AlertEntry,
        stored: StoredAlert,
        listener: str,
        found: Evaluation,
        known: Mapping[Key, GroupState],
        now: datetime,
    ) -> tuple[list[StoredGroup], NewMessage | None]:
        zone = self.corridor.catalog.workspace.zone
        is_muted = stored.muted_until is not None and stored.muted_until > now
        is_quiet = entry.quiet is not None and entry.quiet.holds(now, zone)
        is_escalated = listener not in entry.tell

        def may_tell(group: GroupState) -> bool:
            if not is_escalated:
                return True
            is_due = group.fired_at is not None and group.fired_at + entry.escalation <= now
            return is_due and stored.acknowledged_at is None

        done = step(known, found, entry.times, now, may_tell, is_silent=is_muted or is_quiet)
        states = [StoredGroup(entry.id, listener, each) for each in done.states]
        metrics = self.corridor.catalog.workspace.metrics
        if not done.is_news or not entry.is_of(metrics):
            return states, None
        document = news(entry, metrics, done, now, self.base_url, is_escalated=is_escalated)
        return states, NewMessage(entry.id, listener, "escalated" if is_escalated and done.fired else "news", "", document)

    async def _scope_or_why(self, alert_id: str, listener: str) -> Scope | str:
        """What the listener sees now; or why it sees nothing."""
        try:
            return await self._scope(alert_id, listener)
        except AssayError as error:
            return error.detail

    async def _scope(self, alert_id: str, listener: str) -> Scope:
        """What the listener sees now. Raises NotAllowed where that is nothing."""
        who = await self.listener(alert_id, listener)
        if not may(who, "see") and who.kind == "person":
            raise NotAllowed(f"{who.name} may see nothing any more.")
        return await self.scope_of(who)

    async def channel_of(self, message: StoredMessage) -> ChannelEntry:
        """Raises NotFound or NotAllowed where nobody hears of it any more, or they see something else by now."""
        found = self.channels.get(message.listener)
        if message.listener != ME and found is None:
            raise NotFound(f"There is no channel {message.listener!r} any more.")
        if message.kind != "test" and (await self._scope(message.alert_id, message.listener)).key != message.scope:
            await tell_anew(self.database, message)
            raise NotAllowed("What they may see is something else since it was made.", mend="the next check says it anew")
        if found is not None:
            return found
        person = await self.listener(message.alert_id, ME)
        if person.email is None:
            raise NotAllowed(f"{person.name} has no address that counts.")
        return ChannelEntry.model_construct(name=ME, kind="mail", to=(person.email,))

    async def listener(self, alert_id: str, listener: str) -> Principal:
        """Raises NotAllowed where the person who made it is not there any more."""
        if listener != ME:
            return channel_principal(listener)
        made = self.made.get(alert_id)
        person = None
        if made is not None and made.person_id is not None and self.known_as is not None:
            person = await self.known_as(made.person_id)
        if person is None:
            raise NotAllowed("Whoever made it is not there any more.")
        return person

    async def _version(self, entry: AlertEntry, scopes: Mapping[str, Scope | str]) -> str | None:
        """None where it cannot be told: then it is evaluated, which says why."""
        scope = next((each for each in scopes.values() if isinstance(each, Scope)), None)
        if scope is None:
            return None
        try:
            return await moved(entry, self.corridor, scope)
        except AssayError:
            return None


def _latest(entry: AlertEntry, now: datetime) -> datetime:
    """Later than this no check is due next, unless the clock was set back since."""
    return now + (entry.every or _MOVES_EVERY) + _SLACK


def mark_of(entry: AlertEntry) -> str:
    return hashlib.sha256(json.dumps(entry.mark(), sort_keys=True).encode()).hexdigest()[:16]


def _known(
    before: list[StoredGroup], listener: str, found: Evaluation, *, is_as_before: bool
) -> dict[Key, GroupState]:  # fmt: skip
    """How groups stood for a listener; what was found while it saw something else counts only where it is found anew."""
    judged = set() if found.unknown is not None else {each.key for each in found.judged if each.holds is not None}
    stood = [each.state for each in before if each.listener == listener]
    return {each.key: each for each in stood if is_as_before or each.key in judged}


def _look(alert_id: str, listener: str, scope: str, now: datetime, found: Evaluation) -> StoredLook:
    """What is shown of it: of one figure its value, of several the number of groups."""
    one: Any = found.judged[0] if len(found.judged) == 1 else None
    why = found.unknown or (one.why if one else None)
    return StoredLook(alert_id, listener, scope, now, len(found.judged), one and one.value, found.receipt_id, why)
