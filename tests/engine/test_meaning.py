"""What `docs/meaning.md` says of rows without a value, line by line on PostgreSQL and DuckDB."""

from collections.abc import AsyncIterator

import pytest
from tests.engine.pins import Pins, open_pins
from tests.unit.test_meaning import table


@pytest.fixture(scope="module")
async def pins(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pins]:
    async with open_pins(tmp_path_factory.mktemp("meaning")) as opened:
        await opened.fill(fact=[{"label": "a", "items": 1}, {"label": "b", "items": 2}, {"label": "", "items": 3}, {}])
        yield opened


async def test_a_metrics_filter_means_what_sql_means(pins: Pins) -> None:
    for condition, count in table("filter of a metric", "rows counted"):
        assert await pins.value("COUNT(*)", filter=condition) == int(count), condition


async def test_a_questions_filter_means_what_people_mean(pins: Pins) -> None:
    metric: dict[str, dict[str, object]] = {"m": {"measure": "COUNT(*)", "dimensions": ["label"]}}
    for said, count in table("filter of a question", "rows counted"):
        dimension, op, *values = said.replace(",", "").split()
        found = await pins.rows(metric, filters=[{"dimension": dimension, "op": op, "values": values}])
        assert found == [[int(count)]], said


async def test_nothing_is_not_unknown(pins: Pins) -> None:
    for measure, condition, value in table("measure", "filter", "value"):
        found = await pins.value(measure, filter=condition)
        assert found == (None if value == "unknown" else int(value)), (measure, condition)
