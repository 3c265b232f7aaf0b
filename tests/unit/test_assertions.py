"""`tests/*.yaml` of a workspace: what is understood, what is found wrong with file and line, and what an answer keeps."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assay.catalog.workspace import load_workspace
from assay.review.assertions import AssertionEntry, judged, read_assertions
from tests.conftest import DEMO

NOW = datetime(2026, 3, 17, 12, tzinfo=UTC)


def answer(*rows: list[Any], names: tuple[str, ...] = ("a",), **changes: Any) -> dict[str, Any]:
    keys = len(rows[0]) - len(names) if rows else 0
    columns = [{"name": f"k{number}", "role": "dimension", "metric_id": None} for number in range(keys)]
    columns += [{"name": name, "role": "value", "metric_id": name} for name in names]
    known = {"stale_reason": None, "truncated": False, "data_version": "1"} | changes
    return {"columns": columns, "rows": list(rows), "provenance": known, "question": {"timezone": "America/Chicago"}}


@pytest.mark.parametrize(
    ("check", "values", "state"),
    [
        ("a >= 0", ["0"], "passed"),
        ("a > 0", ["0"], "failed"),
        ("a>=0", [-1], "failed"),
        ("a >= -1.5", ["-1.50"], "passed"),
        ("a <> 1", [1], "failed"),
        ("a != 1", [2], "passed"),
        ("a = b", ["0.1", "0.10"], "passed"),
        ("a = b", ["12345678901234567890.01", "12345678901234567890.02"], "failed"),
        ("a - b = 1", ["12345678901234567891.01", "12345678901234567890.01"], "passed"),
        ("a / b = 2", [4, 2], "passed"),
        ("a / b >= 0", [4, 0], "failed"),  # nothing is known of it
        ("-(a + b) * 2 <= a", [1, 2], "passed"),
        ("a >= 0", [None], "failed"),
        ("a <= 0", [None], "failed"),
        ("a = b", [None, None], "failed"),
        ("a <> b", [None, 1], "failed"),
        ("a IS NOT NULL", [None], "failed"),
        ("a is not null", [0], "passed"),
        ("a IS NULL", [None], "passed"),
        ("a >= 0", ["NaN"], "failed"),
        ("a <= 0", ["-Infinity"], "failed"),
    ],
)
def test_a_check_holds_where_both_sides_are_known_and_it_is_so(check: str, values: list[Any], state: str) -> None:
    entry = AssertionEntry(check=check)
    names = ("a", "b")[: len(values)]
    assert judged(entry, [answer(values, names=names)], NOW).state == state


@pytest.mark.parametrize(
    ("within", "values", "state"),
    [
        ("1%", [100, 101], "passed"),  # a share of the larger of the two
        ("1%", [100, "101.02"], "failed"),
        ("1%", [-100, -101], "passed"),
        ("1%", [1, -1], "failed"),
        ("1%", [0, 0], "passed"),
        ("2", [100, 102], "passed"),
        ("2", [100, "102.01"], "failed"),
    ],
)
def test_two_sides_are_equal_within_a_share_or_an_amount(within: str, values: list[Any], state: str) -> None:
    entry = AssertionEntry(check="a = b", within=within)
    assert judged(entry, [answer(values, names=("a", "b"))], NOW).state == state


def test_each_group_has_to_hold_and_the_first_that_do_not_are_told() -> None:
    entry = AssertionEntry(check="a >= 0", dimensions=("region",))
    rows = [[f"r{number}", number - 6] for number in range(10)]
    outcome = judged(entry, [answer(*rows)], NOW)
    assert (outcome.state, outcome.sentence) == ("failed", "does not hold in 6 of 10")
    assert outcome.shown == ("r0: a -6", "r1: a -5", "r2: a -4", "r3: a -3", "r4: a -2")
    assert judged(entry, [answer(*rows[6:])], NOW).state == "passed"
    assert judged(entry, [answer()], NOW).state == "could_not"


def test_a_total_is_the_sum_of_its_groups() -> None:
    entry = AssertionEntry(adds_up="a", dimensions=("region",))
    assert [each["dimensions"] for each in entry.questions()] == [["region"], []]
    groups = answer(["x", "0.10"], ["y", None], [None, "0.20"])
    assert judged(entry, [groups, answer(["0.3"])], NOW).state == "passed"
    assert judged(entry, [groups, answer(["0.31"])], NOW).state == "failed"
    assert judged(entry, [groups, answer([None])], NOW).state == "could_not"
    assert judged(entry, [groups, answer(["0.3"], data_version="2")], NOW).state == "could_not"


@pytest.mark.parametrize(
    ("within", "newest", "state"),
    [
        ("2 hours", "2026-03-17T10:00:00Z", "passed"),
        ("119 minutes", "2026-03-17T10:00:00Z", "failed"),
        ("2 hours", "2026-03-17T05:00:00-05:00", "passed"),
        ("7 hours", "2026-03-16", "passed"),  # which ended at 05:00 UTC in Chicago
        ("6 hours", "2026-03-16", "failed"),
        ("1 day", None, "failed"),
    ],
)
def test_the_newest_row_is_no_older_than_it_may_be(within: str, newest: str | None, state: str) -> None:
    entry = AssertionEntry(fresh="a", within=within)
    assert entry.questions()[0]["metrics"] == ["a:last"]
    assert judged(entry, [answer([newest])], NOW).state == state


@pytest.mark.parametrize("change", [{"stale_reason": "postgres is away"}, {"truncated": True}])
def test_what_is_not_all_there_or_not_of_now_proves_nothing(change: dict[str, Any]) -> None:
    entry = AssertionEntry(check="a >= 0")
    assert judged(entry, [answer([1], **change)], NOW).state == "could_not"
    folded = answer([1]) | {"folded": {"sentence": "Groups of fewer than 5 rows are folded."}}
    assert judged(entry, [folded], NOW).state == "could_not"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{check: cost_avoided_mtd >= 0}", None),
        ("{check: csat = 4, within: 0.5}", None),
        ("{check: cost_avoided_mtdd >= 0}", "tests/numbers.yaml:2: there is no metric 'cost_avoided_mtdd'"),
        ("{check: cost_avoided_mtd >= 0, dimensions: [regio]}", "has no dimension 'regio'"),
        ("{check: 1 >= 0}", "names no metric"),
        ("{check: csat}", "is no check"),
        ("{check: csat >= 0 >= 1}", "is no check"),
        ("{check: csat >= (SELECT 1)}", "only metric ids"),
        ("{check: csat >= 0, adds_up: csat}", "one of check, adds_up and fresh"),
        ("{label: nothing}", "one of check, adds_up and fresh"),
        ("{check: csat >= 0, within: 1%}", "within belongs to"),
        ("{check: csat = 1, within: about}", "write for instance"),
        ("{adds_up: csat}", "needs the dimensions"),
        ("{fresh: csat}", "needs within"),
        ("{fresh: csat, within: 1%}", "write for instance"),
        ("{check: csat >= 0, limit: 3}", "leave out"),
        ("{check: csat >= 0, others: true}", "leave out"),
        ("{check: csat >= 0, regoin: x}", "regoin"),
    ],
)
def test_what_cannot_be_meant_is_found_with_file_and_line(tmp_path: Path, written: str, said: str | None) -> None:
    root = shutil.copytree(DEMO, tmp_path / "workspace")
    (root / "tests").mkdir()
    (root / "tests" / "numbers.yaml").write_text(f"tests:\n  - {written}\n")
    workspace = load_workspace(root, {})
    assert workspace.findings == ()
    _, findings = read_assertions(workspace)
    assert len(findings) == (0 if said is None else 1)
    if said is not None:
        assert said in str(findings[0])
        assert str(findings[0]).startswith("tests/numbers.yaml:2")
