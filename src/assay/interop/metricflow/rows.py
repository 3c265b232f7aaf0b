"""What a row of a semantic model has to offer here: its dimensions, its time, and conditions on it as formulas."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assay.catalog.binder import Binder
from assay.catalog.entry import DimensionEntry
from assay.catalog.formula import BadFormula, Formula
from assay.interop.columns import column_named, written
from assay.interop.fidelity import Item
from assay.interop.metricflow.graph import Graph, Reached
from assay.interop.metricflow.project import METRIC_TIME, Dim, Model
from assay.interop.metricflow.templates import Reference, filled
from assay.interop.names import fitting
from assay.interop.quotients import WHOLE_NUMBERS, cuts_whole_numbers

_DAYS = ("day", "week", "month", "quarter", "year")
_GRAINS = ("second", "minute", "hour", *_DAYS)
_FINER = ("nanosecond", "microsecond", "millisecond")
_PARTS = {"year": "YEAR", "quarter": "QUARTER", "month": "MONTH", "day": "DAY", "dow": "WEEKDAY"}
_INSTANT = "an instant lies in another day from place to place: make it a column of days, or of times without a zone"


@dataclass
class Seen:
    """What became of each dimension and entity, wherever it is seen from."""

    forms: dict[str, list[tuple[Reached, Model, str, str | None, str]]] = field(default_factory=dict[str, Any])
    """By model and name of the source: how it is reached and from which model, the form's name, why it was left out, and
    the name that it has."""
    cut: set[str] = field(default_factory=set[str])
    """Those of which a form divides whole numbers, by model and name of the source."""

    def note(
        self, reached: Reached, model: Model, name: str, why: str | None, taken: str = "", is_cut: bool = False
    ) -> None:  # fmt: skip
        key = f"{reached.model.name}.{reached.dim.name}"
        self.forms.setdefault(key, []).append((reached, model, name, why, taken))
        self.cut |= {key} if is_cut else set()

    def items(self) -> Iterator[Item]:
        """One for each construct: left out where no form of it could be had."""
        for key, forms in self.forms.items():
            dim = forms[0][0].dim
            kind = "dimension" if isinstance(dim, Dim) else "entity"
            failed = [(model.name, name, why) for _, model, name, why, _ in forms if why is not None]
            if len(failed) == len(forms):
                yield Item(kind, key, "left out", dim.place, failed[0][2])
                continue
            told = [f"not as {name} of {model}: {why}" for model, name, why in failed]
            renamed = sorted({f"{name} is {taken}" for _, _, name, why, taken in forms if why is None and taken != name})
            finer = dim.granularity if isinstance(dim, Dim) and dim.type == "time" and dim.granularity in _FINER else None
            doubts = [f"its values are not cut to the {finer}"] if finer else []
            doubts += [WHOLE_NUMBERS] if key in self.cut else []
            outcome = "approximated" if doubts else "renamed" if renamed else "kept"
            yield Item(kind, key, outcome, dim.place, "; ".join((*renamed, *told, *doubts)), may_differ=bool(doubts))


class NotATime(BadFormula):
    """The column by which rows count holds no times."""


@dataclass
class Rows:
    """Of one model."""

    model: Model
    graph: Graph
    binder: Binder
    names: dict[str, Reached] = field(default_factory=dict[str, Reached])

    def __post_init__(self) -> None:
        for each in self.graph.reached(self.model):
            self.names.setdefault(each.name, each)

    @property
    def table(self) -> str:
        return self.graph.tables[self.model.name].qualified

    # -- dimensions -------------------------------------------------------------------------------

    def dimensions(self, taken: dict[str, DimensionEntry], seen: "Seen") -> None:
        """Adds to `taken` what the model offers, and to `seen` what became of each of its forms."""
        for reached in self.names.values():
            try:
                forms = list(self._forms(reached))
            except (BadFormula, ValueError) as error:
                seen.note(reached, self.model, reached.name, str(error))
                continue
            for name, entry in forms:
                try:
                    own, formula = self._take(name, entry, taken)
                except BadFormula as error:
                    seen.note(reached, self.model, name, str(error))
                else:
                    is_cut = formula is not None and cuts_whole_numbers(formula)
                    seen.note(reached, self.model, name, None, own, is_cut)

    def _take(
        self, name: str, written: dict[str, Any], taken: dict[str, DimensionEntry]
    ) -> tuple[str, Formula | None]:  # fmt: skip
        """The name under which it is taken, and what it calculates, where it is not a column."""
        own = fitting(name)
        entry = DimensionEntry.model_validate({"name": own, **written})
        if own in taken and taken[own] != entry:
            raise BadFormula("another dimension of this table has its name: name one of them otherwise")
        found = self.binder.dimension(self.binder.entity(self.table), entry)
        taken[own] = entry
        return own, found.formula

    def _forms(self, reached: Reached) -> Iterator[tuple[str, dict[str, Any]]]:
        """(name, what it is): one for each dimension, of a time one for each coarser grain as well."""
        dim, joins = reached.dim, [link.join.join_id for link in reached.way]
        column = column_named(dim.expr)
        plain: dict[str, Any] = {"column": column, **({"by": joins} if joins else {})}
        if not (isinstance(dim, Dim) and dim.type == "time"):
            yield reached.name, plain if column else {"expression": written(dim.expr, joins)}
            return
        base, held = dim.granularity or "day", self._kind(reached)
        if base in _FINER:
            yield reached.name, plain
        for grain in _GRAINS[0 if base in _FINER else _GRAINS.index(base) :]:
            name = reached.name if grain == base else f"{reached.name}__{grain}"
            is_day = held == "date" and grain not in _DAYS[1:]
            yield name, plain if is_day else {"expression": self._cut(reached, grain)}

    def _kind(self, reached: Reached) -> str:
        column = column_named(reached.dim.expr)
        table = self.graph.dictionary.tables[self.graph.tables[reached.model.name].qualified]
        if column not in table.columns:
            raise BadFormula(f"{reached.dim.expr!r} is not a column of {table.qualified}")
        kind = table.columns[column].type.kind  # pyright: ignore[reportArgumentType]
        if kind == "timestamp":
            raise BadFormula(_INSTANT)
        if kind not in ("date", "timestamp_ntz"):
            raise BadFormula(f"{column} is a {kind}, not a date or a time")
        return kind

    def _cut(self, reached: Reached, grain: str) -> str:
        """The first day of the unit in which its time lies."""
        text = written(reached.dim.expr, [link.join.join_id for link in reached.way])
        if grain not in _GRAINS:
            raise BadFormula(f"a time cannot be cut to the {grain}")
        return text if grain == "day" and self._kind(reached) == "date" else f"DATE_TRUNC('{grain}', {text})"

    # -- time and conditions ----------------------------------------------------------------------

    def time_column(self, name: str | None) -> str:
        """The column of the time dimension by which rows count. Raises BadFormula, NotATime where it holds none."""
        dim = self.model.dim(name or self.model.time or "")
        if dim is None:
            raise BadFormula("its time dimension is not known: write agg_time_dimension")
        column = column_named(dim.expr)
        if column is None:
            raise BadFormula(
                f"its time {dim.name} is calculated, and the time of a row is a column here: add it to the table"
            )
        entity = self.binder.entity(self.table)
        found = entity.columns.get(column)
        if found is not None and not found.type.is_time:
            raise NotATime(f"its time {entity.qualified}.{column} is {found.type.text}, not a date or timestamp")
        self.binder.time(entity, column)
        return column

    def condition(self, templates: Iterable[str], time: str | None) -> str | None:
        """All of the conditions as one formula; `time`: the dimension that `metric_time` means. Raises BadFormula."""
        texts = [filled(each, lambda reference: self._text(reference, time)) for each in templates]
        return texts[0] if len(texts) == 1 else " AND ".join(f"({each})" for each in texts) or None

    def named(self, path: str, offered: Collection[str]) -> str:
        """Which dimension of those that its table offers, by their names here, the source calls so. Raises BadFormula."""
        own = self.model.own_entity
        for name in (path, path.removeprefix(f"{own}__"), f"{own}__{path}"):
            if name in self.names and fitting(name) in offered:
                return fitting(name)
        raise BadFormula(f"{path} cannot be reached from {self.model.name}")

    def _text(self, reference: Reference, time: str | None) -> str:
        if reference.kind == "Metric":
            raise BadFormula(f"the metric {reference.path[-1]} stands in a condition that is more than its comparison with"
                             " a number")  # fmt: skip
        own = self.model.own_entity
        if reference.path == (METRIC_TIME,):
            reached = self.names.get(f"{own}__{time}" if own else str(time))
        else:
            local = reference.path[1:] if reference.path[:1] == (own,) else reference.path
            reached = self.names.get(reference.name) or self.names.get("__".join(local))
        if reached is None:
            raise BadFormula(f"{reference.name} cannot be reached from {self.model.name}")
        if isinstance(reached.dim, Dim) and reached.dim.type == "time":
            base = reached.dim.granularity or "day"
            text = self._cut(reached, reference.grain or base)
            return text if reference.date_part is None else f"{_part(reference.date_part)}({text})"
        return written(reached.dim.expr, [link.join.join_id for link in reached.way])


def _part(name: str) -> str:
    if name not in _PARTS:
        raise BadFormula(f"a time has no {name} here")
    return _PARTS[name]
