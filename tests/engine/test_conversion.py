"""Events that are followed by others: which one by which, and how soon, on every engine."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import yaml
from tests.engine.pins import Pins, Record
from tests.unit.small import NOW

from assay.compiler.question import Asked, Question, resolve_question
from assay.compiler.rows import compile_count, compile_rows
from assay.compiler.statement import compile_question
from assay.gate import Policy
from assay.people.scope import EVERYTHING, Scope

VISITS: dict[str, Any] = {"measure": "COUNT(*)", "time": "at", "dimensions": ["label", "is_good"]}
BUYS: dict[str, Any] = {"entity": "event", "measure": "COUNT(*)", "time": "at"}
MARCH = {"start": "2026-03-01", "end": "2026-04-01"}
BY_LABEL: dict[str, Any] = {"dimensions": ["label"], "order": [{"by": "label", "descending": False}]}


def conversion(value: str, **more: object) -> dict[str, Any]:
    return {"conversion": {"from": "visits", "to": "buys", "for_each": "label", "within": "7 days", "value": value, **more}}


def all_of_them(**more: object) -> dict[str, dict[str, Any]]:
    return {
        "visits": VISITS, "buys": BUYS, "rate": conversion("rate", **more), "n": conversion("count", **more),
        "took": {**conversion("time", **more), "unit": "hours"},
    }  # fmt: skip


def at(moment: str, whose: str | None = "a", **more: object) -> Record:
    """An event of a moment of the clock of UTC."""
    found = datetime.fromisoformat(f"{moment}+00:00")
    return {"at": found, "day": found.date(), "label": whose, **more}


async def counted(pins: Pins, visits: list[Record], buys: list[Record], **asked: Any) -> list[list[Any]]:
    """Visits, how many of them were followed, the share, and the hours that it took."""
    await pins.fill(fact=visits, event=buys)
    return await pins.rows(all_of_them(), names=("visits", "n", "rate", "took"), **{"window": MARCH, **asked})


@pytest.mark.parametrize(
    ("buys", "right"),
    [
        (["2026-03-02T10:00:00"], [1, 1, 1.0, 0.0]),  # at the very moment
        (["2026-03-02T09:59:59.999999"], [1, 0, 0.0, None]),
        (["2026-03-09T09:59:59.999999"], [1, 1, 1.0, 167.99999999972222]),
        (["2026-03-09T10:00:00"], [1, 0, 0.0, None]),  # 7 days, and not less
        (["2026-03-03T10:00:00", "2026-03-04T10:00:00"], [1, 1, 1.0, 24.0]),  # it counts once, and the first tells how soon
        ([], [1, 0, 0.0, None]),
    ],
)
async def test_an_event_is_followed_from_its_moment_on_until_the_time_is_over(
    pins: Pins, buys: list[str], right: list[Any]
) -> None:
    assert await counted(pins, [at("2026-03-02T10:00:00")], [at(each) for each in buys]) == [right]


async def test_where_no_time_is_set_an_event_is_followed_however_late(pins: Pins) -> None:
    visits = [at("2026-03-02T10:00:00"), at("2026-03-20T10:00:00", "b"), at("2026-04-02T10:00:00")]
    buys = [at("2026-03-30T10:00:00"), at("2028-03-20T10:00:00", "b"), at("2026-04-03T10:00:00")]
    await pins.fill(fact=visits, event=buys)
    unbounded = {name: _within(each, None) for name, each in all_of_them().items()}
    found = await pins.rows(unbounded, names=("visits", "n", "rate", "took"), window=MARCH)
    assert found == [[2, 2, 1.0, (28 * 24 + 731 * 24) / 2]]


async def test_what_follows_belongs_to_the_nearest_event_before_it_and_to_no_other(pins: Pins) -> None:
    visits = [at("2026-03-02T10:00:00", is_good=True), at("2026-03-03T10:00:00", is_good=False),
              at("2026-03-05T10:00:00", is_good=None)]  # fmt: skip
    buys = [at("2026-03-03T11:00:00"), at("2026-03-04T10:00:00")]
    order = [{"by": "is_good", "descending": False}]
    found = await counted(pins, visits, buys, dimensions=["is_good"], order=order)
    assert found == [[False, 1, 1, 1.0, 1.0], [True, 1, 0, 0.0, None], [None, 1, 0, 0.0, None]]
    assert await counted(pins, visits, buys) == [[3, 1, 1 / 3, 1.0]]


async def test_of_events_of_one_moment_the_last_by_its_key_is_followed(pins: Pins) -> None:
    visits = [at("2026-03-02T10:00:00", is_good=True), at("2026-03-02T10:00:00", is_good=False)]
    order = [{"by": "is_good", "descending": False}]
    found = await counted(pins, visits, [at("2026-03-02T10:00:00")], dimensions=["is_good"], order=order)
    assert found == [[False, 1, 1, 1.0, 0.0], [True, 1, 0, 0.0, None]]


async def test_whoever_is_not_known_follows_nobody_and_others_follow_their_own(pins: Pins) -> None:
    visits = [at("2026-03-02T10:00:00", "a"), at("2026-03-02T10:00:00", "b"), at("2026-03-02T10:00:00", None)]
    buys = [at("2026-03-03T10:00:00", "b"), at("2026-03-03T10:00:00", None), at("2026-03-03T10:00:00", "c")]
    found = await counted(pins, visits, buys, **BY_LABEL)
    assert found == [["a", 1, 0, 0.0, None], ["b", 1, 1, 1.0, 24.0], [None, 1, 0, 0.0, None]]


async def test_the_window_is_of_the_first_event_and_what_lies_outside_of_it_still_competes(pins: Pins) -> None:
    """Bought in April by a visit of March; but where April has a visit before it, that one is followed."""
    visits = [at("2026-03-30T10:00:00", "a"), at("2026-03-30T10:00:00", "b"), at("2026-04-02T10:00:00", "b"),
              at("2026-02-27T10:00:00", "c")]  # fmt: skip
    buys = [at("2026-04-03T10:00:00", "a"), at("2026-04-03T10:00:00", "b"), at("2026-03-02T10:00:00", "c")]
    assert await counted(pins, visits, buys) == [[2, 1, 0.5, 96.0]]
    asked = {"window": {"start": "2026-04-01", "end": "2026-04-03"}, "compare": "previous_period"}
    found = await pins.rows(all_of_them(), names=("visits", "n"), **asked)
    assert found == [[1, 1, 2, 1]]  # and of 30 and 31 March
    by_month: dict[str, Any] = {"grain": "month", "window": {"start": "2026-02-01", "end": "2026-05-01"}}
    found = await pins.rows(all_of_them(), names=("visits", "n", "took"), **by_month)
    assert found == [["2026-02-01", 1, 1, 72.0], ["2026-03-01", 2, 1, 96.0], ["2026-04-01", 1, 1, 24.0]]
    earlier = {"expression": "n - e", "inputs": {"e": {"metric": "n", "shift": "1 month"}}}
    found = await pins.rows({**all_of_them(), "growth": earlier}, names=("growth",), **by_month)
    assert found == [["2026-02-01", 1.0], ["2026-03-01", 0.0], ["2026-04-01", 0.0]]


async def test_a_group_is_what_a_filter_on_it_gives(pins: Pins) -> None:
    """The visit that is filtered away is followed all the same: no other takes what belongs to it."""
    visits = [at("2026-03-02T10:00:00", is_good=True), at("2026-03-03T10:00:00", is_good=False)]
    for good, right in ((True, [1, 0, 0.0, None]), (False, [1, 1, 1.0, 24.0])):
        only = {"dimension": "is_good", "op": "eq", "values": [good]}
        assert await counted(pins, visits, [at("2026-03-04T10:00:00")], filters=[only]) == [right]


async def test_of_one_table_no_row_follows_itself(pins: Pins) -> None:
    """Bought again: the same metric on both sides, each later than the other."""
    await pins.fill(fact=[
        at("2026-03-02T10:00:00"), at("2026-03-02T10:00:00"), at("2026-03-04T10:00:00"), at("2026-03-05T10:00:00", "b"),
    ])  # fmt: skip
    again = {"visits": VISITS, "n": conversion("count", to="visits"),
             "took": {**conversion("time", to="visits"), "unit": "days"}}  # fmt: skip
    assert await pins.rows(again, window=MARCH) == [[4, 1, 2.0]]
    begun, ended = ({**VISITS, "filter": each} for each in ("is_good", "NOT is_good"))
    await pins.fill(fact=[
        at("2026-03-02T10:00:00", is_good=True), at("2026-03-02T11:00:00", is_good=False),
        at("2026-03-03T10:00:00", "b", is_good=True), at("2026-03-03T10:00:00", "b", is_good=False),
    ])  # fmt: skip
    assert await pins.rows({"visits": begun, "buys": ended, "n": conversion("count")}, window=MARCH) == [[2, 2, 1]]


async def test_over_two_times_of_one_table_a_row_may_follow_itself(pins: Pins) -> None:
    """Opened and done: both stand in one row."""
    await pins.fill(event=[{"fact_id": 0, "at": at("2026-03-02T10:00:00")["at"]}, {"fact_id": 1}],
                    fact=[at("2026-03-04T10:00:00"), at("2026-03-04T10:00:00")])  # fmt: skip
    opened = {"entity": "event", "measure": "COUNT(*)", "time": "at"}
    done = {"entity": "event", "measure": "COUNT(*)", "time": "fact.at"}
    took = {**conversion("time", for_each="event_id"), "unit": "days"}
    metrics = {"visits": opened, "buys": done, "n": conversion("count", for_each="event_id"), "took": took}
    assert await pins.rows(metrics, window=MARCH) == [[1, 2, 1, 2.0]]


async def test_where_days_alone_are_known_they_are_counted(pins: Pins) -> None:
    visits = [at("2026-03-02T10:00:00"), at("2026-03-03T10:00:00", "b"), at("2026-03-03T10:00:00", "c")]
    await pins.fill(fact=visits, event=[{"fact_id": fact, "label": label} for fact, label in ((0, "b"), (2, "b"), (1, "a"))])
    bought = {"entity": "event", "measure": "COUNT(*)", "time": "fact.day"}
    for within, right in (("1 day", [3, 1, 0.0]), ("2 days", [3, 2, 0.5])):
        metrics = {"visits": {**VISITS, "time": "day"}, "buys": bought, "n": conversion("count", within=within),
                   "took": {**conversion("time", within=within), "unit": "days"}}  # fmt: skip
        assert await pins.rows(metrics, names=("visits", "n", "took"), window=MARCH) == [right]


@pytest.mark.parametrize(
    ("seen", "right"),
    [
        ({"event": "score = 1"}, [2, 1, 0.5, 24.0]),
        ({"event": "score > 1"}, [2, 0, 0.0, None]),
        ({"event": "score = 1", "fact": "is_good"}, [1, 1, 1.0, 48.0]),
        ({"event": "score > 1", "fact": "NOT is_good"}, [1, 0, 0.0, None]),
    ],
)
async def test_only_events_that_the_asker_sees_are_there(pins: Pins, seen: dict[str, str], right: list[Any]) -> None:
    """Of a visit that is not seen, what follows it belongs to the one before it that is."""
    visits = [at("2026-03-02T10:00:00", is_good=True), at("2026-03-03T10:00:00", is_good=False)]
    whole = {"fact": "fact_id >= 0", "event": "event_id >= 0"}
    assert await counted(pins, visits, [at("2026-03-04T10:00:00", score=1)], seen={**whole, **seen}) == [right]


CARTS, PAID = ({**BUYS, "filter": f"score = {score}"} for score in (1, 2))
STEPS: dict[str, dict[str, Any]] = {
    "visits": VISITS, "carts": CARTS, "buys": PAID, "n1": conversion("count", to="carts"),
    "n2": conversion("count", to=["carts", "buys"]), "took": {**conversion("time", to=["carts", "buys"]), "unit": "hours"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("events", "right"),
    [
        (["cart 11", "paid 12"], [1, 1, 2.0]),
        (["paid 11", "cart 12"], [1, 0, None]),
        (["paid 11", "cart 12", "paid 13", "paid 14"], [1, 1, 3.0]),
        (["cart 11", "cart 13", "paid 12"], [1, 1, 2.0]),
        (["cart 09", "paid 12"], [0, 0, None]),
        (["cart 11", "paid 11"], [1, 0, None]),  # of one table, and so neither is behind the other
        (["paid 12"], [0, 0, None]),
    ],
)
async def test_of_several_steps_each_follows_the_one_before_it(pins: Pins, events: list[str], right: list[Any]) -> None:
    rows = [at(f"2026-03-02T{hour}:00:00", score=1 if kind == "cart" else 2) for kind, hour in map(str.split, events)]
    await pins.fill(fact=[at("2026-03-02T10:00:00")], event=rows)
    assert await pins.rows(STEPS, names=("n1", "n2", "took"), window=MARCH) == [right]


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(2, 12))])
async def test_dense_streams_are_followed_as_a_reader_follows_them(pins: Pins, seed: int) -> None:
    """Many events of few people, most of them at the moment of another."""
    rng, start = random.Random(seed), datetime(2026, 3, 2, tzinfo=UTC)

    def some(count: int, **more: Any) -> list[Record]:
        return [
            {"at": start + timedelta(hours=rng.randrange(60)), "label": rng.choice(("a", "b", "c", None)),
             **{name: rng.choice(values) for name, values in more.items()}}
            for _ in range(count)
        ]  # fmt: skip

    visits, events = some(40, is_good=(True, False)), some(160, score=(1, 2))
    within = timedelta(hours=rng.choice((2, 5, 20)))
    right: dict[Any, list[Any]] = {False: [False, 0, 0, 0], True: [True, 0, 0, 0]}
    followed = [_nearest(each, visits) for each in events]
    for number, visit in enumerate(visits):
        own = [each for each, whose in zip(events, followed, strict=True) if whose == number]
        carts: list[Any] = [each["at"] for each in own if each["score"] == 1]
        paid: list[Any] = [each["at"] for each in own if carts and each["score"] == 2 and each["at"] > min(carts)]  # pyright: ignore[reportOperatorIssue]
        for place, moments in enumerate((carts, paid), 2):
            right[visit["is_good"]][place] += bool(moments) and min(moments) - visit["at"] < within
        right[visit["is_good"]][1] += 1
    await pins.fill(fact=visits, event=events)
    steps = {name: _within(each, f"{within.seconds // 3600} hours") for name, each in STEPS.items()}
    order = [{"by": "is_good", "descending": False}]
    found = await pins.rows(steps, names=("visits", "n1", "n2"), window=MARCH, dimensions=["is_good"], order=order)
    assert found == [*right.values()]


def _nearest(event: Record, visits: list[Record]) -> int | None:
    """The number of the last visit of the same person up to the event."""
    own = [
        (each["at"], number) for number, each in enumerate(visits)
        if event["label"] is not None and each["label"] == event["label"] and each["at"] <= event["at"]  # pyright: ignore[reportOperatorIssue]
    ]  # fmt: skip
    return max(own)[1] if own else None  # pyright: ignore[reportArgumentType]


def _within(metric: dict[str, Any], within: str | None) -> dict[str, Any]:
    if "conversion" not in metric:
        return metric
    rest = {name: each for name, each in metric["conversion"].items() if name != "within"}
    return {**metric, "conversion": {**rest, **({"within": within} if within else {})}}


def asked_of(pins: Pins, metric: str, scope: Scope) -> Question:
    entries = [
        {"id": name, "label": name, "definition": name, "owner": "me",
         **({} if "conversion" in each else {"entity": "fact"}), **each}
        for name, each in all_of_them().items()
    ]  # fmt: skip
    workspace = pins.workspace(yaml.safe_dump({"metrics": entries}, sort_keys=False), "UTC")
    return resolve_question((metric,), Asked.model_validate({"window": MARCH}), workspace, NOW, scope)


async def test_the_rows_behind_it_are_the_first_events_with_how_long_each_took(pins: Pins) -> None:
    visits = [at("2026-03-02T10:00:00"), at("2026-03-03T10:00:00", "b"), at("2026-04-01T10:00:00", "c")]
    await pins.fill(fact=visits, event=[at("2026-03-02T10:00:00.25")])
    question = asked_of(pins, "rate", EVERYTHING)
    policy = Policy.from_dictionary(pins.workspace("metrics: []\n").dictionary)
    for backend, dialect in pins.engines():
        statement = compile_rows(question, question.metrics[0].parts[0], dialect, policy)
        found = await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 20)
        wanted = [
            [each.name for each in statement.columns].index(name) for name in ("fact_id", "label", "followed_after_seconds")
        ]
        assert [[row[place] for place in wanted] for row in found.rows] == [[1, "b", None], [0, "a", Decimal("0.25")]]
        count = compile_count(question, question.metrics[0].parts[0], dialect, policy)
        assert (await backend.run(count.safe, count.parameters(question), count.safe.tables, 20)).rows == [(2,)]


async def test_under_a_smallest_group_each_value_says_of_how_many_events_it_is(pins: Pins) -> None:
    """Of those that are followed, and of all: so that neither few buyers nor few visitors are told."""
    visits = [at("2026-03-02T10:00:00"), at("2026-03-03T10:00:00", "b"), at("2026-03-03T10:00:00", "c")]
    await pins.fill(fact=visits, event=[at("2026-03-02T10:00:00")])
    question = asked_of(pins, "rate", replace(EVERYTHING, minimum=2))
    policy = Policy.from_dictionary(pins.workspace("metrics: []\n").dictionary)
    for backend, dialect in pins.engines():
        statement = compile_question(question, dialect, policy)
        found = await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 20)
        (row,) = found.rows
        assert sorted(row[1:]) == [1, 3]
        assert len(statement.row_counts[0]) == 2
