"""The spec said back in one plain sentence, with its days."""

from decimal import Decimal
from fractions import Fraction

from assay.catalog.amounts import value_amount
from assay.catalog.metric import Metric
from assay.catalog.windows import ALL
from assay.catalog.zones import days_told
from assay.compiler.question import Question
from assay.compiler.values import Value, plain
from assay.widgets.words.outcome import FilterSpec, Spec

_WINDOWS = {
    "trailing_24h": "last 24 hours", "trailing_7d": "last 7 days", "trailing_30d": "last 30 days",
    "trailing_90d": "last 90 days", "week_to_date": "week to date", "month_to_date": "month to date",
    "quarter_to_date": "quarter to date", "year_to_date": "year to date", "previous_week": "last week",
    "previous_month": "last month", "previous_quarter": "last quarter", "previous_year": "last year",
}  # fmt: skip
_OPERATORS = {"eq": "is", "ne": "is not", "in": "is one of", "not_in": "is none of", "gt": "is over", "gte": "is at least",
              "lt": "is under", "lte": "is at most", "is_null": "is unknown", "is_not_null": "is known",
              "between": "is between", "contains": "contains", "not_contains": "does not contain",
              "starts_with": "starts with", "not_starts_with": "does not start with",
              "ends_with": "ends with", "not_ends_with": "does not end with"}  # fmt: skip
DRAWN = {
    "kpi": "a single figure",
    "trend": "a line over time",
    "bar": "bars",
    "table": "a table",
    "breakdown": "shares of the whole",
    "combo": "bars and a line",
    "scatter": "points",
    "histogram": "a distribution",
    "heatmap": "a heat map",
    "pivot": "a pivot",
    "multiples": "small charts",
    "map": "a map",
    "funnel": "a funnel",
    "cohort": "cohorts",
    "gauge": "a gauge",
    "text": "a text",
}


def describe(spec: Spec, question: Question) -> str:
    """`Claim volume by region, where channel is app, last 30 days (16 Feb to 17 Mar 2026), as bars.`"""
    labels = {each.name: each.label.lower() for metric in question.metrics for each in metric.dimensions.values()}
    called = [_called(metric, spec.dimensions) for metric in question.metrics]
    text = " and ".join(called)
    keys = [*([spec.grain] if spec.grain else []), *(labels[each] for each in spec.dimensions)]
    if keys:
        # `Issues by region, by state`: what the name says of itself is not what it is divided by.
        text += f"{',' if any(_BY in each for each in called) else ''} by {' and '.join(keys)}"
    if spec.filters:
        text += ", where " + " and ".join(_filter(each, labels) + _kept(each) for each in spec.filters)
    text += _one_of(spec, labels)
    if question.segments:
        text += f", only {_segments(question)}"
    text += _having(question) + _whose(question)
    text += ", " + _window(question)
    if question.previous:
        compared = {"previous_period": "the period before", "previous_year": "the year before"}
        text += f", compared with {compared[spec.compare or 'previous_period']}"
        if question.bounds:
            text += f" ({days_told(question.previous.start, question.previous.end, question.zone)})"
    for each in spec.order:
        by = labels.get(each.by)
        text += f", by {by} in order" if by else f", {'highest' if each.descending else 'lowest'} first"
    if spec.limit:
        first = f"the first {spec.limit}" if spec.limit > 1 else f"{'' if spec.others else 'only '}the first"
        text += f", {first}{' and all others together' if spec.others else ''}"
    notes = dict.fromkeys(metric.note for metric in question.metrics if metric.note)
    return " ".join((f"{text}, as {_drawn(spec)}.", *notes))


def _drawn(spec: Spec) -> str:
    match spec.stacking:
        case "stacked":
            return "stacked areas" if spec.kind == "trend" else "stacked bars"
        case "shares":
            return "areas stacked to 100 %" if spec.kind == "trend" else "bars stacked to 100 %"
        case _:
            return DRAWN[spec.kind]


