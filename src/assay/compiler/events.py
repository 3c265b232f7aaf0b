"""Which events are followed by which: the events of a conversion in one stream, in the order in which they happened.

Each event of the first kind begins an episode, which ends where the next one of the same key begins: so whatever follows is
attributed to the nearest first event before it, and to no other. In an episode each later event is the earliest of its kind
that is not before the one that it follows.
"""

from collections.abc import Sequence

from sqlglot import exp

from assay.catalog.metric import Conversion, Event
from assay.compiler.conditions import Conditions
from assay.compiler.leaves import ENDED, STREAM, source_of_edge
from assay.compiler.logic import all_of, not_of
from assay.compiler.plan import Leg
from assay.compiler.sources import Sources, moved_inside
from assay.gate.names import identifier

AT, STEP, _RANK, _EPISODE = "_at", "_step", "_rank", "_episode"


class Events(Conditions, Sources):
    def through_events(self, select: exp.Select, leg: Leg, conversion: Conversion) -> exp.Select:
        """A SELECT over the leg's rows, each with when it was followed: over those of the window, of all that there are.

        The question's conditions choose among the first events, whatever follows them: a group holds what the question
        would give that filters by it, and a bucket what it would give that asks for the bucket alone.
        """
        columns = moved_inside(select, leg, STREAM)
        keys = [f"_key{number}" for number in range(1, len(conversion.events[0].keys) + 1)]
        order = [f"_order{number}" for number in range(1, len(conversion.events[0].order) + 1)]
        stream: exp.Query = self._first(leg, conversion, columns, keys, order)
        for number, event in enumerate(conversion.events[1:], 2):
            stream = exp.union(stream, self._later(leg, conversion, number, event, [*columns], keys, order),
                               distinct=False, copy=False)  # fmt: skip
        names = [*columns, STEP, AT, *keys]
        inside = self._episodes(stream, names, keys, [
            self.spelling.ordered(column_of(name), False, column.type.kind == "string")
            for name, column in zip(order, conversion.events[0].order, strict=True)
        ])  # fmt: skip
        names.append(_EPISODE)
        for number in range(2, len(conversion.events) + 1):
            inside, added = _followed(inside, names, keys, conversion.events, number)
            names.append(added)
        select = select.from_(exp.Subquery(this=inside, alias=exp.TableAlias(this=exp.to_identifier(STREAM))), copy=False)
        return select.where(exp.EQ(this=column_of(STEP, STREAM), expression=exp.Literal.number(1)), copy=False)

    def _first(
        self, leg: Leg, conversion: Conversion, columns: dict[str, exp.Expr], keys: list[str], order: list[str]
    ) -> exp.Select:  # fmt: skip
        first = conversion.events[0]
        given = {**columns, STEP: exp.Literal.number(1), _RANK: exp.Literal.number(1), **self.whose(leg, first, keys)}
        for name, column in zip(order, first.order, strict=True):
            given[name] = self.read(leg, leg.entity.qualified, column.name, column.type)
        found = self.tables(selecting(given), leg).where(*self.of_parts(leg), *self._near(leg, leg, conversion), copy=False)
        return self.through_policies(found, leg)

    def _later(
        self, leg: Leg, conversion: Conversion, number: int, event: Event, columns: list[str], keys: list[str],
        order: list[str],
    ) -> exp.Select:  # fmt: skip
        """Nothing in the columns of the first events; and no event that lacks a key, which follows nobody's."""
        own = self.leg_of_event(event, leg)
        # Of one row at one moment, what follows comes before what it might follow: no row follows itself.
        rank = 0 if event.is_another_of(conversion.events[0]) else 2
        given: dict[str, exp.Expr] = {
            **{name: exp.null() for name in columns}, STEP: exp.Literal.number(number), _RANK: exp.Literal.number(rank),
            **self.whose(own, event, keys), **{name: exp.null() for name in order},
        }  # fmt: skip
        found = self.tables(selecting(given), own)
        found = found.where(*self.of_parts(own), *self.has_keys(own, event), *self._near(own, leg, conversion), copy=False)
        return self.through_policies(found, own)

    def whose(self, leg: Leg, event: Event, keys: list[str]) -> dict[str, exp.Expr]:
        """When an event is, and whose."""
        at = self.read(leg, event.time.table, event.time.name, event.time.type)
        given = zip(keys, event.keys, strict=True)
        return {
            AT: at,
            **{name: self.read(leg, source, column.name, column.type) for name, (source, column) in given},
        }

    def has_keys(self, leg: Leg, event: Event) -> list[exp.Expr]:
        """Whether it is known whose an event is."""
        columns = [self.column(leg, source, column.name) for source, column in event.keys]
        return [not_of(exp.Is(this=each, expression=exp.null())) for each in columns]

    def leg_of_event(self, event: Event, leg: Leg) -> Leg:
        """The pass over the events of one kind, beside that over the first ones."""
        own = Leg(event.part.entity, event.time, None, {}, leg.access, leg.periods, leg.shift)
        own.add("m1", event.part)
        return own

    def _near(self, own: Leg, leg: Leg, conversion: Conversion) -> list[exp.Expr]:
        """Events from the start of the window on, as far behind its end as they may follow one in it."""
        assert own.time
        prefix = "previous_" if leg.periods == ("previous",) else ""
        time = self.column(own, own.time.table, own.time.name)
        since = exp.GTE(this=time, expression=self.edge(f"{prefix}start", leg, own.time))
        if conversion.within is None:
            return [since]
        end = self.parameter(("later", source_of_edge(f"{prefix}end", leg, own.time), conversion.within))
        return [since, exp.LT(this=time.copy(), expression=end)]

    def _episodes(self, stream: exp.Query, names: list[str], keys: list[str], order: list[exp.Ordered]) -> exp.Select:
        """The stream, with how many first events of the same key there were up to each event."""
        is_first = exp.EQ(this=column_of(STEP), expression=exp.Literal.number(1))
        begun = exp.Count(this=exp.Case(ifs=[exp.If(this=is_first, true=exp.Literal.number(1))]), big_int=True)
        ordered = [*(exp.Ordered(this=column_of(name), nulls_first=False) for name in (AT, _RANK)), *order]
        number = exp.Window(
            this=begun, partition_by=[column_of(name) for name in keys], order=exp.Order(expressions=ordered)
        )
        found = selecting({**{name: column_of(name) for name in names}, _EPISODE: number})
        return found.from_(exp.Subquery(this=stream, alias=exp.TableAlias(this=exp.to_identifier("events"))), copy=False)


