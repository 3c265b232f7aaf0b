"""What a resolution carries along: the names it resolves against and the facts it has gathered."""

from collections.abc import Mapping, Sequence

from sqlglot import exp

from assay.engine import Dialect, engine_of
from assay.gate.growth import may_grow
from assay.gate.lists import BoundList
from assay.gate.policy import Names
from assay.gate.scopes import NOTHING, Found, Output, Resolution, Scope, Source, Trouble
from assay.gate.text import Text

MAX_NODES = 20_000


class Context:
    """One statement's resolution. Facts are only ever added."""

    def __init__(self, names: Names, text: Text, lists: Mapping[str, BoundList]) -> None:
        """`lists`: those that are bound, by name."""
        self.names = names
        self.lists = lists
        self.text = text
        self.dialect: Dialect = text.dialect
        self.reading = engine_of(text.dialect).reading
        self.may_grow = may_grow(text)
        """Whether the sizes of values have to be looked at."""
        self.facts = Resolution()
        self.budget = MAX_NODES
        self.compared: list[tuple[exp.Expr, Output]] = []
        """Values compared with subqueries, to be looked at once everything is resolved."""

    def fold(self, identifier: object) -> str:
        """The name under which the engine looks it up; empty for what is no name."""
        if not isinstance(identifier, exp.Identifier):
            return ""
        return self.names.fold(identifier.name, bool(identifier.args.get("quoted")))

    def alias_of(self, node: exp.Expr) -> str:
        alias = node.args.get("alias")
        return self.fold(alias.this) if isinstance(alias, exp.TableAlias) else ""

    def output_name(self, item: exp.Expr) -> str:
        """The name of an item of a SELECT list; empty where the engine makes one up."""
        if isinstance(item, exp.Alias):
            return self.fold(item.args.get("alias"))
        return self.fold(item.this) if isinstance(item, exp.Column) else ""

    def shown(self, names: Sequence[str], written: Sequence[str]) -> tuple[str, ...]:
        """Column names as they may be printed in quotes: where quotes make a name exact, in the folded form."""
        return tuple(names if self.reading.quoted_names_are_exact else written)

    def trouble(self, node: exp.Expr, code: str, message: str, near: Sequence[str] = (), name: str = "") -> None:
        self.facts.troubles.append(Trouble(node, code, message, tuple(near), name))

    def spend(self, nodes: int, node: exp.Expr) -> bool:
        """Whether so many more nodes may be looked at."""
        if self.budget >= 0 > self.budget - nodes:
            self.trouble(node, "too_complex", f"more than {MAX_NODES} parts once * and aliases are written out")
        self.budget -= nodes
        return self.budget >= 0

    def use(self, node: exp.Column, source: Source, name: str, scope: Scope, *, is_outer: bool) -> None:
        """Put down what a column of the text was resolved to."""
        self.note_use(node, source, name)
        found = Found(node, source, name, source.columns.get(name, NOTHING), is_outer)
        self.facts.found[id(node)] = found
        if is_outer:
            scope.outer_found.append(found)

    def note_use(self, node: exp.Expr, source: Source, name: str) -> None:
        """Every use of a source's column comes through here, whatever the clause."""
        if name in source.personal or (name in source.left_out and name not in source.columns):
            self.trouble(node, "personal_data", f"{source.name}.{name} is personal data")
        elif name in source.ambiguous:
            self.trouble(node, "ambiguous_column", f"{source.name!r} has more than one column {name!r}")
        elif name not in source.columns:
            if source.is_known:
                near = tuple(source.shown.values())
                self.trouble(node, "unknown_column", f"{source.name!r} has no column {name!r}", near, name)
        elif source.table is not None:
            self.facts.columns |= source.columns[name].origins

    def shadowed_personal(self, node: exp.Expr, name: str, scope: Scope) -> None:
        """An alias that hides personal data: another reader of the text may take it for the column."""
        for place in scope.outward():
            if any(name in source.personal for source in place.visible()):
                self.trouble(node, "personal_data", f"{name!r} could also be read as personal data; choose another alias")
