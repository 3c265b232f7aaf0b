"""The metrics of a first workspace: what an analyst would count, add up and average over the tables, best first."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from assay.catalog.dictionary import Column, Dictionary, Table
from assay.catalog.first_page import Headline, first_page
from assay.catalog.found import FoundColumn, FoundTable, LeftOut
from assay.catalog.guesses import Measure, guess_measure
from assay.catalog.metric import Binder
from assay.catalog.shapes import Shape, shapes_of
from assay.catalog.spelling import slug, unused, words
from assay.catalog.splits import Split, splits_of
from assay.catalog.vocabulary import (
    BAD,
    GOOD,
    LATER,
    NEVER,
    PEOPLE,
    SALES,
    is_english,
    many,
    meant,
    one,
    said_as,
    singular,
    tells,
    thing,
)
from assay.catalog.when import When, when_of

MAX_METRICS = 30
OWNER = "not yet named"
Entry = dict[str, Any]


@dataclass
class Starter:
    """What is written into `metrics/` by file, and the dashboard; each an object as YAML will hold it."""

    metrics: dict[str, list[Entry]] = field(default_factory=dict)
    more: dict[str, list[Entry]] = field(default_factory=dict)
    """Those behind the first ones, by file."""
    dashboard: Entry = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    guessed: list[str] = field(default_factory=list)
    """The weightiest first."""

    @property
    def metric_ids(self) -> list[str]:
        return [entry["id"] for entries in self.metrics.values() for entry in entries]


@dataclass(frozen=True)
class _Subject:
    """A table that gets metrics."""

    table: Table
    facts: Mapping[str, FoundColumn]
    shape: Shape
    label: str
    """Of its rows, in the plural."""
    one: str
    splits: list[Split]
    when: When
    whole: str
    """The table, or the one that its rows are parts of."""

    @property
    def said(self) -> list[str]:
        return thing(self.table.name)


@dataclass(frozen=True)
class _Drafted:
    """`label` may be taken already: then `full_label` is used."""

    label: str
    full_label: str
    definition: str
    form: Entry
    unit: str
    direction: str
    weight: float
    synonyms: tuple[str, ...] = ()
    reason: str = ""
    is_flow: bool = True
    has_time: bool = True
    """Whether nothing is 0, so that its series and its splits add up to it."""


def make_starter(
    dictionary: Dictionary,
    found: Mapping[str, FoundTable],
    now: datetime,
    roles: Mapping[tuple[str, str], str] | None = None,
) -> Starter:
    """`found` has every table of the dictionary by qualified name; `now` is in the workspace's time zone."""
    starter, taken, labels = Starter(), set[str](), set[str]()
    subjects = _subjects(dictionary, found, now, starter, roles or {})
    # A question over a metric and a dimension of one name would have two columns of that name.
    taken |= {split.name for subject in subjects for split in subject.splits}
    drafted = sorted(
        ((subject, each) for subject in subjects for each in _metrics(subject, subjects, dictionary)),
        key=lambda pair: -pair[1].weight,
    )  # fmt: skip
    files, taken_files, synonyms = dict[str, str](), set[str](), set[str]()
    headlines, reasons = list[Headline](), list[str]()
    for number, (subject, each) in enumerate(drafted):
        entry = _entry(subject, each, taken, labels, synonyms)
        schema = subject.table.schema
        file = files.get(schema) or files.setdefault(schema, unused(slug(schema, "schema"), taken_files))
        (starter.metrics if number < MAX_METRICS else starter.more).setdefault(file, []).append(entry)
        if number < MAX_METRICS:
            when = subject.when if "time" in entry else When()
            headlines.append(Headline(entry, subject.table.qualified, subject.whole, when, subject.splits, each.is_flow))
            reasons += [f"{entry['label']} ({entry['id']}): {each.reason}"] if each.reason else []
    if len(drafted) > MAX_METRICS:
        reason = f"{MAX_METRICS} metrics are enough to begin with; assay init --more adds the others"
        starter.left_out.append(LeftOut(f"{len(drafted) - MAX_METRICS} more metrics", reason))
    starter.guessed = [*reasons, *starter.guessed]
    starter.dashboard = first_page(headlines)
    return starter


