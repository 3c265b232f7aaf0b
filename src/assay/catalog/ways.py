"""Ways of approved joins from the rows of a table to those of a parent, and how definitions name them.

The parent that a row points at itself is its own, and needs no name. Where no join leads there, or several do, and where
several ways over other tables lead there, the way has to be named: the longer and the shorter may mean different rows.
`flight_origin.city` is the city of the row to which the join `flight_origin` leads, `flight_origin.country.name` that of a
row to which joins lead from there. A table to which a named way leads is a source of its own beside the table itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from assay.catalog.dictionary import IN_ROLE, Dictionary, Join, Table
from assay.catalog.findings import nearest
from assay.catalog.formula import BadFormula

_MOST_JOINS = 4
_MOST_TOLD, _MOST_LOOKED_AT = 4, 50


@dataclass(frozen=True, slots=True)
class Reached:
    """A table, and the way to it. `source`: what tells its rows from those of the table in other roles."""

    table: Table
    source: str
    joins: tuple[Join, ...]


class Ways:
    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._joins = {join.join_id: join for join in dictionary.joins}
        self._found: dict[tuple[str, str], list[tuple[Join, ...]]] = {}
        self._left: dict[str, dict[str, int]] = {}

    def __contains__(self, written: str) -> bool:
        """Whether this, before the point of a column, names a table or a way."""
        try:
            self._read(written)
        except BadFormula:
            return False
        return True

    def reached(self, entity: Table, written: str | None, by: Sequence[str] = ()) -> Reached:
        """The row that a column's qualifier means, seen from a row of `entity`. `by`: joins that are named beside it."""
        named = [self._join(each) for each in by]
        table = None if named else entity
        if written is not None:
            more, table = self._read(written)
            named += more
        if not named:
            assert table
            return Reached(table, table.qualified, self.only(entity.qualified, table.qualified))
        way, at = list[Join](), entity.qualified
        for join in named:
            way += [*self.only(at, join.from_table), join]
            at = join.to_table
        if table:
            way += self.only(at, table.qualified)
        return self._in_role(entity, way)

    def only(self, start: str, target: str) -> tuple[Join, ...]:
        """The one way that need not be named. Raises BadFormula where there is none, or several."""
        if start == target:
            return ()
        found = self._all(start, target)
        if not found:
            raise BadFormula(
                f"{target} cannot be joined to {start} without counting rows more than once:"
                " join_map.csv has no chain from child to parent"
            )
        if len(found) > 1:
            told = [" > ".join(join.join_id for join in way) for way in found[:_MOST_TOLD]]
            if len(found) > _MOST_TOLD:
                told.append(f"{len(found) - _MOST_TOLD} more")
            first = [join.join_id for join in found[0]]
            by = first[0] if len(first) == 1 else f"[{', '.join(first)}]"
            raise BadFormula(
                f"{target} can be reached in more than one way from {start} ({' or '.join(told)});"
                f" name the one that is meant: by: {by} beside a dimension's column, {'.'.join(first)}.COLUMN elsewhere"
            )
        return found[0]

    def shortest(self, start: str, target: str) -> tuple[list[tuple[Join, ...]], bool]:
        """What a draft takes: the shortest ways, and whether they have to be named."""
        found = self._all(start, target)
        return [way for way in found if len(way) == len(found[0])], len(found) > 1

    def _all(self, start: str, target: str) -> list[tuple[Join, ...]]:
        """Each way that may be meant, the shortest first."""
        key = (start, target)
        if key not in self._found:
            own = [(join,) for join in self._dictionary.joins_from.get(start, ()) if join.to_table == target]
            self._found[key] = own or list(islice(self._over_others(start, target), _MOST_LOOKED_AT))
        return self._found[key]

    def _over_others(self, start: str, target: str) -> Iterator[tuple[Join, ...]]:
        """Those over other tables, each of which it meets once: a join of a table to itself is taken where it is named."""
        left = self._joins_left(target)
        waiting: list[tuple[Join, ...]] = [()]
        for way in waiting:
            at = way[-1].to_table if way else start
            if at == target:
                yield way
                continue
            met = {start, *(join.to_table for join in way)}
            waiting += [
                (*way, join) for join in self._dictionary.joins_from.get(at, ())
                if join.to_table not in met and len(way) + 1 + left.get(join.to_table, _MOST_JOINS) <= _MOST_JOINS
            ]  # fmt: skip

    def _joins_left(self, target: str) -> dict[str, int]:
        """How many joins it takes at least from each table to the target."""
        if target in self._left:
            return self._left[target]
        left = self._left[target] = {target: 0}
        for number in range(1, _MOST_JOINS):
            for join in self._dictionary.joins:
                if left.get(join.to_table) == number - 1:
                    left.setdefault(join.from_table, number)
        return left

    def _read(self, written: str) -> tuple[list[Join], Table | None]:
        """The joins that are named, and the table behind them; None: the one to which the last of them leads."""
        parts = written.split(".")
        joins = list[Join]()
        for number in range(len(parts)):
            table = self._dictionary.find(".".join(parts[number:]))
            if table is not None:
                return joins, table
            if parts[number] not in self._joins:
                known = {*self._dictionary.table_names, *self._joins}
                hint = nearest(written, known) or nearest(parts[number], known) or ""
                raise BadFormula(f"no table {written!r} in the dictionary. {hint}".strip())
            joins.append(self._joins[parts[number]])
        return joins, None

    def _join(self, name: str) -> Join:
        if name not in self._joins:
            raise BadFormula(f"no join {name!r} in join_map.csv. {nearest(name, set(self._joins)) or ''}".strip())
        return self._joins[name]

    def _in_role(self, entity: Table, way: Sequence[Join]) -> Reached:
        """The end of a named way. As far as it is the one that need not be named, its tables have no role."""
        joins, at, is_plain = list[Join](), entity.qualified, True
        for number, join in enumerate(way, 1):
            is_plain = is_plain and self._is_plain(entity.qualified, tuple(way[:number]))
            names = (each.join_id if each.join_id.isidentifier() else repr(each.join_id) for each in way[:number])
            to = join.to_table if is_plain else f"{join.to_table}{IN_ROLE}{' > '.join(names)}"
            joins.append(replace(join, from_table=at, to_table=to))
            at = to
        return Reached(self._dictionary.tables[way[-1].to_table], at, tuple(joins))

    def _is_plain(self, start: str, way: tuple[Join, ...]) -> bool:
        target = way[-1].to_table
        return target != start and self._all(start, target) == [way]
