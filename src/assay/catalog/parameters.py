"""Parameters of metrics: values that a question may say, with a default. They are bound, and never part of a text.

In a formula one is a column of `$param`, called by its type and its default too: another default is another formula.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from math import isfinite

from sqlglot import exp

from assay.catalog.findings import nearest
from assay.catalog.types import ColumnType, parse_type
from assay.catalog.value_type import UNBOUND, BadFormula, may_be_bound

PARAM = "$param"
_TYPES = {
    "string": "string", "integer": "bigint", "decimal": "decimal(18,6)", "double": "double", "boolean": "boolean",
    "date": "date",
}  # fmt: skip
Given = str | int | float | bool | date
ParameterValue = str | int | Decimal | float | bool | date


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kind: str
    """As its author writes it: string, integer, decimal, double, boolean or date."""
    default: ParameterValue
    label: str

    @property
    def type(self) -> ColumnType:
        return parse_type(_TYPES[self.kind])

    @property
    def column(self) -> str:
        """What it is called in formulas, in one form."""
        return f"{self.name} {self.kind} = {self.default}"


def read_value_of(kind: str, given: Given) -> ParameterValue:
    """A value in the type of a parameter. Raises ValueError with a sentence."""
    if kind == "boolean" and given in ("true", "false"):
        return given == "true"
    if isinstance(given, bool) != (kind == "boolean"):
        raise ValueError(f"{given!r} is no {kind}")
    try:
        match kind:
            case "integer" if not isinstance(given, float):
                number = int(str(given))
                if not -(2**63) <= number < 2**63:
                    raise ValueError(f"{given!r} has more than 64 bits")
                return number
            case "decimal":
                exact = Decimal(str(given))
                if not exact.is_finite() or abs(exact) >= 10**12 or round(exact, 6) != exact:
                    raise ValueError(f"{given!r} has more than 12 digits before the point, or 6 behind it")
                return exact.normalize() + 0
            case "double":
                double = float(str(given))
                if not isfinite(double):
                    raise ValueError(f"{given!r} is no number to calculate with")
                return double + 0.0
            case "boolean":
                return given
            case "date":
                return date.fromisoformat(str(given))
            case "string" if isinstance(given, str):
                if not may_be_bound(given):
                    raise ValueError(f"a text {UNBOUND}")
                return given
            case _:
                raise ValueError(f"{given!r} is no {kind}")
    except InvalidOperation as error:
        raise ValueError(f"{given!r} is no {kind}") from error


def found_among(known: Mapping[str, Parameter], name: str) -> Parameter:
    """Raises BadFormula where there is none of this name."""
    if name not in known:
        raise BadFormula(f"no parameter {name!r}. {nearest(name, set(known)) or 'Declare it under parameters'}")
    return known[name]


def mark_parameters(trees: Iterable[exp.Expr], known: Mapping[str, Parameter]) -> None:
    """Put each parameter down at its place in the formulas. Raises BadFormula for one that stands nowhere."""
    by_column, used = {each.column: each for each in known.values()}, set[str]()
    for column in (column for tree in trees for column in tree.find_all(exp.Column) if column.table == PARAM):
        column.meta["parameter"] = by_column[column.name]
        used.add(by_column[column.name].name)
    unused = next((name for name in known if name not in used), None)
    if unused:
        raise BadFormula(f"its parameter {unused!r} stands in no formula; write {PARAM}.{unused}")