def _subjects(
    dictionary: Dictionary, found: Mapping[str, FoundTable], now: datetime, starter: Starter,
    roles: Mapping[tuple[str, str], str],
) -> list[_Subject]:  # fmt: skip
    """The tables that get metrics, the weightiest first. Views only where there is nothing else."""
    shapes = shapes_of(dictionary, found)
    tables = [table for table in dictionary.tables.values() if found[table.qualified].kind != "view"]
    views = [table for table in dictionary.tables.values() if found[table.qualified].kind == "view"]
    if tables and views:
        reason = "views are in the dictionary; metrics were drafted over tables alone"
        starter.left_out.append(LeftOut(_some([each.qualified for each in views]), reason))
    picked = [each for each in tables or views if shapes[each.qualified].kind not in ("left out", "list", "link")]
    picked = picked or [each for each in tables or views if shapes[each.qualified].kind != "left out"] or tables or views
    for reason, names in _by_reason(shapes, picked, tables or views).items():
        starter.left_out.append(LeftOut(_some(names), reason))
    picked.sort(key=lambda each: (-shapes[each.qualified].weight, each.qualified))
    english = is_english([each.name for table in dictionary.tables.values() for each in (table, *table.columns.values())])
    labels = Counter(many(table.name, english) for table in picked)
    binder, subjects = Binder(dictionary), list[_Subject]()
    for table in picked:
        facts, shape = found[table.qualified], shapes[table.qualified]
        schema = f" ({table.schema})" if labels[many(table.name, english)] > 1 else ""
        whole = _whole(table, shapes, dictionary)
        subjects.append(_Subject(
            table, {each.name: each for each in facts.columns}, shape, many(table.name, english) + schema,
            one(table.name, english), splits_of(table, found, binder, english, roles, whole),
            when_of(facts, shape.time, now), whole or table.qualified,
        ))  # fmt: skip
    _say_times(subjects, starter)
    return subjects


def _whole(table: Table, shapes: Mapping[str, Shape], dictionary: Dictionary) -> str | None:
    """The event that the rows of a table are parts of: its columns are as good as their own."""
    if shapes[table.qualified].kind != "part":
        return None
    joins = dictionary.joins_from.get(table.qualified, [])
    return next((join.to_table for join in joins if shapes[join.to_table].time), None)


def _by_reason(shapes: Mapping[str, Shape], picked: list[Table], tables: list[Table]) -> dict[str, list[str]]:
    told = {
        "list": "lists of what others point to: they divide metrics and have none themselves",
        "link": "links between two tables: they have no metrics",
    }
    reasons: dict[str, list[str]] = {}
    for table in tables:
        if table not in picked:
            shape = shapes[table.qualified]
            reasons.setdefault(f"no metrics: {shape.reason}" if shape.reason else told[shape.kind], []).append(
                table.qualified
            )
    return reasons


def _say_times(subjects: list[_Subject], starter: Starter) -> None:
    changed = [f"{each.table.qualified}.{each.shape.time}" for each in subjects
               if each.shape.time and tells(words(each.shape.time), {"updated", "modified", "changed", "update"})]  # fmt: skip
    if changed:
        starter.guessed.append(
            f"{_some(changed)} say when rows changed; there was no column that says when they came about."
        )
    old = [f"{each.table.qualified} ({each.when.last})" for each in subjects if each.when.is_old]
    if old:
        starter.guessed.append(
            f"The newest rows of {_some(old)} are more than a month old. Their tiles look at the months in which they lie;"
            " asked without a window, their metrics look at the last 30 days."
        )


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


# -- metrics ------------------------------------------------------------------------------------


def _metrics(subject: _Subject, subjects: list[_Subject], dictionary: Dictionary) -> Iterator[_Drafted]:
    by = f", by {subject.shape.time}" if subject.shape.time else ""
    yield _count(subject, by)
    if subject.shape.kind == "thing" and subject.shape.time:
        label = f"New {_small(subject.label)}"
        yield _Drafted(
            label, label, f"Number of rows of {subject.table.qualified}{by}.", {"measure": "COUNT(*)"}, "count",
            _direction(subject.said), subject.shape.weight + 1, (), f"by {subject.shape.time}, when they came to be.",
        )  # fmt: skip
    yield from _distinct_people(subject, dictionary, by)
    measures = [
        (column, guess)
        for column in subject.table.columns.values()
        if column.role in ("measure", "attribute") and column.pii is None
        and (guess := guess_measure(subject.facts[column.name], column.type.kind))
    ]  # fmt: skip
    currencies = _currencies(subject)
    values = list(_value_of_parts(subject, measures, dictionary, by, currencies))
    yield from values
    if any("weighted" in each.definition for each in values):
        measures = [each for each in measures if "discount" not in meant(each[0].name)]
    for place, (column, guess) in enumerate(measures):
        yield from _of_column(subject, column, guess, by, place, currencies)
    yield from _lead_times(subject, by)
    for column in subject.table.columns.values():
        if column.type.kind == "boolean" and column.pii is None and subject.shape.kind in ("event", "part", "facts"):
            yield from _share_of_flag(subject, column, by)


