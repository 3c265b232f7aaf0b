"""Cube's data model in YAML: cubes and views. Its form is that of Cube's reference of the data model."""

import re
from dataclasses import replace
from pathlib import Path

from sqlglot import exp

from assay.errors import SetupFailed
from assay.interop.cube.sql import CubeSql, Read, bases
from assay.interop.extension import NAME, read_extension
from assay.interop.foreign import Field, Link, Measure, Model, Refused, Segment, Sql, View
from assay.interop.plain import read_sql, rows_of_query
from assay.interop.source import Node, documents

_ONE_ROW = ("many_to_one", "one_to_one", "belongsto", "belongs_to", "hasone", "has_one")
_MANY_ROWS = ("one_to_many", "hasmany", "has_many")
_AGGREGATES = {
    "sum": "SUM", "avg": "AVG", "min": "MIN", "max": "MAX", "count": "COUNT", "count_distinct": "COUNT(DISTINCT ",
    "count_distinct_approx": "APPROX_DISTINCT",
}  # fmt: skip
_CALCULATED = ("number", "time", "number_agg")
_HIDDEN = "it is hidden there and shown here"


def read_cube(path: Path) -> Model:
    """All cubes that the file or folder defines. Raises SetupFailed with the place and the mend."""
    read = Read()
    for document in documents(path):
        for cube in document.nodes("cubes"):
            name = cube.name()
            if name in read.cubes:
                raise SetupFailed(f"{cube.place}: the cube {name} is defined twice.", mend="name the folder of one project")
            read.cubes[name] = cube
        for view in document.nodes("views"):
            read.refuse_rules(view, view.name())
            told = "its members are those of its cubes: which of them are shown together, a dashboard says"
            read.leave_out("view", view.name(), view, told)
    if not read.cubes:
        raise SetupFailed(f"{path} defines no cube.", mend="name the folder model/ of the project; Jinja is rendered first")
    views = [view for name, cube in read.cubes.items() if (view := _view(name, cube, read)) is not None]
    return Model(
        "cube", "cube", tuple(_turned(views)), tuple(read.others), owner="cube", are_measures_of_views=True,
        cuts_whole_numbers=True, extensions=tuple(read.extensions),
    )  # fmt: skip


def _view(name: str, cube: Node, read: Read) -> View | None:
    read.refuse_rules(cube, name)
    chain = list(bases(cube, read))
    table, condition = _source(chain)
    if isinstance(table, Refused):
        read.leave_out("cube", name, cube, table.why)
        return None
    sql = CubeSql.of(name, chain, read)
    members = sql.members
    fields = tuple(found for node in members["dimensions"].values() if (found := _field(node, sql)) is not None)
    measures = tuple(_measure(node, sql) for node in members["measures"].values())
    segments = tuple(_segment(node, sql) for node in members["segments"].values())
    links = tuple(link for node in members["joins"].values() if (link := _link(node, sql)) is not None)
    keys = tuple(each.sql.name for each in fields if each.is_key and isinstance(each.sql, exp.Column) and not each.sql.table)
    meta = next((meta for each in chain if (meta := each.node("meta"))), None)
    said = meta.node(NAME) if meta else None
    if said and said.value("table"):
        read.extensions.append(read_extension(said.data, said.place))
    read.note(cube, name)
    for node in (node for kind in members.values() for node in kind.values()):
        read.note(node, f"{name}.{node.name()}")
    return View(
        name, table, cube.place, fields, measures, segments, links, condition, (keys,) if keys else (),
        said.text("time") if said else None, (_HIDDEN,) if _is_hidden(chain[0]) else (),
    )  # fmt: skip


def _source(chain: list[Node]) -> tuple[str | Refused, Sql | None]:
    """The table, and which of its rows are meant."""
    for node in chain:
        if table := node.text("sql_table"):
            return (table, None) if "{" not in table else (Refused("its table is made by a template"), None)
        if text := node.text("sql"):
            return rows_of_query(text)
    return Refused("it names no table: write sql_table"), None


def _label(text: str | None) -> str | None:
    return text and text[:80]


def _is_hidden(node: Node) -> bool:
    return node.value("public") is False or node.value("shown") is False


# -- members ----------------------------------------------------------------------------------


def _field(node: Node, sql: CubeSql) -> Field | None:
    name, kind = node.name(), node.word("type")
    sql.model.refuse_rules(node, f"{sql.cube}.{name}")
    if node.value("granularities"):
        told = "a granularity of its own: write it as a calendar of the workspace"
        sql.model.leave_out("granularity", f"{sql.cube}.{name}", node, told)
    if kind == "switch":
        told = "it switches between measures: ask for the one that is meant"
        sql.model.leave_out("dimension", f"{sql.cube}.{name}", node, told)
        return None
    return Field(
        name, sql.dimension(node), node.place, _label(node.text("title")), kind == "time", bool(node.value("primary_key")),
        _is_hidden(node),
    )  # fmt: skip


def _segment(node: Node, sql: CubeSql) -> Segment:
    label, told = _label(node.text("title")), node.text("description")
    return Segment(node.name(), sql.read(node.text("sql") or ""), node.place, label, told)


def _link(node: Node, sql: CubeSql) -> Link | None:
    name, kind = node.name(), node.word("relationship")
    on = _pairs(node.text("sql") or "", name, sql)
    if kind not in (*_ONE_ROW, *_MANY_ROWS):
        on = Refused("it does not say how many rows meet: write relationship")
    if isinstance(on, Refused):
        sql.model.leave_out("join", f"{sql.cube}.{name}", node, on.why)
        return None
    return Link(name, name, on, node.place, kind in ("one_to_one", "hasone", "has_one"), kind in _MANY_ROWS)


