"""What Assay writes of its own into another layer's files, in the place that the format has for it: each definition as its
author wrote it. It is taken back only where what stands beside it still says what it said when it was written.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assay.catalog.binder import Binder
from assay.catalog.calendars import Calendar
from assay.catalog.dictionary import Dictionary, Join, join_faults
from assay.catalog.entry import EntityEntry, MetricEntry
from assay.catalog.formula import BadFormula
from assay.catalog.metric import Metric
from assay.catalog.yaml_text import Entry
from assay.errors import SetupFailed
from assay.interop.changes import Imported
from assay.interop.fidelity import Item, Place, Report
from assay.interop.keys import known_join, with_key
from assay.interop.names import told_fault

NAME = "assay"
VENDOR = "ASSAY"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HeldJoin(_Strict):
    id: str
    columns: tuple[str, ...]
    to: str
    to_columns: tuple[str, ...]
    cardinality: Literal["many_to_one", "one_to_one"] = "many_to_one"
    description: str = ""
    valid: tuple[str, str] | None = None


class HeldMetric(_Strict):
    entry: MetricEntry
    measures: tuple[str, ...] = ()
    """What says it in the format, its own measure last, by the names that the import has for them; none where it cannot."""
    mark: str | None = None
    """Of what these said when it was written."""


class Held(_Strict):
    """Of one table."""

    table: str
    time: str | None = None
    """The field of the time by which its rows count: of a format that has no word for it."""
    keys: tuple[tuple[str, ...], ...] = ()
    joins: tuple[HeldJoin, ...] = ()
    entity: EntityEntry | None = None
    mark: str | None = None
    """Of what the format said of its dimensions and segments."""
    metrics: tuple[HeldMetric, ...] = ()

    def body(self) -> Entry:
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)


@dataclass(frozen=True, slots=True)
class Extension:
    """As it lies in a file."""

    held: Held
    place: Place


def read_extension(data: Any, place: Place) -> Extension:
    """Raises SetupFailed: what Assay has written is read whole, or somebody has to look at it."""
    try:
        return Extension(Held.model_validate_json(json.dumps(data, default=str)), place)
    except (ValidationError, ValueError) as error:
        why = told_fault(error) if isinstance(error, ValidationError) else str(error)
        raise SetupFailed(f"{place}: the extension {NAME} cannot be read: {why}.",
                          mend="delete it, and what stands beside it is taken") from error  # fmt: skip


def ids_of(extensions: Sequence[Extension]) -> dict[str, str]:
    """The metric that a measure is, by the measure's name."""
    return {each.measures[-1]: each.entry.id for one in extensions for each in one.held.metrics if each.measures}


def grounded(dictionary: Dictionary, extensions: Sequence[Extension]) -> tuple[Dictionary, tuple[Join, ...]]:
    """The dictionary with the keys and joins that definitions rest on; and those of the joins that it did not have."""
    fresh: list[Join] = []
    for one in extensions:
        table = dictionary.find(one.held.table)
        for key in one.held.keys if table else ():
            assert table
            made = with_key(dictionary, dictionary.tables[table.qualified], key)
            dictionary = made if isinstance(made, Dictionary) and set(key) <= table.columns.keys() else dictionary
    for one in extensions:
        for each in one.held.joins:
            join = Join(each.id, one.held.table, each.columns, each.to, each.to_columns, each.cardinality, each.description,
                        0, each.valid)  # fmt: skip
            if known_join(join, dictionary.joins) or next(join_faults(join, join.cardinality, dictionary.tables), None):
                continue
            if any(other.join_id == each.id for other in dictionary.joins):
                raise SetupFailed(f"{one.place}: the join {each.id} leads elsewhere in this workspace.",
                                  mend="rename the workspace's own in join_map.csv")  # fmt: skip
            dictionary = replace(dictionary, joins=(*dictionary.joins, join))
            fresh.append(join)
    return dictionary, tuple(fresh)


Land = Callable[[Dictionary], Imported]