def _count(subject: _Subject, by: str) -> _Drafted:
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
    return _Drafted(
        subject.label, f"{subject.label} ({subject.table.schema})", f"Number of rows of {name}{by}.", {"measure": "COUNT(*)"},
        "count", _direction(subject.said), subject.shape.weight + bonus, comment, reason, has_time=kind != "thing",
    )  # fmt: skip


def _is_level(subject: _Subject, column: Column) -> bool:
    guess = guess_measure(subject.facts[column.name], column.type.kind)
    return guess is not None and guess.meaning == "level"


_OWN_WORDS = ("Table ", "View ", "Materialised view ", "Foreign table ")


def _distinct_people(subject: _Subject, dictionary: Dictionary, by: str) -> Iterator[_Drafted]:
    if subject.shape.kind not in ("event", "facts"):
        return
    for join in dictionary.joins_from.get(subject.table.qualified, []):
        parent = dictionary.tables[join.to_table]
        said = thing(parent.name)
        if len(join.from_columns) != 1 or not tells(said[-1:], PEOPLE) or said[-1].startswith(("employee", "staff")):
            continue
        column = subject.table.columns[join.from_columns[0]]
        label = f"{many(parent.name, True)} with {_small(subject.label)}"
        yield _Drafted(
            label, label, f"Number of different {column.name} in {subject.table.qualified}{by}.",
            {"measure": f"COUNT(DISTINCT {_in_formula(column)})"}, "count", _direction(said), subject.shape.weight + 2,
            (f"active {_small(many(parent.name, True))}",), "counted once each, by what the rows point to.", is_flow=False,
        )  # fmt: skip


def _value_of_parts(
    subject: _Subject, measures: list[tuple[Column, Measure]], dictionary: Dictionary, by: str, currencies: str | None
) -> Iterator[_Drafted]:
    """Quantity times price, less the discount where it is a share; the discount too, weighted so."""
    if subject.shape.kind not in ("event", "part", "facts") or currencies is None:
        return
    prices = [each for each in measures if each[1].meaning == "price"]
    pieces = [each for each in measures if each[1].meaning == "quantity"]
    if not prices or not pieces or any(each[1].meaning == "money" and "total" in meant(each[0].name) for each in measures):
        return
    price, piece = min(prices, key=lambda each: len(each[0].name))[0], pieces[0][0]
    value = f"{_in_formula(price)} * {_in_formula(piece)}"
    gross, told = value, f"{price.name} times {piece.name}"
    off = next((each for each, guess in measures if guess.unit == "percent" and "discount" in meant(each.name)), None)
    if off is not None:
        value, told = f"{value} * (1 - COALESCE({_in_formula(off)}, 0))", f"{told}, less {off.name}"
    label = "Revenue" if _is_sold(subject, dictionary) else f"Value of {_small(subject.label)}"
    unit = currencies or next((guess.unit for _, guess in prices if guess.unit != "count"), "count")
    yield _Drafted(
        label, f"{label} of {_small(subject.label)}", f"Sum of {told} in {subject.table.qualified}{by}.",
        {"measure": f"SUM({value})"}, unit, "up_is_good" if label == "Revenue" else "neutral", subject.shape.weight + 14,
        ("sales", "turnover") if label == "Revenue" else (), f"{told} is taken for what was paid. {_unit_doubt(unit)}",
    )  # fmt: skip
    if off is not None:
        yield _Drafted(
            f"Average {_small(said_as(off.name))}", f"Average {_small(said_as(off.name))} of {_small(subject.label)}",
            f"Average of {off.name} in {subject.table.qualified}, weighted by {price.name} times {piece.name}{by}.",
            {"numerator": {"measure": f"SUM({gross} * {_in_formula(off)})"}, "denominator": {"measure": f"SUM({gross})"}},
            "percent", "neutral", subject.shape.weight, (), "a share is averaged with the money that it is a share of.",
            is_flow=False,
        )  # fmt: skip


