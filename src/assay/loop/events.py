"""Events as they arrive: read against their type, or refused with a sentence. The types are content of the workspace."""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assay.catalog.findings import nearest
from assay.compiler.values import is_beyond_double
from assay.errors import BadEvent
from assay.loop.bindings import Bindings, FieldEntry

MAX_BATCH = 500
_ENVELOPE = ("event_id", "type", "source", "occurred_at", "payload")
_MAX_ID, _MAX_SOURCE, _MAX_TEXT = 120, 80, 2_000
_CANNOT_BE_KEPT = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL keeps no NUL, and UTF-8 no half of a surrogate pair."""
_PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "list": (list,)
}  # fmt: skip
_JSON_TYPES = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean", "list": "array"}
_BOUNDS = {"string": ("minLength", "maxLength"), "list": ("minItems", "maxItems")}


@dataclass(frozen=True, slots=True)
class Event:
    event_id: str
    type: str
    source: str
    occurred_at: datetime
    payload: dict[str, Any]

    @property
    def key(self) -> str:
        """Short, and the same for the same event: what it leads to is named after it."""
        return hashlib.sha256(self.event_id.encode()).hexdigest()[:16]


def read_event(raw: Any, bindings: Bindings) -> Event:
    """Raises BadEvent; its extra names the event, and the field where there is one."""
    if not isinstance(raw, Mapping):
        raise BadEvent("An event is an object.", mend=f"send {', '.join(_ENVELOPE)}")
    strange = sorted(str(name) for name in raw if name not in _ENVELOPE)
    event_id = _text(raw, "event_id", _MAX_ID)
    if strange:
        raise BadEvent(
            f"{strange[0]!r} is no part of an event.", mend=nearest(strange[0], list(_ENVELOPE)), event_id=event_id
        )
    try:
        name = _text(raw, "type", _MAX_ID)
        kind = bindings.events.get(name)
        if kind is None:
            mend = nearest(name, set(bindings.events)) or f"there are {', '.join(sorted(bindings.events))}"
            raise BadEvent(f"There is no event type {name!r}.", mend=mend, known=sorted(bindings.events))
        payload = raw.get("payload")
        if not isinstance(payload, Mapping):
            raise BadEvent("payload has to be an object.")
        read = _payload(payload, kind.entry.fields)
        return Event(event_id, name, _text(raw, "source", _MAX_SOURCE), _instant(raw.get("occurred_at")), read)
    except BadEvent as error:
        error.extra.setdefault("event_id", event_id)
        raise


def _text(raw: Mapping[str, Any], name: str, most: int) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most or not _can_be_kept(value):
        raise BadEvent(f"{name} has to be a text of 1 to {most} characters.")
    return value


def _instant(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise BadEvent(f"occurred_at is {value!r}.", mend="write an instant with its zone, such as 2026-03-17T15:42:10Z")


def _payload(payload: Mapping[str, Any], fields: Mapping[str, FieldEntry]) -> dict[str, Any]:
    for name in payload:
        if name not in fields:
            mend = nearest(str(name), set(fields)) or f"its fields are {', '.join(fields)}"
            raise BadEvent(f"The payload has no field {name!r}.", mend=mend, field=str(name))
    found: dict[str, Any] = {}
    for name, entry in fields.items():
        value = payload.get(name)
        if value is None:
            if not entry.optional:
                raise BadEvent(f"The payload lacks {name}.", field=name)
            continue
        trouble = _trouble(value, entry)
        if trouble:
            raise BadEvent(f"{name} {trouble}.", field=name)
        found[name] = value
    return found


def _trouble(value: Any, entry: FieldEntry) -> str | None:
    if not isinstance(value, _PYTHON[entry.type]) or (isinstance(value, bool) and entry.type != "boolean"):
        return f"has to be {'an' if entry.type == 'integer' else 'a'} {entry.type}"
    if isinstance(value, list):
        if not all(isinstance(each, str) and len(each) <= _MAX_TEXT and _can_be_kept(each) for each in value):
            return "has to be a list of texts"
    elif isinstance(value, str):
        if not value or not _can_be_kept(value):
            return "is empty or holds what cannot be kept"
    elif not math.isfinite(value):
        return "has to be a number"
    elif is_beyond_double(value):
        return "is beyond 2^53, which JSON does not carry to the digit"
    size = len(value) if isinstance(value, (str, list)) else value
    most = entry.most if entry.most is not None or not isinstance(value, str) else _MAX_TEXT
    if (entry.least is not None and size < entry.least) or (most is not None and size > most):
        return f"lies outside {'' if entry.least is None else f'{entry.least:g}'}..{'' if most is None else f'{most:g}'}"
    if entry.one_of is not None and value not in entry.one_of:
        return f"is {value!r}, and has to be one of {', '.join(entry.one_of)}"
    return None


def _can_be_kept(text: str) -> bool:
    return _CANNOT_BE_KEPT.search(text) is None


def event_schemas(bindings: Bindings) -> dict[str, Any]:
    """JSON Schema of every event type, for whoever sends them."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Event",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in bindings.events],
        "$defs": {name: _schema(name, kind.entry.label, kind.entry.fields) for name, kind in bindings.events.items()},
    }


def _schema(name: str, label: str, fields: Mapping[str, FieldEntry]) -> dict[str, Any]:
    payload = {
        "type": "object", "additionalProperties": False,
        "properties": {each: _field(entry) for each, entry in fields.items()},
        "required": [each for each, entry in fields.items() if not entry.optional],
    }  # fmt: skip
    return {
        "type": "object", "description": label, "additionalProperties": False, "required": list(_ENVELOPE),
        "properties": {
            "event_id": {"type": "string", "minLength": 1, "maxLength": _MAX_ID,
                         "description": "Chosen by the sender; the same id is the same event, however often it is sent."},
            "type": {"const": name},
            "source": {"type": "string", "minLength": 1, "maxLength": _MAX_SOURCE},
            "occurred_at": {"type": "string", "format": "date-time"},
            "payload": payload,
        },
    }  # fmt: skip


def _field(entry: FieldEntry) -> dict[str, Any]:
    least, most = _BOUNDS.get(entry.type, ("minimum", "maximum"))
    found: dict[str, Any] = {"type": _JSON_TYPES[entry.type], "examples": [entry.example]}
    if entry.type == "list":
        found["items"] = {"type": "string"}
    if entry.one_of is not None:
        found["enum"] = entry.one_of
    if entry.least is not None or entry.type == "string":
        found[least] = entry.least if entry.least is not None else 1
    if entry.most is not None:
        found[most] = entry.most
    return found
