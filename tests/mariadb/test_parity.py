"""PostgreSQL and MariaDB held against each other: equal data are equal at every grain, and a changed letter is found."""

from collections.abc import AsyncIterator

import pytest

from tests.engine.pair import ROWS, Two, two_engines
from tests.mariadb.filled import lay_tables, statements

METRICS = (
    "sales", "revenue", "average", "buyers", "gift_share", "heaviest", "biggest", "wide", "by_day", "inside", "catalog",
)  # fmt: skip


@pytest.fixture(scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory, server: str) -> AsyncIterator[Two]:
    further = f"  maria: {{driver: mariadb, url: '{server}'}}\n"
    async with two_engines(tmp_path_factory.mktemp("three"), further) as opened:
        tables = opened.running.catalog.workspace.dictionary.tables.values()
        rows = {table.name: [dict(zip(table.columns, row, strict=True)) for row in ROWS[table.name]()] for table in tables}
        await lay_tables(server, tables, rows)
        yield opened


@pytest.mark.cases(4)
@pytest.mark.parametrize("metric", METRICS)
async def test_the_same_rows_are_equal_at_every_grain(three: Two, metric: str) -> None:
    found = await three.compare(metric, "maria")
    assert found.verdict == "equal", found.document
    assert len(found.document["grains"]) > 1


async def test_a_changed_letter_is_found_where_it_lies(three: Two, server: str) -> None:
    await statements(server, "UPDATE shop.sale SET channel = 'Web' WHERE sale_id = 's318'")
    try:
        found = await three.compare("sales", "maria")
        assert found.verdict == "differs"
        verdicts = {each["grain"]: each["verdict"] for each in found.document["grains"]}
        assert (verdicts["total"], verdicts["region"], verdicts["channel"]) == ("equal", "equal", "differs")
    finally:
        await statements(server, "UPDATE shop.sale SET channel = 'web' WHERE sale_id = 's318'")
