"""Random questions and random definitions over the small shop of the unit tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from assay.catalog.windows import WINDOW_NAMES


def at_most(examples: int) -> settings:
    """No deadline, because the machine may be busy, and nothing kept between runs."""
    return settings(max_examples=examples, deadline=None, database=None)


MOMENTS = st.datetimes(datetime(2019, 1, 1), datetime(2031, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "America/Sao_Paulo",
        "Africa/Cairo",
        "Asia/Beirut",
        "America/Santiago",
        "America/Havana",
    ]
)
WINDOWS = st.sampled_from(WINDOW_NAMES)
GRAINS = st.sampled_from(["hour", "day", "week", "month", "quarter", "year"])
COMPARES = st.sampled_from(["previous_period", "previous_year"])

NUMBERS = ("items", "big", "wide", "amount", "weight")
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "region": st.text(max_size=12).filter(lambda text: "\x00" not in text),
    "category": st.sampled_from(["Phone", "O'Neil", "$1", ":p1", "--", "/*", ""]),
    "segment": st.text(max_size=5).filter(lambda text: "\x00" not in text),
    "items": st.integers(-(2**31), 2**31 - 1),
    "big": st.integers(-(2**63), 2**63 - 1),
    "wide": st.integers(-(2**63), 2**63 - 1),
    "weight": st.floats(allow_nan=False, allow_infinity=False),
    "price": st.decimals(-(10**15), 10**15, allow_nan=False, places=2).map(str),
    "is_gift": st.booleans(),
    "sold_on": st.dates(datetime(1901, 1, 1).date(), datetime(2199, 1, 1).date()).map(str),
    "shipped_at": MOMENTS.map(datetime.isoformat),
    "sold_wall": st.datetimes(datetime(1901, 1, 1), datetime(2199, 1, 1)).map(datetime.isoformat),
}
_UNORDERED = ("region", "category", "segment", "is_gift")


@st.composite
def filters(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    name = draw(st.sampled_from(names))
    comparisons = ["eq", "ne"] if name in _UNORDERED else ["eq", "ne", "gt", "gte", "lt", "lte"]
    op = draw(st.sampled_from([*comparisons, "in", "not_in", "is_null", "is_not_null"]))
    sizes = {"is_null": (0, 0), "is_not_null": (0, 0), "in": (1, 5), "not_in": (1, 5)}
    least, most = sizes.get(op, (1, 1))
    return {"dimension": name, "op": op, "values": draw(st.lists(VALUES[name], min_size=least, max_size=most))}


@st.composite
def bounds(draw: st.DrawFn) -> dict[str, str]:
    start = draw(MOMENTS)
    length = draw(st.timedeltas(timedelta(seconds=1), timedelta(days=40)))
    return {"start": start.isoformat(), "end": (start + length).isoformat()}


@st.composite
def questions(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    """The fields of a question over metrics that have these dimensions."""
    dimensions = draw(st.lists(st.sampled_from(names), max_size=3, unique=True)) if names else []
    grain = draw(st.none() | GRAINS)
    compare = draw(st.none() | COMPARES)
    columns = ["value", *dimensions, *(["time"] if grain else []), *(["previous"] if compare else [])]
    order = st.fixed_dictionaries({"by": st.sampled_from(columns), "descending": st.booleans()})
    return {
        "dimensions": dimensions,
        "filters": draw(st.lists(filters(names), max_size=3)) if names else [],
        "window": draw(WINDOWS | bounds()),
        "grain": grain,
        "compare": compare,
        "order": draw(st.lists(order, max_size=2)),
        "limit": draw(st.none() | st.integers(1, 10_000)),
    }


# -- definitions ------------------------------------------------------------------------------------

CONDITIONS = st.recursive(
    st.sampled_from([
        "is_gift", "region = 'West'", "note <> 'it''s'", "items > 3", "amount BETWEEN 1 AND 2.50", "region IN ('a', 'b')",
        "note IS NULL", "sold_on >= '2026-01-01'", "sold_at < '2026-03-01T00:00:00Z'", "shipped_at > sold_at",
        "weight / items >= 0.5", "product.category = 'Phone'", "COALESCE(region, '') <> ''",
    ]),
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(" ".join).map(lambda text: f"({text})")
    | inner.map(lambda text: f"NOT ({text})"),
    max_leaves=4,
)  # fmt: skip


def _row_numbers(of_the_parent: str) -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from([*NUMBERS, of_the_parent, "1", "2.5"]),
        lambda inner: (
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda three: f"({' '.join(three)})")
            | inner.map(lambda text: f"COALESCE({text}, 0)")
            | st.tuples(CONDITIONS, inner, inner).map(lambda three: "CASE WHEN {} THEN {} ELSE {} END".format(*three))
        ),
        max_leaves=3,
    )


_LOOKED_AT = _row_numbers("product.price")
_ADDED_UP = _row_numbers("(items * product.price)")
"""A parent's column alone is the same for several rows, and what adds it up for each of them is refused at load."""
_AGGREGATES = st.one_of(
    st.sampled_from(["COUNT(*)", "COUNT(DISTINCT customer_id)", "COUNT(note)", "COUNT(DISTINCT region)"]),
    st.tuples(st.sampled_from(["MIN", "MAX"]), _LOOKED_AT).map("{0[0]}({0[1]})".format),
    st.tuples(st.sampled_from(["SUM", "AVG", "MEDIAN"]), _ADDED_UP).map("{0[0]}({0[1]})".format),
    st.tuples(_ADDED_UP, st.sampled_from(["0.1", "0.5", "0.95"])).map("PERCENTILE({0[0]}, {0[1]})".format),
)
MEASURES = st.recursive(
    _AGGREGATES,
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda three: f"({' '.join(three)})")
        | inner.map(lambda text: f"CASE WHEN {text} > 0 THEN {text} END")
        | inner.map(lambda text: f"- {text}")
    ),
    max_leaves=3,
)
EXPRESSIONS = st.recursive(
    st.sampled_from(["sales", "returns", "gift_share", "return_rate", "100", "0.5"]),
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda three: f"({' '.join(three)})")
        | inner.map(lambda text: f"- {text}")
    ),
    max_leaves=5,
).filter(lambda text: any(name in text for name in ("sales", "returns", "gift_share", "return_rate")))
