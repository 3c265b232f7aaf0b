"""Comparisons of real engines: no seeded fault passes, and no harmless difference fails."""

import asyncio
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.conftest import House

from assay.backends.protocol import NO_TAGS, NotConfigured, Rows
from assay.catalog.metric import Metric, Part
from assay.catalog.windows import resolve_window
from assay.compiler.question import MAX_LIMIT, Asked, Question, resolve_question
from assay.compiler.statement import Statement, compile_cube, compile_question
from assay.engines.duckdb.driver import DuckDBBackend
from assay.gate import SafeSql
from assay.people.scope import EVERYTHING
from assay.routing.certificate import certificate_document, groups_in
from assay.routing.comparing import compare_metric
from assay.routing.comparison import Comparison
from assay.routing.cube import adds_up, by_grouping, covers
from assay.routing.grains import Named, single_grains, small_pairs
from assay.routing.parity import compare_rows
from assay.routing.serving import Catalog

CLAIMS = "l3_asurion.ev_claim"
PRODUCTS = "l3_asurion.ev_product_catalog"
THIS_MONTH = "claim_open_ts >= TIMESTAMPTZ '2026-03-01 00:00:00Z'"


def publish(house: House, *statements: str) -> None:
    """A copy of the lakehouse, changed, renamed into its place: as a loader publishes."""
    file = house.settings.home / "lakehouse.duckdb"
    fresh = file.with_suffix(".new")
    shutil.copyfile(file, fresh)
    with duckdb.connect(str(fresh)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for each in statements:
            connection.execute(each)
    os.replace(fresh, file)


@pytest.fixture
def lakehouse(shared_house: House, lake: Path) -> Iterator[House]:
    """The house, with the lakehouse as it was put back at the end."""
    yield shared_house
    file = shared_house.settings.home / "lakehouse.duckdb"
    fresh = file.with_suffix(".old")
    os.link(lake, fresh)
    os.replace(fresh, file)


async def compared(
    house: House, metric_id: str, catalog: Catalog | None = None, last: Comparison | None = None
) -> Comparison:
    """`last`: the comparison before, from which this one knows how many groups to expect."""
    catalog, names = catalog or house.running.catalog, ("postgres", "lakehouse")
    groups = groups_in(certificate_document(last, house.clock[0])) if last else {}
    metric = catalog.workspace.metrics[metric_id]
    return await compare_metric(metric, names, catalog, house.clock[0], groups=groups)


def by_grain(found: Comparison) -> dict[str, tuple[str, int, int]]:
    return {each.grain: (each.verdict, each.rows, each.differing) for each in found.grains}


FAULTS: dict[str, tuple[str, str, str | None]] = {
    # name: (metric, what is done to the lakehouse, the grain that has to show it)
    "rounding ties": (
        # Over the whole window they happen to make up for one another.
        "claim_cost_30d", f"UPDATE {CLAIMS} SET approved_amount_usd = round_even(approved_amount_usd, 1)", "time:day",
    ),
    "half a cent more": (
        "cost_avoided_mtd",
        f"UPDATE {CLAIMS} SET cost_avoided_usd = cost_avoided_usd + 0.01 WHERE claim_id ="
        f" (SELECT max(claim_id) FROM {CLAIMS} WHERE {THIS_MONTH} AND claim_status <> 'denied')", "total",
    ),
    "a time zone shifted by an hour over the month's boundary": (
        "cost_avoided_mtd", f"UPDATE {CLAIMS} SET claim_open_ts = claim_open_ts - INTERVAL 1 HOUR", "time:day",
    ),
    "an hour the other way": (
        "claim_status_mix_l3_asurion", f"UPDATE {CLAIMS} SET claim_open_ts = claim_open_ts + INTERVAL 1 HOUR", "time:day",
    ),
    "the NULL group dropped": (
        "claim_status_mix_l3_asurion", f"DELETE FROM {CLAIMS} WHERE resolution IS NULL", "resolution",
    ),
    "NULL become a word": (
        "claim_status_mix_l3_asurion", f"UPDATE {CLAIMS} SET resolution = 'none' WHERE resolution IS NULL", "resolution",
    ),
    "a join that finds its parent twice": (
        "cost_avoided_mtd",
        f"INSERT INTO {PRODUCTS} SELECT * REPLACE ('other' AS category) FROM {PRODUCTS} LIMIT 40", "category",
    ),
    "a parent that is missing": ("cost_avoided_mtd", f"DELETE FROM {PRODUCTS} WHERE category <> 'Tablet'", "category"),
    "a collation that takes two words for one": (
        "claim_volume_l3_asurion", f"UPDATE {CLAIMS} SET region = lower(region) WHERE region = 'West'", "region",
    ),
    "two groups that change places": (
        "cost_avoided_mtd",
        f"UPDATE {CLAIMS} SET region = CASE region WHEN 'West' THEN 'South' WHEN 'South' THEN 'West' ELSE region END",
        "region",
    ),
    "rows that are there twice": (
        "claim_status_mix_l3_asurion", f"INSERT INTO {CLAIMS} SELECT * FROM {CLAIMS} ORDER BY claim_open_ts DESC LIMIT 500",
        "total",
    ),
    "an old row that was not carried over": (
        "cost_avoided_mtd",
        f"DELETE FROM {CLAIMS} WHERE claim_id = (SELECT min(claim_id) FROM {CLAIMS} WHERE {THIS_MONTH}"
        " AND cost_avoided_usd > 0 AND claim_status <> 'denied')", "total",
    ),
    "blanks behind a text, which a filter sees": (
        "claim_volume_l3_asurion", f"UPDATE {CLAIMS} SET region = region || ' ' WHERE region = 'West'", "region",
    ),
    "a status that has not been carried over": (
        "claim_denials", f"UPDATE {CLAIMS} SET claim_status = 'approved' WHERE claim_status = 'denied'", "total",
    ),
}  # fmt: skip


@pytest.mark.cases(1)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_in_the_data_never_passes(lakehouse: House, fault: str) -> None:
    metric_id, statement, grain = FAULTS[fault]
    await asyncio.to_thread(publish, lakehouse, statement)
    found = await compared(lakehouse, metric_id)
    assert found.verdict == "differs", found.reason
    assert not found.passed
    shown = {each.grain: each for each in found.grains}
    assert shown[grain or "total"].verdict == "differs"
    assert shown[grain or "total"].gaps
    again = await compared(lakehouse, metric_id, last=found)
    assert (again.reason, by_grain(again)) == (found.reason, by_grain(found))


@pytest.mark.exhaustive
async def test_late_rows_are_told_as_a_side_that_is_behind(lakehouse: House) -> None:
    await asyncio.to_thread(
        publish, lakehouse, f"DELETE FROM {CLAIMS} WHERE claim_open_ts >= TIMESTAMPTZ '2026-03-17 12:00:00Z'"
    )
    found = await compared(lakehouse, "claim_volume_l3_asurion")
    assert (found.verdict, found.passed) == ("not_comparable", False)
    assert found.behind is not None
    assert found.behind.backend == "lakehouse"
    assert 3 * 3600 < found.behind.seconds < 5 * 3600
    assert found.reason.startswith("lakehouse is ")
    assert "behind postgres" in found.reason


async def test_late_rows_do_not_hide_a_fault_in_older_ones(lakehouse: House) -> None:
    late = f"DELETE FROM {CLAIMS} WHERE claim_open_ts >= TIMESTAMPTZ '2026-03-17 12:00:00Z'"
    lost = f"DELETE FROM {CLAIMS} WHERE claim_id = (SELECT min(claim_id) FROM {CLAIMS} WHERE {THIS_MONTH})"
    await asyncio.to_thread(publish, lakehouse, late, lost)
    assert (await compared(lakehouse, "claim_status_mix_l3_asurion")).verdict == "differs"


HARMLESS: dict[str, tuple[str, str]] = {
    "rows in another order": (
        "cost_avoided_mtd",
        f"CREATE TABLE shuffled AS SELECT * FROM {CLAIMS} ORDER BY hash(claim_id); DELETE FROM {CLAIMS};"
        f" INSERT INTO {CLAIMS} SELECT * FROM shuffled; DROP TABLE shuffled",
    ),
    "wider decimals": (
        "cost_avoided_mtd", f"ALTER TABLE {CLAIMS} ALTER cost_avoided_usd TYPE DECIMAL(30,6)",
    ),
    "whole numbers for a decimal without places": (
        "cost_avoided_mtd", f"ALTER TABLE {CLAIMS} ALTER prior_claims TYPE BIGINT",
    ),
    "doubles added in another order": (
        "csat",
        "CREATE TABLE shuffled AS SELECT * FROM l3_asurion.ev_survey_response ORDER BY hash(survey_id);"
        " DELETE FROM l3_asurion.ev_survey_response; INSERT INTO l3_asurion.ev_survey_response SELECT * FROM shuffled;"
        " DROP TABLE shuffled",
    ),
    "rows outside the window": (
        "cost_avoided_mtd", f"DELETE FROM {CLAIMS} WHERE claim_open_ts < TIMESTAMPTZ '2026-02-01 00:00:00Z'",
    ),
    "columns that the metric does not read": ("cost_avoided_mtd", f"UPDATE {CLAIMS} SET fraud_score = 0, waiting_on = NULL"),
}  # fmt: skip


@pytest.mark.cases(1)
@pytest.mark.parametrize("difference", HARMLESS)
async def test_a_harmless_difference_never_fails(lakehouse: House, difference: str) -> None:
    metric_id, statement = HARMLESS[difference]
    await asyncio.to_thread(publish, lakehouse, statement)
    found = await compared(lakehouse, metric_id)
    assert found.passed, (found.reason, [each for each in found.grains if each.verdict == "differs"])
    assert (await compared(lakehouse, metric_id, last=found)).passed


@pytest.mark.exhaustive
async def test_every_metric_that_lies_on_both_is_the_same_on_both(shared_house: House) -> None:
    workspace = shared_house.running.catalog.workspace
    for metric in workspace.metrics.values():
        if all(workspace.dictionary.tables[table].lies_in("lakehouse") for table in metric.needed_columns):
            found = await compared(shared_house, metric.metric_id)
            assert found.passed, (metric.metric_id, found.reason)
            assert {each.grain for each in found.grains} > {"total", *metric.dimensions}
            again = await compared(shared_house, metric.metric_id, last=found)
            assert (again.passed, {*by_grain(again)}) == (True, {*by_grain(found)})
            assert {grain: rows for grain, (_, rows, _) in by_grain(again).items()} == {
                grain: rows for grain, (_, rows, _) in by_grain(found).items()
            }


@pytest.mark.exhaustive
async def test_what_a_comparison_expects_never_decides_what_it_finds(shared_house: House) -> None:
    """The comparison before was of other data: far fewer groups, far more, and a dimension that it did not know."""
    metric, catalog = shared_house.running.catalog.workspace.metrics["cost_avoided_mtd"], shared_house.running.catalog
    honest = await compared(shared_house, "cost_avoided_mtd")
    for groups in (
        dict.fromkeys(["time", *metric.dimensions], 1), dict.fromkeys(["time", *metric.dimensions], 5_000),
        {"region": 5, "channel": 5},
    ):  # fmt: skip
        found = await compare_metric(metric, ("postgres", "lakehouse"), catalog, shared_house.clock[0], groups=groups)
        assert by_grain(found) == by_grain(honest)


async def test_a_metric_that_adds_up_is_asked_in_few_statements_a_side(
    shared_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await compared(shared_house, "cost_avoided_mtd")
    backend: Any = shared_house.running.catalog.backends["lakehouse"]
    ran, asked = backend.run, list[str]()

    async def noted(statement: SafeSql, *rest: Any) -> Rows:
        asked.append(statement.text)
        return await ran(statement, *rest)

    monkeypatch.setattr(backend, "run", noted)
    again = await compared(shared_house, "cost_avoided_mtd", last=first)
    assert by_grain(again) == by_grain(first)
    # The total, the cells and the next row's moment of either window, and what follows the end of the one before.
    assert len(asked) == 7
    assert len(again.grains) > 20


@pytest.mark.exhaustive
async def test_cells_put_together_are_what_each_statement_gives(shared_house: House, subtests: pytest.Subtests) -> None:
    """On each engine by itself, for every metric of the demo that adds up, at every grain of a comparison."""
    catalog = shared_house.running.catalog
    metrics = [each for each in catalog.workspace.metrics.values() if adds_up(each)]
    tables = catalog.workspace.dictionary.tables
    assert len(metrics) > 12
    for metric in metrics:
        total = resolve_question((metric.metric_id,), Asked(), catalog.workspace, shared_house.clock[0], EVERYTHING)
        for name in ("postgres", "lakehouse"):
            if all(tables[table].lies_in(name) for table in metric.needed_columns):
                with subtests.test(metric.metric_id, backend=name):
                    await cells_are_whole(metric, total, catalog, name)


async def cells_are_whole(metric: Metric, total: Question, catalog: Catalog, name: str) -> None:
    backend, policy, zone = catalog.backends[name], catalog.policies[name], catalog.workspace.zone
    assert not isinstance(backend, NotConfigured)

    async def ask(question: Question, statement: Statement) -> list[tuple[Any, ...]]:
        return (await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 60)).rows

    singles = list(single_grains(metric, total))[1:]
    direct: dict[str, tuple[Statement, list[tuple[Any, ...]]]] = {}

    async def ask_alone(wanted: Iterable[Named]) -> None:
        for grain, question in wanted:
            statement = compile_question(question, backend.dialect, policy)
            direct[grain] = statement, await ask(question, statement)

    await ask_alone(singles)
    groups = {question.key_columns()[0]: len(direct[grain][1]) for grain, question in singles}
    pairs = list(small_pairs(metric, total, groups))
    await ask_alone(pairs)
    wanted = [*singles, *pairs]
    groupings = covers([tuple(question.key_columns()) for _, question in wanted], groups)
    grain = next((question.grain for _, question in singles if question.grain), None)
    fine = replace(total, grain=grain, dimensions=tuple(metric.dimensions.values()), limit=MAX_LIMIT)
    statement = compile_cube(fine, groupings, backend.dialect, policy, in_aggregates=True)
    assert statement is not None
    keys = fine.key_columns()
    cells = await by_grouping(await ask(fine, statement), keys, groupings)
    for grain_name, question in wanted:
        own = question.key_columns()
        number = next(number for number, each in enumerate(groupings) if {*own} <= {*each})
        held = [key for key in keys if key in groupings[number]]
        rows = put_together(metric, cells[number], [held.index(key) for key in own], len(held))
        compiled, found = direct[grain_name]
        result = compare_rows(grain_name, compiled.columns, found, rows, {}, zone, ("alone", "together"))
        assert (result.verdict, result.rows) == ("equal", len(found)), (grain_name, result.gaps)


def put_together(metric: Metric, cells: list[tuple[Any, ...]], places: list[int], count: int) -> list[tuple[Any, ...]]:
    """Sums of the cells of a group, and only then a ratio's division."""
    sums: dict[tuple[Any, ...], list[Any]] = {}
    for cell in cells:
        known = sums.setdefault(tuple(cell[place] for place in places), [None] * (len(cell) - count))
        for number, each in enumerate(cell[count:]):
            known[number] = each if known[number] is None else known[number] if each is None else known[number] + each
    if metric.kind == "simple":
        return [(*key, *values) for key, values in sums.items()]
    assert metric.kind == "ratio"
    return [(*key, float(one) / float(other) if other else None) for key, (one, other) in sums.items()]


class Otherwise(DuckDBBackend):
    """The lakehouse, asked another question than the one that was put: as where each engine has SQL of its own."""

    def __init__(self, path: Path, catalog: Catalog, change: Any) -> None:
        super().__init__("lakehouse", path)
        self._catalog, self._change = catalog, change
        self.asked: list[tuple[Question, Any]] = []
        """The question that was compiled last, and how the changed one is to be compiled."""

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Any, timeout_seconds: float,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> Rows:  # fmt: skip
        if not self.asked:  # no question: the newest moment of a table, say
            return await super().run(statement, parameters, tables, timeout_seconds)
        asked, compiled = self.asked.pop(0)
        question = self._change(asked)
        other = compiled(question)
        return await super().run(other.safe, other.parameters(question), other.safe.tables, timeout_seconds)


def without_filter(question: Question) -> Question:
    metric: Metric = question.metrics[0]
    parts: tuple[Part, ...] = tuple(replace(part, filter=None) for part in metric.parts)
    return replace(question, metrics=(replace(metric, parts=parts),))


def trailing(question: Question) -> Question:
    from zoneinfo import ZoneInfo

    return replace(question, bounds=resolve_window("trailing_30d", question.as_of, ZoneInfo(question.timezone)))


@pytest.mark.parametrize(("change", "grain"), [(without_filter, "claim_status"), (trailing, "total")])
async def test_one_label_with_two_meanings_never_passes(
    shared_house: House, change: Any, grain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filter lost, and the window month to date against the trailing 30 days: the accident of the prototype."""
    catalog = shared_house.running.catalog
    other = Otherwise(shared_house.settings.home / "lakehouse.duckdb", catalog, change)
    catalog = replace(catalog, backends={**catalog.backends, "lakehouse": other})
    policy, plain, cube = catalog.policies["lakehouse"], catalog.compiler.statement, catalog.compiler.cube

    def noted(question: Question, dialect: Any, given: Any, held: Any) -> Any:
        if dialect == "duckdb" and given is policy:
            other.asked[:] = [(question, lambda changed: compile_question(changed, "duckdb", policy))]
        return plain(question, dialect, given, held)

    async def noted_cube(question: Question, sets: Any, dialect: Any, given: Any, held: Any, *, in_aggregates: bool) -> Any:
        if dialect == "duckdb":
            other.asked[:] = [
                (question, lambda changed: compile_cube(changed, sets, "duckdb", policy, in_aggregates=in_aggregates))
            ]
        return await cube(question, sets, dialect, given, held, in_aggregates=in_aggregates)

    monkeypatch.setattr(catalog.compiler, "statement", noted)
    monkeypatch.setattr(catalog.compiler, "cube", noted_cube)
    found = await compared(shared_house, "cost_avoided_mtd", catalog)
    await other.close()
    assert found.verdict == "differs", found.reason
    # A filter that only takes out zeros leaves the total as it is: it shows where the filtered groups are looked at.
    assert next(each for each in found.grains if each.grain == grain).verdict == "differs"


async def test_the_groups_that_hold_the_gap_are_named(lakehouse: House) -> None:
    """All of the fault lies with tablets in the West."""
    fault = (
        f"UPDATE {CLAIMS} SET cost_avoided_usd = 0 WHERE region = 'West' AND product_id IN"
        f" (SELECT product_id FROM {PRODUCTS} WHERE category = 'Tablet')"
    )
    await asyncio.to_thread(publish, lakehouse, fault)
    found = await compared(lakehouse, "cost_avoided_mtd")
    by_category = next(each for each in found.grains if each.grain == "category")
    assert [gap.key for gap in by_category.gaps] == [("Tablet",)]
    assert by_category.few
    by_region = next(each for each in found.grains if each.grain == "region")
    assert [gap.key for gap in by_region.gaps] == [("West",)]
    assert by_category.net == by_region.net == next(each for each in found.grains if each.grain == "total").net < 0


async def test_a_source_that_is_away_is_not_comparable(lakehouse: House) -> None:
    # Never into the file itself: it is a link to the one that all tests share.
    broken = lakehouse.settings.home / "broken.duckdb"
    broken.write_bytes(b"no database")
    os.replace(broken, lakehouse.settings.home / "lakehouse.duckdb")
    found = await compared(lakehouse, "cost_avoided_mtd")
    assert found.verdict == "not_comparable"
    assert "lakehouse cannot be opened" in found.reason
