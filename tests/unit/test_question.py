"""Questions: what is refused, with the field and the mend, and what a question keeps."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from assay.answers.making import shown_parameters
from assay.catalog.workspace import Workspace
from assay.catalog.zones import to_wall
from assay.compiler.question import Asked, AskedMetrics, Question, resolve_question, restore_question
from assay.compiler.statement import Compiler
from assay.errors import BadQuestion, MetricNotFound, NotAllowed
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from tests.unit.small import METRICS, NOW, ask, shop


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def berlin(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return shop(tmp_path_factory.mktemp("berlin"), zone="Europe/Berlin")


def only(dimension: str, op: str, *values: object) -> list[dict[str, object]]:
    return [{"dimension": dimension, "op": op, "values": list(values)}]


# -- refused ----------------------------------------------------------------------------------------


def test_an_unknown_metric_is_not_found_and_the_nearest_is_named(workspace: Workspace) -> None:
    with pytest.raises(MetricNotFound) as caught:
        ask(workspace, "revenu")
    assert (caught.value.detail, caught.value.mend) == ("There is no metric 'revenu'.", "Did you mean 'revenue'?")


@pytest.mark.parametrize(
    ("metrics", "asked", "field", "said", "mend"),
    [
        ("sales", {"dimensions": ["regoin"]}, "dimensions.0", "sales has no dimension 'regoin'.", "Did you mean 'region'?"),
        ("returns", {"dimensions": ["zzz"]}, "dimensions.0", "returns has no dimension 'zzz'.", "it has: region"),
        ("average_price", {"dimensions": ["zzz"]}, "dimensions.0", "has no dimension", "it has: none"),
        ("sales", {"dimensions": ["region", "region"]}, "dimensions", "a dimension stands twice", None),
        ("sales revenue", {"window": "today", "dimensions": ["is_gift"]}, "dimensions.0", "revenue has no dimension", None),
        ("sales visitors_now", {"dimensions": ["region"]}, "dimensions.0",
         "region is string in sales and int in visitors_now", "ask the metrics apart"),
        ("sales", {"filters": only("regoin", "eq", "a")}, "filters.0.dimension", "sales has no dimension", "Did you mean"),
        ("sales", {"filters": only("region", "gt", "a")}, "filters.0.op", "region is a string: it has no gt", None),
        ("sales", {"filters": only("is_gift", "lt", True)}, "filters.0.op", "is_gift is a boolean: it has no lt", None),
        ("sales", {"window": "last_week"}, "window", "There is no window 'last_week'.", "use one of trailing_24h"),
        ("sales", {"window": "trailing_7"}, "window", "There is no window 'trailing_7'.", "Did you mean 'trailing_7d'?"),
        ("visitors_now", {"window": "today"}, "window", "visitors_now counts what is there at an instant", None),
        ("sales returns revenue", {}, "window", "these metrics have different windows", "say which window"),
        ("sales", {"window": {"start": "2026-03-02", "end": "2026-03-01"}}, "window", "ends before it begins", "exclusive"),
        ("sales", {"window": {"start": "2026-03-01", "end": "2026-03-01"}}, "window", "ends before it begins", "exclusive"),
        ("sales", {"window": {"start": "soon", "end": "2026-03-01"}}, "window.start", "'soon' is no date", "2026-11-01"),
        ("sales", {"window": {"start": "2026-03-01", "end": "2026-02-30"}}, "window.end", "is no date", "2026-11-01"),
        ("sales", {"window": {"start": "0001-01-01", "end": "2026-01-01"}}, "window.start", "outside 1900 to 2200", None),
        ("sales", {"window": {"start": "2026-01-01", "end": "9999-12-31T23:59:59Z"}}, "window.end", "outside", None),
        ("sales", {"window": {"start": "1950-01-01", "end": "2026-01-01"}}, "window", "longer than 50 years", None),
        ("sales", {"window": "last 2 years", "grain": "hour"}, "grain", "more than 10,000 buckets of one hour", "coarsen"),
        ("sales", {"window": "all", "compare": "previous_year"}, "compare", "nothing lies before all", "bounds"),
        ("sales", {"window": {"start": "-60 years", "end": "now"}}, "window.start", "longer than 50 years", None),
        ("sales", {"window": {"start": "last week", "end": "now"}}, "window.start", "is no date", "start of month"),
        ("sales", {"window": {"start": "1990-01-01", "end": "2020-01-01"}, "grain": "day"}, "grain", "more than", "shorten"),
        ("sales", {"grain": "days"}, "grain", "There is no grain 'days'", "Did you mean 'day'?"),
        ("sales_by_day", {"grain": "hour"}, "grain", "sales_by_day knows days, not hours", "use grain day"),
        ("visitors_now", {"grain": "day"}, "grain", "visitors_now has no time to divide by day", None),
        ("products", {"compare": "previous_period"}, "compare", "products has no time, so there is nothing before it", None),
        ("sales", {"window": {"start": "2024-01-01", "end": "2026-01-01"}, "grain": "month", "compare": "previous_year"},
         "compare", "the window reaches into the one it would be compared with", "shorten the window"),
        ("sales", {"order": [{"by": "amount"}]}, "order.0.by", "cannot order by 'amount'", "order by value"),
        ("sales", {"order": [{"by": "previous"}]}, "order.0.by", "cannot order by 'previous'", None),
        ("sales", {"order": [{"by": "value"}, {"by": "time"}]}, "order.1.by", "cannot order by 'time'", None),
        ("sales", {"order": [{"by": "region"}]}, "order.0.by", "cannot order by 'region'", None),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_is_refused_with_field_and_mend(
    workspace: Workspace, metrics: str, asked: dict[str, Any], field: str, said: str, mend: str | None
) -> None:
    with pytest.raises(BadQuestion) as caught:
        ask(workspace, *metrics.split(), **asked)
    assert caught.value.extra["field"] == field
    assert said in caught.value.detail
    assert mend is None or mend in (caught.value.mend or "")


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": 0}, {"limit": 10_001}, {"limit": 10**12}, {"limit": "many"}, {"grain": 5}, {"compare": "always"},
        {"dimensions": ["a"] * 7}, {"dimensions": "region"}, {"filters": only("region", "like", "a%")},
        {"filters": only("region", "eq")}, {"filters": only("region", "eq", "a", "b")}, {"filters": only("region", "in")},
        {"filters": only("region", "is_null", "a")}, {"filters": only("items", "in", *range(10_001))},
        {"filters": only("region", "eq", None)}, {"filters": only("region", "eq", ["a"])}, {"filters": [{}] * 21},
        {"window": {"start": "2026-01-01"}}, {"window": {"start": "2" * 41, "end": "x"}}, {"window": 7},
        {"order": [{"by": "value"}] * 7}, {"measure": "SUM(x)"}, {"sql": "SELECT 1"},
    ],
)  # fmt: skip
def test_a_question_of_the_wrong_form_is_refused_before_the_catalog_is_asked(asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Asked.model_validate(asked)


def test_a_question_names_one_to_twelve_metrics() -> None:
    for metrics in ([], ["sales"] * 13):
        with pytest.raises(ValidationError):
            AskedMetrics.model_validate({"metrics": metrics})


@pytest.mark.parametrize(
    ("dimension", "value"),
    [
        ("region", 7), ("region", True), ("region", "a\x00b"), ("region", "a" * 1_001),
        ("items", "7.5"), ("items", " 7"), ("items", 1.5), ("items", True), ("items", "\u0667"),
        ("items", float("inf")), ("items", float("nan")), ("big", 10**400), ("big", "9" * 101),
        ("weight", "1.5kg"), ("weight", "nan"),
        ("weight", float("nan")), ("weight", float("-inf")), ("weight", 10**400), ("weight", False),
        ("price", "much"), ("price", "sNaN"), ("price", "nan"),
        ("price", "1e40"), ("price", "1e999999999"), ("price", "0." + "3" * 80),
        ("price", 10**400), ("price", "1e-40"), ("price", True),
        ("is_gift", 1), ("is_gift", "yes"),
        ("sold_on", "yesterday"), ("sold_on", 20260101), ("sold_on", "2026-02-30"), ("sold_on", "2026-01-01T10:00:00"),
        ("shipped_at", "noon"), ("shipped_at", 0), ("sold_on", "someday"), ("sold_on", "20240-13-05"),
    ],
)  # fmt: skip
def test_a_filter_value_of_another_type_or_form_is_refused(workspace: Workspace, dimension: str, value: object) -> None:
    with pytest.raises(BadQuestion) as caught:
        ask(workspace, "sales", filters=only(dimension, "eq", value))
    assert caught.value.extra["field"] == "filters.0.values"


@pytest.mark.parametrize(
    ("dimension", "value", "kept"),
    [
        ("region", "West", "West"), ("region", "", ""), ("items", 7, 7), ("items", 7.0, 7), ("big", -(2**63), -(2**63)),
        ("weight", 2, 2.0), ("weight", -0.0, 0.0), ("price", "1.50", Decimal("1.5")), ("price", 0.1, Decimal("0.1")),
        ("price", "-0", Decimal(0)), ("price", "1e2", Decimal(100)), ("price", "9" * 38, Decimal("9" * 38)),
        ("is_gift", False, False), ("sold_on", "2026-02-28", date(2026, 2, 28)),
        ("shipped_at", "2026-01-01T08:00:00Z", datetime(2026, 1, 1, 8, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_filter_value_is_kept_exactly_in_its_columns_type(
    workspace: Workspace, dimension: str, value: object, kept: object
) -> None:
    question = ask(workspace, "sales", filters=only(dimension, "eq", value))
    assert question.filters[0].values == (kept,)
    assert type(question.filters[0].values[0]) is type(kept)


@pytest.mark.parametrize(
    ("dimension", "written", "read"),
    [
        ("items", "7", 7), ("items", 2**40, 2**40), ("big", "9007199254740993", 2**53 + 1), ("big", -(2**80), -(2**80)),
        ("weight", "1.5", 1.5), ("weight", "-Infinity", float("-inf")), ("is_gift", "true", True), ("is_gift", "TRUE", True),
        ("is_gift", "false", False),
        ("sold_on", "1776-07-04", date(1776, 7, 4)), ("sold_on", "infinity", "infinity"),
        ("sold_on", "20240-01-05", "20240-01-05"), ("sold_on", "0044-03-15 BC", "0044-03-15 BC"),
        ("shipped_at", "0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("shipped_at", "20240-01-05T00:00:00Z", "20240-01-05T00:00:00Z"),
    ],
)  # fmt: skip
def test_a_filter_takes_every_value_that_an_answer_can_show(
    workspace: Workspace, dimension: str, written: object, read: object
) -> None:
    question = ask(workspace, "sales", filters=only(dimension, "eq", written))
    assert question.filters[0].values == (read,)
    again = restore_question(orjson.loads(orjson.dumps(question.described())), workspace, EVERYTHING)
    assert again.filters == question.filters


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    more = "  - {id: region, label: R, definition: R., owner: me, entity: sale, measure: COUNT(*), dimensions: [region]}\n"
    loaded = shop(tmp_path, metrics=METRICS + more)
    with pytest.raises(BadQuestion, match="two columns of the answer would be called 'region'") as caught:
        ask(loaded, "region", "sales", dimensions=["region"])
    assert caught.value.mend == "ask the metrics apart"
    assert ask(loaded, "region", dimensions=["region"]).value_columns()[0][0] == "value"


# -- kept -------------------------------------------------------------------------------------------


def test_what_is_left_out_is_the_metrics_own_window(workspace: Workspace) -> None:
    question = ask(workspace, "revenue")
    assert question.bounds is not None
    assert question.bounds.name == "month_to_date"
    by_day = ask(workspace, "sales_by_day")
    assert by_day.bounds is not None
    assert by_day.bounds.name == "trailing_30d"


def test_metrics_of_several_refresh_times_are_asked_at_the_finest(workspace: Workspace) -> None:
    assert ask(workspace, "sales").as_of == datetime(2026, 3, 17, 15, 43, tzinfo=UTC)
    assert ask(workspace, "sales", "revenue", window="today").as_of == datetime(2026, 3, 17, 15, 43, tzinfo=UTC)
    assert ask(workspace, "revenue").as_of == datetime(2026, 3, 17, 15, 45, tzinfo=UTC)


def test_a_metric_asked_twice_is_asked_once(workspace: Workspace) -> None:
    assert len(ask(workspace, "sales", "sales").metrics) == 1


def test_dates_of_a_window_are_midnights_of_the_workspace(berlin: Workspace) -> None:
    question = ask(berlin, "sales", window={"start": "2026-03-29", "end": "2026-03-30"})
    assert question.bounds is not None
    assert question.bounds.end - question.bounds.start == timedelta(hours=23)
    with_zone = ask(berlin, "sales", window={"start": "2026-03-29T00:00:00Z", "end": "2026-03-30T00:00:00Z"})
    assert with_zone.bounds is not None
    assert with_zone.bounds.start == datetime(2026, 3, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("metrics", "by", "column"),
    [
        ("sales", "value", "value"), ("sales", "sales", "value"), ("sales", "previous", "previous"),
        ("sales", "previous_sales", "previous"), ("sales", "region", "region"), ("sales", "time", "time"),
        ("sales returns", "value", "sales"), ("sales returns", "previous", "previous_sales"),
        ("sales returns", "returns", "returns"), ("sales returns", "previous_returns", "previous_returns"),
    ],
)  # fmt: skip
def test_order_names_a_column_by_any_of_its_names(workspace: Workspace, metrics: str, by: str, column: str) -> None:
    question = ask(workspace, *metrics.split(), dimensions=["region"], grain="day", compare="previous_period",
                   order=[{"by": by}])  # fmt: skip
    assert question.order[0].by == column


def test_a_count_at_an_instant_is_compared_with_a_week_before(workspace: Workspace) -> None:
    question = ask(workspace, "visitors_now", compare="previous_period")
    assert question.previous is not None
    assert question.previous.end == question.as_of - timedelta(days=7)


# -- fingerprint ------------------------------------------------------------------------------------


def test_the_fingerprint_is_of_the_bounds_and_not_of_the_windows_name(workspace: Workspace) -> None:
    named = ask(workspace, "sales", window="previous_month")
    by_hand = ask(workspace, "sales", window={"start": "2026-02-01", "end": "2026-03-01"})
    assert named.fingerprint() == by_hand.fingerprint()


def test_the_moment_counts_only_where_it_is_looked_at(workspace: Workspace) -> None:
    later = NOW + timedelta(minutes=10)
    fixed = {"start": "2026-02-01", "end": "2026-03-01"}
    same = ask(workspace, "sales", window=fixed), ask(workspace, "sales", window=fixed, now=later)
    assert same[0].fingerprint() == same[1].fingerprint()
    moved = ask(workspace, "visitors_now"), ask(workspace, "visitors_now", now=later)
    assert moved[0].fingerprint() != moved[1].fingerprint()


def test_numbers_that_are_equal_make_one_fingerprint(workspace: Workspace) -> None:
    def fingerprint(dimension: str, value: object) -> str:
        return ask(workspace, "sales", filters=only(dimension, "eq", value)).fingerprint()

    assert fingerprint("price", "1.0") == fingerprint("price", 1) == fingerprint("price", "1.00")
    assert fingerprint("weight", -0.0) == fingerprint("weight", 0)
    assert fingerprint("price", "1.0") != fingerprint("price", "1.01")


# -- restored ---------------------------------------------------------------------------------------

EVERY_FORM: list[tuple[str, dict[str, Any]]] = [
    ("sales", {}),
    ("sales", {"dimensions": ["region", "segment"], "order": [{"by": "value"}, {"by": "region", "descending": False}]}),
    ("sales", {"grain": "day", "compare": "previous_year", "limit": 7}),
    ("sales returns", {"dimensions": ["region"], "compare": "previous_period", "order": [{"by": "previous_returns"}]}),
    ("visitors_now", {"compare": "previous_period", "filters": only("region", "in", 1, 2)}),
    ("products", {"filters": only("category", "is_null")}),
    ("sales", {"filters": [
        *only("region", "not_in", "West", ""), *only("items", "gte", -3), *only("weight", "lt", 0.1),
        *only("price", "eq", "1.10"), *only("is_gift", "eq", True), *only("sold_on", "gt", "2026-02-28"),
        *only("shipped_at", "lte", "2026-03-01T08:30:00.5Z"),
        *only("sold_wall", "eq", "2026-03-01T08:30:00"), *only("wide", "ne", 2**62), *only("region", "is_not_null"),
    ]}),
]  # fmt: skip


@pytest.mark.parametrize(("metrics", "asked"), EVERY_FORM)
def test_a_question_survives_its_receipt(berlin: Workspace, metrics: str, asked: dict[str, Any]) -> None:
    question = ask(berlin, *metrics.split(), **asked)
    restored = restore_question(orjson.loads(orjson.dumps(question.described())), berlin, EVERYTHING)
    assert restored == question
    assert restored.fingerprint() == question.fingerprint()


def test_the_window_of_a_condition_survives_its_receipt(tmp_path: Path) -> None:
    """Also of a metric that cannot be looked at without one."""
    steady = "  - {id: steady, label: S, definition: S., entity: sale, measure: COUNT(*), time: sold_at, owner: me,\n"
    known = shop(tmp_path, metrics=f"{METRICS}{steady}     over: {{trailing: 7 days}}, dimensions: [region]}}\n")
    whose = {"dimension": "region", "metric": "steady", "op": "gt", "value": 5}
    with pytest.raises(BadQuestion, match="all has none"):
        ask(known, "sales", whose=[whose])
    window = {"start": "2026-02-01", "end": "2026-03-01"}
    question = ask(known, "sales", whose=[whose | {"window": window}])
    restored = restore_question(orjson.loads(orjson.dumps(question.described())), known, EVERYTHING)
    assert restored == question
    assert restored.fingerprint() == question.fingerprint()


def test_a_restored_question_keeps_to_todays_catalog(tmp_path: Path, workspace: Workspace) -> None:
    described = ask(workspace, "returns", dimensions=["region"], grain="day").described()
    without = METRICS.replace("time: returned_at,\n     window: trailing_7d, owner: shop,", "owner: shop,")
    assert without != METRICS
    with pytest.raises(BadQuestion, match="returns has no time to divide by day"):
        restore_question(described, shop(tmp_path / "a", metrics=without), EVERYTHING)
    gone = METRICS.replace("owner: shop, dimensions: [region]}\n  - {id: return_rate", "owner: shop}\n  - {id: return_rate")
    with pytest.raises(BadQuestion, match="returns has no dimension 'region'"):
        restore_question(described, shop(tmp_path / "b", metrics=gone), EVERYTHING)
    with pytest.raises(MetricNotFound):
        restore_question({**described, "metrics": ["takings"]}, workspace, EVERYTHING)


def test_a_receipt_without_a_window_is_not_guessed_one(tmp_path: Path, workspace: Workspace) -> None:
    described = ask(workspace, "products").described()
    timed = METRICS.replace("entity: product, measure: COUNT(*)", "entity: sale, measure: COUNT(*), time: sold_at")
    with pytest.raises(BadQuestion, match="has a window now"):
        restore_question(described, shop(tmp_path, metrics=timed), EVERYTHING)


def test_the_rows_of_a_metric_have_its_own_condition(workspace: Workspace) -> None:
    (revenue,), (rows,) = (ask(workspace, name).metrics[0].parts for name in ("revenue", "revenue:rows"))
    assert rows.filter
    assert rows.filter == revenue.filter


def test_the_time_of_a_single_row_is_no_figure_of_many(workspace: Workspace) -> None:
    few = replace(EVERYTHING, minimum=5)
    assert resolve_question(("sales:rows",), Asked(), workspace, NOW, few).metrics[0].of == "sales"
    for names in (("sales:first",), ("sales:rows", "shop.sale:last")):
        with pytest.raises(NotAllowed, match="time of a single row"):
            resolve_question(names, Asked(), workspace, NOW, few)


# -- buckets ----------------------------------------------------------------------------------------


def names(question: Question) -> list[str]:
    return [each.name for each in question.buckets()]


def test_a_series_has_a_bucket_for_each_part_of_its_window(workspace: Workspace) -> None:
    question = ask(workspace, "sales", window={"start": "2026-02-27T18:00", "end": "2026-03-02"}, grain="day")
    assert names(question) == ["2026-02-27", "2026-02-28", "2026-03-01"]
    assert [(bucket.name, reason) for bucket, reason in question.partial] == [("2026-02-27", "cut")]


def test_the_hour_that_spring_skips_is_no_bucket_and_the_one_that_autumn_doubles_is_two(berlin: Workspace) -> None:
    spring = names(ask(berlin, "sales", window={"start": "2026-03-29", "end": "2026-03-30"}, grain="hour"))
    assert len(spring) == 23
    assert not any(each.startswith("2026-03-29T02") for each in spring)
    autumn = names(ask(berlin, "sales", window={"start": "2026-10-25", "end": "2026-10-26"}, grain="hour"))
    assert len(autumn) == len(set(autumn)) == 25
    assert [each for each in autumn if "T02" in each] == ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]


def test_a_column_of_days_has_no_bucket_for_a_day_that_began_before_the_window(workspace: Workspace) -> None:
    window = {"start": "2026-03-10T06:00", "end": "2026-03-13"}
    question = ask(workspace, "sales_by_day", window=window, grain="day")
    assert names(question) == ["2026-03-11", "2026-03-12"]
    assert question.partial == []
    assert names(ask(workspace, "sales", window=window, grain="day"))[0] == "2026-03-10"


def test_a_series_knows_which_buckets_are_not_over(workspace: Workspace) -> None:
    """So two moments within one window by hand are two questions, and what was cached yesterday tells nothing of today."""
    window = {"start": "2026-03-01", "end": "2026-04-01"}
    today = ask(workspace, "sales", window=window, grain="day")
    assert [bucket.name for bucket, _ in today.partial][:2] == ["2026-03-17", "2026-03-18"]
    tomorrow = ask(workspace, "sales", window=window, grain="day", now=NOW + timedelta(days=1))
    assert today.fingerprint() != tomorrow.fingerprint()
    soon = ask(workspace, "sales", window=window, grain="day", now=NOW + timedelta(hours=1))
    assert today.fingerprint() == soon.fingerprint()
    assert ask(workspace, "sales", window=window).partial == []


# -- the shape of a statement -----------------------------------------------------------------------


def test_questions_of_one_shape_share_a_statement_and_others_do_not(berlin: Workspace) -> None:
    policy = Policy.from_dictionary(berlin.dictionary)
    compiler = Compiler()

    def text(**asked: Any) -> str:
        return compiler.statement(ask(berlin, "sales", **asked), "postgres", policy).safe.text

    west = compiler.statement(ask(berlin, "sales", filters=only("region", "eq", "West")), "postgres", policy)
    east = compiler.statement(ask(berlin, "sales", filters=only("region", "eq", "East")), "postgres", policy)
    assert west is east
    assert text(filters=only("region", "eq", "a")) != text(filters=only("region", "ne", "a"))
    assert text(filters=only("region", "in", "a")) != text(filters=only("region", "in", "a", "b"))
    assert text(limit=3, dimensions=["region"]) != text(limit=4, dimensions=["region"])


def _distance(question: Question) -> timedelta:
    assert question.bounds is not None
    assert question.previous is not None
    return question.bounds.start - question.previous.start


def test_two_series_that_are_moved_differently_do_not_share_a_statement(berlin: Workspace) -> None:
    """Both begin in March, 167 hours after the window before; one crosses the change of clocks, one does not."""
    policy = Policy.from_dictionary(berlin.dictionary)
    compiler = Compiler()
    asked = {"grain": "day", "compare": "previous_period"}
    over = ask(berlin, "sales", window={"start": "2026-03-30", "end": "2026-04-06"}, **asked)
    plain = ask(berlin, "sales", window={"start": "2026-03-09T00:00", "end": "2026-03-15T23:00"}, **asked)
    over_described, plain_described = over.described(), plain.described()
    assert over_described["window"]["start"][:7] == plain_described["window"]["start"][:7] == "2026-03"
    assert _distance(over) == _distance(plain) == timedelta(hours=167)
    assert compiler.statement(over, "duckdb", policy) is not compiler.statement(plain, "duckdb", policy)


def test_parameters_are_what_the_columns_hold(berlin: Workspace) -> None:
    """An instant for a timestamp, a wall time for one without a zone, a day for a date."""
    policy = Policy.from_dictionary(berlin.dictionary)
    question = ask(berlin, "sales_by_day", window={"start": "2026-03-01T08:00", "end": "2026-03-03T08:00"})
    values = Compiler().statement(question, "postgres", policy).parameters(question)
    assert list(values.values()) == [date(2026, 3, 2), date(2026, 3, 4)]
    now = ask(berlin, "visitors_now")
    walls = Compiler().statement(now, "postgres", policy).parameters(now)
    assert list(walls.values()) == [to_wall(now.as_of, berlin.zone)]
    shipped = ask(
        berlin,
        "sales",
        filters=[*only("shipped_at", "eq", "2026-03-01T08:00"), *only("sold_wall", "eq", "2026-03-01T08:00")],
    )
    values = Compiler().statement(shipped, "postgres", policy).parameters(shipped)
    assert list(values.values())[:2] == [datetime(2026, 3, 1, 7, tzinfo=UTC), datetime(2026, 3, 1, 8)]


def test_a_moment_in_a_filter_is_read_on_the_workspaces_clock(tmp_path: Path) -> None:
    more = ("  - {id: x, label: X, definition: X., owner: me, entity: sale, measure: COUNT(*), filter:\n"
            "     \"sold_at >= '2026-03-01' AND sold_wall < '2026-03-01' AND sold_on <> '2026-03-01'\"}\n")  # fmt: skip
    loaded = shop(tmp_path, metrics=METRICS + more, zone="Europe/Berlin")
    question = ask(loaded, "x")
    values = Compiler().statement(question, "duckdb", Policy.from_dictionary(loaded.dictionary)).parameters(question)
    assert list(values.values()) == [datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 1), date(2026, 3, 1)]


def test_a_question_at_any_time_of_day_is_about_the_day_it_is_asked_on(berlin: Workspace) -> None:
    late = datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC)  # 23:59:59 in Berlin
    question = resolve_question(("revenue",), Asked(window="today"), berlin, late, EVERYTHING)
    assert question.bounds is not None
    assert to_wall(question.bounds.start, berlin.zone) == datetime(2026, 3, 31)


def test_a_moment_that_an_engine_cannot_count_lies_beyond_all_that_it_holds(workspace: Workspace) -> None:
    compiler = Compiler()
    policy = Policy.from_dictionary(workspace.dictionary)

    def text(dimension: str, op: str, value: str) -> str:
        question = ask(workspace, "sales", filters=only(dimension, op, value))
        return compiler.statement(question, "spark", policy).safe.text

    assert "s.shipped_at < CAST(:p" in text("shipped_at", "lt", "20240-01-05")
    assert "s.sold_on < CAST(:p" in text("sold_on", "lt", "300000-01-05")
    assert "NOT s.shipped_at IS NULL" in text("shipped_at", "lt", "300000-01-05")
    assert "FALSE" in text("shipped_at", "eq", "300000-01-05")


def test_a_parameter_is_shown_as_json_can_carry_it() -> None:
    given = {"p1": float("inf"), "p2": float("nan"), "p3": 2**60, "p4": Decimal("0.10"), "p5": NOW, "p6": 0.5, "p7": True}
    assert shown_parameters(given, "postgres") == {  # pyright: ignore[reportArgumentType]
        "$1": "Infinity", "$2": "NaN", "$3": str(2**60), "$4": "0.10", "$5": "2026-03-17T15:42:10.000Z",
        "$6": 0.5, "$7": True,
    }  # fmt: skip
