"""What may stand in `targets/*.yaml`, which questions are held against it, and what is told of progress and pace."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from assay.alerts.entry import AlertEntry, ChannelEntry
from assay.alerts.files import faults_of_alert
from assay.alerts.message import condition
from assay.answers.progress import part_over, progress
from assay.catalog.findings import Finding
from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.question import Asked, Question, resolve_question, restore_question
from assay.compiler.statement import AnswerColumn
from assay.people.scope import EVERYTHING, Grant, Scope
from tests.unit.small import write_shop

NOW = datetime(2026, 3, 17, 15, 42, 10, tzinfo=UTC)
TARGETS = """\
targets:
  - {metric: revenue, grain: month, starts: "2026-03-01", value: "50000", note: Board plan}
  - {metric: revenue, grain: month, starts: "2026-03-01", where: {region: West}, value: 10000}
  - {metric: revenue, grain: month, starts: "2026-03-01", where: {region: East}, value: 15000}
  - {metric: revenue, grain: month, starts: "2026-02-01", value: "40000.50"}
  - {metric: revenue, grain: year, starts: "2026-01-01", value: 600000}
  - {metric: sales, grain: day, starts: "2026-03-16", value: 0}
  - {metric: visitors_now, grain: month, starts: "2026-03-01", value: 70}
  - {metric: visitors_now, grain: quarter, starts: "2026-01-01", value: 90}
  - {metric: return_rate, grain: month, starts: "2026-03-01", value: "0.05"}
"""


def shop(root: Path, targets: str = TARGETS, **kept: Any) -> Workspace:
    write_shop(root, **kept)
    (root / "targets").mkdir(exist_ok=True)
    (root / "targets" / "plan.yaml").write_text(targets)
    return load_workspace(root)


def findings_of(workspace: Workspace) -> list[Finding]:
    return [each for each in workspace.findings if each.file.startswith("targets/")]


def asked(workspace: Workspace, metric: str, scope: Scope = EVERYTHING, now: datetime = NOW, **said: Any) -> Question:
    form = Asked.model_validate({"targets": True, **said})
    return resolve_question((metric,), form, workspace, now, scope)


def values(question: Question) -> list[str]:
    assert question.against is not None
    return [str(each.value) for each in question.against.known]


def test_a_file_is_read_with_what_is_wrong_by_line(tmp_path: Path) -> None:
    wrong = (
        TARGETS
        + """\
  - {metric: revenue, grain: month, starts: "2026-03-01", where: {region: West}, value: 1}
  - {metric: revenu, grain: month, starts: "2026-03-01", value: 1}
  - {metric: revenue, grain: month, starts: "2026-03-02", value: 1}
  - {metric: revenue, grain: hour, starts: "2026-03-01", value: 1}
  - {metric: revenue, grain: month, starts: "2026-02-30", value: 1}
  - {metric: revenue, grain: month, starts: "2026-05-01", value: 1.5}
  - {metric: revenue, grain: month, starts: "2026-05-01", where: {regoin: West}, value: 1}
  - {metric: sales, grain: month, starts: "2026-05-01", where: {weight: 1}, value: 1}
  - {metric: sales, grain: month, starts: "2026-05-01", where: {items: many}, value: 1}
  - {metric: revenue, grain: week, starts: "2026-03-03", value: 1}
