"""The claim that the demo repairs counts month to date, even in the first minutes of a month."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from assay.demo import cast
from assay.demo.portable import for_engine, parse
from assay.demo.seed import Plan
from tests.unit.loop.files import DICTIONARY

MONTH = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("age", [timedelta(0), timedelta(minutes=3), timedelta(minutes=50), timedelta(days=9)])
def test_it_was_opened_this_month_and_taken_up_before_now(age: timedelta) -> None:
    scene = Plan(DICTIONARY, MONTH + age, "UTC", None).scene()
    sql = for_engine(parse(cast.claim(scene)), "duckdb").sql("duckdb")
    with duckdb.connect() as connection:
        opened, taken_up = connection.execute(
            f"SELECT epoch_us(claim_open_ts), epoch_us(work_started_ts) FROM ({sql})"
        ).fetchall()[0]
    assert scene.timeline.month_us <= opened <= taken_up < scene.edge
