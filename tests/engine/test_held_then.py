"""Joins to rows that hold for a while, on every engine: each row meets the one that held at its own time."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.engine.pins import Pins, Record, open_pins
from tests.unit.small import ask, write_shop

from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.statement import compile_question
from assay.engine import Dialect
from assay.errors import BadQuestion
from assay.gate import Policy, judge
from assay.routing.uniqueness import counting_policy, prove_key

TABLES = {
    "price": "price_id int, article string?, since date?, until date?, level string?, maker string?",
    "maker": "maker string, country string?",
    "bought": "bought_id int, article string?, seen date?, paid date?, pieces int?, at timestamp?",
}
JOINS = ("bought.article price.article priced held since;until", "price.maker maker.maker made_by")
PRICES: list[Record] = [
    {"price_id": 1, "article": "A", "since": date(2026, 1, 1), "until": date(2026, 2, 1), "level": "low", "maker": "m"},
    {"price_id": 2, "article": "A", "since": date(2026, 2, 1), "until": date(2026, 2, 10), "level": "mid", "maker": "n"},
    {"price_id": 3, "article": "A", "since": date(2026, 3, 1), "until": None, "level": "high", "maker": "m"},
    {"price_id": 4, "article": "B", "since": date(2026, 1, 5), "until": date(2026, 1, 5), "level": "never", "maker": "m"},
    {"price_id": 5, "article": None, "since": date(2026, 1, 1), "until": None, "level": "nobody", "maker": "m"},
]  # fmt: skip
BOUGHT: list[Record] = [
    {"bought_id": number, "article": article, "seen": seen, "paid": paid, "pieces": 1 << number}
    for number, (article, seen, paid) in enumerate([
        ("A", date(2026, 1, 1), date(2026, 2, 1)), ("A", date(2026, 1, 31), None), ("A", date(2026, 2, 1), None),
        ("A", date(2026, 2, 10), None), ("A", date(2026, 3, 1), None), ("A", date(2025, 12, 31), None),
        ("B", date(2026, 1, 5), None), (None, date(2026, 1, 5), None), ("A", None, date(2026, 3, 9)),
    ])
]  # fmt: skip
SOLD: dict[str, Any] = {
    "entity": "bought", "measure": "SUM(pieces)", "time": "seen",
    "dimensions": ["bought_id", {"name": "level", "column": "price.level"}, {"name": "country", "column": "maker.country"}],
}  # fmt: skip


@pytest.fixture(scope="module")
async def prices(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pins]:
    async with open_pins(tmp_path_factory.mktemp("prices"), TABLES, JOINS) as opened:
        makers = [{"maker": "m", "country": "DE"}, {"maker": "n", "country": "CH"}]
        await opened.fill(price=PRICES, maker=makers, bought=BOUGHT)
        yield opened


ALL = {"window": {"start": "2025-01-01", "end": "2027-01-01"}}


async def test_a_row_meets_the_one_that_held_at_its_time(prices: Pins) -> None:
    order = [{"by": "value", "descending": False}]
    assert await prices.rows({"m": SOLD}, dimensions=["level"], order=order, **ALL) == [
        ["low", 1 + 2], ["mid", 4], ["high", 16], [None, 8 + 32 + 64 + 128],
    ]  # fmt: skip
    assert await prices.rows({"m": {**SOLD, "time": "paid"}}, dimensions=["level"], order=order, **ALL) == [
        ["mid", 1], ["high", 256],
    ]  # fmt: skip


@pytest.mark.exhaustive
async def test_what_is_behind_it_and_conditions_on_it_follow(prices: Pins) -> None:
    order = [{"by": "value", "descending": False}]
    assert await prices.rows({"m": SOLD}, dimensions=["country"], order=order, **ALL) == [
        ["CH", 4], ["DE", 1 + 2 + 16], [None, 8 + 32 + 64 + 128],
    ]  # fmt: skip
    filtered = {**SOLD, "filter": "price.level <> 'low'"}
    assert await prices.rows({"m": filtered}, **ALL) == [[4 + 16]]
    keyed = {**SOLD, "measure": "COUNT(DISTINCT price.level)"}
    assert await prices.rows({"m": keyed}, grain="month", window={"start": "2026-01-01", "end": "2026-04-01"}) == [
        ["2026-01-01", 1], ["2026-02-01", 1], ["2026-03-01", 1],
    ]  # fmt: skip


@pytest.mark.exhaustive
async def test_a_row_that_may_not_be_seen_is_absent_also_as_the_one_that_held(prices: Pins) -> None:
    order = [{"by": "value", "descending": False}]
    seen = {"bought": "bought_id >= 0", "price": "level <> 'low'"}
    assert await prices.rows({"m": SOLD}, dimensions=["level"], order=order, seen=seen, **ALL) == [
        ["mid", 4], ["high", 16], [None, 1 + 2 + 8 + 32 + 64 + 128],
    ]  # fmt: skip


@pytest.mark.exhaustive
async def test_rows_that_hold_at_one_time_are_a_broken_key(prices: Pins) -> None:
    dictionary = load_workspace(write_shop(prices.root / "proved", tables=TABLES, joins=JOINS), {}).dictionary
    key = dictionary.joins[0].span_key
    assert key == ("shop.price", ("article", "since", "until"))
    base = {"article": "C", "level": "x", "maker": "m"}
    cases: list[tuple[list[Record], int]] = [
        ([], 0),
        ([{**base, "since": date(2026, 1, 1), "until": date(2026, 1, 3)}, {**base, "since": date(2026, 1, 2)}], 1),
        ([{**base, "since": date(2026, 1, 1)}, {**base, "since": date(2026, 1, 2)}], 1),
        ([{**base, "since": date(2026, 1, 1), "until": date(2026, 1, 1)}, {**base, "since": date(2026, 1, 1)}], 1),
        ([{**base, "since": date(2026, 1, 2), "until": date(2026, 1, 1)}], 1),
        ([{**base, "since": None, "until": date(2026, 1, 1)}], 1),
        ([{**base, "since": date(2026, 1, 1), "until": date(2026, 1, 2)}, {**base, "since": date(2026, 1, 2)}], 0),
    ]
    for rows, faults in cases:
        await prices.fill(price=[*PRICES, *({**row, "price_id": 10 + number} for number, row in enumerate(rows))])
        assert prices.duckdb
        for backend in (prices.postgres, prices.duckdb):
            proof = await prove_key(backend, key, dictionary, counting_policy(dictionary, backend.name))
            assert (proof.how, proof.duplicates) == ("count", faults), rows
    await prices.fill(price=PRICES)


def workspace(root: Path, metrics: str) -> Workspace:
    return load_workspace(write_shop(root, metrics=metrics, tables=TABLES, joins=JOINS), {})


ENTRY = "metrics:\n  - {{id: m, label: M, definition: M., entity: bought, measure: COUNT(*), owner: o{}}}\n"
BY_LEVEL = ", time: seen, dimensions: [{name: level, column: price.level}]"


def test_without_a_time_of_the_same_type_it_is_refused(tmp_path: Path) -> None:
    for number, (said, why) in enumerate([
        (", dimensions: [{name: level, column: price.level}]", "no time says when that is"),
        (", time: at, filter: price.level = 'low'", "its time at is a timestamp"),
        (", time: price.since", "its time stands in one of them"),
    ]):  # fmt: skip
        found = workspace(tmp_path / str(number), ENTRY.format(said))
        assert [why in str(each) for each in found.findings] == [True], found.findings
    known = workspace(tmp_path / "plain", ENTRY.format(BY_LEVEL))
    bare = replace(known.metrics["m"].parts[0], time=None)
    assert bare.joins
    version = known.metrics["m"].version
    file = tmp_path / "plain" / "data-dictionary" / "join_map.csv"
    file.write_text(file.read_text().replace("since;until", "until;since"))
    assert load_workspace(tmp_path / "plain", {}).metrics["m"].version != version


COUNT = (
    "metrics:\n  - {{id: {}, label: M, definition: M., entity: bought, measure: COUNT(*), owner: o, time: {},"
    " dimensions: [article]}}\n"
)
MADE = "  - {{id: m, label: M, definition: M., owner: o, {}}}\n"


@pytest.mark.parametrize(
    "made",
    [
        "expression: low / bought, inputs: {low: {metric: bought, filter: price.level = 'low'}}",
        "conversion: {from: bought, to: bought, for_each: price.maker, value: count}",
        "retention: {from: bought, to: bought, for_each: price.maker, by: month, up_to: 3, value: count}",
    ],
)
def test_what_a_metric_of_others_reads_beyond_them_has_a_time_of_the_same_type_too(tmp_path: Path, made: str) -> None:
    found = workspace(tmp_path / "at", COUNT.format("bought", "at") + MADE.format(made))
    assert ["its time at is a timestamp" in str(each) for each in found.findings] == [True], found.findings
    assert not workspace(tmp_path / "seen", COUNT.format("bought", "seen") + MADE.format(made)).findings


def test_the_time_of_what_is_looked_at_is_its_own(tmp_path: Path) -> None:
    levels = COUNT.format("levels", "seen").replace("[article]", "[article, {name: level, column: price.level}]")
    whose = (
        "entity: bought, measure: COUNT(*), time: at, dimensions: [article], whose: [{dimension: article, metric: levels,"
    )
    assert not workspace(tmp_path, levels + MADE.format(f"{whose} op: gt, value: 1}}]")).findings


def test_what_held_when_something_follows_is_part_of_what_it_means(tmp_path: Path) -> None:
    low = COUNT.format("low", "seen").replace("COUNT(*)", "COUNT(*), filter: price.level = 'low'")
    made = MADE.format("conversion: {from: bought, to: low, for_each: article, value: count}")
    known = workspace(tmp_path, COUNT.format("bought", "seen") + low.removeprefix("metrics:\n") + made)
    file = tmp_path / "data-dictionary" / "join_map.csv"
    file.write_text(file.read_text().replace("since;until", "until;since"))
    again = load_workspace(tmp_path, {})
    assert again.metrics["bought"].version == known.metrics["bought"].version
    assert again.metrics["m"].version != known.metrics["m"].version


_SQL = "SELECT COUNT(*) AS n FROM shop.bought AS b LEFT JOIN {} AS p ON {}"
_KEY = "b.article = p.article"
_HELD = "p.since <= b.seen AND (p.until > b.seen OR p.until IS NULL)"


@pytest.mark.parametrize(
    ("on", "is_approved"),
    [
        (f"{_KEY} AND {_HELD}", True),
        (_KEY, False),
        (f"{_KEY} AND p.since <= b.seen", False),
        (f"{_KEY} AND p.since <= b.seen AND p.until > b.seen", False),
        (f"{_KEY} AND p.since <= b.seen AND (p.until > b.paid OR p.until IS NULL)", False),
        (f"{_KEY} AND p.since < b.seen AND (p.until > b.seen OR p.until IS NULL)", False),
        (f"{_KEY} AND p.since <= b.seen AND (p.until >= b.seen OR p.until IS NULL)", False),
        (f"{_KEY} AND p.since <= b.seen AND (p.until > b.seen OR p.since IS NULL)", False),
        (f"{_KEY} AND p.until <= b.seen AND (p.since > b.seen OR p.since IS NULL)", False),
        (f"{_KEY} AND p.since <= p.since AND (p.until > p.since OR p.until IS NULL)", False),
        (f"{_KEY} AND b.seen <= p.since AND (p.until > b.seen OR p.until IS NULL)", False),
        (f"{_KEY} AND {_HELD} AND p.level = 'low'", False),
        (f"b.article <> p.article AND {_HELD}", False),
        (f"({_KEY} OR b.pieces = 1) AND {_HELD}", False),
        (_HELD, False),
    ],
)
def test_the_gate_takes_it_in_one_form(tmp_path: Path, on: str, is_approved: bool) -> None:
    known = workspace(tmp_path, "metrics: []\n")
    verdict = judge(_SQL.format("shop.price", on), "postgres", Policy.from_dictionary(known.dictionary))
    assert verdict.ok is is_approved, verdict.violations
    if verdict.safe:
        assert verdict.safe.keys == {("shop.price", ("article", "since", "until"))}


@pytest.mark.parametrize(
    ("until", "is_approved"),
    [
        ("until", True),
        ("MAX(until) OVER (PARTITION BY article) AS until", False),
        ("LEAD(until) OVER (PARTITION BY article ORDER BY since) AS until", False),
    ],
)
def test_until_when_is_that_of_the_very_row(tmp_path: Path, until: str, is_approved: bool) -> None:
    """Were it that of another, several rows of a key would hold at one time, and each be met."""
    known, rows = workspace(tmp_path, "metrics: []\n"), f"(SELECT article, since, {until} FROM shop.price)"
    text = _SQL.format(rows, f"{_KEY} AND {_HELD}")
    verdict = judge(text, "postgres", Policy.from_dictionary(known.dictionary))
    assert [each.code for each in verdict.violations] == ([] if is_approved else ["unapproved_join"])


@pytest.mark.parametrize("dialect", ["postgres", "duckdb", "databricks", "spark", "mariadb"])
def test_it_is_written_alike_for_each_engine_and_relies_on_the_key(tmp_path: Path, dialect: Dialect) -> None:
    known = workspace(tmp_path, ENTRY.format(BY_LEVEL))
    question = ask(known, "m", dimensions=["level"], window={"start": "2026-01-01", "end": "2026-02-01"})
    statement = compile_question(question, dialect, Policy.from_dictionary(known.dictionary))
    text = " ".join(statement.safe.text.replace('"', "").replace("`", "").split())
    assert "ON b.article = p.article AND p.since <= b.seen AND (p.until > b.seen OR p.until IS NULL)" in text
    assert statement.safe.keys == {("shop.price", ("article", "since", "until"))}


def test_what_has_no_time_does_not_ask_for_it(tmp_path: Path) -> None:
    known = workspace(tmp_path, ENTRY.format(BY_LEVEL))
    question = ask(known, "shop.bought:rows", dimensions=["level"])
    with pytest.raises(BadQuestion, match="hold for a while"):
        compile_question(question, "postgres", Policy.from_dictionary(known.dictionary))
