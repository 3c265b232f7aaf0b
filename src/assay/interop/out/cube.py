"""A data model of Cube, written: a cube for each table, its definitions beside it in `meta`."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from assay.catalog.formula import BadFormula
from assay.catalog.spelling import unused
from assay.catalog.yaml_text import Entry
from assay.interop.columns import is_quoted
from assay.interop.foreign import Field, Link, Measure, Refused, Sql, View
from assay.interop.names import fitting
from assay.interop.out.described import Described, Sent, kind_of
from assay.interop.out.portable import among, way_of
from assay.interop.out.writing import MONTHS, Written, is_common, of_months, rows_of, said, without_nothing
from assay.interop.plain import mapped

_TYPED: dict[type[exp.Expr], str] = {exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max"}
_DIALECT = "postgres"


def write_cube(described: Described) -> Written:
    return _Writer(described).written()


@dataclass
class _Writer:
    described: Described
    members: dict[str, dict[str, Entry]] = field(default_factory=dict[str, dict[str, Entry]])
    """Dimensions of each cube, by name: its own, keys, and columns that other cubes read."""

    def written(self) -> Written:
        views = self.described.model.views
        self.members = {view.name: {} for view in views}
        for is_own in (True, False):  # what others read of a cube is, where it can be, what the cube says itself
            for view in views:
                for each in view.fields:
                    if (isinstance(each.sql, exp.Column) and not each.sql.table) is is_own:
                        self._field(view, each)
        for view in views:
            self._keys(view)
        made = Written()
        measures = said(self.described, lambda view, sent: self._metric(view, sent, made), made)
        segments = {view.name: self._segments(view) for view in views}
        for view in views:
            made.files[f"{view.name}.yml"] = {"cubes": [self._cube(view, measures[view.name], segments[view.name], made)]}
        return made

    def _cube(self, view: View, measures: list[Entry], segments: list[Entry], made: Written) -> Entry:
        table = self.described.tables[view.name]
        meta: Entry = {}
        cube: Entry = {
            "name": view.name, "sql_table": f"{_name(table.schema)}.{_name(table.name)}",
            "description": table.description or None, "joins": self._joins(view),
            "dimensions": list(self.members[view.name].values()), "segments": segments, "measures": measures, "meta": meta,
        }  # fmt: skip
        made.carriers[view.name] = lambda body: meta.update(assay=body)
        return without_nothing(cube)

    def _joins(self, view: View) -> list[Entry]:
        """A cube has one join to another."""
        found: dict[str, Entry] = {}
        for link in view.links:
            if link.to == view.name or link.to in found:
                continue
            pairs = [f"{{CUBE}}.{_name(one)} = {{{link.to}}}.{_name(other)}" for one, other in link.pairs]
            kind = "one_to_one" if link.is_one_to_one else "many_to_one"
            found[link.to] = {"name": link.to, "relationship": kind, "sql": " AND ".join(pairs)}
        return list(found.values())

    def _segments(self, view: View) -> list[Entry]:
        return [
            without_nothing({"name": each.name, "title": each.label, "description": each.description,
                              "sql": self._text(view, each.sql)})
            for each in view.segments
        ]  # fmt: skip

    def _keys(self, view: View) -> None:
        """The primary key stands among the dimensions."""
        for column in self.described.tables[view.name].primary_key:
            self.members[view.name][self._member(view.name, column)]["primary_key"] = True

    def _member(self, view: str, column: str) -> str:
        """The dimension of a cube that is a column, which nobody asks by where nothing else says it."""
        members, sql = self.members[view], f"{{CUBE}}.{_name(column)}"
        found = next((name for name, each in members.items() if each["sql"] == sql), None)
        if found is not None:
            return found
        name = unused(f"{fitting(column)}_column" if fitting(column) in members else fitting(column), set(members))
        kind = kind_of(self.described.tables[view].columns[column].type)
        members[name] = {"name": name, "sql": sql, "type": kind, "public": False}
        return name

    def _field(self, view: View, each: Field) -> None:
        kind = self.described.kinds[view.name, each.name]
        entry = without_nothing(
            {"name": each.name, "title": each.label, "sql": self._text(view, each.sql), "type": kind, "public": True}
        )
        self.members[view.name][each.name] = entry

    def _metric(self, view: View, sent: Sent, made: Written) -> tuple[list[Entry], tuple[str, ...]]:
        if any(map(of_months, sent.measures)):
            made.doubts[sent.id] = [MONTHS]
        names = tuple(f"{view.name}.{each.name}" for each in sent.measures)
        return [self._measure(view, each) for each in sent.measures], names

    def _measure(self, view: View, measure: Measure) -> Entry:
        if measure.keep_newest:
            raise BadFormula("only its newest rows count, which a measure there cannot say")
        head = without_nothing({
            "name": measure.name, "title": measure.label, "description": measure.description,
            "format": "percent" if measure.unit == "ratio" else None, "public": None if measure.label else False,
        })  # fmt: skip
        tree, conditions = rows_of(measure)
        if measure.is_calculated:
            return {**head, **self._calculated(view, measure, tree)}
        typed = self._typed(view, tree)
        if typed is None and measure.over is not None:
            raise BadFormula("it counts over other days than those of a bucket, which only a plain aggregate does there")
        if typed is None:
            return {**head, "sql": self._text(view, among(tree, conditions)), "type": "number"}
        filters = [{"sql": self._text(view, each)} for each in conditions]
        window = {"rolling_window": _window(measure.over)} if measure.over is not None else {}
        return {**head, **typed, **({"filters": filters} if filters else {}), **window}

    def _typed(self, view: View, tree: exp.Expr) -> Entry | None:
        if isinstance(tree, exp.Count):
            if isinstance(tree.this, exp.Star):
                return {"type": "count"}
            is_distinct = isinstance(tree.this, exp.Distinct)
            inner = tree.this.expressions if isinstance(tree.this, exp.Distinct) else [tree.this]
            if len(inner) == 1:
                return {"sql": self._text(view, inner[0]), "type": "count_distinct" if is_distinct else "count"}
        kind = _TYPED.get(type(tree))
        return {"sql": self._text(view, tree.this), "type": kind} if kind else None

    def _calculated(self, view: View, measure: Measure, sql: exp.Expr) -> Entry:
        other = next((each for each in sql.find_all(exp.Column) if each.table != view.name), None)
        if other is not None:
            raise BadFormula(f"it is made of {other.name}, a measure of {other.table}, which counts there only the rows that"
                             f" rows of {view.name} meet")  # fmt: skip
        text = _braced(sql, lambda column: f"{{{column.name}}}")
        if measure.shift is None:
            return {"sql": text, "type": "number"}
        if not is_common(measure.shift):
            raise BadFormula(f"it looks back {measure.shift}, which only calendars here know")
        shift = {"interval": measure.shift.removesuffix("s"), "type": "prior"}
        return {"multi_stage": True, "sql": text, "type": "number", "time_shift": [shift]}

    def _text(self, view: View, sql: Sql) -> str:
        if isinstance(sql, Refused):
            raise BadFormula(sql.why)
        return _braced(sql, lambda column: self._column(view, column))

    def _column(self, view: View, column: exp.Column) -> str:
        way = way_of(column)
        if not way:
            return f"{{CUBE}}.{_name(column.name)}"
        at, path = view, list[str]()
        for name in way:
            link = next(each for each in at.links if each.name == name)
            if link.to == at.name or _first(at, link.to) is not link:
                raise BadFormula(f"{link.name} is left out: a cube has one join to another, and none to itself")
            at = self.described.model.view_by_name[link.to]
            path.append(at.name)
        return f"{{{'.'.join((*path, self._member(at.name, column.name)))}}}"


def _first(view: View, to: str) -> Link:
    return next(each for each in view.links if each.to == to)


def _braced(sql: exp.Expr, text_of: Callable[[exp.Column], str]) -> str:
    """SQL in which columns are references. They stand in it as names while it is written, as braces are no SQL."""
    texts: list[str] = []

    def held(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        texts.append(text_of(node))
        return exp.column(f"_member{len(texts) - 1}_")

    made = mapped(sql.copy(), held).sql(dialect=_DIALECT)
    if "{" in made:
        raise BadFormula("it holds a brace, which is a reference there")
    for number, text in enumerate(texts):
        made = made.replace(f"_member{number}_", text)
    return made


def _name(column: str) -> str:
    return exp.to_identifier(column, quoted=is_quoted(column)).sql(dialect=_DIALECT)


def _window(over: dict[str, str] | str) -> Entry:
    if isinstance(over, str):
        return {"trailing": "unbounded"}
    if "trailing" in over:
        if not is_common(over["trailing"]):
            raise BadFormula(f"it counts over {over['trailing']}, which only calendars here know")
        return {"trailing": over["trailing"].removesuffix("s")}
    if over["since_start_of"] not in ("week", "month", "quarter", "year"):
        raise BadFormula(f"it counts since the start of the {over['since_start_of']}, which only calendars here know")
    return {"type": "to_date", "granularity": over["since_start_of"]}