def _pairs(text: str, other: str, sql: CubeSql) -> tuple[tuple[str, str], ...] | Refused:
    tree = sql.read(text)
    if isinstance(tree, Refused):
        return tree
    pairs: list[tuple[str, str]] = []
    for part in tree.unnest().flatten() if isinstance(tree.unnest(), exp.And) else [tree.unnest()]:
        sides = (part.this.unnest(), part.expression.unnest()) if isinstance(part, exp.EQ) else ()
        mine = [each.name for each in sides if isinstance(each, exp.Column) and not each.table]
        theirs = [each.name for each in sides if isinstance(each, exp.Column) and each.table == other]
        if len(mine) != 1 or len(theirs) != 1:
            return Refused("its sql is more than equal columns of both sides: add what is calculated to the tables")
        pairs.append((mine[0], theirs[0]))
    return tuple(pairs)


def _measure(node: Node, sql: CubeSql) -> Measure:
    name, kind = node.name(), node.word("type") or ""
    sql.model.refuse_rules(node, f"{sql.cube}.{name}")
    tree, calculated = _aggregate(node, kind, sql)
    conditions = tuple(sql.read(each.text("sql") or "") for each in node.nodes("filters"))
    over, shift, why = _frame(node)
    doubts = [_HIDDEN] if _is_hidden(node) else []
    return Measure(
        name, tree if why is None else Refused(why), node.place, calculated, conditions, over, shift,
        label=_label(node.text("title")), description=node.text("description"),
        unit="ratio" if node.value("format") == "percent" else None, doubts=tuple(doubts),
    )  # fmt: skip


def _aggregate(node: Node, kind: str, sql: CubeSql) -> tuple[Sql, bool]:
    """What it calculates, and whether from other measures."""
    text = node.text("sql")
    if kind in _CALCULATED:
        tree = sql.read(text or "", of_measures=True)
        measures = set() if isinstance(tree, Refused) else {
            each for each in tree.find_all(exp.Column) if each.table and each.find_ancestor(exp.AggFunc) is None
        }  # fmt: skip
        if not measures or isinstance(tree, Refused):
            return tree, False
        mixed = any(True for _ in tree.find_all(exp.AggFunc))
        why = "it calculates from measures and columns: write an aggregate over columns as a measure of its own"
        return (Refused(why), False) if mixed else (tree, True)
    if kind == "count" and text is None:
        return exp.Count(this=exp.Star()), False
    if kind not in _AGGREGATES or text is None:
        return Refused(f"nothing is known of measures of the type {kind or '(none)'} here"), False
    inner = sql.read(text)
    if isinstance(inner, Refused):
        return inner, False
    opened = _AGGREGATES[kind]
    return read_sql(f"{opened}{'' if opened.endswith(' ') else '('}{inner.sql()})"), False


def _frame(node: Node) -> tuple[dict[str, str] | str | None, str | None, str | None]:
    """(over which days it counts, how far back, why it cannot be had)."""
    window, shifts = node.node("rolling_window"), node.nodes("time_shift")
    for key in ("group_by", "reduce_by", "add_group_by", "order_by", "case", "switch"):
        if node.value(key):
            return None, None, f"{key} asks for another division than the question's: it cannot be said"
    node.value("multi_stage")
    if window is not None:
        over, why = _window(window)
        return over, None, why
    if not shifts:
        return None, None, None
    interval = _length(shifts[0].text("interval"))
    if len(shifts) > 1 or shifts[0].word("type") != "prior" or interval is None or shifts[0].value("time_dimension"):
        return None, None, "it looks elsewhere than a length of days, months or years back by the time of its rows"
    return None, interval, None


def _window(window: Node) -> tuple[dict[str, str] | str | None, str | None]:
    trailing, leading, offset = window.text("trailing"), window.value("leading"), window.word("offset")
    if window.word("type") == "to_date":
        unit = window.word("granularity")
        if unit not in ("week", "month", "quarter", "year"):
            return None, f"a running total since the start of the {unit} cannot be said"
        return {"since_start_of": unit}, None
    if leading or offset == "start" or window.word("type") not in (None, "fixed"):
        return None, "its window looks ahead, or ends where the bucket begins"
    if trailing == "unbounded":
        return "all", None
    length = _length(trailing)
    return (None, f"a window of {trailing} is not made of whole days") if length is None else ({"trailing": length}, None)


def _length(text: str | None) -> str | None:
    """`1 month`, where it is made of days."""
    found = re.fullmatch(r"(\d+) (day|week|month|quarter|year)s?", (text or "").lower())
    return found and f"{found[1]} {found[2]}{'s' if found[1] != '1' else ''}"


def _turned(views: list[View]) -> list[View]:
    """Joins from one row to many, said from the other side, where that does not say them itself."""
    links = {(view.name, each.to): None for view in views for each in view.links if not each.is_to_many}
    found: dict[str, list[Link]] = {view.name: [each for each in view.links if not each.is_to_many] for view in views}
    for view in views:
        for each in (link for link in view.links if link.is_to_many):
            if each.to in found and (each.to, view.name) not in links:
                pairs = tuple((other, one) for one, other in each.pairs)
                found[each.to].append(Link(view.name, view.name, pairs, each.place))
    return [replace(view, links=tuple(found[view.name])) for view in views]
