"""Conditions on what a metric is for each value of a dimension, such as customers with over 5 orders: how they are bound.

Which rows that leaves is the matter of `compiler/those.py`.
"""

from decimal import Decimal, InvalidOperation
from itertools import product

from assay.catalog.dictionary import Dictionary, table_of
from assay.catalog.entry import Compared
from assay.catalog.findings import nearest
from assay.catalog.formula import MOST_DIGITS, BadFormula
from assay.catalog.metric import Dimension, Metric, Whose

Origin = tuple[str, str]


def whose_of(
    dimension: Dimension, metric: Metric, by: str | None, op: Compared, value: float | str, dictionary: Dictionary
) -> Whose:  # fmt: skip
    """Raises BadFormula where the metric is none for each value of the dimension, or the value is no number."""
    name = by or dimension.name
    if not metric.type.is_number or metric.shown:
        raise BadFormula(f"{metric.metric_id} cannot be compared with a number of its own for each {dimension.name}")
    if metric.cohorts:
        raise BadFormula(f"{metric.metric_id} is told by the time since a first event, and is no one number for each {name}")
    if metric.has_whose:
        raise BadFormula(
            f"{metric.metric_id} looks at another metric itself, and a condition on it would be one on a condition:"
            " look at a metric without whose"
        )
    if name not in metric.dimensions:
        hint = nearest(name, set(metric.dimensions)) or f"it has: {', '.join(metric.dimensions) or 'none'}"
        raise BadFormula(
            f"{metric.metric_id} has no dimension {name!r}. {hint}; write  by  where it is called otherwise there"
        )
    for part in metric.parts:
        other = part.dimensions[name]
        is_alike = dimension.agrees_with(other) and (dimension.type.kind != "timestamp" or _kind(dimension) == _kind(other))
        if not is_alike or dimension.type.kind == "double":
            raise BadFormula(
                f"{dimension.name} is {dimension.column_type.text}, and {metric.metric_id} has it as"
                f" {other.column_type.text}: values of two such are not looked up in each other"
            )
        if not _of_one_thing(dimension, other, dictionary):
            raise BadFormula(
                f"{dimension.name} is read from {_told(dimension)}, and in {metric.metric_id} {name} from {_told(other)}:"
                " nothing in join_map.csv says that both are values of one key"
            )
    return Whose(dimension, metric, name, op, _number(value, metric))


def _kind(dimension: Dimension) -> str:
    return dimension.column_type.kind


def _told(dimension: Dimension) -> str:
    return " and ".join(f"{table_of(table)}.{column}" for table, column in dimension.columns)


def _number(written: float | str, metric: Metric) -> Decimal | float:
    try:
        found = Decimal(str(written))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found.adjusted()) > MOST_DIGITS or len(found.as_tuple().digits) > MOST_DIGITS:
        raise BadFormula(
            f"{metric.metric_id} is compared with a number of at most {MOST_DIGITS} digits, not {written!s:.40}"
        )
    return float(found) if metric.type.kind == "double" else found


def _of_one_thing(one: Dimension, other: Dimension, dictionary: Dictionary) -> bool:
    """Whether both hold values of one key, or of one dimension by name: what the gate asks of values that are looked up."""
    first, second = ({(table_of(table), column) for table, column in each.columns} for each in (one, other))
    if first == second:
        return True
    if one.column is None or other.column is None:
        return False
    return all(_is_comparable(a, b, dictionary) for a, b in product(first, second))


def _is_comparable(one: Origin, other: Origin, dictionary: Dictionary) -> bool:
    if one == other or _keys_of(one, dictionary) & _keys_of(other, dictionary):
        return True
    has_one_name = one[1] == other[1]
    return has_one_name and all(dictionary.tables[table].columns[name].role == "dimension" for table, name in (one, other))


def _keys_of(origin: Origin, dictionary: Dictionary) -> set[Origin]:
    """The columns of parents whose values a column holds by a join of one column; a parent's holds its own."""
    ends = [
        ((join.from_table, join.from_columns[0]), (join.to_table, join.to_columns[0]))
        for join in dictionary.joins if len(join.from_columns) == 1
    ]  # fmt: skip
    return {parent for child, parent in ends if origin in (child, parent)}
