"""The demo's figures hold to the cent, whatever the moment at which it is seeded and the time zone it is seen in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
import sqlglot

from assay.catalog.dictionary import Dictionary, load_dictionary
from assay.catalog.windows import Bounds, previous_bounds, resolve_window
from assay.demo import cast
from assay.demo.seed import GENERATORS, Plan, seed_duckdb, statements
from assay.demo.timeline import Timeline, allot, ticks_at

DICTIONARY = load_dictionary(Path(__file__).parents[2] / "demo" / "data-dictionary")
FEW = 30_000
"""Claims of the last two months alone: the figures do not look further back."""
MOMENTS = [
    ("2026-11-23T10:41:07", "UTC"),
    ("2026-11-01T00:00:00", "UTC"),
    ("2026-11-01T00:00:01", "UTC"),
    ("2026-11-01T00:00:30", "UTC"),
    ("2026-11-01T12:00:00", "UTC"),
    ("2026-11-08T00:00:01", "UTC"),
    ("2026-03-31T23:59:59", "UTC"),
    ("2028-02-29T05:00:00", "UTC"),
    ("2027-01-01T00:00:01", "UTC"),
    ("2026-04-01T04:00:01", "America/New_York"),
    ("2026-03-29T12:10:00", "Europe/Berlin"),
    ("2026-11-17T05:00:00", "Asia/Kolkata"),
]


@dataclass
class Seeded:
    connection: duckdb.DuckDBPyConnection
    anchor: datetime
    zone: ZoneInfo

    def one(self, sql: str, *values: object) -> Any:
        row = self.connection.execute(sql, list(values)).fetchone()
        assert row is not None
        return row[0] if len(row) == 1 else row

    @property
    def at_rest(self) -> datetime:
        """Windows end a little after the moment of asking."""
        return self.anchor + timedelta(seconds=1)

    def moments(self) -> list[datetime]:
        """As seen right after seeding, halfway through the rest of the day, and as the day ends."""
        tomorrow = self.anchor.astimezone(self.zone).date() + timedelta(days=1)
        end = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=self.zone).astimezone(UTC)
        return [self.at_rest, self.anchor + (end - self.anchor) / 2, end]

    def window(self, name: str, as_of: datetime) -> Bounds:
        return resolve_window(name, as_of, self.zone)


def _seed(path: Path, anchor: str, zone: str, claims: int | None, backend: str = "postgres") -> Seeded:
    plan = Plan(DICTIONARY, datetime.fromisoformat(anchor).replace(tzinfo=UTC), zone, claims)
    seed_duckdb(path, plan, backend, lambda *_: None)
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("USE l3_asurion")
    return Seeded(connection, plan.anchor, ZoneInfo(zone))


@pytest.fixture(scope="module", params=[
    pytest.param(each, id="-".join(each), marks=() if number < 1 else pytest.mark.exhaustive)
    for number, each in enumerate(MOMENTS)
])  # fmt: skip
def seeded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    path = tmp_path_factory.mktemp("seed") / "lakehouse.duckdb"
    found = _seed(path, *request.param, FEW)
    yield found
    found.connection.close()
    path.unlink()


def _avoided(seeded: Seeded, bounds: Bounds) -> Decimal:
    return seeded.one(
        "SELECT SUM(cost_avoided_usd) FROM ev_claim WHERE claim_status <> 'denied'"
        " AND claim_open_ts >= ? AND claim_open_ts < ?",
        bounds.start, bounds.end,
    )  # fmt: skip


@pytest.mark.exhaustive
def test_cost_avoided_month_to_date_is_exact_all_day(seeded: Seeded) -> None:
    for as_of in seeded.moments():
        assert _avoided(seeded, seeded.window("month_to_date", as_of)) == Decimal("1410000.00")


def test_cost_avoided_has_risen_by_about_six_percent_when_seeded(seeded: Seeded) -> None:
    now = seeded.window("month_to_date", seeded.at_rest)
    before = _avoided(seeded, previous_bounds(now, "previous_period", seeded.zone))
    assert Decimal("0.04") < Decimal(1_410_000) / before - 1 < Decimal("0.08")


def test_savings_are_about_210_each_and_no_denied_claim_has_one(seeded: Seeded) -> None:
    least, most, mean = seeded.one(
        "SELECT MIN(cost_avoided_usd), MAX(cost_avoided_usd), AVG(cost_avoided_usd) FROM ev_claim WHERE cost_avoided_usd > 0"
    )
    assert Decimal(150) <= least < most <= Decimal("270.01")
    assert abs(mean - 210) < 0.1
    assert seeded.one("SELECT COUNT(*) FROM ev_claim WHERE claim_status = 'denied' AND cost_avoided_usd <> 0") == 0


ALIVE = {
    "issues": "SELECT COUNT(*) FROM ev_issue_session WHERE opened_ts < $1 AND (closed_ts IS NULL OR closed_ts >= $1)",
    "claims": "SELECT COUNT(*) FROM ev_claim WHERE work_started_ts < $1 AND (work_ended_ts IS NULL OR work_ended_ts >= $1)",
}


def test_active_issues_and_claims_in_progress_are_exact_all_day(seeded: Seeded) -> None:
    for as_of in seeded.moments():
        assert seeded.one(ALIVE["issues"], as_of) == 1286
        assert seeded.one(ALIVE["claims"], as_of) == 642


def test_a_week_ago_somewhat_fewer_issues_were_active(seeded: Seeded) -> None:
    week_ago = seeded.at_rest - timedelta(days=7)
    assert 1230 <= seeded.one(ALIVE["issues"], week_ago) < 1286
    assert 580 <= seeded.one(ALIVE["claims"], week_ago) <= 700


def test_status_and_counts_at_an_instant_agree(seeded: Seeded) -> None:
    assert seeded.one("SELECT COUNT(*) FROM ev_issue_session WHERE status IN ('open', 'in_progress')") == 1286
    assert seeded.one("SELECT COUNT(*) FROM ev_claim WHERE claim_status = 'in_review' AND work_ended_ts IS NULL") == 642


def test_next_best_actions_taken_are_120_of_138_all_day(seeded: Seeded) -> None:
    for as_of in seeded.moments():
        bounds = seeded.window("trailing_30d", as_of)
        assert seeded.one(
            "SELECT COUNT(*) FILTER (WHERE status = 'approved'), COUNT(*) FILTER (WHERE status IN ('approved', 'dismissed'))"
            " FROM ops_recommendation WHERE decided_ts >= ? AND decided_ts < ?",
            bounds.start, bounds.end,
        ) == (120, 138)  # fmt: skip


def test_satisfaction_is_exactly_4_6_all_day(seeded: Seeded) -> None:
    for as_of in seeded.moments():
        bounds = seeded.window("trailing_30d", as_of)
        total, count = seeded.one(
            "SELECT SUM(csat_score), COUNT(*) FROM ev_survey_response WHERE responded_ts >= ? AND responded_ts < ?",
            bounds.start, bounds.end,
        )  # fmt: skip
        assert count > 1_000
        assert total * 10 == count * 46
    scores = seeded.connection.execute("SELECT DISTINCT csat_score FROM ev_survey_response ORDER BY 1").fetchall()
    assert scores == [(1,), (2,), (3,), (4,), (5,)]


def test_nothing_has_happened_after_the_anchor(seeded: Seeded) -> None:
    month = seeded.anchor.astimezone(seeded.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    edge = max(seeded.anchor, month.astimezone(UTC) + timedelta(seconds=1))
    for table in DICTIONARY.tables.values():
        if table.name == "ops_repair_slot":  # these are bookable, so they are to come
            continue
        for column in table.columns.values():
            if column.type.kind == "timestamp":
                latest = seeded.one(f"SELECT MAX({column.name}) FROM {table.name}")
                assert latest is None or latest < edge, f"{table.name}.{column.name}"


def test_what_follows_comes_after_what_goes_before(seeded: Seeded) -> None:
    wrong = (
        "ev_claim WHERE work_started_ts < claim_open_ts OR work_ended_ts < work_started_ts OR decision_ts < work_started_ts"
        " OR closed_ts < work_ended_ts",
        "ev_issue_session WHERE closed_ts < opened_ts OR first_response_ts < opened_ts OR closed_ts < first_response_ts",
        "ev_repair_order WHERE completed_ts < received_ts",
        "ev_survey_response WHERE responded_ts < invited_ts",
        "ops_recommendation WHERE decided_ts < created_ts",
        "ops_alert WHERE acknowledged_ts < raised_ts OR cleared_ts < acknowledged_ts",
        "ev_coverage WHERE end_ts <= start_ts",
        "ev_claim c JOIN ev_coverage v USING (coverage_id) WHERE v.start_ts > c.claim_open_ts OR v.end_ts IS NOT NULL",
    )
    for rows in wrong:
        assert seeded.one(f"SELECT COUNT(*) FROM {rows}") == 0, rows


# -- one seeding of the default size --------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    path = tmp_path_factory.mktemp("seed") / "lakehouse.duckdb"
    found = _seed(path, "2026-11-16T15:00:00", "UTC", None)
    yield found
    found.connection.close()
    path.unlink()


@pytest.mark.exhaustive
def test_every_table_has_about_the_rows_that_the_dictionary_expects(whole: Seeded) -> None:
    for table in DICTIONARY.tables.values():
        rows = whole.one(f"SELECT COUNT(*) FROM {table.name}")
        assert table.expected_rows is not None
        assert 0.7 <= rows / table.expected_rows <= 1.3, f"{table.name}: {rows}"


@pytest.mark.exhaustive
def test_keys_are_unique_and_references_lead_somewhere(whole: Seeded) -> None:
    for table in DICTIONARY.tables.values():
        for key in filter(None, (table.primary_key, table.business_key)):
            assert whole.one(f"SELECT COUNT(*) - COUNT(DISTINCT ({', '.join(key)})) FROM {table.name}") == 0, key
    for join in DICTIONARY.joins:
        child, parent = join.from_columns[0], join.to_columns[0]
        orphans = whole.one(
            f"SELECT COUNT(*) FROM {join.from_table} c ANTI JOIN {join.to_table} p ON c.{child} = p.{parent}"
            f" WHERE c.{child} IS NOT NULL"
        )
        assert orphans == 0, join.join_id


@pytest.mark.exhaustive
def test_empty_cells_are_where_a_real_table_has_them(whole: Seeded) -> None:
    assert 0.005 < whole.one("SELECT AVG((region IS NULL)::INT) FROM ev_claim") < 0.03
    assert whole.one("SELECT COUNT(*) FROM ev_claim WHERE closed_ts IS NULL") > 5_000
    assert whole.one("SELECT COUNT(*) FROM ev_claim WHERE decision_ts IS NULL AND decision_hours IS NOT NULL") == 0


@pytest.mark.exhaustive
def test_the_status_mix_of_the_last_30_days(whole: Seeded) -> None:
    rows = whole.connection.execute(
        "SELECT claim_status, ROUND(100.0 * COUNT(*) / SUM(COUNT(*)) OVER ()) FROM ev_claim"
        " WHERE claim_open_ts >= $1 - INTERVAL 30 DAY GROUP BY 1",
        [whole.anchor],
    ).fetchall()
    assert dict(rows) == {"approved": 41, "in_review": 22, "pending": 18, "closed": 12, "denied": 7}


@pytest.mark.exhaustive
def test_days_look_alike_but_for_the_weekend(whole: Seeded) -> None:
    rows = whole.connection.execute(
        "SELECT claim_open_ts::DATE, COUNT(*) FROM ev_claim"
        " WHERE claim_open_ts >= $1::DATE - 45 AND claim_open_ts < $1::DATE GROUP BY 1",
        [whole.anchor],
    ).fetchall()
    weekdays = [count for day, count in rows if day.weekday() < 5]
    weekends = [count for day, count in rows if day.weekday() >= 5]
    assert max(weekdays) < 1.5 * min(weekdays)
    assert sum(weekends) / len(weekends) < 0.85 * sum(weekdays) / len(weekdays)


@pytest.mark.exhaustive
def test_a_claim_says_the_same_of_its_device_as_the_device(whole: Seeded) -> None:
    assert whole.one(
        "SELECT COUNT(*) FROM ev_claim c JOIN ev_device d USING (device_id)"
        " JOIN ev_customer u ON u.customer_id = c.customer_id"
        " WHERE d.product_id <> c.product_id OR d.customer_id <> c.customer_id OR u.state_code IS DISTINCT FROM c.state_code"
    ) == 0  # fmt: skip
    assert whole.one(
        "SELECT COUNT(*) FROM ev_issue_session s JOIN ev_claim c USING (claim_id)"
        " WHERE s.device_id <> c.device_id OR s.issue_description <> c.issue_type"
    ) == 0  # fmt: skip


@pytest.mark.exhaustive
def test_the_cast_is_there(whole: Seeded) -> None:
    assert whole.one(
        "SELECT u.full_name, d.imei, p.product_name, c.claim_id, c.claim_status, s.closed_ts, v.coverage_status"
        " FROM ev_claim c"
        " JOIN ev_customer u USING (customer_id) JOIN ev_device d USING (device_id)"
        " JOIN ev_product_catalog p ON p.product_id = c.product_id JOIN ev_issue_session s ON s.claim_id = c.claim_id"
        " JOIN ev_coverage v ON v.coverage_id = c.coverage_id WHERE c.claim_id = ?",
        cast.CLAIM,
    ) == ("John Doe", "356789012345678", "iPhone 14 Pro", "CLM-88122", "in_review", None, "active")  # fmt: skip
    free = "SELECT SUM(capacity - booked) FROM ops_repair_slot WHERE center_id = ? AND slot_start_ts < ?"
    assert whole.one(free, cast.CENTER, whole.anchor + timedelta(hours=6)) > 0
    assert (
        whole.one("SELECT quantity_on_hand FROM ops_part_stock WHERE center_id = ? AND part_sku = 'SCR-1000'", cast.CENTER)
        > 0
    )


# -- scale, publishing, printing ------------------------------------------------------------------


@pytest.mark.exhaustive
def test_more_claims_lie_in_earlier_years_and_leave_the_figures_alone(tmp_path: Path) -> None:
    seeded = _seed(tmp_path / "large.duckdb", "2026-11-16T15:00:00", "UTC", 400_000, backend="lakehouse")
    assert abs(seeded.one("SELECT COUNT(*) FROM ev_claim") - 400_000) < 10
    assert seeded.one("SELECT MIN(claim_open_ts) FROM ev_claim") < datetime(2025, 10, 1, tzinfo=UTC)
    as_of = seeded.at_rest
    assert _avoided(seeded, seeded.window("month_to_date", as_of)) == Decimal("1410000.00")
    assert (seeded.one(ALIVE["issues"], as_of), seeded.one(ALIVE["claims"], as_of)) == (1286, 642)
    assert (
        seeded.one("SELECT COUNT(*) FROM ev_claim JOIN ev_coverage USING (coverage_id) WHERE start_ts > claim_open_ts") == 0
    )
    tables = {row[0] for row in seeded.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert "ops_recommendation" not in tables, "operational tables lie in postgres only"
    seeded.connection.close()


@pytest.mark.exhaustive
def test_a_new_file_takes_the_place_of_the_old_one_under_its_readers(tmp_path: Path) -> None:
    path = tmp_path / "lakehouse.duckdb"
    first = _seed(path, "2026-11-16T15:00:00", "UTC", FEW, backend="lakehouse")
    version = first.one("SELECT version FROM assay_meta.load")
    second = _seed(path.with_name("other.duckdb"), "2026-11-17T15:00:00", "UTC", FEW, backend="lakehouse")
    path.with_name("other.duckdb").replace(path)
    assert first.one("SELECT MAX(claim_open_ts) FROM ev_claim") < datetime(2026, 11, 16, 15, tzinfo=UTC)
    assert second.one("SELECT version FROM assay_meta.load") > version
    assert second.one("SELECT anchor FROM assay_meta.load") == datetime(2026, 11, 17, 15, tzinfo=UTC)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["lakehouse.duckdb"]
    first.connection.close()
    second.connection.close()


def test_a_seeding_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "lakehouse.duckdb"
    path.write_bytes(b"old")

    def stop(label: str, done: int, of: int) -> None:
        if label.startswith("fill"):
            raise KeyboardInterrupt

    plan = Plan(DICTIONARY, datetime(2026, 11, 16, 15, tzinfo=UTC), "UTC", FEW)
    with pytest.raises(KeyboardInterrupt):
        seed_duckdb(path, plan, "lakehouse", stop)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["lakehouse.duckdb"]


@pytest.mark.exhaustive
@pytest.mark.parametrize("driver", ["postgres", "duckdb", "databricks", "spark"])
def test_the_statements_print_for_every_engine(driver: str) -> None:
    plan = Plan(DICTIONARY, datetime(2026, 11, 16, 15, tzinfo=UTC), "UTC", FEW)
    found = list(statements(plan, driver, "postgres"))
    for label, sql in found:
        assert len(sqlglot.parse(sql, read=driver)) == 1, label
        for own_word in ("AT_MICROS", "ON_DAY", "series_"):
            assert own_word not in sql
    filled = {label.removeprefix("fill ") for label, _ in found if label.startswith("fill ")}
    assert filled == {table.name for table in DICTIONARY.tables.values()} == set(GENERATORS)


def test_generators_make_exactly_the_columns_of_the_dictionary() -> None:
    plan = Plan(DICTIONARY, datetime(2026, 11, 16, 15, tzinfo=UTC), "UTC", FEW)
    made: dict[str, set[str]] = {}
    for label, sql in statements(plan, "duckdb", "postgres"):
        if label.startswith("fill "):
            tree = sqlglot.parse_one(sql, read="duckdb")
            made.setdefault(label.removeprefix("fill "), set()).update(each.name for each in tree.this.expressions)
    never_made = {("ops_recommendation", "session_id"), ("ops_recommendation", "claim_id"),
                  ("ops_alert", "session_id"), ("ops_alert", "event_id")}  # fmt: skip
    for table in DICTIONARY.tables.values():
        missing = {(table.name, name) for name in table.columns} - {(table.name, name) for name in made[table.name]}
        assert missing <= never_made


def test_a_column_that_the_dictionary_lost_is_left_out() -> None:
    table = DICTIONARY.tables["l3_asurion.ref_partner"]
    smaller = {name: column for name, column in table.columns.items() if name != "tier"}
    tables = {table.qualified: type(table)(**{**vars(table), "columns": smaller})}
    plan = Plan(Dictionary(tables, (), (), "", "v"), datetime(2026, 11, 16, 15, tzinfo=UTC), "UTC", FEW)
    connection = duckdb.connect()
    for _, sql in statements(plan, "duckdb", "lakehouse"):
        connection.execute(sql)
    assert connection.execute("SELECT COUNT(*), COUNT(DISTINCT partner_name) FROM l3_asurion.ref_partner").fetchone() == (
        12,
        12,
    )


def test_a_plan_needs_a_moment_with_a_time_zone_and_a_sensible_size() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Plan(DICTIONARY, datetime(2026, 11, 16), "UTC", None)
    with pytest.raises(ValueError, match="50,000,000"):
        Plan(DICTIONARY, datetime(2026, 11, 16, tzinfo=UTC), "UTC", 50_000_001)


# -- the calendar ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("total", "weights"), [(6714, [1.0, 2.0, 3.0]), (7, [0.1] * 31), (0, [1.0]), (5, [0.0, 0.0, 1e-9])])
def test_an_allotment_adds_up(total: int, weights: list[float]) -> None:
    parts = allot(total, weights)
    assert sum(parts) == total
    assert min(parts) >= 0


def test_fifty_million_claims_are_allotted_without_a_spike() -> None:
    stretches = Timeline(datetime(2026, 11, 16, 15, tzinfo=UTC), "UTC").claims(50_000_000)
    assert abs(sum(stretch.claims for stretch in stretches) - 50_000_000) < 10
    assert max(stretch.claims for stretch in stretches) < 25_000


def test_a_day_of_23_hours_has_no_claims_beyond_its_end() -> None:
    timeline = Timeline(datetime(2024, 4, 3, 10, tzinfo=UTC), "Europe/Berlin")
    short = next(s for s in timeline.claims(None) if s.day.isoformat() == "2024-03-31")
    assert short.ticks_from + short.ticks <= ticks_at(23 * 3_600_000_000)
