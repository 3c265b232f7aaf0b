"""Cubes as they lie in files, and the SQL of their members.

SQL there names members in braces: `{CUBE}.amount` is a column, `{users.city}` a dimension behind a join, `{total}` a member
of the cube itself. A dimension that SQL names is written out where it stands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from assay.interop.columns import column_of
from assay.interop.extension import Extension
from assay.interop.fidelity import Item
from assay.interop.foreign import Refused, Sql
from assay.interop.plain import mapped, read_sql
from assay.interop.source import Node

_SILENT = frozenset(
    "name title description meta format currency sql_alias data_source refresh_key pre_aggregations drill_members"
    " hierarchies extends folders links order suggestions type aliases key primary_key public shown latitude"
    " longitude".split()
)
"""Keys that say nothing of a number."""
_REFERENCE = re.compile(r"\{([^{}]*)\}")
_MEMBER = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_OWN = ("CUBE", "TABLE")
_MOST_BELOW = 8
_MOST_PARTS = 4
"""Of a column's name: its own, and those of the joins before it."""
_KINDS = ("dimensions", "measures", "segments", "joins")


@dataclass
class Read:
    """Cubes as they lie there, and what could not be taken."""

    cubes: dict[str, Node] = field(default_factory=dict[str, Node])
    others: list[Item] = field(default_factory=list[Item])
    extensions: list[Extension] = field(default_factory=list[Extension])

    def leave_out(self, kind: str, name: str, node: Node, told: str, *, may_differ: bool = False) -> None:
        self.others.append(Item(kind, name, "left out", node.place, told, may_differ=may_differ))

    def note(self, node: Node, whose: str) -> None:
        self.others += node.unknown(_SILENT, whose)

    def refuse_rules(self, node: Node, whose: str) -> None:
        """Who may see what is said elsewhere here, by policies; a rule that is not carried over lets others see numbers."""
        for key in ("access_policy", "mask"):
            if node.value(key):
                told = "who may see what is not carried over: write it as a policy in policies/ before anybody asks"
                self.leave_out("access rule", f"{key} of {whose}", node, told, may_differ=True)


def bases(cube: Node, read: Read) -> Iterator[Node]:
    """The cube, and those that it extends, the nearest first."""
    seen = set[str]()
    node: Node | None = cube
    while node is not None:
        yield node
        base = node.text("extends")
        if base and (base not in read.cubes or base in seen):
            told = f"it extends {base}, which is not there" if base not in read.cubes else "it extends itself"
            read.leave_out("key", f"extends of {cube.name()}", cube, told, may_differ=True)
            return
        seen.add(base or "")
        node = read.cubes[base] if base else None


def members_of(chain: list[Node], kind: str) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for each in reversed(chain):
        found |= {node.name(): node for node in each.nodes(kind)}
    return found


