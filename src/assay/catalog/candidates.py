"""What an analyst would count, add up and average over one table: candidates for metrics, each with its weight and
reason."""

import re
from collections.abc import Iterator

from assay.catalog.counted_once import counted_once
from assay.catalog.dictionary import Column, Dictionary
from assay.catalog.guesses import Measure, guess_measure
from assay.catalog.spelling import words
from assay.catalog.subject import Drafted, Subject, direction, in_formula
from assay.catalog.vocabulary import (
    CURRENCIES,
    EARNED,
    LATER,
    MEASURED_IN,
    NEVER,
    SALES,
    UNITS,
    meant,
    said_as,
    small,
    tells,
    thing,
)


def metrics_of(subject: Subject, dictionary: Dictionary) -> Iterator[Drafted]:
    by = f", by {subject.shape.time}" if subject.shape.time else ""
    yield _count(subject, by)
    if subject.shape.kind == "thing" and subject.shape.time:
        label = f"New {small(subject.label)}"
        yield Drafted(
            label, label, f"Number of rows of {subject.table.qualified}{by}.", {"measure": "COUNT(*)"}, "count",
            direction(subject.said), subject.shape.weight + 1, (), f"by {subject.shape.time}, when they came to be.",
        )  # fmt: skip
    measures = [
        (column, guess)
        for column in subject.table.columns.values()
        if column.role in ("measure", "attribute") and column.pii is None
        and (guess := guess_measure(subject.facts[column.name], column.type.kind))
    ]  # fmt: skip
    currencies = _currencies(subject)
    amounts = list(_value_of_parts(subject, measures, dictionary, by, currencies))
    if len(amounts) > 1:
        measures = [each for each in measures if "discount" not in meant(each[0].name)]
    for place, (column, guess) in enumerate(measures):
        amounts += _of_column(subject, column, guess, by, place, currencies)
    yield from amounts
    yield from counted_once(subject, dictionary, by, next((each for each in amounts if each.is_value), None))
    yield from _lead_times(subject, by)
    for column in subject.table.columns.values():
        if column.type.kind == "boolean" and column.pii is None and subject.shape.kind in ("event", "part", "facts"):
            yield from _share_of_flag(subject, column, by)


def _count(subject: Subject, by: str) -> Drafted:
    kind, name = subject.shape.kind, subject.table.qualified
    by = "" if kind == "thing" else by
    # Of measurements the values are asked for, hardly their number.
    levels = sum(each.role == "measure" and _is_level(subject, each) for each in subject.table.columns.values())
    bonus = (
        -12
        if kind == "event" and levels > 2
        else {"event": 10, "facts": 6, "thing": 4, "list": 2, "log": 2, "part": -40, "snapshot": -50}.get(kind, 0)
    )
    comment = _as_synonym(subject.table.description) if not subject.table.description.startswith(_OWN_WORDS) else ()
    reason = f"each row of {name} is taken for one of them{by and f', and {subject.shape.time} for when it happened'}."
    # `Sales` is the money, where a column is called so.
    is_taken = subject.label.lower() in {said_as(each.name).lower() for each in subject.table.columns.values()}
    label = f"{subject.one} records" if is_taken else subject.label
    return Drafted(
        label, f"{label} ({subject.table.schema})", f"Number of rows of {name}{by}.",
        {"measure": "COUNT(*)"},
        "count", direction(subject.said), subject.shape.weight + bonus, comment, reason, has_time=kind != "thing",
    )  # fmt: skip


def _is_level(subject: Subject, column: Column) -> bool:
    guess = guess_measure(subject.facts[column.name], column.type.kind)
    return guess is not None and guess.meaning == "level"


_OWN_WORDS = ("Table ", "View ", "Materialised view ", "Foreign table ")


