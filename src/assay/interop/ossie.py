"""Semantic models of Apache Ossie, in YAML of version 0.2.0.dev0, a draft. Its form is that of Ossie's core specification.

A metric there belongs to no dataset: here it counts rows of the one from which relationships lead to all others
that it reads.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlglot import exp

from assay.errors import SetupFailed
from assay.interop.columns import column_of
from assay.interop.extension import VENDOR, Extension, read_extension
from assay.interop.fidelity import Item, Place
from assay.interop.foreign import Field, Link, Measure, Model, Refused, Sql, View
from assay.interop.plain import mapped, read_sql, rows_of_query
from assay.interop.source import Node, documents

_SILENT = frozenset("name description version label datatype ai_context custom_extensions".split())
"""Keys that say nothing of a number."""
_DIALECTS = {"ANSI_SQL": None, "DATABRICKS": "databricks", "SNOWFLAKE": "snowflake", "BIGQUERY": "bigquery"}
"""Those that are SQL, the preferred one first, and how they are read."""
_MOST_HOPS = 3


@dataclass
class _Read:
    others: list[Item] = field(default_factory=list[Item])
    extensions: list[Extension] = field(default_factory=list[Extension])

    def note(self, node: Node, whose: str) -> None:
        self.others += node.unknown(_SILENT, whose)
        for each in node.nodes("custom_extensions"):
            vendor = each.text("vendor_name") or "(no name)"
            if vendor == VENDOR:
                self.extensions.append(read_extension(_json(each.text("data") or "", each.place), each.place))
                continue
            told = "what a vendor adds for itself is not read: see whether its tool counts otherwise by it"
            self.others.append(Item("extension", f"{vendor} of {whose}", "left out", each.place, told))


def read_ossie(path: Path) -> Model:
    """All models that the file or folder defines, as one. Raises SetupFailed with the place and the mend."""
    read, models = _Read(), [model for document in documents(path) for model in _models(document)]
    if not models:
        raise SetupFailed(
            f"{path} defines no semantic model.", mend="name a file with datasets: and metrics:, or their folder"
        )
    views = [view for model in models for view in _views(model, read)]
    names = [each.name for each in views]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SetupFailed(f"The dataset {twice} is defined twice.", mend="import one semantic model at a time")
    return Model(
        "ossie", "dataset", tuple(views), tuple(read.others), owner="ossie", cuts_whole_numbers=True,
        extensions=tuple(read.extensions),
    )  # fmt: skip


def _json(text: str, place: Place) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SetupFailed(f"{place}: its data is not JSON: {error}.", mend=f"delete the extension of {VENDOR}") from error


def _models(document: Node) -> list[Node]:
    """Those of a list, as the draft had them first, or the document itself."""
    return document.nodes("semantic_model") or ([document] if document.nodes("datasets") else [])


def _views(model: Node, read: _Read) -> list[View]:
    links: dict[str, list[Link]] = {}
    for node in model.nodes("relationships"):
        mine, theirs = (tuple(map(str, node.value(key) or ())) for key in ("from_columns", "to_columns"))
        start, end = node.text("from") or "", node.text("to") or ""
        read.note(node, node.name())
        if len(mine) != len(theirs) or not mine:
            told = "its two sides name different numbers of columns"
            read.others.append(Item("join", node.name(), "left out", node.place, told))
            continue
        links.setdefault(start, []).append(Link(node.name(), end, tuple(zip(mine, theirs, strict=True)), node.place))
    measures: dict[str, list[Measure]] = {}
    for node in model.nodes("metrics"):
        base, measure = _measure(node, links)
        read.note(node, node.name())
        if base is None:
            why = measure.sql.why if isinstance(measure.sql, Refused) else ""
            read.others.append(Item("metric", measure.name, "left out", node.place, why))
        else:
            measures.setdefault(base, []).append(measure)
    found = [_view(node, links, measures, read) for node in model.nodes("datasets")]
    read.note(model, model.name())
    return [each for each in found if each is not None]


def _view(node: Node, links: dict[str, list[Link]], measures: dict[str, list[Measure]], read: _Read) -> View | None:
    name, source = node.name(), (node.text("source") or "").strip()
    table, rows = rows_of_query(source) if " " in source else (source, None)
    fields = tuple(_field(each, name, read) for each in node.nodes("fields"))
    lists = [node.value("primary_key"), *(node.value("unique_keys") or ())]
    keys = tuple(tuple(map(str, each)) for each in lists if isinstance(each, list) and each)
    read.note(node, name)
    if isinstance(table, Refused):
        read.others.append(Item("dataset", name, "left out", node.place, table.why))
        read.others += [
            Item("metric", each.name, "left out", each.place, f"the dataset {name} was left out")
            for each in measures.get(name, ())
        ]
        return None
    return View(
        name, table, node.place, fields, tuple(measures.get(name, ())), (), tuple(links.get(name, ())), rows, keys,
        are_fields_named=True,
    )  # fmt: skip


def _sql(node: Node) -> Sql:
    """The expression in the dialect that is read best."""
    expression = node.node("expression")
    listed = expression.nodes("dialects") if expression else []
    said = {each.text("dialect") or "ANSI_SQL": each.text("expression") for each in listed}
    chosen = next((name for name in _DIALECTS if said.get(name)), None)
    if chosen is None:
        return Refused(f"it is said in {', '.join(said) or 'no dialect'}, which is not read here: add ANSI_SQL")
    return read_sql(said[chosen] or "", _DIALECTS[chosen])


def _field(node: Node, dataset: str, read: _Read) -> Field:
    name, dimension, tree = node.name(), node.node("dimension"), _sql(node)
    sql = tree if isinstance(tree, Refused) else mapped(tree, lambda each: _own(each, dataset))
    is_time = dimension is not None and bool(dimension.value("is_time"))
    read.note(node, f"{dataset}.{name}")
    return Field(name, sql, node.place, is_time=is_time, is_hidden=node.value("dimension") is None)


def _own(node: exp.Expr, dataset: str) -> exp.Expr:
    return exp.Column(this=node.this) if isinstance(node, exp.Column) and node.table == dataset else node


def _measure(node: Node, links: dict[str, list[Link]]) -> tuple[str | None, Measure]:
    """The dataset whose rows it counts, and it."""
    name, tree, context = node.name(), _sql(node), node.node("ai_context")
    named = context.value("synonyms") if context else None
    synonyms = tuple(map(str, named)) if isinstance(named, list) else ()

    def made(sql: Sql) -> Measure:
        return Measure(name, sql, node.place, description=node.text("description"), synonyms=synonyms)

    if isinstance(tree, Refused):
        return None, made(tree)
    read = {each.table for each in tree.find_all(exp.Column)}
    bases = [each for each in sorted(read) if all(other == each or _ways(each, other, links) for other in read)]
    if not read or "" in read or len(bases) != 1:
        why = "it does not say the dataset of each field, or counts rows of several: write a metric of each"
        return None, made(Refused(why))
    (base,) = bases
    ways = {other: _ways(base, other, links) for other in read if other != base}
    several = next((other for other, found in ways.items() if len(found) > 1), None)
    if several is not None:
        return None, made(Refused(f"several relationships lead from {base} to {several}: which one is meant is not said"))
    # An aggregate over a parent's fields alone would count it once for each row that meets it.
    for each in tree.find_all(exp.AggFunc):
        inner = {column.table for column in each.find_all(exp.Column)}
        if inner and base not in inner:
            return None, made(Refused(f"it adds up {', '.join(sorted(inner))} beside {base}: write a metric of each"))
    return base, made(mapped(tree, lambda each: _reached(each, base, ways) if isinstance(each, exp.Column) else each))


def _ways(start: str, end: str, links: dict[str, list[Link]]) -> list[tuple[str, ...]]:
    """The names of relationships that lead from the one to the other."""
    found: list[tuple[str, ...]] = []
    waiting: list[tuple[tuple[str, ...], tuple[str, ...]]] = [((), (start,))]
    for way, met in waiting:
        for link in links.get(met[-1], ()):
            if link.to not in met and len(way) < _MOST_HOPS:
                waiting.append(((*way, link.name), (*met, link.to)))
                found += [(*way, link.name)] if link.to == end else []
    return found


def _reached(node: exp.Column, base: str, ways: dict[str, list[tuple[str, ...]]]) -> exp.Column:
    way = () if node.table == base else ways[node.table][0]
    return column_of([*map(exp.to_identifier, way), node.this])
