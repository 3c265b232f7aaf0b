"""Two receipts laid side by side: in what they differ, and how much of the difference of their values each part did.

The parts are those that an answer follows from: definition, route, question, policy and data. Where one alone differs, it
did everything. Where several do, `between.py` asks what stands between the two, and the rest is due to the data. The amounts
are always together the whole difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from assay.answers.answer import wire_number
from assay.answers.between import Between, Document, Effect, Part, Untold, figure, places_of, sees
from assay.answers.resolve import Corridor
from assay.catalog.amounts import decimal_of, signed_amount, value_amount
from assay.catalog.zones import day_of, day_start, days_told
from assay.compiler import meaning
from assay.errors import AssayError, BadQuestion
from assay.people.scope import Scope
from assay.work.instants import instant_told


@dataclass(frozen=True, slots=True)
class Detail:
    """What of a part is another, such as a definition's filter; None where it is not there."""

    part: Part
    what: str
    before: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """`values`: None each where a receipt is of no single figure. `unknown`: why how much each part did is not told; then
    there are no effects.
    """

    before: Document
    now: Document
    values: tuple[Any, Any]
    details: tuple[Detail, ...]
    effects: tuple[Effect, ...] = ()
    unknown: str | None = None
    statements: int = 0

    @property
    def parts(self) -> list[Part]:
        return list(dict.fromkeys(each.part for each in self.details))

    @property
    def telling(self) -> list[Part]:
        """Parts from which another value may follow. A route that was moved and put back is the same engine."""
        is_same_engine = self.before["route"]["backend"] == self.now["route"]["backend"]
        return [part for part in self.parts if part != "route" or not is_same_engine]

    @property
    def change(self) -> Fraction | None:
        """None where one is no single figure, has no value, or is in another unit."""
        was, now = (wire_number(each) for each in self.values)
        return None if was is None or now is None or len(set(self.units)) > 1 else now - was

    @property
    def units(self) -> list[str]:
        return [
            next((each["unit"] for each in side["columns"] if each["role"] == "value"), None) or "count"
            for side in (self.before, self.now)
        ]

    @property
    def same_value(self) -> bool:
        return self.before["value_digest"] == self.now["value_digest"]

    @property
    def places(self) -> int | None:
        """Digits behind the point that amounts have; None where values are doubles."""
        kinds = [each["type"] for side in (self.before, self.now) for each in side["columns"] if each["role"] == "value"]
        if "double" in kinds or not all(isinstance(each, str | int) for each in self.values):
            return None
        return max(places_of(each) for each in self.values)


async def lay_side_by_side(corridor: Corridor, one: Document, other: Document, scope: Scope) -> SideBySide:
    """Of two receipts that whoever asks may open; the earlier one comes first.

    Raises BadQuestion where they are of different metrics.
    """
    before, now = sorted((one, other), key=lambda each: (each["created_at"], each["receipt_id"]))
    if before["metrics"] != now["metrics"]:
        names = [", ".join(each["metrics"]) for each in (before, now)]
        raise BadQuestion(f"these receipts are of different metrics: {names[0]}, and {names[1]}",
                          mend="choose two receipts of one metric", field="other")  # fmt: skip
    laid = SideBySide(before, now, (figure(before), figure(now)), tuple(_details(before, now)))
    change, parts = laid.change, laid.telling
    if len(parts) <= 1:
        return laid if change is None or not parts else replace(laid, effects=(Effect((parts[0],), change),))
    try:
        if change is None:
            raise Untold("How much each part did is told of two single figures in one unit.")
        if "policy" in parts:
            raise Untold("They are of other rows by policy, from which the other parts cannot be told apart.")
        between = Between(before, now, parts, corridor, scope)
        effects = await between.effects()
        return replace(laid, effects=tuple(effects), statements=between.statements)
    except Untold as error:
        return replace(laid, unknown=str(error))
    except AssayError as error:
        return replace(laid, unknown=error.detail)


# -- in what they differ --------------------------------------------------------------------------


