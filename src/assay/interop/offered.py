"""What the tables of another layer's model offer here: dimensions, segments, and the time by which rows count."""

from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from assay.catalog.binder import Binder
from assay.catalog.entry import DimensionEntry, EntityEntry, SegmentEntry
from assay.catalog.formula import BadFormula, Formula
from assay.interop.fidelity import Item
from assay.interop.foreign import Field, Segment, View
from assay.interop.ground import Ground, Way
from assay.interop.names import fitting
from assay.interop.quotients import WHOLE_NUMBERS, cuts_whole_numbers


@dataclass
class Offered:
    """By qualified table."""

    ground: Ground
    binder: Binder
    dimensions: dict[str, dict[str, DimensionEntry]] = field(default_factory=dict[str, dict[str, DimensionEntry]])
    segments: dict[str, dict[str, SegmentEntry]] = field(default_factory=dict[str, dict[str, SegmentEntry]])
    times: dict[str, str | None] = field(default_factory=dict[str, str | None])
    """By view: of several over one table the first that says one gives it to the table's metrics."""
    items: list[Item] = field(default_factory=list[Item])

    def take(self, view: View) -> None:
        table = self.ground.table(view).qualified
        dimensions = self.dimensions.setdefault(table, {})
        for each in view.fields:
            self._take_own(view, each, dimensions)
        segments = self.segments.setdefault(table, {})
        for each in view.segments:
            name = fitting(each.name, "segment")
            try:
                text = self.ground.text(self.ground.placed(view, each.sql))
                entry = SegmentEntry(name=name, filter=text, label=each.label, definition=each.description)
                found = self.binder.segment(self.ground.table(view), entry)
                if segments.setdefault(name, entry) != entry:
                    raise BadFormula("another segment of this table has its name: name one of them otherwise")
            except BadFormula as error:
                self.items.append(Item("segment", f"{view.name}.{each.name}", "left out", each.place, str(error)))
            else:
                self._kept("segment", view, each.name, name, each, found.formula)
        self.times[view.name] = self._time(view)

    def _take_own(self, view: View, each: Field, taken: dict[str, DimensionEntry]) -> None:
        if each.is_hidden:
            told = "nobody asks by it there, and so not here"
            self.items.append(Item("dimension", f"{view.name}.{each.name}", "left out", each.place, told))
            return
        name = fitting(each.name)
        try:
            formula = self._take(view, view, each, name, Way((), ()), taken)
        except (BadFormula, ValueError) as error:
            self.items.append(Item("dimension", f"{view.name}.{each.name}", "left out", each.place, str(error)))
        else:
            self._kept("dimension", view, each.name, name, each, formula)

    def take_over_joins(self, view: View) -> None:
        """Dimensions of the views that its rows meet, by the name of their view, or of the joins where there are several
        ways. One that cannot be had over joins alone is told: of the others their own view has told."""
        if not self.ground.model.has_dimensions_over_joins:
            return
        taken = self.dimensions[self.ground.table(view).qualified]
        ways = list(self.ground.ways(view))
        targets = [way.views[-1].name for way in ways]
        for way in ways:
            last = way.views[-1]
            before = last.name if targets.count(last.name) == 1 else "_".join(each.name for each in way.views)
            for each in last.fields:
                if each.is_hidden:
                    continue
                name = fitting(f"{before}_{each.name}")
                try:
                    self._take(view, last, each, name, way, taken)
                except (BadFormula, ValueError) as error:
                    if fitting(each.name) in self.dimensions[self.ground.table(last).qualified]:
                        told = f"{name} of {view.name}: {error}"
                        self.items.append(Item("dimension", f"{view.name}.{name}", "left out", each.place, told))

    def _take(
        self, view: View, stands_in: View, each: Field, name: str, way: Way, taken: dict[str, DimensionEntry]
    ) -> Formula | None:  # fmt: skip
        """What it calculates, where it is not a column."""
        tree = self.ground.placed(stands_in, each.sql, way.joins, each.name).unnest()
        said: dict[str, Any] = {"name": name, "label": each.label}
        if isinstance(tree, exp.Column):
            column, *back = (part.name for part in (tree.this, *reversed(tree.parts[:-1])))
            said |= {"column": column, "by": tuple(reversed(back))}
        else:
            said["expression"] = self.ground.text(tree)
        entry = DimensionEntry.model_validate(said)
        if name in taken and taken[name].model_copy(update={"label": entry.label}) != entry:
            raise BadFormula("another dimension of this table has its name: name one of them otherwise")
        found = self.binder.dimension(self.ground.table(view), entry)
        taken.setdefault(name, entry)
        return found.formula

    def _kept(
        self, kind: str, view: View, name: str, here: str, each: Field | Segment, formula: Formula | None
    ) -> None:  # fmt: skip
        is_cut = formula is not None and self.ground.model.cuts_whole_numbers and cuts_whole_numbers(formula)
        told = "; ".join((*([] if here == name else [f"now {here}"]), *([WHOLE_NUMBERS] if is_cut else [])))
        outcome = "approximated" if is_cut else "renamed" if told else "kept"
        self.items.append(Item(kind, f"{view.name}.{name}", outcome, each.place, told, may_differ=is_cut))

    # -- time -------------------------------------------------------------------------------------

    def _time(self, view: View) -> str | None:
        """What the source says, or the only time that its rows have."""
        if view.time is not None:
            try:
                return self.time_column(view, view.time)
            except BadFormula as error:
                self.items.append(Item("time", f"{view.name}.{view.time}", "left out", view.place, str(error)))
                return None
        found = dict[str, None]()
        for each in view.fields:
            try:
                found |= {self.time_column(view, each.name): None} if each.is_time else {}
            except BadFormula:
                continue
        own = [each for each in found if "." not in each]
        if len(own) == 1:
            return own[0]
        if own:
            told = (f"its rows have several times ({', '.join(own)}), and there a question names one: until you write  time:"
                    f"  with one of them into its entry in entities/, they count whenever they are")  # fmt: skip
            self.items.append(Item("time", view.name, "left out", view.place, told))
        return None

    def time_column(self, view: View, name: str) -> str:
        """The column of a time field, as a definition writes it. Raises BadFormula."""
        one = next((each for each in view.fields if each.name == name), None)
        if one is None:
            raise BadFormula(f"{view.name} has no time {name}")
        tree = self.ground.placed(view, one.sql, (), one.name).unnest()
        if not isinstance(tree, exp.Column):
            raise BadFormula(f"the time {name} is calculated, and the time of a row is a column here: add it to the table")
        text = ".".join(part.name for part in tree.parts)
        self.binder.time(self.ground.table(view), text)
        return text

    def time_of(self, table: str) -> str | None:
        """By which rows of the table count, where a metric says nothing."""
        views = (name for name, each in self.ground.tables.items() if each.qualified == table)
        return next((self.times[name] for name in views if self.times[name]), None)

    def entities(self) -> tuple[EntityEntry, ...]:
        return tuple(
            EntityEntry(table=table, time=self.time_of(table), dimensions=tuple(dimensions.values()),
                        segments=tuple(self.segments[table].values()))
            for table, dimensions in self.dimensions.items()
            if dimensions or self.segments[table]
        )  # fmt: skip