def _is_sold(subject: _Subject, dictionary: Dictionary) -> bool:
    parents = [dictionary.tables[join.to_table].name for join in dictionary.joins_from.get(subject.table.qualified, [])]
    own = tells(subject.said, SALES) and not tells(subject.said, _BOUGHT)
    of_parent = subject.shape.kind == "part" and any(
        tells(thing(each), SALES) and not tells(thing(each), _BOUGHT) for each in parents
    )
    return own or of_parent


_BOUGHT = {"purchase", "purchases", "supplier", "vendor"}


def _of_column(
    subject: _Subject, column: Column, guess: Measure, by: str, place: int, currencies: str | None
) -> Iterator[_Drafted]:
    kind, said = subject.shape.kind, said_as(column.name)
    adds_up = guess.aggregate == "sum" and kind in ("event", "part", "facts", "log", "snapshot")
    if guess.meaning in ("money", "price") and currencies is None:
        return
    unit = currencies if currencies and guess.meaning in ("money", "price") else guess.unit
    where, name = f"{column.name} in {subject.table.qualified}{by}", _in_formula(column)
    weight = subject.shape.weight - min(place, 8) * 0.5
    synonyms = _as_synonym(column.description)
    words_of = meant(column.name)
    is_bare = set(words_of) <= _BARE
    if adds_up:
        is_revenue = guess.meaning == "money" and set(words_of) <= _EARNED and tells(subject.said, SALES - _BOUGHT)
        if is_revenue:
            label, synonyms = "Revenue", ("sales", "turnover", *synonyms)
        elif words_of == ["quantity"] and tells(subject.said, SALES):
            label = "Units sold"
        else:
            label = f"{subject.one} {_small(said)}" if is_bare else said
        weight += 12 if is_revenue else 6 if guess.meaning == "money" else 4
        yield _Drafted(
            label, f"{label} of {_small(subject.label)}", f"Sum of {where}.", {"measure": f"SUM({name})"}, unit,
            "up_is_good" if is_revenue else _direction(words_of), weight, synonyms,
            f"the values of {column.name} are added up. {_unit_doubt(unit) if guess.meaning == 'money' else ''}".strip(),
        )  # fmt: skip
        if guess.meaning != "money" or kind != "event":
            return
        label = f"Average {_small(subject.one)} {'value' if is_revenue or is_bare else _small(said)}"
        weight, synonyms = weight - 9, ()
    else:
        own = said.removeprefix("Average ").removeprefix("Mean ")
        own = own[:1].upper() + own[1:]
        label = f"Average {_small(subject.one)} {_small(own)}" if is_bare or kind == "thing" else f"Average {_small(own)}"
        weight += {"duration": 7, "share": 2, "level": 2, "price": -1, "unknown": -6}.get(guess.meaning, 0)
        # What a thing has, such as its list price, is looked up rather than watched.
        weight -= 8 if kind == "thing" else 0
    yield _Drafted(
        label, f"{label} of {_small(subject.label)}", f"Average of {where}.", {"measure": f"AVG({name})"}, unit,
        _direction(words_of), weight, synonyms, f"the values of {column.name} are averaged, each row alike.", is_flow=False,
    )  # fmt: skip


_BARE = frozenset("amount total value price score rating count size quantity sum cost age grade points level".split())
_EARNED = frozenset("amount total sum revenue sales subtotal grand price paid usd eur gbp net gross".split())


def _lead_times(subject: _Subject, by: str) -> Iterator[_Drafted]:
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
        between = f"{_in_formula(start)}, {_in_formula(column)}"
        is_days = start.type.kind == "date" or _is_days(subject, column)
        measure = f"AVG(DAYS_BETWEEN({between}))" if start.type.kind == "date" else (
            f"AVG(SECONDS_BETWEEN({between})) / {86_400 if is_days else 3_600}"
        )  # fmt: skip
        end = _ending(column.name)
        label = "Average delivery time" if "deliver" in end else f"Average time to {end}"
        yield _Drafted(
            label, f"{label} of {_small(subject.label)}",
            f"Average time from {start.name} to {column.name} in {subject.table.qualified}{by}; rows without one are left out.",
            {"measure": measure}, "days" if is_days else "hours", "down_is_good", subject.shape.weight + 5, (),
            f"from {start.name} to {column.name}.", is_flow=False,
        )  # fmt: skip


