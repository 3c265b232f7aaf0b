"""Where rows come from: the tables of a leg with their joins, each read through what policies leave of it.

A table of which somebody sees some rows alone is a subquery of those rows, wherever it stands: a parent row that one may not
see is absent, as one that was never there, and a row whose parent is absent stays where its own table's policy lets it.
The conditions of a policy read the tables themselves, their parents too: they are the workspace's, not the asker's.
"""

from collections.abc import Callable

from sqlglot import exp

from assay.catalog.calendars import Periods
from assay.catalog.dictionary import Join, Table, table_of
from assay.catalog.metric import Dimension, InGrain
from assay.catalog.row_filter import Condition
from assay.compiler.functions import of_known_time
from assay.compiler.keys import Keys
from assay.compiler.logic import all_of, any_of
from assay.compiler.plan import Leg
from assay.errors import BadQuestion
from assay.gate.lists import is_periods_name
from assay.gate.names import identifier, table_as
from assay.people.scope import WHOLE


class Sources(Keys):
    def tables(self, select: exp.Select, leg: Leg) -> exp.Select:
        """FROM the leg's table, with its joins; and with the periods in which its rows lie, where the SELECT names these."""
        select = select.from_(table_as(leg.entity.qualified, leg.aliases[leg.entity.qualified]), copy=False)
        select = self.in_periods(self.joined(select, leg), lambda: self.day(leg))
        for own in leg.dimensions.values():
            is_of_rows = own.in_grain and (own.in_grain.base or not leg.frame)
            if own.in_grain and is_of_rows and isinstance(own.in_grain.grain, Periods):
                select = self._looked_up(select, own, own.in_grain, leg)
        return select

    def _looked_up(self, select: exp.Select, own: Dimension, meant: InGrain, leg: Leg) -> exp.Select:
        """With the period of a dimension's day, where one has it: found among those of its year."""
        assert isinstance(meant.grain, Periods)
        periods = self.all_periods(own, meant.grain)
        time, kind, wall = self.time_of(meant, leg)
        day, year = (
            of_known_time(time.copy(), kind, self.spelling.first_day(wall.copy(), unit)) for unit in ("day", "year")
        )
        inside = all_of(
            exp.EQ(this=exp.column("year", table=periods), expression=year),
            exp.LTE(this=exp.column("begins", table=periods), expression=day),
            exp.GT(this=exp.column("ends", table=periods), expression=day.copy()),
        )
        return select.join(exp.to_table(periods), on=inside, join_type="left", copy=False)

    def in_periods(self, select: exp.Select, day: Callable[[], exp.Expr]) -> exp.Select:
        """A SELECT over rows, or cells, that lie in a day: each in the one period that has it."""
        if not isinstance(self.question.grain, Periods):
            return select
        periods = self.periods
        if all(column.table != periods for column in select.find_all(exp.Column)):
            return select
        inside = all_of(
            exp.LTE(this=exp.column("begins", table=periods), expression=day()),
            exp.GT(this=exp.column("ends", table=periods), expression=day()),
        )
        return select.join(exp.to_table(periods), on=inside, copy=False)

    def joined(self, select: exp.Select, leg: Leg) -> exp.Select:
        for join in _in_order(leg):
            on = all_of(*[
                exp.EQ(this=self.key(leg, join.from_table, left), expression=self.key(leg, join.to_table, right))
                for left, right in zip(join.from_columns, join.to_columns, strict=True)
            ], *(self.held_then(leg, join, join.valid) if join.valid else ()))  # fmt: skip
            select = select.join(
                table_as(table_of(join.to_table), leg.aliases[join.to_table]), on=on, join_type="left", copy=False
            )
        return select

    def held_then(self, leg: Leg, join: Join, valid: tuple[str, str]) -> tuple[exp.Expr, exp.Expr]:
        """That the parent's row held when the leg's row counts."""
        time = leg.time
        if time is None or leg.alive is not None:
            raise BadQuestion(
                f"Rows of {table_of(join.to_table)} hold for a while (join {join.join_id}), and what is asked has no time at"
                " which one of them is meant.", mend="ask a metric with a time, or leave out what stands in that table",
            )  # fmt: skip
        begins, ends = (self.column(leg, join.to_table, name) for name in valid)
        then = self.column(leg, time.table, time.name)
        still = exp.GT(this=ends, expression=then.copy())
        for_good = exp.Is(this=ends.copy(), expression=exp.null())
        return exp.LTE(this=begins, expression=then), exp.paren(exp.Or(this=still, expression=for_good), copy=False)

    def key(self, leg: Leg, table: str, name: str) -> exp.Expr:
        """A column by which tables are joined: bare, so that an index serves, and the gate knows it for an approved one."""
        held = self.held.tables.get(table_of(table), {}).get(name)
        if held is not None and held.kind == "collated":
            raise BadQuestion(
                f"{table_of(table)}.{name} is a key of text that {self.dialect} compares by its collation: 'a' and 'A' may"
                " be one key there.", mend="give the column a collation by code point, or ask another backend",
            )  # fmt: skip
        return self.column(leg, table, name)

    def through_policies(self, select: exp.Select, leg: Leg) -> exp.Select:
        """The finished SELECT of a leg with each table that is not seen whole in the place of its rows that are seen."""
        if not leg.access.rows:
            return select
        used: dict[str, dict[str, None]] = {}
        for column in select.find_all(exp.Column):
            used.setdefault(column.table, {})[column.name] = None
        for source in [select.args["from_"].this, *(join.this for join in select.args.get("joins") or ())]:
            table = f"{source.db}.{source.name}"
            if table in leg.access.rows:
                # A parent is joined by a column; of the leg's own table none need be read, as where rows are counted.
                names = sorted(used.get(source.alias, ())) or [_any_column(leg.entity)]
                rows = self._rows(table, source.alias, names, leg.access.rows[table])
                source.replace(exp.Subquery(this=rows, alias=exp.TableAlias(this=identifier(source.alias))))
        return select

    def _rows(self, table: str, alias: str, columns: list[str], conditions: tuple[Condition, ...]) -> exp.Select:
        """These columns of the rows that are seen of a table."""
        if not conditions:
            shown = [exp.column(identifier(name), table=identifier(alias)) for name in columns]
            return exp.Select(expressions=shown).from_(table_as(table, alias), copy=False).where(exp.false(), copy=False)
        leg = Leg(conditions[0].table, None, None, {}, WHOLE, ())
        for each in conditions:
            leg.reach(each.joins)
        select = exp.Select(expressions=[self.column(leg, table, name) for name in columns])
        select = self.joined(select.from_(table_as(table, leg.aliases[table]), copy=False), leg)
        return select.where(any_of(*[self.formula(each.formula, leg) for each in conditions]), copy=False)


def _in_order(leg: Leg) -> list[Join]:
    """Its joins, those that lead to its time before those that look at it."""
    if leg.time is None or not any(join.valid for join in leg.joins):
        return leg.joins
    return [*leg.time.joins, *(join for join in leg.joins if join not in leg.time.joins)]


def moved_inside(select: exp.Select, leg: Leg, alias: str, *, outside: str | None = None) -> dict[str, exp.Expr]:
    """The columns that a SELECT reads of the leg's tables, by the names that they have in a subquery of that alias now.

    `outside`: the list of periods that is joined to that subquery, and not inside of it.
    """
    aliases, columns = set(leg.aliases.values()), dict[str, exp.Expr]()
    for column in list(select.find_all(exp.Column)):
        if column.table in aliases or (is_periods_name(column.table) and column.table != outside):
            name = f"{column.table}_{column.name}"
            columns[name] = column.copy()
            column.replace(exp.column(identifier(name), table=alias))
    return columns


def _any_column(table: Table) -> str:
    return next(iter(table.primary_key or table.business_key or table.columns))