def describe_briefly(spec: Spec, question: Question) -> str:
    """What tells a widget from others of its metric: `by region, where channel is app, last 30 days`. No days that pass."""
    labels = {each.name: each.label.lower() for metric in question.metrics for each in metric.dimensions.values()}
    # A widget is called as its first metric: what that name says need not be said again.
    said = [_own_dimension(metric) for metric in question.metrics] if len(question.metrics) == 1 else []
    keys = [*([spec.grain] if spec.grain else []), *(labels[each] for each in spec.dimensions if each not in said)]
    parts = ["by " + " and ".join(keys)] if keys else []
    if spec.filters:
        parts.append("where " + " and ".join(_filter(each, labels) for each in spec.filters))
    if spec.any_of:
        parts.append(_one_of(spec, labels).removeprefix(", "))
    if question.segments:
        parts.append(f"only {_segments(question)}")
    if question.having:
        parts.append(_having(question).removeprefix(", "))
    if question.whose:
        parts.append(_whose(question).removeprefix(", "))
    if spec.window is not None:
        name = question.bounds and question.bounds.name
        parts.append(_WINDOWS.get(name, name.replace("_", " ")) if name else _window(question))
    return ", ".join(parts)


_BY = " by "


def _called(metric: Metric, dimensions: tuple[str, ...]) -> str:
    """The metric's name, without `by product` where the sentence goes on to say that."""
    return metric.label.partition(_BY)[0] if _own_dimension(metric) in dimensions else metric.label


def _own_dimension(metric: Metric) -> str | None:
    """The dimension that the metric's name speaks of: `Claims by product` of its product category."""
    tail = set(metric.label.lower().partition(_BY)[2].split())
    return next((name for name, each in metric.dimensions.items() if tail and tail <= set(each.label.lower().split())), None)


def _one_of(spec: Spec, labels: dict[str, str]) -> str:
    groups = [" and ".join(_filter(each, labels) + _kept(each) for each in group) for group in spec.any_of]
    return f", where one of these holds: {'; or '.join(groups)}" if groups else ""


def _having(question: Question) -> str:
    """Of which groups it tells."""
    columns = {name: (metric, period) for name, metric, period in question.value_columns()}
    said: list[str] = []
    for each in question.having:
        metric, period = columns[each.by]
        called = f"{metric.label.lower()}{'' if period == 'current' else ' before'}"
        said.append(f"{called} {_OPERATORS[each.op]} {_amount(each.value, metric.unit)}")
    return f", of groups whose {' and '.join(said)}" if said else ""


def _whose(question: Question) -> str:
    """Of whom it tells; what is looked at over days of its own says which."""
    return "".join(
        f", of each {each.whose.dimension.label.lower()} whose {each.whose.metric.label.lower()}"
        f" {_OPERATORS[each.whose.op]} {_amount(each.whose.value, each.whose.metric.unit)}{_when(each.question)}"
        for each in question.whose
    )


def _amount(value: Value, unit: str) -> str:
    """A number in the unit of its metric. What is compared is said exactly: one that this would round stands as it is."""
    number = Decimal(str(plain(value)))
    places = 4 if unit == "percent" else 2
    is_exact = number.is_finite() and (Fraction(number) * 10**places).denominator == 1
    return value_amount(number, unit) if is_exact else f"{number:f}"


def _when(question: Question) -> str:
    if question.bounds is None:
        return ""
    return " over all time" if question.bounds.name == ALL else f" ({_window(question)})"


def _segments(question: Question) -> str:
    return " and ".join(question.metrics[0].segments[name].label.lower() for name in question.segments)


def _filter(each: FilterSpec, labels: dict[str, str]) -> str:
    values = (" and " if each.op == "between" else " or ").join(str(value) for value in each.values)
    return f"{labels[each.dimension]} {_OPERATORS[each.op]} {values}".rstrip()


def _kept(each: FilterSpec) -> str:
    """A question's *is not* keeps rows without a value, where a formula's `<>` leaves them out."""
    return " (rows without a value are kept)" if each.op == "ne" or each.op.startswith("not_") else ""


def _window(question: Question) -> str:
    bounds = question.bounds
    if bounds is None:
        return "right now"
    days = days_told(bounds.start, bounds.end, question.zone)
    if bounds.name is None:
        return days
    return f"{_WINDOWS.get(bounds.name, bounds.name)} ({days})"
