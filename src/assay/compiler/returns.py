"""Cohorts: whoever has a first event, once in each bucket from that of the event on, with the events by which they are back.

All events stand in one stream, as those of a conversion do (`events.py`). The first one of a key is read beside each of its
events; then the buckets that are over are joined: an event lies in one of them, a first event in all from its own on.
"""

from sqlglot import exp

from assay.catalog.calendars import Periods
from assay.catalog.metric import Cohorts, Conversion
from assay.catalog.retention import RETURNED, SINCE, key_name
from assay.compiler.events import AT, STEP, Events, column_of, selecting
from assay.compiler.keys import DAY
from assay.compiler.leaves import STREAM
from assay.compiler.logic import all_of, any_of
from assay.compiler.plan import Leg
from assay.compiler.resolved import OfCohorts
from assay.compiler.sources import moved_inside
from assay.errors import BadQuestion
from assay.gate.lists import list_name

_BEGUN, _PLACE, _UNTIL, _BUCKET = "_begun", "_place", "_until", "_bucket"
_EVENTS, _MEMBERS, _CELLS = "events", "members", "cells"


class Returns(Events):
    def through_cohorts(self, select: exp.Select, leg: Leg, conversion: Conversion, cohorts: Cohorts) -> exp.Select:
        """A SELECT over the leg's rows, of the first event of each key: once for each bucket of its cohort.

        The question's conditions choose among the first events of all that there are.
        """
        # Its first event may lie before all periods of the window: they are joined to what is left in the end.
        is_by_period = isinstance(self.question.grain, Periods)
        holder = exp.select(self.day(leg)) if is_by_period else exp.select()
        columns = moved_inside(select, leg, STREAM, outside=self.periods if is_by_period else None)
        columns |= moved_inside(holder, leg, STREAM)
        keys = [f"_{key_name(number)}" for number in range(1, len(conversion.events[0].keys) + 1)]
        cells = self._cells(leg, conversion, columns, keys)
        by_bucket = exp.Order(expressions=[exp.Ordered(this=column_of(_BUCKET), nulls_first=False)])
        place = exp.Window(this=exp.RowNumber(), partition_by=[column_of(each) for each in keys], order=by_bucket)
        since = exp.Sub(this=place, expression=exp.Literal.number(1))
        kept = [*columns, *keys, f"_{RETURNED}"]
        numbered = selecting({**{name: column_of(name) for name in kept}, f"_{SINCE}": since})
        numbered = numbered.from_(_as(cells, _CELLS), copy=False)
        select = self.in_periods(select.from_(_as(numbered, STREAM), copy=False), lambda: holder.expressions[0].copy())
        last = exp.Literal.number(cohorts.up_to)
        return select.where(exp.LTE(this=column_of(f"_{SINCE}", STREAM), expression=last), copy=False)

    def _cells(self, leg: Leg, conversion: Conversion, columns: dict[str, exp.Expr], keys: list[str]) -> exp.Select:
        """For each key whose first event lies in the window, and each bucket from there on, how many events come back."""
        if self.spelling.unnested is None:
            raise BadQuestion(f"{self.dialect} reads no lists, and cohorts need the list of their buckets", field="metrics")
        buckets = list_name(self.parameters.index(("returning", *self._pass_over(leg))))
        in_window = exp.select().where(*self.during(leg), copy=False)
        beside = moved_inside(in_window, leg, _MEMBERS)  # the time, whether or not the question reads it too
        members = self._members(leg, conversion, {**columns, **beside}, keys)
        bucket = exp.column("time", table=buckets)
        is_first = all_of(_is(STEP, 1), _is(_PLACE, 1))
        is_later = all_of(_is(STEP, 2), exp.GTE(this=column_of(AT, _MEMBERS), expression=column_of(_BEGUN, _MEMBERS)))
        back = exp.Count(this=exp.Case(ifs=[exp.If(this=_is(STEP, 2), true=exp.Literal.number(1))]), big_int=True)
        names = [*columns, *keys]
        cells = selecting({
            _BUCKET: bucket, **{name: column_of(name, _MEMBERS) for name in names},
            f"_{RETURNED}": exp.Nullif(this=back, expression=exp.Literal.number(0)),
        })  # fmt: skip
        inside = all_of(
            exp.GT(this=exp.column("ends", table=buckets), expression=column_of(DAY, _MEMBERS)),
            exp.LTE(this=exp.column("begins", table=buckets), expression=column_of(_UNTIL, _MEMBERS)),
        )
        cells = cells.from_(_as(members, _MEMBERS), copy=False).join(exp.to_table(buckets), on=inside, copy=False)
        cells = cells.where(*[each.copy() for each in in_window.args["where"].this.flatten()], any_of(is_first, is_later),
                            copy=False)  # fmt: skip
        return cells.group_by(*[exp.Literal.number(place) for place in range(1, len(names) + 2)], copy=False)

    def _members(self, leg: Leg, conversion: Conversion, columns: dict[str, exp.Expr], keys: list[str]) -> exp.Select:
        """All events, each with what is read of the first one of its key, and until which day buckets are joined to it."""
        first = conversion.events[0]
        order = [f"_order{number}" for number in range(1, len(first.order) + 1)]
        first_ones = self._first_ones(leg, conversion, columns, keys, order)
        stream = exp.union(
            first_ones, self._later_ones(leg, conversion, [*columns], keys, order), distinct=False, copy=False
        )
        by = exp.Order(expressions=[
            *(exp.Ordered(this=column_of(name), nulls_first=False) for name in (STEP, AT)),
            *(
                self.spelling.ordered(column_of(name), False, column.type.kind == "string")
                for name, column in zip(order, first.order, strict=True)
            ),
        ])  # fmt: skip

        def of_first(function: exp.Expr) -> exp.Expr:
            return exp.Window(this=function, partition_by=[column_of(each) for each in keys], order=by.copy())

        begun = exp.Case(
            ifs=[exp.If(this=exp.EQ(this=column_of(STEP), expression=exp.Literal.number(1)), true=column_of(AT))]
        )
        found = selecting({
            **{name: of_first(exp.FirstValue(this=column_of(name))) for name in columns},
            _BEGUN: of_first(exp.FirstValue(this=begun)), _PLACE: of_first(exp.RowNumber()),
            **{name: column_of(name) for name in (STEP, AT, DAY, _UNTIL, *keys)},
        })  # fmt: skip
        return found.from_(_as(stream, _EVENTS), copy=False)

    def _first_ones(
        self, leg: Leg, conversion: Conversion, columns: dict[str, exp.Expr], keys: list[str], order: list[str]
    ) -> exp.Select:  # fmt: skip
        """All that may be somebody's first, up to the end of the window: one that lies before it is first all the same."""
        assert leg.time and conversion.cohorts
        first, (day, clock) = conversion.events[0], self._day(leg, leg)
        reach = self.question.returning[self._pass_over(leg)].longest * (conversion.cohorts.up_to + 1)
        given = {
            **columns, STEP: exp.Literal.number(1), **self.whose(leg, first, keys), DAY: day,
            _UNTIL: self.spelling.first_day(self.spelling.moved(clock.copy(), reach), "day"),
            **{
                name: self.read(leg, leg.entity.qualified, column.name, column.type)
                for name, column in zip(order, first.order, strict=True)
            },
        }  # fmt: skip
        prefix = "previous_" if leg.periods == ("previous",) else ""
        before = exp.LT(this=self.column(leg, leg.time.table, leg.time.name),
                        expression=self.edge(f"{prefix}end", leg, leg.time))  # fmt: skip
        found = self.tables(selecting(given), leg).where(*self.of_parts(leg), *self.has_keys(leg, first), before, copy=False)
        return self.through_policies(found, leg)

    def _later_ones(
        self, leg: Leg, conversion: Conversion, columns: list[str], keys: list[str], order: list[str]
    ) -> exp.Select:  # fmt: skip
        """From the start of the window to the end of the last bucket that is over; nothing in the columns of the first."""
        event = conversion.events[1]
        own = self.leg_of_event(event, leg)
        assert own.time
        day, _ = self._day(own, leg)
        given: dict[str, exp.Expr] = {
            **{name: exp.null() for name in columns}, STEP: exp.Literal.number(2), **self.whose(own, event, keys), DAY: day,
            _UNTIL: day.copy(), **{name: exp.null() for name in order},
        }  # fmt: skip
        prefix = "previous_" if leg.periods == ("previous",) else ""
        time = self.column(own, own.time.table, own.time.name)
        since = exp.GTE(this=time, expression=self.edge(f"{prefix}start", leg, own.time))
        end = self.parameter(("returning_end", own.time.type.kind, *self._pass_over(leg)))
        found = self.tables(selecting(given), own)
        found = found.where(*self.of_parts(own), *self.has_keys(own, event), since,
                            exp.LT(this=time.copy(), expression=end), copy=False)  # fmt: skip
        return self.through_policies(found, own)

    def _pass_over(self, leg: Leg) -> OfCohorts:
        assert leg.conversion and leg.conversion.cohorts
        return leg.conversion.cohorts, leg.shift, leg.periods[0]

    def _day(self, own: Leg, leg: Leg) -> tuple[exp.Expr, exp.Expr]:
        """The day of an event on the clock of the workspace, and the time on that clock."""
        clock = self.clock(own, self._pass_over(leg))
        return self.spelling.first_day(clock, "day"), clock


def _is(name: str, number: int) -> exp.Expr:
    return exp.EQ(this=column_of(name, _MEMBERS), expression=exp.Literal.number(number))


def _as(query: exp.Query, name: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)))
