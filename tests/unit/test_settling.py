"""What cells that were the same on both sides say of a question with a filter."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from assay.compiler.generator import Generator
from assay.compiler.question import Asked, resolve_question, restore_question
from assay.compiler.statement import compile_question
from assay.errors import BadQuestion
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from assay.routing.settling import Grouping, Window, question_key, text_mark, unsettled
from assay.widgets.check import check_widget
from assay.widgets.following import cohorts_of, funnels_of
from assay.widgets.widget import Widget
from assay.widgets.words.describe import describe
from assay.widgets.words.outcome import read_spec
from tests.unit.small import METRICS, NOW, shop

KEYS = frozenset({"time", "region", "items", "weight", "price", "sold_on"})


def reason(root: Path, *filters: dict[str, Any]) -> str | None:
    """Why the question with these filters is not settled by cells of all KEYS over its very window."""
    workspace = shop(root)
    question = resolve_question(("sales",), Asked.model_validate({"filters": filters}), workspace, NOW, EVERYTHING)
    assert question.bounds
    start, end = question.bounds.start, question.bounds.end
    cells = Grouping(KEYS, "equal", 0, is_cells=True, texts={"region": frozenset(map(text_mark, ("North", "South")))})
    document = {"windows": [], "timezone": "UTC", "question_key": None}
    return unsettled(document, question.metrics[0], question, (Window(start, end, end, "day", (cells,)),))


@pytest.mark.parametrize("op", ["eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte"])
def test_a_filter_on_a_double_is_not_settled_by_cells(tmp_path: Path, op: str) -> None:
    """0.1 is found in single precision, where in double it is not; and the shown values of both are the same."""
    found = reason(tmp_path, {"dimension": "weight", "op": op, "values": [0.1]})
    assert found == "the filter on weight compares doubles, which one engine may hold narrower than the other"


@pytest.mark.parametrize(
    "asked",
    [
        {"dimension": "weight", "op": "is_null"},
        {"dimension": "weight", "op": "is_not_null"},
        {"dimension": "items", "op": "gte", "values": [2]},
        {"dimension": "price", "op": "eq", "values": ["0.10"]},
        {"dimension": "sold_on", "op": "lt", "values": ["2026-03-15"]},
        {"dimension": "region", "op": "not_in", "values": ["North", "South"]},
        {"dimension": "region", "op": "is_null"},
    ],
)
def test_a_filter_on_other_keys_of_the_cells_is_settled(tmp_path: Path, asked: dict[str, Any]) -> None:
    assert reason(tmp_path, asked) is None


def test_a_text_that_no_cell_holds_is_not_settled(tmp_path: Path) -> None:
    """A column that takes `north` for `North` finds rows by it."""
    found = reason(tmp_path, {"dimension": "region", "op": "in", "values": ["North", "north"]})
    assert found == "no row compared has region 'north', and an engine may find others by it"


def test_a_frame_is_settled_by_the_very_groups_and_not_by_what_they_are_made_of(tmp_path: Path) -> None:
    workspace = shop(
        tmp_path, metrics=METRICS.replace("refresh_seconds: 60", "refresh_seconds: 60, over: {trailing: 7 days}", 1)
    )

    def reason(**asked: Any) -> str | None:
        question = resolve_question(("sales",), Asked.model_validate(asked), workspace, NOW, EVERYTHING)
        assert question.bounds
        windows: list[Window] = []
        for bounds in filter(None, (question.bounds, question.previous)):
            groups = [Grouping(frozenset(keys), "equal", 3) for keys in ((), ("time",), ("region",))]
            cells = Grouping(KEYS, "equal", 0, is_cells=True, texts={})
            windows.append(Window(bounds.start, bounds.end, bounds.end, "day", (*groups, cells)))
        document = {"windows": [], "timezone": "UTC", "question_key": None}
        return unsettled(document, question.metrics[0], question, tuple(windows))

    assert reason() is None
    assert reason(grain="day") is None
    assert reason(dimensions=["region"]) is None
    assert reason(compare="previous_period") is None
    assert reason(grain="week") == "it was not compared by week, and the metric does not add up"
    assert reason(filters=[{"dimension": "items", "op": "eq", "values": [1]}]) is not None
    assert reason(dimensions=["items"]) is not None
    assert reason(grain="day", compare="previous_period") == "the two windows are not laid over each other bucket by bucket"


def test_a_segment_is_settled_by_nothing_that_was_compared_without_it(tmp_path: Path) -> None:
    segment = "refresh_seconds: 60, segments: [{name: gifts, filter: is_gift}]"
    workspace = shop(tmp_path, metrics=METRICS.replace("refresh_seconds: 60", segment, 1))
    question = resolve_question(("sales",), Asked(segments=("gifts",)), workspace, NOW, EVERYTHING)
    assert question.bounds
    start, end = question.bounds.start, question.bounds.end
    windows = (
        Window(start, end, end, "day", (Grouping(frozenset(), "equal", 1), Grouping(KEYS, "equal", 0, is_cells=True))),
    )
    document = {"windows": [], "timezone": "UTC", "question_key": None}
    assert unsettled(document, question.metrics[0], question, windows) == "the segment gifts was not compared"
    assert question_key(question) != question_key(resolve_question(("sales",), Asked(), workspace, NOW, EVERYTHING))


async def test_no_model_is_asked_to_write_what_looks_further_than_its_bucket(tmp_path: Path) -> None:
    workspace = shop(tmp_path, metrics=METRICS.replace("refresh_seconds: 60", "refresh_seconds: 60, over: all", 1))
    policy = Policy.from_dictionary(workspace.dictionary)
    unused: Any = None
    for asked in (Asked(), Asked(grain="day")):
        question = resolve_question(("sales",), asked, workspace, NOW, EVERYTHING)
        statement = compile_question(question, "postgres", policy)
        with pytest.raises(BadQuestion, match="sales looks further than its bucket"):
            await Generator(unused, unused).write(question, statement, workspace, policy)


HAVING: dict[str, Any] = {"dimensions": ["region"], "having": [{"by": "sales", "op": "gt", "value": 3}]}


def test_groups_that_are_chosen_by_their_value_are_another_question(tmp_path: Path) -> None:
    """In whatever keeps answers, in receipts, in certificates, and in what words make of a widget."""
    workspace = shop(tmp_path)
    asked = [Asked.model_validate({**HAVING, "having": having}) for having in (HAVING["having"], [])]
    chosen, plain = (resolve_question(("sales",), each, workspace, NOW, EVERYTHING) for each in asked)
    assert chosen.fingerprint() != plain.fingerprint()
    assert question_key(chosen) != question_key(plain)
    assert restore_question(chosen.described(), workspace, EVERYTHING) == chosen
    document = {"windows": [], "timezone": "UTC", "question_key": None}
    assert unsettled(document, chosen.metrics[0], chosen, ()) == "what value has to be was not compared"
    spec = read_spec({"kind": "bar", "metrics": ["sales"], **HAVING})
    assert read_spec(spec.body()) == spec
    assert spec.asked() == asked[0]
    assert "by region, last 7 days" in describe(read_spec({**spec.body(), "having": None}), plain)
    assert "by region, of groups whose sales is over 3, last 7 days" in describe(spec, chosen)


def test_the_others_make_another_question(tmp_path: Path) -> None:
    workspace = shop(tmp_path)
    said: dict[str, Any] = {"dimensions": ["region"], "order": [{"by": "value"}], "limit": 2}
    asked = [Asked.model_validate({**said, "others": each}) for each in (True, False)]
    both, plain = (resolve_question(("sales",), each, workspace, NOW, EVERYTHING) for each in asked)
    assert both.fingerprint() != plain.fingerprint()
    assert question_key(both) != question_key(plain)
    assert "others" not in plain.described()
    assert restore_question(both.described(), workspace, EVERYTHING) == both
    ratio = replace(both, metrics=(replace(both.metrics[0], kind="ratio"),))
    document = {"windows": [], "timezone": "UTC", "question_key": None}
    assert unsettled(document, ratio.metrics[0], ratio, ()) == "the other groups together were not compared"
    spec = read_spec({"kind": "bar", "metrics": ["sales"], **said, "others": True})
    assert read_spec(spec.body()) == spec
    assert spec.asked() == asked[0]
    assert "highest first, the first 2 and all others together" in describe(spec, both)


@pytest.mark.parametrize(("said", "reason"), [
    ({"dimensions": ["region"]}, "beyond a limit"),
    ({"limit": 2}, "beyond a limit"),
    ({**HAVING, "limit": 2}, "having leaves some of them out"),
    ({"dimensions": ["region"], "limit": 2, "grain": "day", "order": [{"by": "time"}]}, "which groups come first"),
])  # fmt: skip
def test_others_that_nobody_can_tell_are_refused(tmp_path: Path, said: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadQuestion, match=reason):
        resolve_question(("sales",), Asked.model_validate({**said, "others": True}), shop(tmp_path), NOW, EVERYTHING)


def test_others_are_drawn_by_kinds_that_have_a_place_for_them(tmp_path: Path) -> None:
    question = {"metrics": ["sales"], "dimensions": ["region"], "limit": 2, "others": True}
    drawn = {"version": 1, "title": "T", "kind": "bar", "question": question}
    workspace = shop(tmp_path)
    check_widget(Widget.model_validate(drawn), workspace, NOW)
    with pytest.raises(ValidationError, match="histogram has no place for all others together"):
        Widget.model_validate({**drawn, "kind": "histogram"})
    spark = {**question, "grain": "day"}
    with pytest.raises(ValidationError, match="one line, without others"):
        Widget.model_validate({"kind": "kpi", "question": {"metrics": ["sales"]}, "spark": spark})
    with pytest.raises(BadQuestion, match="beyond a limit") as refused:
        check_widget(Widget.model_validate({**drawn, "question": {**question, "limit": None}}), workspace, NOW)
    assert refused.value.extra["field"] == "widget.question.others"


def test_a_funnel_is_a_count_and_what_follows_it_step_by_step(tmp_path: Path) -> None:
    """Of anything else a step would be told as a share of what it is no part of."""
    said = "label: S, definition: S., owner: shop, conversion: {{from: {}, to: {}, for_each: sale_id, {}value: {}}}}}\n"
    made = {
        "back": ("sales", "[returns]", "within: 7 days, ", "count"),
        "back_again": ("sales", "[returns, returns]", "within: 7 days, ", "count"),
        "back_late": ("sales", "[returns, returns]", "within: 8 days, ", "count"),
        "back_rate": ("sales", "[returns]", "within: 7 days, ", "rate"),
        "back_whenever": ("sales", "[returns]", "", "count"),
    }
    metrics = METRICS + "".join(f"  - {{id: {name}, " + said.format(*each) for name, each in made.items())
    workspace = shop(tmp_path, metrics=metrics)

    def check(*steps: str) -> None:
        check_widget(Widget.model_validate({"kind": "funnel", "question": {"metrics": steps}}), workspace, NOW)

    check("sales", "back", "back_again")
    check("sales", "back_whenever")
    check("sales", "back_again")  # a step that is left out makes no share wrong
    assert funnels_of(workspace.metrics) == {
        **dict.fromkeys(("sales", "back", "back_again"), ("sales", "back", "back_again")),
        "back_late": ("sales", "back_late"),
        "back_whenever": ("sales", "back_whenever"),
    }
    for steps, why in (
        (("sales", "returns"), "returns is no number of events that are followed"),
        (("sales", "back_rate"), "back_rate is no number of events"),
        (("returns", "back"), "does not count which of returns are followed"),
        (("sales", "back", "back_late"), "is not back followed by more steps, within the same time"),
        (("sales", "back_again", "back"), "is not back_again followed by more steps"),
    ):
        with pytest.raises(BadQuestion, match=why) as refused:
            check(*steps)
        assert refused.value.extra["field"] == f"widget.question.metrics.{len(steps) - 1}"
    rows = {"metrics": ["sales", "sales:rows"], "window": "trailing_30d"}
    with pytest.raises(BadQuestion, match="sales:rows is not a step of a funnel"):
        check_widget(Widget.model_validate({"kind": "funnel", "question": rows}), workspace, NOW)
    with pytest.raises(ValidationError, match="neither a dimension nor a grain"):
        Widget.model_validate({"kind": "funnel", "question": {"metrics": ["sales", "back"], "dimensions": ["region"]}})


def test_cohorts_are_drawn_of_a_retention_by_its_own_buckets_beside_its_own_size(tmp_path: Path) -> None:
    """By another grain several cohorts would stand in one row, and another size would be told of them."""
    said = (
        "label: S, definition: S., owner: shop, "
        "retention: {{from: {}, to: returns, for_each: sale_id, by: {}, up_to: 3, value: {}}}}}\n"
    )
    made = {
        "back": ("sales", "month", "rate"),
        "how_many": ("sales", "month", "count"),
        "all": ("sales", "month", "size"),
        "by_week": ("sales", "week", "size"),
    }
    entries = "".join(f"  - {{id: {name}, " + said.format(*each) for name, each in made.items())
    workspace = shop(tmp_path, metrics=METRICS + entries)
    usual = {"dimensions": ["months_since"], "grain": "month"}

    def check(*metrics: str, **asked: Any) -> None:
        question = {"metrics": metrics, **usual, **asked}
        check_widget(Widget.model_validate({"kind": "cohort", "question": question}), workspace, NOW)

    check("back", "all")
    check("how_many")
    told = cohorts_of(workspace.metrics)
    assert set(told) == set(made)
    assert [(told[name].grain, told[name].dimension, told[name].size) for name in ("back", "how_many", "all")] == [
        ("month", "months_since", "all"), ("month", "months_since", "all"), ("month", "months_since", None),
    ]  # fmt: skip
    for metrics, asked, why, field in (
        (("back", "how_many"), {}, "how_many is not the size of the cohorts of back", "metrics.1"),
        (("sales",), {"dimensions": ["region"]}, "sales tells nothing of cohorts", "metrics.0"),
        (("back", "all"), {"dimensions": ["region"]}, "back is told by months_since", "dimensions"),
        (("back", "all"), {"grain": "quarter"}, "the cohorts of back are those of a month", "grain"),
    ):
        with pytest.raises(BadQuestion, match=why) as refused:
            check(*metrics, **asked)
        assert refused.value.extra["field"] == f"widget.question.{field}"
    with pytest.raises(ValidationError, match="the grain of both"):
        Widget.model_validate({"kind": "cohort", "question": {"metrics": ["back"], "dimensions": ["months_since"]}})
    # It counts members in buckets, and not which sales are followed.
    steps = Widget.model_validate({"kind": "funnel", "question": {"metrics": ["sales", "how_many"]}})
    with pytest.raises(BadQuestion, match="how_many is no number of events that are followed"):
        check_widget(steps, workspace, NOW)


@pytest.mark.parametrize(("entry", "having"), [
    ("measure: 'AVG(SUM(amount))', per: [customer_id]", []),
    ("measure: COUNT(*), keep: {newest: sold_at, for_each: [customer_id]}", []),
    ("measure: COUNT(*), filter: j4.city = j5.city", []),
    ("measure: COUNT(*)", HAVING["having"]),
])  # fmt: skip
async def test_no_model_is_asked_to_write_what_its_instructions_do_not_tell(
    tmp_path: Path, entry: str, having: list[dict[str, Any]]
) -> None:  # fmt: skip
    own = f"  - {{id: x, label: X, definition: X., owner: me, entity: sale, time: sold_at, dimensions: [region], {entry}}}\n"
    workspace, unused = shop(tmp_path, metrics=METRICS + own), None
    policy = Policy.from_dictionary(workspace.dictionary)
    asked = Asked.model_validate({"dimensions": ["region"], "having": [{**each, "by": "value"} for each in having]})
    question = resolve_question(("x",), asked, workspace, NOW, EVERYTHING)
    statement = compile_question(question, "postgres", policy)
    with pytest.raises(BadQuestion, match="o model is asked"):
        await Generator(unused, unused).write(question, statement, workspace, policy)  # pyright: ignore[reportArgumentType]


def test_what_was_compared_of_cohorts_says_nothing_of_buckets_that_have_ended_since(tmp_path: Path) -> None:
    meant = "{from: sales, to: sales, for_each: customer_id, by: month, up_to: 3, value: count}"
    again = f"  - {{id: again, label: Again, definition: Again., retention: {meant}, owner: me}}\n"
    asked = Asked.model_validate({"window": {"start": "2026-01-01", "end": "2026-02-01"}, "dimensions": ["months_since"]})
    question = resolve_question(("again",), asked, shop(tmp_path, metrics=METRICS + again), NOW, EVERYTHING)
    assert question.bounds
    start, end = question.bounds.start, question.bounds.end
    groups = Grouping(frozenset({"months_since"}), "equal", 0, is_cells=False)
    windows = (Window(start, end, end, "day", (groups,)),)
    document = {"windows": [], "timezone": "UTC", "question_key": None, "question": {"as_of": NOW.isoformat()}}
    assert unsettled(document, question.metrics[0], question, windows) is None
    later = replace(question, as_of=NOW + timedelta(days=31))
    found = unsettled(document, later.metrics[0], later, windows)
    assert found == "buckets of its cohorts have ended since it was compared"
