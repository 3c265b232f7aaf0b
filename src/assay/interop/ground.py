"""Another layer's model on the tables of a dictionary: its tables, the keys and joins that it declares, and its SQL with the
names that stand there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sqlglot import exp

from assay.catalog.dictionary import Dictionary, Join, Table, join_faults
from assay.catalog.formula import BadFormula
from assay.interop.columns import column_of, is_quoted
from assay.interop.fidelity import Item
from assay.interop.foreign import Link, Model, Refused, Sql, View
from assay.interop.keys import known_join, named_join, with_key
from assay.interop.plain import mapped

MOST_HOPS = 3
_DEEPEST = 8
"""Fields that stand for one another; more of them go in a circle."""


@dataclass(frozen=True, slots=True)
class Way:
    """The joins from a row of a view to one of another."""

    joins: tuple[str, ...]
    views: tuple[View, ...]
    """Those that are met, the first one not among them."""


@dataclass
class Ground:
    """`dictionary`: with the keys and joins of the model."""

    model: Model
    dictionary: Dictionary
    tables: dict[str, Table] = field(default_factory=dict[str, Table])
    """By view."""
    joins: list[Join] = field(default_factory=list[Join])
    """Those that are not in the dictionary yet."""
    links: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """The join, by view and name of the link."""
    refused: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """Why there is none."""
    items: list[Item] = field(default_factory=list[Item])

    def table(self, view: View) -> Table:
        if view.name not in self.tables:
            raise BadFormula(f"the {self.model.view_word} {view.name} was left out")
        return self.dictionary.tables[self.tables[view.name].qualified]

    def column(self, view: View, name: str) -> str | None:
        """The column of that name, in whichever capitals, as engines read a name that is not quoted."""
        columns = self.table(view).columns
        alike = [each for each in columns if each.casefold() == name.casefold()]
        return name if name in columns else alike[0] if len(alike) == 1 else None

    def placed(
        self, view: View, sql: Sql, way: tuple[str, ...] = (), own: str | None = None, depth: int = 0
    ) -> exp.Expr:  # fmt: skip
        """SQL of a row of the view, met over these joins, with names of the dictionary. Raises BadFormula.

        `own`: the field whose SQL it is, which does not mean itself.
        """
        if isinstance(sql, Refused):
            raise BadFormula(sql.why)
        if depth > _DEEPEST:
            raise BadFormula(f"the fields of {view.name} stand for one another in a circle")
        return mapped(
            sql.copy(), lambda node: self._column(view, node, way, own, depth) if isinstance(node, exp.Column) else node
        )

    def text(self, tree: exp.Expr) -> str:
        """As a formula has it. Raises BadFormula."""
        if any(column.catalog for column in tree.find_all(exp.Column)):
            raise BadFormula("a column lies behind more than two joins, which a formula cannot name")
        return tree.sql()

    def _column(self, view: View, node: exp.Column, way: tuple[str, ...], own: str | None, depth: int) -> exp.Expr:
        target = view
        for name in (each.name for each in node.parts[:-1]):
            target, join = self._next(target, name)
            way = (*way, join)
        found = self.column(target, node.name)
        named = next((each for each in target.fields if each.name == node.name and target.are_fields_named), None)
        if found is not None and named is not None and node.name != own and not _is_column(named.sql, found):
            raise BadFormula(f"{node.name} is a column and a field that is something else: name the field otherwise")
        if found is None:
            if named is None or node.name == own:
                raise BadFormula(f"{self.table(target).qualified} has no column {node.name}")
            inner = self.placed(target, named.sql, way, named.name, depth + 1)
            return exp.paren(inner) if isinstance(inner, (exp.Binary, exp.Unary)) else inner
        if len(way) > MOST_HOPS:
            raise BadFormula(f"{found} lies behind more than {MOST_HOPS} joins")
        return column_of([exp.to_identifier(each, quoted=is_quoted(each)) for each in (*way, found)])

    def _next(self, view: View, name: str) -> tuple[View, str]:
        link = next((each for each in view.links if each.name == name), None)
        if link is None:
            raise BadFormula(f"{view.name} has no join {name}")
        if (view.name, name) in self.refused:
            raise BadFormula(f"the join from {view.name} to {link.to} was left out: {self.refused[view.name, name]}")
        return self.model.view_by_name[link.to], self.links[view.name, name]

    def ways(self, view: View) -> Iterator[Way]:
        """Each way from it, the shorter ones first, that meets no view twice."""
        waiting = [Way((), ())]
        for way in waiting:
            last = way.views[-1] if way.views else view
            met = {view.name, *(each.name for each in way.views)}
            for link in last.links:
                if (last.name, link.name) in self.links and link.to not in met and len(way.joins) < MOST_HOPS:
                    found = Way(
                        (*way.joins, self.links[last.name, link.name]), (*way.views, self.model.view_by_name[link.to])
                    )
                    waiting.append(found)
                    yield found


def _is_column(sql: Sql, name: str) -> bool:
    return isinstance(sql, exp.Column) and not sql.table and sql.name.casefold() == name.casefold()


def ground_of(model: Model, dictionary: Dictionary) -> Ground:
    """The views whose tables the dictionary holds, with their keys and joins in it."""
    ground = Ground(model, dictionary)
    for view in model.views:
        table = _table(view.table, dictionary)
        if view.is_joined:
            ground.tables |= {view.name: table} if table else {}
            continue
        if table is None:
            told = f"the dictionary has no table {view.table}: add it, or name it as it is called there"
            ground.items.append(Item(model.view_word, view.name, "left out", view.place, told))
            continue
        ground.tables[view.name] = table
        outcome = "approximated" if view.doubts else "kept"
        told = "; ".join(view.doubts)
        ground.items.append(Item(model.view_word, view.name, outcome, view.place, told, may_differ=bool(view.doubts)))
    for view in (each for each in model.views if each.name in ground.tables):
        for key in view.keys:
            _take_key(ground, view, key)
    taken = {join.join_id for join in dictionary.joins} | {table.name for table in dictionary.tables.values()}
    for view in (each for each in model.views if each.name in ground.tables):
        for link in view.links:
            _take_link(ground, view, link, taken)
    ground.dictionary = replace(ground.dictionary, joins=(*ground.dictionary.joins, *ground.joins))
    return ground


def _table(name: str, dictionary: Dictionary) -> Table | None:
    """By its name there, whose catalog nobody here knows."""
    parts = [each.strip('`"[]') for each in name.split(".")]
    wanted = ".".join(parts[-2:])
    found = dictionary.find(wanted)
    alike = [
        each for each in dictionary.tables.values()
        if wanted.casefold() == (each.qualified if len(parts) > 1 else each.name).casefold()
    ]  # fmt: skip
    return found or (alike[0] if len(alike) == 1 else None)


def _take_key(ground: Ground, view: View, names: tuple[str, ...]) -> str | None:
    """The key in the dictionary, or why it cannot be one; that is told, as no number is counted by it."""
    table = ground.table(view)
    found = [ground.column(view, name) for name in names]
    columns = tuple(each for each in found if each is not None)
    if len(columns) < len(found):
        why = f"{', '.join(names)} is not made of columns of {table.qualified}: no join leads to it"
    else:
        made = with_key(ground.dictionary, table, columns)
        if isinstance(made, Dictionary):
            ground.dictionary = made
            return None
        why = made
    ground.items.append(Item("key", f"{view.name}.{'_'.join(names)}", "left out", view.place, why))
    return why


def _take_link(ground: Ground, view: View, link: Link, taken: set[str]) -> None:
    made = _join(ground, view, link)
    name = f"{view.name}.{link.name}"
    if isinstance(made, str):
        ground.refused[view.name, link.name] = made
        ground.items.append(Item("join", name, "left out", link.place, made))
        return
    known = known_join(made, (*ground.dictionary.joins, *ground.joins))
    if known is None:
        known = named_join(made, f"{view.name}_{link.name}", taken)
        ground.joins.append(known)
    ground.links[view.name, link.name] = known.join_id
    ground.items.append(Item("join", name, "kept", link.place))


def _join(ground: Ground, view: View, link: Link) -> Join | str:
    """The join, or why there is none."""
    parent = ground.model.view_by_name.get(link.to)
    if parent is None:
        return f"there is no {ground.model.view_word} {link.to}"
    if parent.name not in ground.tables:
        return f"the dictionary has no table {parent.table}: add it, or name it as it is called there"
    if parent.condition is not None:
        return f"rows of {parent.name} are only some of its table, and a join here meets all of them"
    mine = [ground.column(view, one) for one, _ in link.pairs]
    theirs = [ground.column(parent, other) for _, other in link.pairs]
    if None in (*mine, *theirs):
        return f"{', '.join(f'{one} = {other}' for one, other in link.pairs)}: one of them is not a column of its table"
    columns = tuple(each for each in theirs if each is not None)
    if why := _take_key(ground, parent, columns):
        return why
    child, table = ground.table(view), ground.table(parent)
    cardinality = "one_to_one" if link.is_one_to_one else "many_to_one"
    join = Join(
        "", child.qualified, tuple(each for each in mine if each is not None), table.qualified, columns, cardinality,
        f"From {view.name} by {link.name}.", 0,
    )  # fmt: skip
    fault = next(join_faults(join, cardinality, ground.dictionary.tables), None)
    return fault[0] if fault else join
