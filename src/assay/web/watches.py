"""Alerts over HTTP: how they stand for whoever asks, what was sent to whom, muting and acknowledging, trying on the past.

Their address is /v1/watches: /v1/alerts is that of the loop's signals, as it always was.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from assay.alerts.checks import ME
from assay.alerts.entry import AlertEntry, AlertForm
from assay.alerts.files import Alert
from assay.alerts.message import condition, sentence, subject, trial, unit_of
from assay.alerts.past import DAYS, Past, tried
from assay.errors import BadQuestion, NotAllowed, NotFound
from assay.live.running import Running
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
    acknowledge,
    add_test,
    drop_alert,
    find_message,
    list_alerts,
    list_messages,
    looks_of,
    make_alert,
    mute,
    send_again,
    states_of,
    unmute,
)
from assay.web.room import Room
from assay.web.watch_schemas import (
    AcknowledgedOut,
    ChannelOut,
    FiredOut,
    ListenerOut,
    MutedOut,
    MuteIn,
    PastOut,
    PointOut,
    TestedOut,
    WatchesOut,
    WatchMessageOut,
    WatchMessagesOut,
    WatchOut,
)
from assay.web.wiring import Me, Run, Sees
from assay.work.instants import instant
from assay.work.principal import Principal

router = Room("alerts", "/v1/watches")
_MESSAGES = 200


@router.get("")
async def watches(running: Run, sees: Sees, me: Me) -> WatchesOut:
    """All that are of metrics whoever asks may see, and the channels."""
    stored, looks, states = await _of_the_store(running)
    alerts = [
        _told(alert, running, sees, me, stored.get(name), looks, states)
        for name, alert in running.checks.alerts.items() if _may_know(alert.entry, sees)
    ]  # fmt: skip
    channels = [
        ChannelOut(name=each.name, kind=each.kind, why_not=running.outbox.post.why_not(each))
        for each in running.checks.channels.values()
    ]
    return WatchesOut(alerts=alerts, channels=channels, me=me.email if me.kind == "person" else None)


@router.get("/messages")
async def watch_messages(running: Run, sees: Sees, me: Me, alert_id: str | None = None) -> WatchMessagesOut:
    """What was sent to whom, newest first; of what whoever asks may see. Reports are listed to those who manage."""
    scope = None if sees.is_whole else sees.key
    found = await list_messages(running.database, alert_id, _MESSAGES, scope, with_reports=may(me, "manage"))
    return WatchMessagesOut(messages=[_message(each) for each in found])


@router.post("/messages/{message_id}/send-again")
async def send_message_again(message_id: str, running: Run, sees: Sees, me: Me) -> WatchMessagesOut:
    """A dead letter once more, under its id."""
    found = await find_message(running.database, message_id)
    # Reports go to people by name: who is sent what is for those who manage, and so is sending one again.
    is_seen = found is not None and (_sees(sees, found.scope) or found.kind == "test")
    if found is None or not is_seen or (found.kind == "report" and not may(me, "manage")):
        raise NotFound(f"There is no dead letter {message_id!r}.")
    await send_again(running.database, message_id, running.corridor.now(), me)
    return await watch_messages(running, sees, me, None)


@router.post("/try")
async def try_watch(given: AlertForm, running: Run, sees: Sees) -> PastOut:
    """What an alert would have said in the last 90 days, to whoever sees what you see. Nothing is kept."""
    entry = _entry(given, "tried", running)
    return _past(entry, running, await tried(entry, running.corridor, sees))


@router.post("/{alert_id}/try")
async def try_known_watch(alert_id: str, running: Run, sees: Sees) -> PastOut:
    """As of one that is there."""
    entry = _known(alert_id, running, sees).entry
    return _past(entry, running, await tried(entry, running.corridor, sees))


@router.post("", status_code=201)
async def make_watch(given: AlertForm, running: Run, sees: Sees, me: Me) -> WatchOut:
    """Make one on the page. It may tell channels, and whoever makes it by mail, as `me`."""
    alert_id = f"made_{secrets.token_hex(5)}"
    entry = _entry(given, alert_id, running)
    if not _may_know(entry, sees):
        raise NotAllowed(f"{entry.metric_id} is not for you to ask.", mend="ask an admin for it")
    if ME in entry.channels and (me.kind != "person" or me.email is None):
        raise BadQuestion("Nobody with an address is signed in, so `me` means nobody.", mend="name a channel", field="tell")
    if given.question is not None:
        # Whoever makes it has seen its question answered.
        await running.corridor.question(given.question.metrics, given.asked, running.corridor.catalog, sees)
    document = entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    made = MadeAlert(alert_id, document, me.person_behind, me.name, running.corridor.now())
    await make_alert(running.database, made, me)
    await running.checks.reload_made()
    return await _one(alert_id, running, sees, me)


@router.delete("/{alert_id}", status_code=204)
async def drop_watch(alert_id: str, running: Run, sees: Sees, me: Me) -> None:
    """One that was made on the page, by whoever made it or an admin; also one that cannot be asked any more."""
    if alert_id not in running.checks.made:
        _known(alert_id, running, sees)
    if not _may_drop(alert_id, running, me):
        raise NotAllowed("Whoever made an alert drops it, or an admin.", mend="one of a file is taken out of its file")
    await drop_alert(running.database, alert_id, me)
    await running.checks.reload_made()


@router.put("/{alert_id}/mute")
async def mute_watch(alert_id: str, given: MuteIn, running: Run, sees: Sees, me: Me) -> WatchOut:
    """Nobody is told until then; what still holds afterwards is told then."""
    _known(alert_id, running, sees)
    until = running.corridor.now() + timedelta(hours=given.hours)
    await mute(running.database, alert_id, until, given.reason, me)
    return await _one(alert_id, running, sees, me)


@router.delete("/{alert_id}/mute")
async def unmute_watch(alert_id: str, running: Run, sees: Sees, me: Me) -> WatchOut:
    """Speak again."""
    _known(alert_id, running, sees)
    await unmute(running.database, alert_id, me)
    return await _one(alert_id, running, sees, me)


@router.post("/{alert_id}/acknowledge")
async def acknowledge_watch(alert_id: str, running: Run, sees: Sees, me: Me) -> WatchOut:
    """Somebody looks after it: it does not escalate. That it fired has to be seen by whoever says so."""
    _known(alert_id, running, sees)
    if (await _one(alert_id, running, sees, me)).state != "fired":
        raise NotFound(f"Nothing of {alert_id!r} has fired, of what you see.")
    await acknowledge(running.database, alert_id, running.corridor.now(), me)
    return await _one(alert_id, running, sees, me)


@router.post("/channels/{name}/test")
async def try_channel(name: str, running: Run, me: Me) -> TestedOut:
    """Send a message there that holds nothing of any data."""
    if name not in running.checks.channels:
        raise NotFound(f"There is no channel {name!r}.", mend="name it under channels: in alerts/")
    now = running.corridor.now()
    message = NewMessage("", name, "test", "", trial(name, now, running.checks.base_url))
    return TestedOut(message_id=await add_test(running.database, message, now, me))


# -- what is told -----------------------------------------------------------------------------------


def _entry(given: AlertForm, alert_id: str, running: Running) -> AlertEntry:
    """Raises BadQuestion where it cannot be watched."""
    entry = given.named(alert_id)
    if faults := running.checks.faults_of(entry):
        raise BadQuestion(f"{faults[0][0]}.", mend=faults[0][1])
    return entry


def _known(alert_id: str, running: Running, sees: Scope) -> Alert:
    alert = running.checks.alerts.get(alert_id)
    if alert is None or not _may_know(alert.entry, sees):
        raise NotFound(f"There is no alert {alert_id!r}.")
    return alert


def _may_know(entry: AlertEntry, sees: Scope) -> bool:
    """One of Assay itself holds no figure; each listener hears of the metrics that are for it."""
    return entry.metric_id is None or sees.may_ask(entry.metric_id)


def _sees(sees: Scope, key: str) -> bool:
    """Whether whoever has this scope may see what was found in the scope of that key."""
    return sees.is_whole or sees.key == key


async def _of_the_store(
    running: Running, alert_id: str | None = None
) -> tuple[dict[str, StoredAlert], list[StoredLook], list[StoredGroup]]:  # fmt: skip
    database = running.database
    return await list_alerts(database), await looks_of(database, alert_id), await states_of(database, alert_id)


async def _one(alert_id: str, running: Running, sees: Scope, me: Principal) -> WatchOut:
    stored, looks, states = await _of_the_store(running, alert_id)
    return _told(_known(alert_id, running, sees), running, sees, me, stored.get(alert_id), looks, states)


def _may_drop(alert_id: str, running: Running, me: Principal) -> bool:
    made = running.checks.made.get(alert_id)
    if made is None:
        return False
    return may(me, "manage") or (made.person_id is not None and made.person_id == me.person_behind)


def _told(
    alert: Alert, running: Running, sees: Scope, me: Principal, stored: StoredAlert | None,
    looks: Sequence[StoredLook], states: Sequence[StoredGroup],
) -> WatchOut:  # fmt: skip
    entry, now = alert.entry, running.corridor.now()
    metrics = running.catalog.workspace.metrics
    known = {each.listener: each for each in looks if each.alert_id == entry.id}
    listeners: list[ListenerOut] = []
    for name in entry.channels:
        look = known.get(name)
        is_seen = look is not None and _sees(sees, look.scope)
        own = [each.state for each in states if (each.alert_id, each.listener) == (entry.id, name)]
        listeners.append(_listener(entry, running, name, look, own) if look and is_seen else _unseen(name))
    seen = [each for each in listeners if each.is_seen]
    made = running.checks.made.get(entry.id)
    muted, acknowledged = None, None
    definition = entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if stored and stored.muted_until and stored.muted_until > now and stored.muted_by and stored.mute_reason:
        muted = MutedOut(until=instant(stored.muted_until), by=stored.muted_by, reason=stored.mute_reason)
    if seen and stored and stored.acknowledged_at and stored.acknowledged_by:
        acknowledged = AcknowledgedOut(at=instant(stored.acknowledged_at), by=stored.acknowledged_by)
    return WatchOut(
        alert_id=entry.id, label=entry.label or subject(entry, metrics), condition=condition(entry, metrics),
        metric_id=entry.metric_id, unit=unit_of(entry, metrics), definition=definition, state=_state(seen),
        next_at=stored and instant(stored.next_at), muted=muted, acknowledged=acknowledged, listeners=listeners,
        file=alert.file or None, line=alert.line or None,
        made_by=made.made_by if made else None, may_drop=_may_drop(entry.id, running, me),
    )  # fmt: skip


def _state(seen: Sequence[ListenerOut]) -> Literal["fired", "calm", "unknown", "unseen"]:
    if any(each.fired for each in seen):
        return "fired"
    if not seen:
        return "unseen"
    return "unknown" if all(each.unknown for each in seen) else "calm"


def _listener(
    entry: AlertEntry, running: Running, name: str, look: StoredLook, groups: Sequence[GroupState]
) -> ListenerOut:  # fmt: skip
    metrics = running.catalog.workspace.metrics

    def fired(each: GroupState, at: datetime) -> FiredOut:
        said = sentence(entry, metrics, each, is_over=False)
        told_at = each.told_at and instant(each.told_at)
        return FiredOut(group=list(each.key), fired_at=instant(at), told_at=told_at, value=each.value, before=each.before,
                        sentence=said, receipt_id=each.receipt_id)  # fmt: skip

    return ListenerOut(
        listener=name, is_seen=True, checked_at=instant(look.checked_at), groups=look.groups, value=look.value,
        receipt_id=look.receipt_id, unknown=look.unknown,
        fired=[fired(each, each.fired_at) for each in groups if each.fired_at],
    )  # fmt: skip


def _unseen(name: str) -> ListenerOut:
    return ListenerOut(listener=name, is_seen=False, checked_at=None, groups=0, value=None, receipt_id=None, unknown=None,
                       fired=[])  # fmt: skip


def _message(message: StoredMessage) -> WatchMessageOut:
    said: dict[str, Any] = message.document
    is_waiting = message.state == "waiting"
    return WatchMessageOut(
        message_id=message.message_id, alert_id=message.alert_id, listener=message.listener, kind=message.kind,
        title=said["title"], sentences=[each["sentence"] for each in said["groups"]],
        receipt_ids=list(dict.fromkeys(each["receipt_id"] for each in said["groups"] if each["receipt_id"])),
        made_at=instant(message.made_at), state=message.state, attempts=message.attempts,
        next_at=instant(message.next_at) if is_waiting else None, ended_at=message.ended_at and instant(message.ended_at),
        trouble=message.trouble,
    )  # fmt: skip


def _past(entry: AlertEntry, running: Running, found: Past) -> PastOut:
    times = "once" if found.spoke == 1 else f"{found.spoke} times"
    spoken = f"It would have spoken {times}" if found.spoke else "It would never have spoken"
    fewer = "" if found.days == DAYS else f", which is all that could be looked at in time of the {DAYS}"
    bar = float(entry.when.bar) if entry.when.kind in ("above", "below") and entry.when.change is None else None
    points = [PointOut(at=each.at, value=each.value, before=each.before, holding=each.holding, spoke=each.spoke,
                       unknown=each.unknown) for each in found.points]  # fmt: skip
    return PastOut(text=f"{spoken} in {found.days} days{fewer}.", spoke=found.spoke, days=found.days,
                   bar=bar, unit=unit_of(entry, running.catalog.workspace.metrics), points=points)  # fmt: skip