"""
    )
    found = findings_of(shop(tmp_path, wrong))
    told = {each.line: (each.message, each.mend or "") for each in found}
    assert sorted(told) == list(range(11, 21))
    expected = {
        11: "stands twice (first in targets/plan.yaml)", 12: "there is no metric 'revenu'",
        13: "not the first day of a month", 14: "no grain 'hour' for targets",
        15: "which the calendar does not have", 16: "decimal string",
        17: "no dimension 'regoin'", 18: "weight is a double", 19: "'many'", 20: "not the first day of a week",
    }  # fmt: skip
    assert {line: text for line, text in expected.items() if text not in told[line][0]} == {}
    assert told[13][1] == "write 2026-03-01"
    assert told[20][1] == "write 2026-03-02"
    assert "leave one of them out" in told[11][1]
    assert "revenue" in told[12][1]
    assert "region" in told[17][1]


def test_a_figure_is_held_against_the_target_of_its_own_period_and_rows_alone(tmp_path: Path) -> None:
    workspace = shop(tmp_path)
    assert findings_of(workspace) == []
    west = {"dimension": "region", "op": "eq", "values": ["West"]}
    assert values(asked(workspace, "revenue")) == ["50000"]
    assert values(asked(workspace, "revenue", window="year_to_date")) == ["600000"]
    assert values(asked(workspace, "revenue", window="previous_month")) == ["40000.50"]
    assert values(asked(workspace, "revenue", window={"start": "2026-02-01", "end": "2026-03-01"})) == ["40000.50"]
    assert values(asked(workspace, "revenue", filters=[west])) == ["10000"]
    assert values(asked(workspace, "revenue", dimensions=["region"])) == ["10000", "15000"]
    assert values(asked(workspace, "revenue", dimensions=["region"], filters=[west])) == ["10000"]
    assert values(asked(workspace, "revenue", grain="month", window="year_to_date")) == ["50000", "40000.50"]
    assert values(asked(workspace, "visitors_now")) == ["70"]
    assert values(asked(workspace, "return_rate", window="month_to_date")) == ["0.05"]
    for said in (
        {"window": "trailing_30d"},
        {"window": {"start": "2026-03-01", "end": "2026-03-15"}},
        {"window": {"start": "2026-02-01", "end": "2026-02-27"}},
        {"window": "quarter_to_date"},
        {"grain": "day"},
        {"filters": [{"dimension": "region", "op": "ne", "values": ["West"]}]},
        {"filters": [{"dimension": "region", "op": "in", "values": ["West", "East"]}]},
        {"filters": [{"dimension": "region", "op": "eq", "values": ["North"]}]},
        {"dimensions": ["category"]},
        {"any_of": [[west], [{"dimension": "category", "op": "eq", "values": ["x"]}]]},
    ):
        question = asked(workspace, "revenue", **said)
        assert values(question) == [], said
        assert question.against
        assert question.against.why
    first = datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert values(asked(workspace, "revenue", now=first, window="year_to_date")) == ["600000"]
    assert values(asked(workspace, "revenue", now=first, window="today")) == []


def test_who_does_not_see_all_rows_is_told_no_target(tmp_path: Path) -> None:
    workspace = shop(tmp_path)
    some = Scope(1, (Grant(("*",), {"sale": ()}),))
    for scope in (some, Scope(1, None, minimum=5)):
        question = asked(workspace, "revenue", scope)
        assert values(question) == []
        assert question.against
        assert "not all of them" in str(question.against.why)
        assert "50000" not in str(question.described())
        whole = asked(workspace, "revenue").described()
        assert values(restore_question(whole, workspace, scope)) == []


def test_targets_are_in_the_question_and_its_receipt_and_not_in_its_rows(tmp_path: Path) -> None:
    workspace = shop(tmp_path)
    plain = resolve_question(("revenue",), Asked(), workspace, NOW, EVERYTHING)
    question = asked(workspace, "revenue")
    assert "targets" not in plain.described()
    assert plain.fingerprint() != question.fingerprint()
    (told,) = question.described()["targets"]["known"]
    assert told == {"metric": "revenue", "grain": "month", "starts": "2026-03-01", "where": {}, "value": "50000",
                    "note": "Board plan", "source": "targets/plan.yaml:2"}  # fmt: skip
    moved = shop(tmp_path / "other", TARGETS.replace("50000", "60000"))
    assert moved.version != workspace.version
    assert asked(moved, "revenue").fingerprint() != question.fingerprint()
    assert restore_question(question.described(), moved, EVERYTHING) == question
    assert {name: each.version for name, each in moved.metrics.items()} == {
        name: each.version for name, each in workspace.metrics.items()
    }


def columns(question: Question) -> tuple[AnswerColumn, ...]:
    keys = [AnswerColumn(name, question.metrics[0].type, "time" if name == "time" else "dimension", None, None)
            for name in question.key_columns()]  # fmt: skip
    return (*keys, *(
        AnswerColumn(name, metric.type, "value", metric.unit, metric.metric_id, empty=metric.empty)
        for name, metric, _ in question.value_columns()
    ))  # fmt: skip


def told(question: Question, *rows: list[Any], is_cut: bool = False) -> list[dict[str, Any]]:
    return progress(question, columns(question), rows, is_cut=is_cut)


def test_progress_and_pace_are_plain_arithmetic(tmp_path: Path) -> None:
    """In 16 days and 15 h 43 min of 31 days 24,000.00 was taken: the rest as it went is 24,000 * 31 days / so long."""
    workspace = shop(tmp_path)
    (found,) = told(asked(workspace, "revenue"), ["24000.00"])
    minutes = 16 * 1440 + 15 * 60 + 45  # a tick of the metric's refresh_seconds, which are 300
    expected = (Decimal(24000) * 31 * 1440 / minutes).quantize(Decimal("0.01"))
    assert (found["share"], found["pace"]) == ("0.4800", str(expected))
    assert (found["period"], found["ends"], found["is_over"]) == ("March 2026", "2026-03-31", False)
    assert (found["reached"], found["time"], found["source"]) == ("24000.00", None, "targets/plan.yaml:2")
    (over,) = told(asked(workspace, "revenue", window="previous_month"), ["48000.00"])
    assert (over["share"], over["pace"], over["is_over"]) == ("1.2000", None, True)


@pytest.mark.cases(2)
@pytest.mark.parametrize(("metric", "said", "value", "share"), [
    ("return_rate", {"window": "month_to_date"}, 0.04, "0.8000"),
    ("visitors_now", {}, 63, "0.9000"),
    ("sales", {"window": {"start": "2026-03-16", "end": "2026-03-17"}}, 5, None),
    ("revenue", {}, None, None),
    ("revenue", {}, "NaN", None),
    ("return_rate", {"window": "month_to_date"}, 1e300, "2" + "0" * 301 + ".0000"),
    ("revenue", {"window": "previous_month"}, "9" * 36 + ".00", "24999687503906201172485343933200.8350"),
])  # fmt: skip
def test_a_pace_is_told_of_a_figure_so_far_that_adds_up_alone(
    tmp_path: Path, metric: str, said: dict[str, Any], value: Any, share: str | None
) -> None:
    (found,) = told(asked(shop(tmp_path), metric, **said), [value])
    assert (found["share"], found["pace"]) == (share, None)


def test_a_pace_is_told_from_a_tenth_of_the_period_on(tmp_path: Path) -> None:
    workspace = shop(tmp_path)
    paces = [told(asked(workspace, "revenue", now=datetime(2026, 3, day, hour, tzinfo=UTC)), ["31.00"])[0]["pace"]
             for day, hour in ((4, 2), (4, 3), (31, 23))]  # fmt: skip
    assert paces[0] is None
    assert paces[1] is not None
    assert paces[2] == "31.04"


def test_what_fell_to_nothing_or_below_has_a_pace_too(tmp_path: Path) -> None:
    question = asked(shop(tmp_path), "revenue", now=datetime(2026, 3, 15, 23, 59, tzinfo=UTC))
    found = [told(question, [value])[0] for value in ("0.00", "-15.00")]
    assert [(each["share"], each["pace"]) for each in found] == [("0.0000", "0.00"), ("-0.0003", "-31.00")]


def test_a_pace_goes_by_the_wall_clock_where_the_clocks_are_changed(tmp_path: Path) -> None:
    """March of 2026 in New York has 743 hours; its 16th midnight is 15 days of 31 all the same."""
    workspace = shop(tmp_path, zone="America/New_York")
    question = asked(workspace, "revenue", now=datetime(2026, 3, 16, 3, 59, tzinfo=UTC))
    assert question.against is not None
    over = part_over(question, question.against.known[0])
    assert over is not None
    assert (over.numerator, over.denominator) == (15, 31)


def test_groups_without_rows_count_as_nothing_where_nothing_was_left_out(tmp_path: Path) -> None:
    question = asked(shop(tmp_path), "revenue", dimensions=["region"])
    found = told(question, ["East", "30000.00"], [None, "7.00"])
    assert [(each["where"]["region"], each["reached"], each["share"]) for each in found] == [
        ("West", "0.00", "0.0000"), ("East", "30000.00", "2.0000")
    ]  # fmt: skip
    assert [each["where"]["region"] for each in told(question, ["East", "1.00"], is_cut=True)] == ["East"]


def test_a_series_has_the_targets_of_its_buckets_but_for_one_that_the_window_cuts(tmp_path: Path) -> None:
    question = asked(shop(tmp_path), "revenue", grain="month", window={"start": "2026-02-01", "end": "2026-04-01"})
    rows = [["2026-02-01", "20000.25"], ["2026-03-01", "5.00"]]
    found = told(question, *rows)
    assert [(each["time"], each["share"], each["pace"]) for each in found] == [
        ("2026-03-01", "0.0001", None), ("2026-02-01", "0.5000", None)
    ]  # fmt: skip
    cut = asked(shop(tmp_path), "revenue", grain="month", window={"start": "2026-02-01", "end": "2026-03-10"})
    assert [each["time"] for each in told(cut, *rows)] == ["2026-02-01"]


def test_a_period_of_the_workspaces_own_calendar_may_have_a_target(tmp_path: Path) -> None:
    own = 'targets: [{metric: revenue, grain: fiscal_quarter, starts: "2026-02-01", value: 9}]\n'
    workspace = shop(tmp_path, own, calendar="{fiscal_year: {starts: february}}")
    assert findings_of(workspace) == []
    question = asked(workspace, "revenue", window="fiscal_quarter_to_date")
    assert values(question) == ["9"]
    assert date.fromisoformat(told(question, ["1.00"])[0]["ends"]) == date(2026, 4, 30)


@pytest.mark.cases(2)
@pytest.mark.parametrize(("bar", "told"), [
    ({"below": "-10%"}, "more than 10% below its target"), ({"below": 0}, "below its target"),
    ({"above": "5%"}, "more than 5% above its target"), ({"below": "5%"}, "less than 5% above its target"),
    ({"above": "-5%"}, "less than 5% below its target"), ({"above": 500}, "more than $500.00 above its target"),
])  # fmt: skip
def test_an_alert_says_how_far_off_its_target(tmp_path: Path, bar: dict[str, Any], told: str) -> None:
    form = {"id": "a", "question": {"metrics": ["revenue"]}, "when": {"change": "target", **bar}, "tell": ["ops"]}
    metrics = {"revenue": replace(shop(tmp_path).metrics["revenue"], unit="usd")}
    assert condition(AlertEntry.model_validate(form), metrics) == told


@pytest.mark.cases(2)
@pytest.mark.parametrize(("question", "why"), [
    ({"metrics": ["revenue"]}, None),
    ({"metrics": ["visitors_now"]}, None),
    ({"metrics": ["revenue"], "window": "previous_quarter", "dimensions": ["region"]}, None),
    ({"metrics": ["returns"], "window": "month_to_date"}, "no target is written for returns"),
    ({"metrics": ["revenue"], "window": "trailing_30d"}, "not one period"),
    ({"metrics": ["revenue"], "window": "last 2 months"}, "not one period"),
    ({"metrics": ["revenue"], "filters": [{"dimension": "region", "op": "ne", "values": ["West"]}]}, "in another way"),
])  # fmt: skip
def test_what_can_have_no_target_is_not_watched_for_one(tmp_path: Path, question: dict[str, Any], why: str | None) -> None:
    form = {"id": "a", "question": question, "when": {"change": "target", "below": "-10%"}, "tell": ["ops"]}
    channels = {"ops": ChannelEntry(name="ops", kind="slack")}
    found = [each[1] for each in faults_of_alert(AlertEntry.model_validate(form), channels, shop(tmp_path))]
    assert (why is None) == (found == [])
    assert all(why and why in each for each in found)
