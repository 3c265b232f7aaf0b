"""The figures at rest, through the whole corridor."""

import pytest
from tests.conftest import House


@pytest.mark.parametrize(
    ("metric_id", "value"),
    [
        ("active_issues", 1286),
        ("claims_in_progress", 642),
        ("nba_taken_pct", 120 / 138),
        ("cost_avoided_mtd", "1410000.00"),
        ("csat", 4.6),
    ],
)
async def test_the_figures_at_rest_are_those_of_the_runbook(shared_house: House, metric_id: str, value: object) -> None:
    answer = await shared_house.ask(metric_id)
    assert answer["rows"] == [[value]]
