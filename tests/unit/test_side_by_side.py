"""Two receipts side by side where no engine has to be asked: what differs, and who did all of it."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from assay.answers.resolve import Corridor
from assay.answers.side_by_side import SideBySide, lay_side_by_side, told_of
from assay.errors import BadQuestion
from assay.people.scope import EVERYTHING

NOBODY = cast(Corridor, SimpleNamespace())
"""No engine may be asked."""


def receipt(value: Any = "10.00", **changes: Any) -> dict[str, Any]:
    document = {
        "receipt_id": f"r{value}", "created_at": "2026-03-01T00:00:00Z", "metrics": ["m"], "label": "Sales",
        "definition": [{"metric_id": "m", "formula": "SUM(x)", "filter": None, "window": None, "unit": "usd"}],
        "definition_version": "d1", "dictionary_version": "y1", "meaning_version": 5, "generator": "compiler",
        "question": {"metrics": ["m"], "dimensions": [], "filters": [], "as_of": "2026-03-01T00:00:00Z"},
        "route": {"backend": "postgres", "driver": "postgres", "epoch": 1},
        "data_version": "1", "data_version_kind": "counter",
        "columns": [{"name": "value", "role": "value", "type": "decimal", "unit": "usd"}], "rows": [[value]],
        "rows_returned": 1, "value_digest": str(value),
    }  # fmt: skip
    return {**document, **changes}


LATER = "2026-03-02T00:00:00Z"
WEST = {**receipt()["question"], "filters": [{"dimension": "region", "op": "=", "value": "West"}]}
LAKE = {"backend": "lake", "driver": "duckdb", "epoch": 2}


async def laid(before: dict[str, Any], now: dict[str, Any]) -> SideBySide:
    return await lay_side_by_side(NOBODY, now, before, EVERYTHING)


@pytest.mark.parametrize(
    ("changes", "part"),
    [({"data_version": "2"}, "data"), ({"question": WEST}, "question"), ({"definition_version": "d2"}, "definition"),
     ({"dictionary_version": "y2"}, "definition"), ({"meaning_version": 6}, "definition"),
     ({"generator": "llm"}, "definition"),
     ({"question": {**WEST, "filters": [], "scope": {"rows": {"m": {"t": ["x = 1"]}}, "values": {}}}}, "policy"),
     ({"data_version_kind": "time_bucket"}, "data")],
)  # fmt: skip
async def test_what_alone_differs_did_everything(changes: dict[str, Any], part: str) -> None:
    found = await laid(receipt(), receipt("12.50", created_at=LATER, **changes))
    assert found.parts == [part]
    assert [(each.parts, float(each.amount)) for each in found.effects] == [((part,), 2.5)]
    assert told_of(found) == ["Sales was $10.00, and then $12.50: +$2.50.", f"Of this, +$2.50 is due to the {part}."]


async def test_the_moment_of_asking_and_the_number_of_a_policy_are_no_difference() -> None:
    question = {**receipt()["question"], "as_of": LATER, "scope": {"policy": 4, "rows": {}, "values": {}, "hidden": []}}
    found = await laid(receipt(), receipt(created_at=LATER, question=question))
    assert (found.details, told_of(found)[1]) == ((), "Nothing that a value follows from differs.")
    other = await laid(receipt(), receipt("11.00", created_at=LATER, route={**receipt()["route"], "epoch": 7}))
    assert (other.parts, other.effects) == (["route"], ())
    assert told_of(other)[1] == "Nothing that a value follows from differs, so the values should not either."


async def test_what_cannot_be_told_apart_is_not() -> None:
    scope = {"policy": 3, "rows": {"m": {"t": ["x = 1"]}}, "values": {}}
    seen = await laid(receipt(), receipt("9.00", created_at=LATER, data_version="2", question={**WEST, "scope": scope}))
    assert (seen.parts, seen.effects) == (["question", "policy", "data"], ())
    assert seen.unknown == "They are of other rows by policy, from which the other parts cannot be told apart."
    groups = receipt(created_at=LATER, data_version="2", question=WEST, rows=[["1.00"], ["2.00"]], rows_returned=2)
    assert (await laid(receipt(), groups)).unknown == "How much each part did is told of two single figures in one unit."
    # Two engines tell versions each in its own way.
    moved = await laid(receipt(None), receipt(None, created_at=LATER, route=LAKE))
    assert (moved.parts, moved.effects) == (["route", "data"], ())
    with pytest.raises(BadQuestion, match="different metrics: n, and m"):
        await laid(receipt(), receipt(metrics=["n"]))


async def test_a_window_is_told_by_its_days_or_where_it_ends_within_one_by_its_instants() -> None:
    def asked(end: str) -> dict[str, Any]:
        window = {"name": None, "start": "2026-03-01T00:00:00+00:00", "end": end, "timezone": "UTC"}
        return {"question": {**receipt()["question"], "window": window}, "value_digest": "b", "rows": [["12.50"]]}

    whole, cut = asked("2026-04-01T00:00:00+00:00"), asked("2026-03-17T15:42:00+00:00")
    (detail,) = [
        each for each in (await laid(receipt(**whole), receipt(created_at=LATER, **cut))).details if each.what == "window"
    ]
    assert (detail.before, detail.now) == ("1 Mar to 31 Mar 2026 (UTC)", "2026-03-01 00:00 UTC to 2026-03-17 15:42 UTC")
