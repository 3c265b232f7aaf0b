"""Top N and the others: the last row is what a question for all other groups gives, of whatever kind the metric is."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.pins import Pins, Record

from assay.errors import BadQuestion

WINDOW = {"start": "2026-02-01", "end": "2026-04-01"}
DIMENSIONS: list[Any] = [
    "label",
    *({"name": name, "column": f"fact.{name}"} for name in ("is_good", "items", "day", "amount", "wall", "weight")),
    {"name": "place", "expression": "fact.label || '/' || label"},
    {"name": "is_long", "expression": "label LIKE '%bb%'"},
]
_OF_EVENTS: dict[str, dict[str, Any]] = {
    "added": {"measure": "SUM(score)", "filter": "label IS NULL OR label <> 'c'"},
    "counted": {"measure": "COUNT(*)"},
    "different": {"measure": "COUNT(DISTINCT fact_id)"},
    "averaged": {"measure": "AVG(score)"},
    "middle": {"measure": "MEDIAN(score)"},
    "of_each_other": {
        "numerator": {"measure": "COUNT(*)", "filter": "score > 5"}, "denominator": {"measure": "COUNT(*)"},
    },
    "framed": {"measure": "SUM(score)", "over": {"trailing": "28 days"}},
    "framed_rows": {"measure": "COUNT(DISTINCT fact_id)", "over": "all"},
    "kept": {"measure": "SUM(score)", "keep": {"newest": "at", "for_each": ["fact_id"]}},
    "for_each": {"measure": "AVG(SUM(score))", "per": ["fact_id"]},
}  # fmt: skip
METRICS: dict[str, dict[str, Any]] = {
    name: {"entity": "event", "time": "at", "dimensions": DIMENSIONS, **fields} for name, fields in _OF_EVENTS.items()
}
_OTHER_GROUPS_IN_EACH_BUCKET = ("framed", "framed_rows", "kept")


def facts() -> list[Record]:
    walls, none = [datetime(2026, 3, number, 9) for number in (1, 1, 2)], float("nan")
    return [
        {"label": "x", "is_good": True, "items": 1, "day": date(2026, 3, 1), "amount": Decimal(1), "weight": 0.0,
         "wall": walls[0], "at": _at(2, 3)},
        {"label": "y", "is_good": False, "items": 0, "day": date(2026, 3, 1), "amount": Decimal(0), "weight": -0.0,
         "wall": walls[1], "at": _at(2, 4)},
        {"label": None, "at": _at(3, 4)},
        {"label": "", "is_good": True, "items": -1, "day": date(2000, 1, 1), "amount": Decimal("1.5"), "weight": none,
         "wall": walls[2], "at": _at(3, 9)},
    ]  # fmt: skip


def events() -> list[Record]:
    labels, whose = (
        ("a", "bb", None, "c", "", "a", "dbb", "e", None, "bb", "a", "f"),
        (0, 1, 2, 3, 0, 1, None, 3, 0, 1, 2, 3),
    )
    return [
        {"label": label, "fact_id": fact, "score": Decimal(number * number % 17), "at": _at(2 + number % 2, 1 + 2 * number)}
        for number, (label, fact) in enumerate(zip(labels, whose, strict=True))
    ]


def _at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def all_but(dimension: str, values: list[Any]) -> list[dict[str, Any]]:
    """Filters that leave out these groups, that of the rows without a value too."""
    known = [each for each in values if each is not None]
    found = [{"dimension": dimension, "op": "not_in", "values": known}] if known else []
    return [*found, {"dimension": dimension, "op": "is_not_null"}] if None in values else found


def compared(name: str) -> list[str]:
    """By what a metric's groups are told apart; what is framed has no parts of its time."""
    listed = [each if isinstance(each, str) else each["name"] for each in DIMENSIONS]
    return [each for each in listed if each != "weight"] + ([] if name.startswith("framed") else ["time_weekday"])