def _value_of_parts(
    subject: Subject, measures: list[tuple[Column, Measure]], dictionary: Dictionary, by: str, currencies: str | None
) -> Iterator[Drafted]:
    """Quantity times price, less the discount where it is a share; the discount too, weighted so."""
    if subject.shape.kind not in ("event", "part", "facts") or currencies is None:
        return
    prices = [each for each in measures if each[1].meaning == "price"]
    pieces = [each for each in measures if each[1].meaning == "quantity"]
    if not prices or not pieces or any(each[1].meaning == "money" and "total" in meant(each[0].name) for each in measures):
        return
    price, piece = min(prices, key=lambda each: len(each[0].name))[0], pieces[0][0]
    value = f"{in_formula(price)} * {in_formula(piece)}"
    gross, told = value, f"{price.name} times {piece.name}"
    off = next((each for each, guess in measures if guess.unit == "percent" and "discount" in meant(each.name)), None)
    if off is not None:
        value, told = f"{value} * (1 - COALESCE({in_formula(off)}, 0))", f"{told}, less {off.name}"
    label = "Revenue" if _is_sold(subject, dictionary) else f"Value of {small(subject.label)}"
    unit = currencies or next((guess.unit for _, guess in prices if guess.unit != "count"), "count")
    yield Drafted(
        label, f"{label} of {small(subject.label)}", f"Sum of {told} in {subject.table.qualified}{by}.",
        {"measure": f"SUM({value})"}, unit, "up_is_good" if label == "Revenue" else "neutral", subject.shape.weight + 14,
        ("sales", "turnover") if label == "Revenue" else (), f"{told} is taken for what was paid. {_unit_doubt(unit)}",
        is_value=True,
    )  # fmt: skip
    if off is not None:
        yield Drafted(
            f"Average {small(said_as(off.name))}", f"Average {small(said_as(off.name))} of {small(subject.label)}",
            f"Average of {off.name} in {subject.table.qualified}, weighted by {price.name} times {piece.name}{by}.",
            {"numerator": {"measure": f"SUM({gross} * {in_formula(off)})"}, "denominator": {"measure": f"SUM({gross})"}},
            "percent", "neutral", subject.shape.weight, (), "a share is averaged with the money that it is a share of.",
            is_flow=False,
        )  # fmt: skip


def _is_sold(subject: Subject, dictionary: Dictionary) -> bool:
    parents = [dictionary.tables[join.to_table].name for join in dictionary.joins_from.get(subject.table.qualified, [])]
    own = tells(subject.said, SALES) and not tells(subject.said, _BOUGHT)
    of_parent = subject.shape.kind == "part" and any(
        tells(thing(each), SALES) and not tells(thing(each), _BOUGHT) for each in parents
    )
    return own or of_parent


_BOUGHT = {"purchase", "purchases", "supplier", "vendor"}


def _of_column(
    subject: Subject, column: Column, guess: Measure, by: str, place: int, currencies: str | None
) -> Iterator[Drafted]:
    kind, said = subject.shape.kind, _without_unit(column.name)
    adds_up = guess.aggregate == "sum" and kind in ("event", "part", "facts", "log", "snapshot")
    if guess.meaning in ("money", "price") and currencies is None:
        return
    unit = currencies if currencies and guess.meaning in ("money", "price") else guess.unit
    where, name = f"{column.name} in {subject.table.qualified}{by}", in_formula(column)
    weight = subject.shape.weight - min(place, 8) * 0.5
    synonyms = _as_synonym(column.description)
    words_of = meant(said)
    is_bare = set(words_of) <= _BARE or all(word in UNITS for word in meant(column.name))
    if adds_up:
        is_revenue = guess.meaning == "money" and set(words_of) <= EARNED and tells(subject.said, SALES - _BOUGHT)
        if is_revenue:
            label, synonyms = "Revenue", ("sales", "turnover", *synonyms)
        elif words_of == ["quantity"] and tells(subject.said, SALES):
            label = "Units sold"
        else:
            label = f"{subject.one} {small(said)}" if is_bare else said
        weight += 12 if is_revenue else 6 if guess.meaning == "money" else 4
        yield Drafted(
            label, f"{label} of {small(subject.label)}", f"Sum of {where}.", {"measure": f"SUM({name})"}, unit,
            "up_is_good" if is_revenue else direction(words_of), weight, synonyms,
            f"the values of {column.name} are added up. {_unit_doubt(unit) if guess.meaning == 'money' else ''}".strip(),
            is_value=is_revenue,
        )  # fmt: skip
        if guess.meaning != "money" or kind != "event":
            return
        label = f"Average {small(subject.one)} {'value' if is_revenue or is_bare else small(said)}"
        weight, synonyms = weight - 9, ()
    else:
        own = said.removeprefix("Average ").removeprefix("Mean ")
        own = own[:1].upper() + own[1:]
        label = f"Average {small(subject.one)} {small(own)}" if is_bare or kind == "thing" else f"Average {small(own)}"
        weight += {"duration": 7, "share": 2, "level": 2, "price": -1, "unknown": -6}.get(guess.meaning, 0)
        # What a thing has, such as its list price, is looked up rather than watched.
        weight -= 8 if kind == "thing" else 0
    yield Drafted(
        label, f"{label} of {small(subject.label)}", f"Average of {where}.", {"measure": f"AVG({name})"}, unit,
        direction(words_of), weight, synonyms, f"the values of {column.name} are averaged, each row alike.", is_flow=False,
    )  # fmt: skip


def _without_unit(name: str) -> str:
    """What is measured: the unit stands beside the number."""
    said = [word for word in meant(name) if word not in CURRENCIES and word not in UNITS]
    measured = {MEASURED_IN[UNITS[word]] for word in meant(name) if word in UNITS}
    if said and said[-1].endswith("ing") and measured == {"duration"}:
        # `waiting_minutes` is the time that is waited.
        said.append("time")
    said = said or [MEASURED_IN[UNITS[word]] for word in meant(name) if word in UNITS][:1]
    return said_as(" ".join(said)) if said else said_as(name)


