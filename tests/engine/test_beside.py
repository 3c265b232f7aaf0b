"""Shares and ranks: what they are of the metric's own values, and of the total over the same rows."""

from decimal import Decimal
from typing import Any

import pytest
from tests.engine.pins import Pins
from tests.engine.test_others import METRICS, WINDOW, events, facts

from assay.errors import BadQuestion

Row = list[Any]
LABELS: dict[str, Any] = {"dimensions": ["label"]}


def rank(own: Any, of: list[Any]) -> int | None:
    return None if own is None else 1 + sum(each is not None and Decimal(str(each)) > Decimal(str(own)) for each in of)


def share(own: Any, total: Any) -> float | None:
    return None if own is None or not float(total or 0) else float(own) / float(total)


@pytest.mark.cases(2)
@pytest.mark.parametrize("name", ["added", "different", "counted", "framed", "framed_rows", "kept"])
async def test_a_share_is_of_the_total_of_all_rows_and_a_rank_is_among_all_groups(pins: Pins, name: str) -> None:
    await pins.fill(fact=facts(), event=events())
    for dimensions, grain in ((["label"], None), (["label", "items"], None), (["label"], "month")):
        asked: Any = {"window": WINDOW, "dimensions": dimensions, **({"grain": grain} if grain else {})}
        keys = len(dimensions) + bool(grain)
        rows = await pins.rows({name: METRICS[name]}, **asked)
        totals = {
            row[0] if grain else None: row[-1]
            for row in await pins.rows({name: METRICS[name]}, **{**asked, "dimensions": []})
        }

        def beside(row: Row, rows: list[Row] = rows, totals: dict[Any, Any] = totals, grain: str | None = grain) -> Row:
            bucket = row[0] if grain else None
            return [row[-1], share(row[-1], totals[bucket]),
                    rank(row[-1], [each[-1] for each in rows if not grain or each[0] == bucket])]  # fmt: skip

        found = await pins.rows({name: METRICS[name]}, names=(name, f"{name}:share", f"{name}:rank"), **asked)
        assert {tuple(row[:keys]): row[keys:] for row in found} == {tuple(row[:keys]): beside(row) for row in rows}
        assert len(found) == len(rows)


async def test_the_others_have_a_share_and_the_limit_does_not_change_it(pins: Pins) -> None:
    await pins.fill(fact=facts(), event=events())
    metrics = {"counted": METRICS["counted"]}
    asked: Any = {"window": WINDOW, "dimensions": ["label"], "order": [{"by": "counted"}]}
    whole = await pins.rows(metrics, names=("counted", "counted:share", "counted:rank"), **asked)
    assert await pins.rows(metrics, names=("counted", "counted:share", "counted:rank"), limit=2, **asked) == whole[:2]
    *own, rest = await pins.rows(metrics, names=("counted", "counted:share"), limit=2, others=True, **asked)
    assert own == [[row[0], None, *row[1:3]] for row in whole[:2]]
    left = sum(row[1] for row in whole[2:])
    assert rest == [None, len(whole) - 2, left, left / sum(row[1] for row in whole)]
    alone: Any = {"window": WINDOW, "dimensions": ["label"], "limit": 2}
    assert [row[-1] for row in await pins.rows(metrics, names=("counted:share",), **alone)] == [row[2] for row in whole[:2]]
    first, *_ = await pins.rows(metrics, names=("counted:rank",), order=[{"by": "value", "descending": False}], **alone)
    assert first == [whole[0][0], 1]


async def test_shares_of_what_was_before_are_of_the_total_before(pins: Pins) -> None:
    await pins.fill(fact=facts(), event=events())
    metrics = {"counted": METRICS["counted"]}
    asked: Any = {
        "window": {"start": "2026-03-01", "end": "2026-04-01"},
        "compare": "previous_period",
        "dimensions": ["label"],
    }
    rows = await pins.rows(metrics, **asked)
    now, before = (sum(row[place] for row in rows) for place in (1, 2))
    found = await pins.rows(metrics, names=("counted:share",), **asked)
    assert {row[0]: row[1:] for row in found} == {row[0]: [row[1] / now, row[2] / before] for row in rows}


@pytest.mark.parametrize(("name", "asked", "reason"), [
    ("averaged:share", {"dimensions": ["label"]}, "a group has no share of it"),
    ("of_each_other:share", {"dimensions": ["label"]}, "a group has no share of it"),
    ("counted:share", {}, "one alone"),
    ("counted:rank", {"dimensions": ["label"], "limit": 1, "others": True}, "has no place for all others"),
    ("counted:share", {**LABELS, "limit": 1, "others": True, "order": [{"by": "value"}]}, "which groups come first"),
    ("counted:share", {**LABELS, "having": [{"by": "value", "op": "gt", "value": 0}]}, "leaves some of them out"),
])  # fmt: skip
async def test_what_has_no_share_or_rank_is_refused(pins: Pins, name: str, asked: dict[str, Any], reason: str) -> None:
    own = name.partition(":")[0]
    with pytest.raises(BadQuestion, match=reason):
        await pins.rows({own: METRICS[own]}, names=(name,), window=WINDOW, **asked)
