"""What words stand for in the dictionary itself: tables, columns, flags and values, beside what the catalog names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from assay.catalog.dictionary import Column, Table
from assay.catalog.spelling import words as words_of_name
from assay.widgets.words.lexicon import Lexicon, words_of
from assay.widgets.words.text import stem

What = Literal["table", "number", "flag", "key", "dimension", "value"]
UNITS = {"usd": "usd", "hours": "hours", "minutes": "minutes", "days": "days", "seconds": "seconds"}
"""Last words of column names that say in what a number is counted."""

_FURTHER = re.compile(r",| (?:about|that|and|with|in|on|from|for|of|per) ")
"""Where `one row per support session about an issue` says more than what a row is."""


@dataclass(frozen=True, slots=True)
class Thing:
    """`column` is empty for a table; `value` is set for values alone."""

    what: What
    table: str
    column: str = ""
    value: str = ""


Called = tuple[tuple[str, ...], Thing]
"""Words, and what they stand for."""
Vocabulary = dict[tuple[str, ...], tuple[Called, ...]]
"""By the stems of the words."""


def vocabulary(lexicon: Lexicon) -> Vocabulary:
    """English words for everything that a definition may speak of. Personal columns have none."""
    found: dict[tuple[str, ...], dict[Called, None]] = {}
    for words, thing in _things(lexicon):
        if words:
            found.setdefault(tuple(stem(word, "en") for word in words), {})[words, thing] = None
    return {stems: tuple(called) for stems, called in found.items()}


def meant(called: tuple[Called, ...], folded: tuple[str, ...]) -> tuple[Thing, ...]:
    """What these very words stand for; only where nothing of a kind is called so, what they do without their plural."""
    exact = {thing.what for words, thing in called if words == folded}
    return tuple(dict.fromkeys(thing for words, thing in called if words == folded or thing.what not in exact))


def _things(lexicon: Lexicon) -> Iterator[tuple[tuple[str, ...], Thing]]:
    for table in lexicon.workspace.dictionary.tables.values():
        for words in _names_of(table):
            yield words, Thing("table", table.qualified)
        for column in table.columns.values():
            if column.pii is None and column.type.kind != "other":
                for words, what in _names_of_column(column):
                    yield words, Thing(what, table.qualified, column.name)
    for term in lexicon.terms:
        if term.meant.what != "metric":
            schema, table_name, column_name = term.meant.key.split(".", 2)  # a column's name may hold a point
            what: What = "value" if term.meant.value is not None else "dimension"
            yield term.words, Thing(what, f"{schema}.{table_name}", column_name, term.meant.value or "")


def _names_of(table: Table) -> Iterator[tuple[str, ...]]:
    """`ev_repair_order`: repair order; `one row per repair`: repair."""
    words = tuple(words_of_name(table.name))
    yield words[1:] if len(words) > 1 and len(words[0]) <= 3 else words
    said = table.grain.lower().removeprefix("one row per ")
    if said != table.grain.lower():
        grain = words_of(_FURTHER.split(said)[0])
        if len(grain) <= 3:
            yield grain


def _names_of_column(column: Column) -> Iterator[tuple[tuple[str, ...], What]]:
    words = tuple(words_of_name(column.name))
    if column.role in ("key", "foreign_key"):
        if words[-1] == "id" and len(words) > 1:
            yield words[:-1], "key"
    elif column.type.kind == "boolean":
        yield (words[1:] if words[0] in ("is", "has") and len(words) > 1 else words), "flag"
    elif column.type.is_number:
        yield words, "number"
        if words[-1] in UNITS and len(words) > 1:
            yield words[:-1], "number"
    elif column.role == "dimension":
        yield words, "dimension"