def _details(before: Document, now: Document) -> Iterator[Detail]:
    yield from _of("definition", _definition(before), _definition(now))
    yield from _of("route", _route(before), _route(now))
    yield from _of("question", _question(before["question"]), _question(now["question"]))
    yield from _of("policy", sees(before["question"]), sees(now["question"]))
    # Two engines tell versions each in its own way: their data may be others, whatever the texts say.
    yield from _of("data", _data(before), _data(now))


def _of(part: Part, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Detail]:
    for name in dict.fromkeys([*before, *now]):
        if before.get(name) != now.get(name):
            yield Detail(part, name, _text(before.get(name)), _text(now.get(name)))


def _window(window: Mapping[str, Any]) -> str:
    """Its days, where it begins and ends with days; else both instants."""
    start, end = (datetime.fromisoformat(window[name]) for name in ("start", "end"))
    zone = ZoneInfo(window["timezone"])
    if all(day_start(day_of(each, zone), zone) == each for each in (start, end)):
        return f"{days_told(start, end, zone)} ({window['timezone']})"
    return f"{instant_told(start)} to {instant_told(end)}"


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict) and {"start", "end", "timezone"} <= value.keys():
        return _window(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _definition(document: Document) -> dict[str, Any]:
    """What people can read of it, and the versions, which know of all the rest."""
    several = len(document["definition"]) > 1
    told = {
        (f"{each['metric_id']}: {name}" if several else name): each.get(name)
        for each in document["definition"] for name in ("formula", "filter", "window", "unit")
    }  # fmt: skip
    return told | {
        "version": document["definition_version"], "dictionary": document["dictionary_version"],
        "compiler": str(meaning.meant_by(document)), "written by": document["generator"],
    }  # fmt: skip


def _route(document: Document) -> dict[str, Any]:
    route = document["route"]
    return {"backend": route["backend"], "epoch": str(route["epoch"])}


def _question(described: Mapping[str, Any]) -> dict[str, Any]:
    """When it was asked is no part of it, nor what its values are held against."""
    apart = ("as_of", "scope", "targets")
    return {name: each for name, each in described.items() if name not in apart and each not in (None, [])}


def _data(document: Document) -> dict[str, Any]:
    """Where a version is no more than a stretch of time, data may have moved within it."""
    at = f", read at {document['created_at']}" if document["data_version_kind"] == "time_bucket" else ""
    return {"version": f"{document['data_version']} on {document['route']['backend']}{at}"}


# -- told -----------------------------------------------------------------------------------------


def told_of(laid: SideBySide) -> list[str]:
    return list(_sentences(laid))


def _sentences(laid: SideBySide) -> Iterator[str]:
    label, change, unit = laid.now["label"], laid.change, laid.units[1]
    if change is None:
        yield f"The values of {label} are {'the same' if laid.same_value else 'different'}."
    elif change == 0:
        yield f"{label} is the same on both: {_value(laid.values[1], unit)}."
    else:
        was, now = (_value(each, unit) for each in laid.values)
        yield f"{label} was {was}, and then {now}: {_change(change, unit)}."
    if not laid.telling:
        yield "Nothing that a value follows from differs" + (
            "." if laid.same_value else ", so the values should not either."
        )
    elif laid.effects and change:
        amounts = [f"{_change(each.amount, unit)} is due to {_together(each.parts)}" for each in laid.effects]
        yield f"Of this, {_listed(amounts)}."
    else:
        yield f"{_sentence(laid.telling)} differ{'s' if len(laid.telling) == 1 else ''}."
    if laid.unknown:
        yield laid.unknown
    elif laid.statements and "data" in laid.telling:
        yield "What is due to the others was measured on the data of now; the rest is due to the data."


def _value(value: Any, unit: str) -> str:
    return value_amount(Decimal(str(value)), unit)


def _change(amount: Fraction, unit: str) -> str:
    return signed_amount(decimal_of(amount), unit) if amount else "nothing"


def _together(parts: Sequence[str]) -> str:
    names = [f"the {each}" for each in parts]
    return names[0] if len(names) == 1 else f"{_listed(names)} together"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _sentence(names: Sequence[str]) -> str:
    text = _listed(names)
    return text[:1].upper() + text[1:]
