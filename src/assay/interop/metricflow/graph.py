"""How semantic models lie beside each other: their tables, the keys that they declare, the joins between them, and the
names that MetricFlow gives to what is reached over one or two of these.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from assay.catalog.dictionary import Dictionary, Join, Table, join_faults
from assay.interop.columns import column_named
from assay.interop.fidelity import Item
from assay.interop.keys import known_join, named_join, with_key
from assay.interop.metricflow.project import Dim, Key, Model, Project

_MOST_HOPS = 2
"""MetricFlow follows so many joins."""
_UNIQUE = ("primary", "unique")


class Link(NamedTuple):
    """A join from a model, by one of its entities, to another model."""

    entity: str
    join: Join
    parent: Model


class Reached(NamedTuple):
    """A dimension or an entity as a row of a model sees it."""

    name: str
    dim: Dim | Key
    model: Model
    """In which it stands."""
    way: tuple[Link, ...]


@dataclass
class Graph:
    """`dictionary`: with the keys and joins of the project."""

    project: Project
    dictionary: Dictionary
    tables: dict[str, Table] = field(default_factory=dict[str, Table])
    """By semantic model."""
    joins: list[Join] = field(default_factory=list[Join])
    """Those that are not in the dictionary yet."""
    links: dict[str, list[Link]] = field(default_factory=dict[str, list[Link]])
    items: list[Item] = field(default_factory=list[Item])

    def reached(self, model: Model) -> Iterator[Reached]:
        """All that divides the rows of a model, by the names that MetricFlow has for it; the nearer of one name first."""
        own = model.own_entity
        for dim in model.dims:
            yield Reached(f"{own}__{dim.name}" if own else dim.name, dim, model, ())
        for key in model.keys:
            yield Reached(key.name, key, model, ())
        waiting: list[tuple[Link, ...]] = [(link,) for link in self.links.get(model.name, ())]
        for way in waiting:
            before = "__".join(link.entity for link in way)
            last = way[-1].parent
            entities = {link.entity for link in way}
            for each in (*last.dims, *(key for key in last.keys if key.name not in entities)):
                yield Reached(f"{before}__{each.name}", each, last, way)
            met = {model.name, *(link.parent.name for link in way)}
            waiting += [
                (*way, link) for link in self.links.get(last.name, ())
                if len(way) < _MOST_HOPS and link.entity not in entities and link.parent.name not in met
            ]  # fmt: skip

    def model(self, name: str) -> Model | None:
        return next((each for each in self.project.models if each.name == name), None)


def graph_of(project: Project, dictionary: Dictionary) -> Graph:
    """The models whose tables the dictionary holds, with their keys and joins in it."""
    graph = Graph(project, dictionary)
    for model in project.models:
        table = dictionary.find(f"{model.schema}.{model.table}") if model.schema else dictionary.find(model.table)
        if table is None:
            named = f"{model.schema}.{model.table}" if model.schema else model.table
            told = f"the dictionary has no table {named}: add it, or write its schema where the model is defined"
            graph.items.append(Item("semantic model", model.name, "left out", model.place, told))
            continue
        graph.tables[model.name] = table
        graph.items.append(Item("semantic model", model.name, "kept", model.place))
    for model in project.models:
        if model.name in graph.tables:
            _take_keys(graph, model)
    _take_joins(graph)
    return graph


def _take_keys(graph: Graph, model: Model) -> None:
    """The primary key and one other: a table of the dictionary has two."""
    for key in sorted(model.keys, key=lambda each: each.type != "primary"):
        if key.type not in _UNIQUE:
            continue
        table = graph.dictionary.tables[graph.tables[model.name].qualified]
        columns = _columns_of(key, model, table)
        calculated = f"{key.expr!r} is not a column of {table.qualified}: no join leads to it"
        made = calculated if columns is None else with_key(graph.dictionary, table, columns)
        if isinstance(made, Dictionary):
            graph.dictionary = made
        else:
            graph.items.append(Item("key", f"{model.name}.{key.name}", "left out", key.place, made))


def _columns_of(key: Key, model: Model, table: Table) -> tuple[str, ...] | None:
    """Its column, and the partition in which it is one; None where it is calculated."""
    column = column_named(key.expr)
    partitions = _partitions(model).values()
    if column not in table.columns or not set(partitions) <= set(table.columns):
        return None
    return (column, *(each for each in partitions if each != column))  # pyright: ignore[reportReturnType]


def _partitions(model: Model) -> dict[str, str]:
    """Column by dimension."""
    return {dim.name: column_named(dim.expr) or "" for dim in model.dims if dim.is_partition}


def _validity(model: Model, table: Table) -> tuple[str, str] | None:
    """The columns from and until which its rows hold."""
    columns = [
        next((column_named(dim.expr) for dim in model.dims if dim.validity == side), None) for side in ("start", "end")
    ]
    begins, ends = columns
    return (begins, ends) if begins in table.columns and ends in table.columns else None  # pyright: ignore[reportReturnType]


def _take_joins(graph: Graph) -> None:
    taken = {join.join_id for join in graph.dictionary.joins} | {table.name for table in graph.dictionary.tables.values()}
    for model in graph.project.models:
        if model.name not in graph.tables:
            continue
        for key in model.keys:
            for parent in graph.project.models:
                there = next((each for each in parent.keys if each.name == key.name), None)
                if parent.name == model.name or parent.name not in graph.tables or there is None or there.type == "foreign":
                    continue
                if key.type == "natural":
                    continue
                _take_join(graph, model, key, parent, there, taken)
    graph.dictionary = replace(graph.dictionary, joins=(*graph.dictionary.joins, *graph.joins))


def _take_join(graph: Graph, model: Model, key: Key, parent: Model, there: Key, taken: set[str]) -> None:
    name = f"{model.name} by {key.name} to {parent.name}"
    made = _join(graph, model, key, parent, there)
    if isinstance(made, str):
        graph.items.append(Item("join", name, "left out", key.place, made))
        return
    known = known_join(made, (*graph.dictionary.joins, *graph.joins))
    if known is None:
        known = named_join(made, f"{model.name}_{key.name}_{parent.name}", taken)
        graph.joins.append(known)
    graph.links.setdefault(model.name, []).append(Link(key.name, known, parent))
    graph.items.append(Item("join", name, "kept", key.place, target=None))


def _join(graph: Graph, model: Model, key: Key, parent: Model, there: Key) -> Join | str:
    """The join, or why there is none."""
    child, table = (graph.dictionary.tables[graph.tables[each.name].qualified] for each in (model, parent))
    valid = _validity(parent, table) if there.type == "natural" else None
    if there.type == "natural" and valid is None:
        return f"rows of {parent.name} hold for a while, and from when until when is not said by two of its columns"
    if child.qualified == table.qualified:
        return "it leads from a table to itself, as two models of one table"
    column, to = column_named(key.expr), column_named(there.expr)
    if column not in child.columns or to not in table.columns:
        return f"{key.expr!r} or {there.expr!r} is calculated: add it to the table as a column"
    mine, theirs = _partitions(model), _partitions(parent)
    if not theirs.keys() <= mine.keys():
        lacking = ", ".join(sorted(theirs.keys() - mine.keys()))
        return f"a row of {model.name} has no {lacking}, and would meet a row of {parent.name} in each partition"
    pairs = dict([(column, to), *((mine[each], theirs[each]) for each in theirs)])
    is_key = key.type in _UNIQUE and set(mine.values()) <= pairs.keys()
    join = Join(
        "", child.qualified, tuple(pairs), table.qualified, tuple(pairs.values()),  # pyright: ignore[reportArgumentType]
        "one_to_one" if is_key and not valid else "many_to_one", f"By the entity {key.name}.", 0, valid,
    )  # fmt: skip
    fault = next(join_faults(join, join.cardinality, graph.dictionary.tables), None)
    return fault[0] if fault else join
