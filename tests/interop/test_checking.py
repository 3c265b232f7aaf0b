"""Totals of imported metrics, held against a file of what the source says they are."""

from pathlib import Path
from typing import Any

import pytest

from assay.errors import SetupFailed
from assay.interop.checking import Expected, checked, expected_in, totals

KNOWN = ["orders_revenue", "buyers"]


def said(folder: Path, text: str) -> list[Expected]:
    (folder / "values.csv").write_text(text)
    return expected_in(folder / "values.csv", KNOWN)


def answer(value: str | None, kind: str = "decimal", **more: Any) -> dict[str, Any]:
    known = {"stale_reason": None, "receipt_id": "r1"}
    told = {"columns": [{"name": "value", "type": kind}], "rows": [[value]], "provenance": known, **more}
    return {"problem": None, "answer": told}


@pytest.mark.parametrize(
    ("value", "kind", "expected", "state"),
    [
        ("150.75", "decimal", "150.750", "equal"), ("150.75", "decimal", "150.76", "differs"),
        ("0.3333333333333333", "double", "0.33333333333", "equal"), ("0.3333", "double", "0.33333333333", "differs"),
        (None, "decimal", "", "equal"), (None, "decimal", "0", "differs"), ("0", "integer", "", "differs"),
        ("2026-03-01", "date", "5", "could_not"),
    ],
)  # fmt: skip
def test_a_total_is_equal_to_the_digit_or_as_real_numbers_are(
    value: str | None, kind: str, expected: str, state: str, tmp_path: Path
) -> None:
    (one,) = said(tmp_path, f"metric,value\norders.revenue,{expected}\n")
    assert checked(one, True, answer(value, kind)).state == state


@pytest.mark.exhaustive
def test_what_the_source_says_nothing_of_is_asked_too(tmp_path: Path) -> None:
    found = said(tmp_path, "metric,value,start,end\norders.revenue,5,2026-01-01,2026-02-01\norders_revenue,7,,\n")
    assert [(each.metric, each.window, is_said) for each, is_said in totals(KNOWN, found)] == [
        ("orders_revenue", {"start": "2026-01-01", "end": "2026-02-01"}, True), ("orders_revenue", None, True),
        ("buyers", None, False),
    ]  # fmt: skip
    assert checked(found[0], False, answer("5")).state == "answered"


@pytest.mark.exhaustive
def test_what_is_old_or_not_told_proves_nothing(tmp_path: Path) -> None:
    (one,) = said(tmp_path, "metric,value\nbuyers,5\n")
    old = answer("5")
    old["answer"]["provenance"]["stale_reason"] = "the source is down"
    for told in (old, answer("5", folded={"sentence": "too few"}), {"problem": {"detail": "no"}, "answer": None}):
        assert checked(one, True, told).state == "could_not"


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("sellers,5,,", "values.csv:2: no imported metric 'sellers'"), ("buyers,many,,", "values.csv:2: value 'many'"),
        ("buyers,5,2026-02-01,2026-01-01", "values.csv:2: start and end"), ("buyers,NaN,,", "values.csv:2: value 'NaN'"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_meant_is_refused_with_its_line(row: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SetupFailed, match=message):
        said(tmp_path, f"metric,value,start,end\n{row}\n")
