"""Metric views of Databricks, in YAML of version 1.1: one view a file, which has the view's name.

Its form is that of Databricks' YAML reference of metric views.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from sqlglot import exp

from assay.errors import SetupFailed
from assay.interop.columns import column_of
from assay.interop.extension import NAME, Extension, read_extension
from assay.interop.fidelity import Item
from assay.interop.foreign import Field, Link, Measure, Model, Refused, Sql, View
from assay.interop.plain import mapped, read_sql, rows_of_query
from assay.interop.source import Node, documents

_SILENT = frozenset("version name comment display_name format materialization rely tags".split())
"""Keys that say nothing of a number."""
_SOURCE = "source"
"""What the view's own table is called in its SQL."""
_FIRST_DAYS = ("week", "month", "quarter", "year")
_TRAILING = re.compile(r"trailing (\d+) days?( exclusive)?")
_LAST_DAY = "a bucket or a window shows its last day, in the source the last of its days that has rows"
_DIALECT = "databricks"
EXTENSION = "assay-definitions.yaml"
"""The file in which Assay's own definitions lie, as the YAML of a view has no room for them."""


@dataclass
class _Read:
    views: list[View] = field(default_factory=list[View])
    others: list[Item] = field(default_factory=list[Item])
    extensions: list[Extension] = field(default_factory=list[Extension])

    def note(self, node: Node, whose: str) -> None:
        self.others += node.unknown(_SILENT, whose)

    def leave_out(self, kind: str, name: str, node: Node, told: str) -> None:
        self.others.append(Item(kind, name, "left out", node.place, told))


def read_metric_views(path: Path) -> Model:
    """All views that the file or folder defines. Raises SetupFailed with the place and the mend."""
    read = _Read()
    for document in documents(path):
        if document.text("source") and any(document.nodes(key) for key in ("measures", "fields", "dimensions")):
            _take(document, read)
        read.extensions += [read_extension(each.data, each.place) for each in document.nodes(NAME)]
    if not read.views:
        raise SetupFailed(f"{path} defines no metric view.", mend="name a file with source: and measures:, or their folder")
    names = [each.name for each in read.views]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SetupFailed(f"The metric view {twice} is defined twice.", mend="name the folder of one schema")
    return Model(
        "metric-views", "metric view", tuple(read.views), tuple(read.others), owner="databricks",
        has_dimensions_over_joins=False, extensions=tuple(read.extensions),
    )  # fmt: skip


def _take(document: Node, read: _Read) -> None:
    name = document.text("name") or PurePosixPath(document.file).name.partition(".")[0]
    source, condition = document.text("source") or "", document.text("filter")
    table, rows = rows_of_query(source, _DIALECT) if " " in source.strip() else (source, None)
    if isinstance(table, Refused):
        read.leave_out("metric view", name, document, table.why)
        return
    joined: list[View] = []
    links = tuple(_links(document, name, (), joined, read))
    both = [each for each in (rows, _sql(condition) if condition else None) if each is not None]
    refused = next((each for each in both if isinstance(each, Refused)), None)
    trees = [each for each in both if not isinstance(each, Refused)]
    fields = tuple(_field(node, name, read) for key in ("fields", "dimensions") for node in document.nodes(key))
    measures = tuple(one for node in document.nodes("measures") for one in _measures(node, name, fields, read))
    view = View(
        name, table, document.place, fields, measures, (), links,
        refused or (exp.and_(*trees) if len(trees) > 1 else trees[0] if trees else None), are_fields_named=True,
    )  # fmt: skip
    read.note(document, name)
    read.views += [view, *joined]


def _sql(text: str) -> Sql:
    """Its columns without the word for the view's own table."""
    tree = read_sql(text, _DIALECT)
    if isinstance(tree, Refused):
        return tree
    return mapped(tree, lambda node: _own(node) if isinstance(node, exp.Column) else node)


def _own(node: exp.Column) -> exp.Column:
    first, *others = node.parts
    return column_of(others) if others and first.name.lower() == _SOURCE else node


def _links(node: Node, parent: str, way: tuple[str, ...], joined: list[View], read: _Read) -> Iterator[Link]:
    """The joins of a view or of a joined table; adds the tables that they lead to."""
    for each in node.nodes("joins"):
        name = each.name()
        target, told = f"{parent}.{name}", f"{parent}.{name}"
        pairs = _pairs(each, name, way)
        if each.word("cardinality") not in (None, "many_to_one", "one_to_one"):
            pairs = Refused("a row meets several rows by it, and would be counted with each")
        if isinstance(pairs, Refused):
            read.leave_out("join", told, each, pairs.why)
            continue
        inner = tuple(_links(each, target, (*way, name), joined, read))
        joined.append(View(target, each.text("source") or "", each.place, links=inner, is_joined=True))
        read.note(each, told)
        yield Link(name, target, pairs, each.place, each.word("cardinality") == "one_to_one")


