"""What every writer has: which measures it can say, in the order in which one is made of others."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from assay.catalog.formula import BadFormula
from assay.catalog.yaml_text import Entry
from assay.interop.foreign import Measure, Refused, View
from assay.interop.out.described import Described, Sent


@dataclass
class Written:
    """`files`: by name, as they are written to YAML. `names`: by metric, the measures that say it, its own last, as the
    import of the format names them."""

    files: dict[str, Entry] = field(default_factory=dict[str, Entry])
    names: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    why: dict[str, str] = field(default_factory=dict[str, str])
    """By metric, why there are none."""
    doubts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """By metric, what could give another number there, as far as it is not seen when it is read again."""
    renamed: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict[tuple[str, str], tuple[str, str]])
    """Of a field that is called otherwise there, by view and name: its name in an import, and as it is told."""
    carriers: dict[str, Callable[[Entry], None]] = field(default_factory=dict[str, Callable[[Entry], None]])
    """By view, what puts its extension into its file."""


Say = Callable[[View, Sent], tuple[list[Entry], tuple[str, ...]]]
"""The measures that say a metric, and their names as the import has them, its own last. Raises BadFormula."""


def said(described: Described, say: Say, written: Written) -> dict[str, list[Entry]]:
    """The measures of each view, as the format has them. One that it cannot say takes along whatever is made of it."""
    views = described.model.view_by_name
    entries: dict[str, list[Entry]] = {name: [] for name in views}
    for sent in described.sent:
        try:
            if sent.why:
                raise BadFormula(sent.why)
            _refuse_lacking(sent, written)
            made, names = say(views[sent.view], sent)
        except BadFormula as error:
            written.why[sent.id] = str(error)
            continue
        entries[sent.view] += made
        written.names[sent.id] = names
    return entries


def _refuse_lacking(sent: Sent, written: Written) -> None:
    own = {each.name for each in sent.measures}
    for each in sent.measures:
        for column in each.sql.find_all(exp.Column) if each.is_calculated and isinstance(each.sql, exp.Expr) else ():
            if column.name not in own and column.name not in written.names:
                raise BadFormula(f"it is made of {column.name}, which is left out: {written.why.get(column.name, '')}")


def without_nothing(entry: Entry) -> Entry:
    return {key: value for key, value in entry.items() if value is not None and value != []}


def rows_of(measure: Measure) -> tuple[exp.Expr, list[exp.Expr]]:
    """What it aggregates, and over which rows. Raises BadFormula."""
    for each in (measure.sql, *measure.conditions):
        if isinstance(each, Refused):
            raise BadFormula(each.why)
    assert isinstance(measure.sql, exp.Expr)
    return measure.sql, [each for each in measure.conditions if isinstance(each, exp.Expr)]


def refuse_frames(measure: Measure) -> None:
    if measure.over is not None or measure.shift is not None:
        raise BadFormula("it counts over other days than those of a question, which the format has no word for")
    if measure.keep_newest:
        raise BadFormula("only its newest rows count, which the format has no word for")


def is_common(length: str) -> bool:
    """Whether it is made of what every calendar has."""
    return length.split()[-1].removesuffix("s") in ("day", "week", "month", "quarter", "year")


def of_months(measure: Measure) -> bool:
    """Whether months and longer are counted back, which each layer does by a rule of its own."""
    trailing = measure.over.get("trailing") if isinstance(measure.over, dict) else None
    return any(each and each.split()[-1].removesuffix("s") not in ("day", "week") for each in (trailing, measure.shift))


MONTHS = "months are counted back on the calendar here, and by a rule of its own there"