@dataclass
class CubeSql:
    """SQL of one cube's members."""

    cube: str
    members: dict[str, dict[str, Node]]
    model: Read

    @classmethod
    def of(cls, name: str, chain: list[Node], model: "Read") -> "CubeSql":
        """`chain`: the cube and those that it extends."""
        return cls(name, {kind: members_of(chain, kind) for kind in _KINDS}, model)

    def read(self, text: str, *, of_measures: bool = False, depth: int = 0) -> Sql:
        """`of_measures`: whether members are measures, which stand as columns behind their cube."""
        references: list[str] = []

        def holed(found: re.Match[str]) -> str:
            references.append(found[1].strip())
            return f"_ref{len(references) - 1}"

        numbered = _REFERENCE.sub(holed, text)
        strange = next((each for each in references if not _MEMBER.fullmatch(each)), None)
        if strange is not None or "{" in numbered or "SECURITY_CONTEXT" in text or "FILTER_PARAMS" in text:
            return Refused("it is made by a template, which may depend on who asks and what")
        if depth > _MOST_BELOW:
            return Refused("its members name one another in a circle")
        tree = read_sql(numbered, "postgres")
        if isinstance(tree, Refused):
            return Refused(f"{' '.join(text.split())!r} cannot be read")
        refused: list[str] = []

        def resolved(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Column):
                return node
            found = self._column(node, references, of_measures, depth)
            if isinstance(found, Refused):
                refused.append(found.why)
                return node
            return found

        tree = mapped(tree, resolved)
        return Refused(refused[0]) if refused else tree

    def _column(self, node: exp.Column, references: list[str], of_measures: bool, depth: int) -> Sql:
        before = _referred(node.table, references)
        if before is not None:
            path = [] if before in (*_OWN, self.cube) else before.split(".")
            is_near = len(path) < _MOST_PARTS
            return _behind(path, node.this) if is_near else Refused(f"{before} lies behind more than 3 joins")
        member = _referred(node.name, references)
        if member is None:
            own = node.table in ("", self.cube)
            return exp.Column(this=node.this) if own else Refused(f"{node.sql()} names no member of the model: write braces")
        *path, name = member.split(".")
        path = path[1:] if path[:1] and path[0] in (*_OWN, self.cube) else path
        return self._member(path, name, of_measures, depth)

    def _member(self, path: list[str], name: str, of_measures: bool, depth: int) -> Sql:
        if path:
            cube = self.model.cubes.get(path[-1])
            if cube is None:
                return Refused(f"there is no cube {path[-1]}")
            other = CubeSql.of(path[-1], list(bases(cube, self.model)), self.model)
        else:
            other = self
        if of_measures and name in other.members["measures"]:
            return exp.column(name, table=other.cube)
        dimension = other.members["dimensions"].get(name)
        if dimension is None:
            return Refused(f"{other.cube} has no dimension {name}")
        inner = other.dimension(dimension, depth + 1)
        if isinstance(inner, Refused) or not path:
            return _grouped(inner)
        if any(len(path) + len(each.parts) > _MOST_PARTS for each in inner.find_all(exp.Column)):
            return Refused(f"{name} of {other.cube} lies behind more than 3 joins")
        return _grouped(mapped(inner, lambda node: _behind([*path, *_way(node)], node.this) if isinstance(node, exp.Column)
                               else node))  # fmt: skip

    def dimension(self, node: Node, depth: int = 0) -> Sql:
        if node.value("sub_query"):
            return Refused("it is a measure of another cube for each row (sub_query): write a metric with per")
        cases = node.node("case")
        if cases is not None:
            return self._case(cases, depth)
        if node.word("type") == "geo":
            return Refused("a place by latitude and longitude is not divided by: write a dimension for each")
        return self.read(node.text("sql") or node.name(), depth=depth)

    def _case(self, cases: Node, depth: int) -> Sql:
        ifs = list[exp.If]()
        for each in cases.nodes("when"):
            condition, label = self.read(each.text("sql") or "", depth=depth), each.value("label")
            if isinstance(condition, Refused) or not isinstance(label, str):
                return condition if isinstance(condition, Refused) else Refused("a label is made by SQL")
            ifs.append(exp.If(this=condition, true=exp.Literal.string(label)))
        last = cases.node("else")
        label = last.value("label") if last else None
        if not ifs or (last and not isinstance(label, str)):
            return Refused("its cases are switched by what a question asks for" if not ifs else "a label is made by SQL")
        return exp.Case(ifs=ifs, default=None if label is None else exp.Literal.string(label))


def _referred(name: str, references: list[str]) -> str | None:
    return references[int(name[4:])] if re.fullmatch(r"_ref\d+", name) else None


def _way(node: exp.Column) -> list[str]:
    return [part.name for part in node.parts[:-1]]


def _behind(path: list[str], column: exp.Expr) -> exp.Expr:
    """A column behind joins."""
    return column_of([*map(exp.to_identifier, path), column])


def _grouped(sql: Sql) -> Sql:
    return exp.paren(sql) if isinstance(sql, (exp.Binary, exp.Unary)) else sql