def _pairs(node: Node, name: str, way: tuple[str, ...]) -> tuple[tuple[str, str], ...] | Refused:
    using = node.value("using")
    if isinstance(using, list):
        return tuple((str(each), str(each)) for each in using)
    tree = read_sql(node.text("on") or "", _DIALECT)
    if isinstance(tree, Refused):
        return tree
    own = (_SOURCE,) if not way else (way[-1], ".".join(way))
    pairs: list[tuple[str, str]] = []
    for part in tree.unnest().flatten() if isinstance(tree.unnest(), exp.And) else [tree.unnest()]:
        sides = [part.this.unnest(), part.expression.unnest()] if isinstance(part, exp.EQ) else []
        columns = [each for each in sides if isinstance(each, exp.Column)]
        named = [(".".join(one.name for one in each.parts[:-1]), each.name) for each in columns]
        theirs = [column for before, column in named if before in (name, ".".join((*way, name)))]
        mine = [column for before, column in named if before in own]
        if len(mine) != 1 or len(theirs) != 1:
            return Refused("it is joined by more than equal columns of both sides: add what is calculated to the tables")
        pairs.append((mine[0], theirs[0]))
    return tuple(pairs)


def _field(node: Node, view: str, read: _Read) -> Field:
    name = node.name()
    sql, label = _sql(node.text("expr") or ""), node.text("display_name")
    node.value("synonyms")
    read.note(node, f"{view}.{name}")
    return Field(name, sql, node.place, label and label[:80], is_time=True)


def _measures(node: Node, view: str, fields: tuple[Field, ...], read: _Read) -> Iterator[Measure]:
    """The measure; of a window that ends before its day, behind one that has the day too."""
    name, windows = node.name(), node.nodes("window")
    tree, calculated = _aggregate(_sql(node.text("expr") or ""), view)
    synonyms, form = node.value("synonyms"), node.node("format")
    head = {
        "label": (node.text("display_name") or (name if " " in name else None)), "description": node.text("comment"),
        "synonyms": tuple(map(str, synonyms)) if isinstance(synonyms, list) else (),
        "unit": "ratio" if form and form.word("type") == "percentage" else None,
    }  # fmt: skip
    read.note(node, f"{view}.{name}")
    if not windows:
        yield Measure(name, tree, node.place, calculated, **head)
        return
    if calculated:
        yield Measure(name, Refused("a window over a measure: write the aggregate where its window is"), node.place, **head)
        return
    found = _window(windows, fields)
    if isinstance(found, Refused):
        yield Measure(name, found, node.place, **head)
    elif found.keeps_newest:
        yield Measure(name, tree, node.place, keep_newest=found.order, time=found.order, **head)
    elif found.is_before:
        whole = f"{name}_with_its_day"
        told = "the days up to the last one: what ends before it is calculated from this"
        yield Measure(whole, tree, node.place, over=found.over, time=found.order, description=told, doubts=(_LAST_DAY,))
        yield Measure(name, exp.column(whole, table=view), node.place, True, shift="1 day", doubts=(_LAST_DAY,), **head)
    else:
        yield Measure(name, tree, node.place, over=found.over, time=found.order, doubts=(_LAST_DAY,), **head)


def _aggregate(sql: Sql, view: str) -> tuple[Sql, bool]:
    """With measures as columns behind their view; and whether it is made of them."""
    if isinstance(sql, Refused):
        return sql, False
    is_made = any(_is_measure(each) for each in sql.walk())
    if is_made and any(isinstance(each, exp.AggFunc) for each in sql.walk()):
        return Refused("it calculates from measures and columns: write the aggregate as a measure of its own"), False
    return mapped(sql, lambda node: exp.column(node.expressions[0].name, table=view) if _is_measure(node) else node), is_made


def _is_measure(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.upper() == "MEASURE" and len(node.expressions) == 1


@dataclass(frozen=True, slots=True)
class _Frame:
    order: str
    """The field of days."""
    over: dict[str, str] | str | None = None
    keeps_newest: bool = False
    is_before: bool = False
    """Whether it ends before its day."""


def _window(windows: list[Node], fields: tuple[Field, ...]) -> _Frame | Refused:
    by_name = {each.name: each.sql for each in fields}
    said = [(each.text("order") or "", each.word("range") or "", each.word("semiadditive")) for each in windows]
    if any(each.value("offset") for each in windows) or any(side != "last" for _, _, side in said):
        return Refused("it looks at other rows than those up to its last day (offset, or semiadditive: first)")
    (order, span, _), *more = said
    if more:
        unit = _unit(by_name.get(more[0][0]), order, by_name.get(order))
        if len(more) > 1 or span != "cumulative" or more[0][1] != "current" or unit is None:
            return Refused("its windows are not a running total since the start of a week, month, quarter or year")
        return _Frame(order, {"since_start_of": unit})
    if span == "current":
        return _Frame(order, keeps_newest=True)
    if span == "cumulative":
        return _Frame(order, "all")
    found = _TRAILING.fullmatch(span)
    if found is None:
        return Refused(f"a window of {span or 'nothing'} cannot be said: only the days before, as in  trailing 7 day")
    return _Frame(order, {"trailing": f"{found[1]} days"}, is_before=True)


def _unit(sql: Sql | None, order: str, days: Sql | None) -> str | None:
    """The unit to whose first day a field cuts the days."""
    if not isinstance(sql, exp.Anonymous) or sql.name.upper() != "DATE_TRUNC" or len(sql.expressions) != 2:
        return None
    unit, cut = sql.expressions
    is_same = cut.sql() == order or (not isinstance(days, Refused) and days is not None and cut.sql() == days.sql())
    return unit.name if is_same and unit.name in _FIRST_DAYS else None
