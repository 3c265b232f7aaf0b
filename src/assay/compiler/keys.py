"""What rows are grouped by: the bucket of their time, and the dimensions."""

from sqlglot import exp

from assay.catalog.calendars import Periods
from assay.compiler.leaves import Leaves
from assay.compiler.logic import case_of
from assay.compiler.plan import Leg
from assay.compiler.resolved import OfInput
from assay.errors import BadQuestion
from assay.gate.lists import further_name, list_name

Key = tuple[str, exp.Expr, bool]
"""(name, expression, whether it is text)"""


DAY = "_day"
OF_DAYS = ("_first", "_behind", "_at")
"""What a list of the days of buckets tells behind further grains: of which days it is one, from the first to the one behind
the last, and itself. No dimension can be called so either.
"""


class Keys(Leaves):
    def keys(self, leg: Leg) -> list[Key]:
        """The time bucket and the dimensions; where rows are framed their day, by which their buckets are found."""
        found: list[Key] = []
        if self.question.grain:
            found.append((DAY, self.day(leg), False) if leg.frame else ("time", self.bucket(leg), False))
        further = list(self.question.further_grains) if leg.frame else []
        for each in self.question.dimensions:
            if each.name in further:
                place = further_name(further.index(each.name) + 1)
                found.append((each.name, exp.column(place, table=self.frames(leg)), False))
            else:
                found.append((each.name, self.dimension(leg, each), each.type.kind == "string"))
        return found

    def frames(self, leg: Leg) -> str:
        """The list of the buckets of a leg whose rows are framed, with the days of their frames."""
        assert leg.framing
        if self.spelling.unnested is None:
            raise BadQuestion(f"{self.dialect} reads no lists, and buckets of what looks further need one", field="grain")
        further = len(self.question.further_grains) + (len(OF_DAYS) if leg.averages else 0)
        return list_name(self.parameters.index(("frames", *leg.framing, further)))

    def bucket(self, leg: Leg) -> exp.Expr:
        """The bucket of a row: a first day, or the start of an hour on the clock of UTC."""
        grain = self.question.grain
        assert grain
        if isinstance(grain, Periods):
            return exp.column("time", table=self.periods)
        clock = self.clock(leg)
        if grain == "hour":
            return self.hour(clock)
        return self.begun(clock, grain)

    @property
    def periods(self) -> str:
        """The list of the periods by which it is divided."""
        return self.listed(("periods",), "grain")

    def day(self, leg: Leg) -> exp.Expr:
        return self.spelling.first_day(self.clock(leg), "day")

    def clock(self, leg: Leg, of_input: OfInput = ()) -> exp.Expr:
        """The row's time on the clock by which its bucket is cut off, and onto the current window's buckets where it is of
        the one before. `of_input`: which rows are meant, where that is not told by the leg.
        """
        assert leg.time
        time = self.column(leg, leg.time.table, leg.time.name)
        kind = leg.time.type.kind
        cases: list[tuple[exp.Expr | None, exp.Expr]] = []
        of_input = of_input or leg.framing or ((leg.shift, leg.periods[0]) if leg.shift else ())
        for number, shift in enumerate(self.question.moved(kind, of_input)):
            before = None
            if shift.until:
                is_edge = shift.is_start and not of_input
                until = self.edge("start", leg, leg.time) if is_edge else self.parameter(("until", number, kind, *of_input))
                before = exp.LT(this=time.copy(), expression=until)
            cases.append((before, self.spelling.moved(self.spelling.utc_clock(time.copy(), kind), shift.by)))
        return case_of(cases)

    def hour(self, clock: exp.Expr) -> exp.Expr:
        """The start of the hour in which a row lies; where the clocks change in the midst of one, that is a start too."""
        floors = self.question.floors
        marks = [None if since is None else self.parameter(("floor", number)) for number, (since, _) in enumerate(floors)]
        starts = [self.spelling.hour(clock.copy(), beside) for _, beside in floors]
        for number, mark in enumerate(marks):
            if mark is not None:
                starts[number] = exp.Greatest(this=starts[number], expressions=[mark.copy()])
        ends = [None if mark is None else exp.LT(this=clock.copy(), expression=mark.copy()) for mark in [*marks[1:], None]]
        return case_of(list(zip(ends, starts, strict=True)))
