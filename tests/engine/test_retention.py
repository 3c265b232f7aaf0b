"""Cohorts by their first event, and who of them comes back in which bucket, on every engine."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from tests.engine.pins import Pins, Record
from tests.unit.small import NOW

from assay.compiler.question import Asked, Question, resolve_question
from assay.compiler.rows import compile_count, compile_rows
from assay.compiler.statement import compile_question
from assay.errors import BadQuestion
from assay.gate import Policy
from assay.people.scope import EVERYTHING, Scope

SIGNUPS: dict[str, Any] = {"measure": "COUNT(*)", "time": "at", "dimensions": ["is_good"]}
BUYS: dict[str, Any] = {"entity": "event", "measure": "COUNT(*)", "time": "at"}
WINTER = {"start": "2025-12-01", "end": "2026-03-01"}
"""Three cohorts by month; NOW is 17 March 2026, so that March is not over."""


def retention(value: str, **more: object) -> dict[str, Any]:
    meant = {"from": "signups", "to": "buys", "for_each": "label", "by": "month", "up_to": 3, "value": value}
    return {"retention": {**meant, **more}}


def all_of_them(**more: object) -> dict[str, dict[str, Any]]:
    return {
        "signups": SIGNUPS, "buys": BUYS, "rate": retention("rate", **more), "n": retention("count", **more),
        "size": retention("size", **more),
    }  # fmt: skip


def at(moment: str, whose: str | None = "a", **more: object) -> Record:
    """An event of a moment of the clock of Berlin."""
    found = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    return {"at": found, "day": found.date(), "label": whose, **more}


CELLS: dict[str, Any] = {"names": ("n", "size", "rate"), "window": WINTER, "dimensions": ["months_since"], "order": [
    {"by": "time", "descending": False}, {"by": "months_since", "descending": False}]}  # fmt: skip


async def by_cohort(pins: Pins, signups: list[Record], buys: list[Record], **asked: Any) -> list[list[Any]]:
    """[cohort, months since, how many come back, of how many, the share] of each cell."""
    await pins.fill(fact=signups, event=buys)
    return await pins.rows(all_of_them(), **{**CELLS, "grain": "month", **asked})


async def test_each_bucket_that_is_over_has_a_cell_and_nobody_is_a_zero(pins: Pins) -> None:
    signups = [at("2025-12-31T23:59:59", "a"), at("2026-01-01T00:00:00", "b"), at("2026-01-05T10:00:00", "c")]
    buys = [
        at("2025-12-31T23:59:59", "a"), at("2026-02-01T00:00:00", "a"), at("2026-02-28T23:59:59.999999", "a"),
        at("2026-02-03T10:00:00", "b"), at("2026-03-02T10:00:00", "b"),
    ]  # fmt: skip
    assert await by_cohort(pins, signups, buys) == [
        ["2025-12-01", 0, 1, 1, 1.0], ["2025-12-01", 1, 0, 1, 0.0], ["2025-12-01", 2, 1, 1, 1.0],
        ["2026-01-01", 0, 0, 2, 0.0], ["2026-01-01", 1, 1, 2, 0.5],
    ]  # fmt: skip
    later = datetime(2026, 3, 31, 22, tzinfo=UTC)  # where March is over in Berlin
    found = await pins.rows(all_of_them(), **{**CELLS, "grain": "month", "now": later})
    assert found[3:] == [
        ["2025-12-01", 3, 0, 1, 0.0],
        ["2026-01-01", 0, 0, 2, 0.0], ["2026-01-01", 1, 1, 2, 0.5], ["2026-01-01", 2, 1, 2, 0.5],
    ]  # fmt: skip


@pytest.mark.exhaustive
async def test_the_cohort_is_of_the_first_event_ever_and_later_ones_begin_nothing(pins: Pins) -> None:
    """`a` came before the window: it is of no cohort of it. Of `b` both events of the window are one member."""
    signups = [at("2025-11-30T23:59:59", "a"), at("2025-12-02T10:00:00", "a"), at("2026-01-02T10:00:00", "b"),
               at("2026-02-02T10:00:00", "b")]  # fmt: skip
    buys = [at("2026-02-05T10:00:00", each) for each in ("a", "b")]
    assert await by_cohort(pins, signups, buys) == [["2026-01-01", 0, 0, 1, 0.0], ["2026-01-01", 1, 1, 1, 1.0]]


@pytest.mark.exhaustive
async def test_what_lies_before_the_first_event_is_no_coming_back_and_the_event_itself_is(pins: Pins) -> None:
    signups = [at("2026-02-10T10:00:00", "a"), at("2026-02-10T10:00:00", "b")]
    buys = [at("2026-02-10T09:59:59.999999", "a"), at("2026-02-10T10:00:00", "b")]
    assert await by_cohort(pins, signups, buys) == [["2026-02-01", 0, 1, 2, 0.5]]
    again = {"signups": SIGNUPS, "n": retention("count", to="signups")}
    assert await pins.rows(again, **{**CELLS, "grain": "month", "names": ("n",)}) == [["2026-02-01", 0, 2]]


@pytest.mark.exhaustive
async def test_whoever_is_not_known_is_in_no_cohort_and_comes_back_as_nobody(pins: Pins) -> None:
    signups = [at("2026-02-10T10:00:00", "a"), at("2026-02-10T10:00:00", None), at("2026-02-11T10:00:00", None)]
    buys = [at("2026-02-12T10:00:00", None), at("2026-02-12T10:00:00", "x")]
    assert await by_cohort(pins, signups, buys) == [["2026-02-01", 0, 0, 1, 0.0]]


@pytest.mark.exhaustive
async def test_filters_and_groups_are_of_the_first_event(pins: Pins) -> None:
    """Of events of one moment it is the first by its key; what a filter leaves out does not make a later one first."""
    signups = [at("2026-02-10T10:00:00", "a", is_good=True), at("2026-02-10T10:00:00", "a", is_good=False),
               at("2026-02-11T10:00:00", "b", is_good=None), at("2026-02-12T10:00:00", "b", is_good=True)]  # fmt: skip
    buys = [at("2026-02-12T10:00:00", "a")]
    order = [{"by": "is_good", "descending": False}]
    found = await by_cohort(pins, signups, buys, dimensions=["is_good", "months_since"], order=order)
    assert found == [["2026-02-01", True, 0, 1, 1, 1.0], ["2026-02-01", None, 0, 0, 1, 0.0]]
    only = [{"dimension": "is_good", "op": "eq", "values": [True]}]
    assert await by_cohort(pins, signups, buys, filters=only) == [["2026-02-01", 0, 1, 1, 1.0]]


@pytest.mark.exhaustive
async def test_a_question_may_choose_buckets_and_put_them_together(pins: Pins) -> None:
    """Without a dimension each member counts once for each month that is over."""
    signups = [at("2025-12-10T10:00:00", "a"), at("2026-01-10T10:00:00", "b")]
    buys = [at("2026-02-12T10:00:00", each) for each in ("a", "b")]
    first = [{"dimension": "months_since", "op": "eq", "values": [1]}]
    found = await by_cohort(pins, signups, buys, filters=first, dimensions=[], order=[])
    assert found == [["2025-12-01", 0, 1, 0.0], ["2026-01-01", 1, 1, 1.0]]
    assert await by_cohort(pins, signups, buys, dimensions=[], order=[], grain=None) == [[2, 5, 0.4]]
    assert await by_cohort(pins, [], [], dimensions=[], order=[], grain=None) == [[None, None, None]]


@pytest.mark.exhaustive
async def test_the_window_before_and_what_is_earlier_have_cohorts_of_their_own(pins: Pins) -> None:
    signups = [at("2025-12-10T10:00:00", "a"), at("2026-01-10T10:00:00", "b"), at("2026-01-11T10:00:00", "c")]
    buys = [at("2026-01-12T10:00:00", "a"), at("2026-02-12T10:00:00", "b")]
    asked = {"window": {"start": "2026-01-01", "end": "2026-02-01"}, "compare": "previous_period", "names": ("n", "size")}
    only = [{"dimension": "months_since", "op": "eq", "values": [1]}]
    found = await by_cohort(pins, signups, buys, dimensions=[], order=[], filters=only, **asked)
    assert found == [["2026-01-01", 1, 2, 1, 1]]
    earlier = {"expression": "size - e", "inputs": {"e": {"metric": "size", "shift": "1 month"}}}
    asked = {"window": asked["window"], "names": ("growth",), "grain": "month", "filters": only}
    assert await pins.rows({**all_of_them(), "growth": earlier}, **asked) == [["2026-01-01", 1.0]]


@pytest.mark.parametrize(
    ("by", "grain", "right"),
    [
        ("day", "day", [["2025-12-01", 3], ["2025-12-30", 1]]),
        ("week", "week", [["2025-12-01", 1], ["2025-12-29", 0]]),
        ("quarter", "quarter", [["2025-10-01", 0]]),
        ("week", "month", [["2025-12-01", 0], ["2025-12-01", 1]]),
    ],
)
@pytest.mark.exhaustive
async def test_buckets_are_those_of_the_calendar(pins: Pins, by: str, grain: str, right: list[Any]) -> None:
    signups = [at("2025-12-01T00:00:00", "a"), at("2025-12-30T10:00:00", "b")]
    buys = [
        at("2025-12-04T12:00:00", "a") if by == "day" else at("2025-12-08T00:00:00", "a"),
        at("2025-12-31T10:00:00", "b"),
    ]
    if by == "week":
        buys[1] = at("2026-01-04T23:59:59", "b")
    await pins.fill(fact=signups, event=buys)
    name = f"{by}s_since"
    order = [{"by": each, "descending": False} for each in ("time", name)]
    found = await pins.rows(
        all_of_them(by=by), names=("n",), window={"start": "2025-12-01", "end": "2026-01-01"}, grain=grain,
        dimensions=[name], order=order,
    )  # fmt: skip
    assert [row[:2] for row in found if row[2]] == right


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("seen", "right"),
    [
        ({"event": "score = 1"}, [["2026-01-01", 0, 0, 1, 0.0], ["2026-01-01", 1, 1, 1, 1.0]]),
        ({"event": "score > 1"}, [["2026-01-01", 0, 0, 1, 0.0], ["2026-01-01", 1, 0, 1, 0.0]]),
        ({"fact": "is_good"}, [["2026-02-01", 0, 1, 1, 1.0]]),
    ],
)
async def test_only_events_that_the_asker_sees_are_there(pins: Pins, seen: dict[str, str], right: list[Any]) -> None:
    """Of a first event that is not seen, the next one that is begins the cohort."""
    signups = [at("2026-01-10T10:00:00", is_good=False), at("2026-02-10T10:00:00", is_good=True)]
    whole = {"fact": "fact_id >= 0", "event": "event_id >= 0"}
    assert await by_cohort(pins, signups, [at("2026-02-12T10:00:00", score=1)], seen={**whole, **seen}) == right


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(1, 12))
async def test_many_events_are_told_as_a_reader_tells_them(pins: Pins, seed: int) -> None:
    rng, zone = random.Random(seed), ZoneInfo("Europe/Berlin")
    start = datetime(2025, 10, 20, tzinfo=UTC)
    people = [*"abcdefghijkl", None]

    def some(count: int) -> list[Record]:
        return [
            {"at": start + timedelta(hours=rng.randrange(150 * 24)), "label": rng.choice(people),
             "is_good": rng.random() < 0.5}
            for _ in range(count)
        ]  # fmt: skip

    signups, events = some(25), some(60)
    firsts: dict[str, Any] = {}
    for number, each in enumerate(signups):
        whose = each["label"]
        if isinstance(whose, str) and (whose not in firsts or (each["at"], number) < (firsts[whose][0], firsts[whose][1])):
            firsts[whose] = (each["at"], number, each["is_good"])

    def month(moment: Any) -> int:
        day = moment.astimezone(zone)
        return day.year * 12 + day.month - 1

    right: defaultdict[tuple[str, bool, int], list[int]] = defaultdict(lambda: [0, 0])
    for whose, (begun, _, is_good) in firsts.items():
        if not datetime(2025, 12, 1, tzinfo=zone) <= begun < datetime(2026, 3, 1, tzinfo=zone):
            continue
        back = {month(each["at"]) for each in events if each["label"] == whose and each["at"] >= begun}
        for since in range(4):
            if month(begun) + since < month(NOW):
                cell = right[str(begun.astimezone(zone).date().replace(day=1)), is_good, since]
                cell[0] += month(begun) + since in back
                cell[1] += 1
    await pins.fill(fact=signups, event=events)
    order = [{"by": each, "descending": False} for each in ("time", "is_good", "months_since")]
    found = await pins.rows(all_of_them(), names=("n", "size"), window=WINTER, grain="month",
                            dimensions=["is_good", "months_since"], order=order)  # fmt: skip
    assert found == [[*key, *right[key]] for key in sorted(right)]


def asked_of(pins: Pins, metric: str, scope: Scope, **asked: object) -> Question:
    entries = [
        {"id": name, "label": name, "definition": name, "owner": "me",
         **({} if "retention" in each else {"entity": "fact"}), **each}
        for name, each in {**all_of_them(), "daily": retention("size", by="day", up_to=366)}.items()
    ]  # fmt: skip
    workspace = pins.workspace(yaml.safe_dump({"metrics": entries}, sort_keys=False))
    return resolve_question((metric,), Asked.model_validate({"window": WINTER, **asked}), workspace, NOW, scope)


@pytest.mark.exhaustive
async def test_the_rows_behind_it_are_its_members_with_their_events_in_each_bucket(pins: Pins) -> None:
    await pins.fill(fact=[at("2026-01-02T10:00:00"), at("2026-02-03T10:00:00", "b"), at("2026-02-04T10:00:00", "b")],
                    event=[at("2026-02-03T10:00:00"), at("2026-02-04T10:00:00")])  # fmt: skip
    question = asked_of(pins, "rate", EVERYTHING)
    policy = Policy.from_dictionary(pins.workspace("metrics: []\n").dictionary)
    for backend, dialect in pins.engines():
        statement = compile_rows(question, question.metrics[0].parts[0], dialect, policy)
        found = await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 20)
        names = [each.name for each in statement.columns]
        wanted = [names.index(name) for name in ("fact_id", "label", "months_since", "events")]
        assert sorted([row[place] for place in wanted] for row in found.rows) == [
            [0, "a", 0, None], [0, "a", 1, 2], [1, "b", 0, None]
        ]  # fmt: skip
        count = compile_count(question, question.metrics[0].parts[0], dialect, policy)
        assert (await backend.run(count.safe, count.parameters(question), count.safe.tables, 20)).rows == [(3,)]


@pytest.mark.exhaustive
async def test_under_a_smallest_group_members_are_counted_once_however_many_buckets_they_are_in(pins: Pins) -> None:
    signups = [at("2025-12-02T10:00:00"), at("2025-12-03T10:00:00", "b"), at("2025-12-03T10:00:00", "c")]
    await pins.fill(fact=signups, event=[at("2026-01-02T10:00:00"), at("2026-02-02T10:00:00")])
    question = asked_of(pins, "rate", replace(EVERYTHING, minimum=2))
    policy = Policy.from_dictionary(pins.workspace("metrics: []\n").dictionary)
    for backend, dialect in pins.engines():
        statement = compile_question(question, dialect, policy)
        found = await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 20)
        (row,) = found.rows
        assert sorted(row[1:]) == [1, 3]


def test_what_is_over_is_part_of_what_is_asked(pins: Pins) -> None:
    """A month that has ended since is another answer, though no row of the data and no edge of the window has moved."""
    before = asked_of(pins, "rate", EVERYTHING)
    assert before.fingerprint() == replace(before, as_of=NOW + timedelta(days=1)).fingerprint()
    assert before.fingerprint() != replace(before, as_of=datetime(2026, 4, 1, tzinfo=UTC)).fingerprint()


def test_more_buckets_than_can_be_told_are_refused(pins: Pins) -> None:
    decades = {"start": "1990-01-01", "end": "2026-03-01"}
    with pytest.raises(BadQuestion, match="cohorts of more than"):
        asked_of(pins, "daily", EVERYTHING, window=decades)
    assert asked_of(pins, "size", EVERYTHING, window=decades).returning


@pytest.mark.exhaustive
async def test_periods_of_a_fiscal_year_have_cohorts_of_the_first_event_ever(pins: Pins) -> None:
    """Periods of four, four and five weeks; whoever came before the first period of the window is of none of them."""
    pins.calendar = "{fiscal_year: {weeks: 4-4-5, ends: last saturday of december}}"
    try:
        signups = [at("2025-12-20T10:00:00", "a"), at("2026-01-05T10:00:00", "a"), at("2026-01-24T23:59:59", "b")]
        await pins.fill(fact=signups, event=[at("2026-01-25T00:00:00", "b"), at("2026-01-26T00:00:00", "a")])
        found = await pins.rows(
            all_of_them(by="fiscal_period"), names=("n", "size"), grain="fiscal_period",
            window={"start": "2025-12-28", "end": "2026-02-22"}, dimensions=["fiscal_periods_since"],
            order=[{"by": "fiscal_periods_since", "descending": False}],
        )  # fmt: skip
    finally:
        pins.calendar = ""
    assert found == [["2025-12-28", 0, 0, 1], ["2025-12-28", 1, 1, 1]]