_BARE = frozenset("amount total value price score rating count size quantity sum cost age grade points level".split())


def _lead_times(subject: Subject, by: str) -> Iterator[Drafted]:
    """How long it takes from when a row came about to when it was over."""
    start = subject.table.columns.get(subject.shape.time or "")
    if subject.shape.kind not in ("event", "part") or start is None:
        return
    for column in subject.table.columns.values():
        if column is start or column.type.kind != start.type.kind or column.pii:
            continue
        if not tells(words(column.name), LATER) or tells(words(column.name), NEVER):
            continue
        facts = subject.facts[column.name]
        if facts.filled == 0:
            continue
        between = f"{in_formula(start)}, {in_formula(column)}"
        is_days = start.type.kind == "date" or _is_days(column)
        measure = f"AVG(DAYS_BETWEEN({between}))" if start.type.kind == "date" else (
            f"AVG(SECONDS_BETWEEN({between})) / {86_400 if is_days else 3_600}"
        )  # fmt: skip
        end = _ending(column.name)
        label = "Average delivery time" if "deliver" in end else f"Average time to {end}"
        yield Drafted(
            label, f"{label} of {small(subject.label)}",
            f"Average time from {start.name} to {column.name} in {subject.table.qualified}{by}, where both are there.",
            {"measure": measure}, "days" if is_days else "hours", "down_is_good", subject.shape.weight + 5, (),
            f"from {start.name} to {column.name}.", is_flow=False,
        )  # fmt: skip


def _is_days(column: Column) -> bool:
    return tells(
        words(column.name), {"return", "returned", "shipped", "delivered", "delivery", "discharged", "paid", "date"}
    )


def _ending(name: str) -> str:
    said = [word for word in meant(name) if word not in ("date", "time", "at", "on", "ts", "timestamp", "actual")]
    word = next((each for each in said if tells((each,), LATER)), said[-1] if said else "end")
    return _NOUNS.get(word, word)


_NOUNS = {
    "shipped": "shipping", "shipping": "shipping", "delivered": "delivery", "returned": "return", "closed": "closing",
    "resolved": "resolution", "discharged": "discharge", "paid": "payment", "completed": "completion",
    "approved": "approval",
    "cancelled": "cancellation", "canceled": "cancellation", "finished": "finish", "ended": "end", "ends": "end",
    "answered": "answer", "fulfilled": "fulfilment", "arrived": "arrival",
}  # fmt: skip


def _share_of_flag(subject: Subject, column: Column, by: str) -> Iterator[Drafted]:
    facts = subject.facts[column.name]
    if (facts.distinct is not None and facts.distinct < 2) or facts.filled == 0:
        return
    said = [word for word in meant(column.name) if word not in ("is", "has", "was", "flag")]
    if not said or tells(said, {"active", "deleted", "test", "enabled", "visible"}):
        return
    what = " ".join(said)
    label = f"{what[:1].upper()}{what[1:]} share of {small(subject.label)}"
    yield Drafted(
        label, label, f"Rows of {subject.table.qualified} for which {column.name} holds, of all that say so or not{by}.",
        {"numerator": {"measure": "COUNT(*)", "filter": in_formula(column)},
         "denominator": {"measure": f"COUNT({in_formula(column)})"}},
        "percent", direction(said), subject.shape.weight + 1, (), f"{column.name} is taken for yes and no.", is_flow=False,
    )  # fmt: skip


def _currencies(subject: Subject) -> str | None:
    """The one currency that its amounts are in; an empty text where none is told, None where they are in several."""
    for column in subject.table.columns.values():
        if (column.type.kind == "string" and meant(column.name)[-1:] in (["currency"], ["waehrung"], ["devise"])) or (
            column.type.kind == "string" and meant(column.name) == ["currency", "code"]
        ):
            facts = subject.facts[column.name]
            if facts.distinct is not None and facts.distinct > 1:
                return None
            value = facts.values[0].strip().lower() if facts.values else ""
            return value if re.fullmatch(r"[a-z]{3}", value) else ""
    return ""


def _unit_doubt(unit: str) -> str:
    return "Its currency is not told." if unit == "count" else ""


def _as_synonym(comment: str) -> tuple[str, ...]:
    """A comment of a few words is another name; a longer one is a description."""
    text = comment.strip().rstrip(".")
    is_name = 2 < len(text) <= 40 and len(text.split()) <= 4 and not re.search(r"[,;:(){}\[\]\"'=<>]", text)
    return (text.lower(),) if is_name else ()