@dataclass(frozen=True)
class Native:
    """What a format says by itself: an import without the extensions, its metrics bound."""

    found: Imported
    bound: Mapping[str, Metric]
    """By id; what cannot be bound is left out."""
    entities: Mapping[str, EntityEntry]
    by_name: Mapping[str, tuple[str, Entry]]
    """Id and entry, by the name of a measure."""

    def mark(self, names: Collection[str]) -> str:
        """Equal as long as these measures say the same, in meaning and in words."""
        said = [(name, entry, self.bound[metric_id].version if metric_id in self.bound else None)
                for name in names for metric_id, entry in (self.by_name.get(name, ("", {})),)]  # fmt: skip
        return _digest(said)

    def entity_mark(self, table: str) -> str:
        entity = self.entities.get(table)
        return _digest(entity.model_dump(mode="json") if entity else None)


def _digest(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:16]


def natively(found: Imported, calendar: Calendar) -> Native:
    entities = {each.table: each for each in found.entities}
    by_id = {str(entry["id"]): entry for entry in found.metrics}
    bound = bind_all(found.metrics, found.dictionary, entities, calendar)
    by_name = {name: (metric_id, by_id[metric_id]) for name, metric_id in found.names.items()}
    return Native(found, bound, entities, by_name)


def bind_all(
    entries: Sequence[Entry], dictionary: Dictionary, entities: Mapping[str, EntityEntry], calendar: Calendar
) -> dict[str, Metric]:  # fmt: skip
    """The metrics that can be bound, whatever order they stand in."""
    binder, bound = Binder(dictionary, entities, calendar), dict[str, Metric]()
    waiting = [MetricEntry.model_validate(each) for each in entries]
    written = [each.id for each in waiting]
    while waiting:
        left: list[MetricEntry] = []
        for entry in waiting:
            try:
                bound[entry.id] = binder.take(binder.completed(entry), bound, written, "", 1)
            except BadFormula:
                left.append(entry)
        if len(left) == len(waiting):
            break
        waiting = left
    return bound


def taken_back(
    land: Land, dictionary: Dictionary, extensions: Sequence[Extension], calendar: Calendar, taken: Collection[str]
) -> Imported:  # fmt: skip
    """What the format says, and in its place what its extensions hold where it still says what it said.

    `taken`: ids of metrics that the workspace has from elsewhere. Raises SetupFailed where one of them is another one's.
    """
    if not extensions:
        return land(dictionary)
    ground, joins = grounded(dictionary, extensions)
    native = natively(land(ground), calendar)
    found = native.found
    entities, items, lost = dict(native.entities), list(found.report.items), set[str]()
    replaced: dict[str, Item] = {}
    fresh: list[Entry] = []
    names = dict(found.names)
    for one in extensions:
        held = one.held
        if held.mark == native.entity_mark(held.table):
            entities.pop(held.table, None)
            entities |= {held.table: held.entity} if held.entity else {}
        else:
            told = f"what stands beside it has changed since it was written, and is taken: dimensions of {held.table}"
            items.append(Item("extension", held.table, "left out", one.place, told))
        for each in held.metrics:
            name = each.measures[-1] if each.measures else each.entry.id
            if each.entry.id in taken:
                raise SetupFailed(f"{one.place}: this workspace has another metric {each.entry.id}.",
                                  mend="rename one of them, or import into another workspace")  # fmt: skip
            if each.measures and each.mark != native.mark(each.measures):
                told = "what stands beside it has changed since it was written, and is taken"
                items.append(Item("extension", each.entry.id, "left out", one.place, told))
            else:
                replaced[name] = Item("metric", name, "kept", one.place)
                lost |= set(each.measures)
                names[name] = each.entry.id
                fresh.append(each.entry.model_dump(mode="json", by_alias=True, exclude_unset=True))
    kept = [entry for name, (_, entry) in native.by_name.items() if name not in lost]
    items = [each for each in items if not (each.kind == "metric" and each.name in lost | replaced.keys())]
    names = {name: each for name, each in names.items() if name not in lost or name in replaced}
    return replace(
        found, joins=(*joins, *found.joins), entities=tuple(entities.values()), metrics=(*kept, *fresh), names=names,
        report=Report((*items, *replaced.values())),
    )  # fmt: skip