def _is_days(subject: _Subject, column: Column) -> bool:
    return tells(
        words(column.name), {"return", "returned", "shipped", "delivered", "delivery", "discharged", "paid", "date"}
    )


def _ending(name: str) -> str:
    said = [word for word in meant(name) if word not in ("date", "time", "at", "on", "ts", "timestamp", "actual")]
    word = next((each for each in said if tells((each,), LATER)), said[-1] if said else "end")
    return _NOUNS.get(word, word)


_NOUNS = {
    "shipped": "shipping", "shipping": "shipping", "delivered": "delivery", "returned": "return", "closed": "closing",
    "resolved": "resolution", "discharged": "discharge", "paid": "payment", "completed": "completion", "approved": "approval",
    "cancelled": "cancellation", "canceled": "cancellation", "finished": "finish", "ended": "end", "ends": "end",
    "answered": "answer", "fulfilled": "fulfilment", "arrived": "arrival",
}  # fmt: skip


def _share_of_flag(subject: _Subject, column: Column, by: str) -> Iterator[_Drafted]:
    facts = subject.facts[column.name]
    if (facts.distinct is not None and facts.distinct < 2) or facts.filled == 0:
        return
    said = [word for word in meant(column.name) if word not in ("is", "has", "was", "flag")]
    if not said or tells(said, {"active", "deleted", "test", "enabled", "visible"}):
        return
    what = " ".join(said)
    label = f"{what[:1].upper()}{what[1:]} share of {_small(subject.label)}"
    yield _Drafted(
        label, label, f"Rows of {subject.table.qualified} for which {column.name} holds, of all that say so or not{by}.",
        {"numerator": {"measure": "COUNT(*)", "filter": _in_formula(column)},
         "denominator": {"measure": f"COUNT({_in_formula(column)})"}},
        "percent", _direction(said), subject.shape.weight + 1, (), f"{column.name} is taken for yes and no.", is_flow=False,
    )  # fmt: skip


# -- the entry ----------------------------------------------------------------------------------


def _entry(subject: _Subject, each: _Drafted, taken: set[str], labels: set[str], synonyms: set[str]) -> Entry:
    label = each.label if each.label.lower() not in labels else each.full_label
    label = unused_label(label[:80], labels)
    when = {"time": subject.shape.time, **({"window": subject.when.named} if subject.when.named else {})}
    kept = [word for word in dict.fromkeys(each.synonyms) if word.lower() not in labels and word.lower() not in synonyms]
    synonyms.update(word.lower() for word in kept)
    return {
        "id": unused(slug(label, "metric"), taken), "label": label,
        "definition": f"{each.definition} Drafted from names: look it over."[:600], "entity": subject.table.qualified,
        **each.form, **(when if subject.shape.time and each.has_time else {}), "dimensions": [split.entry for split in subject.splits],
        "unit": each.unit, "direction": each.direction, "owner": OWNER, **({"synonyms": kept} if kept else {}),
    }  # fmt: skip


def unused_label(wanted: str, taken: set[str]) -> str:
    label, number = wanted, 2
    while label.lower() in taken:
        label, number = f"{wanted[:76]} {number}", number + 1
    taken.add(label.lower())
    return label


def _currencies(subject: _Subject) -> str | None:
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


def _direction(said: list[str]) -> str:
    own = [*said, *(singular(each) for each in said)]
    return "down_is_good" if tells(own, BAD) else "up_is_good" if tells(own, GOOD) else "neutral"


def _small(text: str) -> str:
    return text[:1].lower() + text[1:] if not text[:2].isupper() else text


def _as_synonym(comment: str) -> tuple[str, ...]:
    """A comment of a few words is another name; a longer one is a description."""
    text = comment.strip().rstrip(".")
    is_name = 2 < len(text) <= 40 and len(text.split()) <= 4 and not re.search(r"[,;:(){}\[\]\"'=<>]", text)
    return (text.lower(),) if is_name else ()


def _in_formula(column: Column) -> str:
    """The name as a formula writes it: in quotes wherever it would be read as something else, or look so."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", column.name):
        return exp.to_identifier(column.name, quoted=True).sql()
    try:
        tree = sqlglot.parse_one(f"SUM({column.name})")
        is_plain = isinstance(tree, exp.Sum) and tree.this == exp.column(column.name)
    except SqlglotError:
        is_plain = False
    return column.name if is_plain else exp.to_identifier(column.name, quoted=True).sql()