def _followed(
    inside: exp.Select, names: list[str], keys: list[str], events: Sequence[Event], number: int
) -> tuple[exp.Select, str]:  # fmt: skip
    """Beside each event of an episode, when its event of this number is; and what that column is called."""
    conditions: list[exp.Expr] = [exp.EQ(this=column_of(STEP), expression=exp.Literal.number(number))]
    for before in range(2, number):
        is_another = events[number - 1].is_another_of(events[before - 1])
        if is_another or before == number - 1:
            side = exp.GT if is_another else exp.GTE
            conditions.append(side(this=column_of(AT), expression=column_of(f"_at{before}")))
    its_time = exp.Case(ifs=[exp.If(this=all_of(*conditions), true=column_of(AT))])
    earliest = exp.Window(this=exp.Min(this=its_time), partition_by=[column_of(name) for name in (*keys, _EPISODE)])
    added = ENDED if number == len(events) else f"_at{number}"
    found = selecting({**{name: column_of(name) for name in names}, added: earliest})
    alias = exp.TableAlias(this=exp.to_identifier(f"step{number}"))
    return found.from_(exp.Subquery(this=inside, alias=alias), copy=False), added


def selecting(columns: dict[str, exp.Expr]) -> exp.Select:
    return exp.Select(expressions=[exp.Alias(this=tree, alias=identifier(name)) for name, tree in columns.items()])


def column_of(name: str, table: str | None = None) -> exp.Column:
    return exp.column(identifier(name), table=table)