@pytest.mark.parametrize(
    ("name", "dimensions"),
    [("counted", ["label"]), *(pytest.param(each, compared(each), marks=pytest.mark.exhaustive) for each in METRICS)],
    ids=["counted", *(f"{each} by each" for each in METRICS)],
)
async def test_the_others_are_what_all_other_groups_give_together(pins: Pins, name: str, dimensions: list[str]) -> None:
    await pins.fill(fact=facts(), event=events())
    metrics = {name: METRICS[name]}
    for dimension in dimensions:
        asked: Any = {"dimensions": [dimension], "window": WINDOW, "order": [{"by": "value"}, {"by": dimension}]}
        groups = await pins.rows(metrics, **asked)
        in_buckets = name not in _OTHER_GROUPS_IN_EACH_BUCKET
        by_month = await pins.rows(metrics, dimensions=[dimension], window=WINDOW, grain="month") if in_buckets else []
        for limit in (1, 2):
            shown = [row[0] for row in groups[:limit]]
            rest: Any = {"window": WINDOW, "filters": all_but(dimension, shown)}
            found = await pins.rows(metrics, **asked, limit=limit, others=True)
            wanted = [[key, None, value] for key, value in groups[:limit]]
            if len(groups) > limit:
                wanted.append([None, len(groups) - limit, *(await pins.rows(metrics, **rest))[0]])
            assert found == wanted, dimension
            if not in_buckets:
                continue
            series = await pins.rows(metrics, **asked, limit=limit, others=True, grain="month")
            own = [[time, key, None, value] for time, key, value in by_month if key in shown]
            assert [row for row in series if row[2] is None] == own, dimension
            left = await pins.rows(metrics, **rest, grain="month") if len(groups) > limit else []
            together = [[time, None, len(groups) - limit, value] for time, value in left]
            assert [row for row in series if row[2] is not None] == together, dimension


@pytest.mark.parametrize("name", _OTHER_GROUPS_IN_EACH_BUCKET)
async def test_what_has_other_groups_in_each_bucket_is_refused(pins: Pins, name: str) -> None:
    with pytest.raises(BadQuestion, match="others in each bucket"):
        await pins.rows({name: METRICS[name]}, dimensions=["label"], window=WINDOW, grain="month", limit=1, others=True)


async def test_doubles_which_engines_look_up_in_different_ways_are_refused(pins: Pins) -> None:
    with pytest.raises(BadQuestion, match="weight is a double"):
        await pins.rows({"counted": METRICS["counted"]}, dimensions=["weight"], window=WINDOW, limit=1, others=True)


async def test_several_dimensions_and_tables_have_one_rest(pins: Pins) -> None:
    await pins.fill(fact=facts(), event=events())
    named = {"name": "label", "column": "fact.label"}
    metrics: dict[str, dict[str, Any]] = {
        "counted": {**METRICS["counted"], "dimensions": [named, {"name": "items", "column": "fact.items"}]},
        "weighed": {"measure": "SUM(amount)", "time": "at", "dimensions": ["label", "items"]},
    }
    asked: Any = {"dimensions": ["label", "items"], "window": WINDOW, "order": [{"by": "counted"}]}
    groups = await pins.rows(metrics, **asked)
    *own, rest = await pins.rows(metrics, **asked, limit=2, others=True)
    assert own == [[*each[:2], None, *each[2:]] for each in groups[:2]]
    assert rest[:3] == [None, None, len(groups) - 2]
    (whole,) = await pins.rows(metrics, window=WINDOW)
    for place in (0, 1):
        left = Decimal(str(whole[place])) - sum(Decimal(str(each[2 + place] or 0)) for each in groups[:2])
        assert Decimal(str(rest[3 + place])) == left


async def test_whoever_sees_some_rows_sees_the_others_among_them(pins: Pins) -> None:
    await pins.fill(fact=facts(), event=events())
    asked: Any = {"dimensions": ["label"], "window": WINDOW, "limit": 1, "others": True}
    found = await pins.rows({"counted": METRICS["counted"]}, seen={"event": "label IN ('a', 'e', 'f')"}, **asked)
    assert found == [["a", None, 3], [None, 2, 2]]


async def test_groups_are_ordered_by_how_much_they_have_changed(pins: Pins) -> None:
    await pins.fill(event=[
        {"label": label, "score": Decimal(score), "at": _at(month, 10)}
        for label, month, score in (("a", 2, 5), ("a", 3, 9), ("b", 2, 1), ("b", 3, 7), ("c", 3, 2), ("d", 2, 8))
    ])  # fmt: skip
    metrics = {"added": {**METRICS["added"], "filter": "score > 0"}, "counted": METRICS["counted"]}
    march: Any = {
        "dimensions": ["label"],
        "window": {"start": "2026-03-01", "end": "2026-04-01"},
        "compare": "previous_period",
    }
    alone = {"added": metrics["added"]}
    rows = await pins.rows(alone, **march, order=[{"by": "change"}])
    assert [row[0] for row in rows] == ["b", "a", "c", "d"]
    with pytest.raises(BadQuestion, match="not told by their change"):
        await pins.rows(alone, **march, order=[{"by": "change"}], limit=1, others=True)
    rows = await pins.rows(metrics, **march, order=[{"by": "change_counted"}, {"by": "label", "descending": True}])
    assert [row[0] for row in rows] == ["c", "b", "a", "d"]
