"""Calendars: when weeks and fiscal years begin, windows and comparisons that are made of periods, and files of periods."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from assay.catalog.buckets import bucket_day, grain_in
from assay.catalog.calendars import FISCAL, Calendar, NotCovered, Period, Periods
from assay.catalog.fiscal import FiscalYear, fiscal_periods
from assay.catalog.last_good import LastGood
from assay.catalog.period_files import read_periods
from assay.catalog.windows import previous_bounds, read_window, resolve_window
from assay.catalog.workspace import load_workspace
from assay.catalog.zones import to_wall
from assay.compiler.question import Asked, AskedBounds, Question, resolve_question, restore_question
from assay.compiler.statement import compile_question
from assay.errors import BadQuestion
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from tests.unit.small import NOW, write_shop

RETAIL = Calendar(6, fiscal_periods(FiscalYear(weeks="4-5-4", ends="saturday nearest the end of january", named_by="start")))
"""The calendar that the National Retail Federation of the United States publishes."""
YEARS_OF_53_WEEKS = (2000, 2006, 2012, 2017, 2023)


def year(number: int) -> tuple[date, date]:
    found = RETAIL.periods["fiscal_year"]
    at = next(at for at, first in enumerate(found.firsts) if first.year == number and first.month in (1, 2))
    return found.firsts[at], found.begins(at + 1)


def test_the_retail_calendar_is_the_one_that_is_published() -> None:
    """2023 began on 29 January and had 53 weeks; 2024 on 4 February, 2025 on 2 February, 2026 on 1 February."""
    assert [year(each)[0] for each in (2023, 2024, 2025, 2026)] == [
        date(2023, 1, 29), date(2024, 2, 4), date(2025, 2, 2), date(2026, 2, 1),
    ]  # fmt: skip
    long = [each for each in range(2000, 2027) if (year(each)[1] - year(each)[0]).days == 371]
    assert tuple(long) == YEARS_OF_53_WEEKS
    periods = RETAIL.periods["fiscal_period"]
    assert periods.label(date(2026, 2, 1)) == "FY26 P01"
    assert periods.label(date(2024, 1, 28)) == "FY23 P12"  # its 53rd week
    weeks = [(b - a).days // 7 for a, b in pairwise(periods.firsts[periods.number(date(2023, 1, 29)) :][:13])]
    assert weeks == [4, 5, 4] * 3 + [4, 5, 5]


@pytest.mark.parametrize(
    "said",
    [{"starts": "april", "named_by": "end"}, {"weeks": "4-4-5", "ends": "last saturday of january"},
     {"weeks": "5-4-4", "ends": "sunday nearest the end of june"}],
)  # fmt: skip
def test_every_day_lies_in_one_period_of_one_quarter_of_one_year(said: dict[str, str]) -> None:
    found = fiscal_periods(FiscalYear.model_validate(said))
    firsts = {name: set(each.firsts) for name, each in found.items()}
    assert firsts["fiscal_year"] < firsts["fiscal_quarter"] < firsts["fiscal_period"]
    for each in found.values():
        assert list(each.firsts) == sorted(each.firsts)
        assert each.firsts[0] < date(1900, 1, 1)
        assert each.end > date(2201, 1, 1)
    ends = found["fiscal_year"].firsts
    if "weeks" in said:
        assert {(b - a).days for a, b in pairwise(ends)} == {364, 371}
    else:
        assert {(each.month, each.day) for each in ends} == {(4, 1)}


@pytest.mark.parametrize("named", ["start", "end"])
def test_a_year_that_ends_near_the_end_of_december_has_the_number_of_that_december(named: str) -> None:
    """2020 ended on 3 January 2021, 2021 on 2 January, 2022 on 1 January, 2023 on 31 December, 2024 on 29 December."""
    said = {"weeks": "4-4-5", "ends": "sunday nearest the end of december", "named_by": named}
    years = fiscal_periods(FiscalYear.model_validate(said))["fiscal_year"]
    lasts = {
        20: date(2021, 1, 3), 21: date(2022, 1, 2), 22: date(2023, 1, 1), 23: date(2023, 12, 31), 24: date(2024, 12, 29),
    }  # fmt: skip
    assert {number: years.label(last) for number, last in lasts.items()} == {number: f"FY{number}" for number in lasts}
    assert all(years.begins_on(last + timedelta(days=1)) for last in lasts.values())


def test_a_year_is_named_by_where_it_begins_or_ends() -> None:
    for named, label in (("start", "FY25"), ("end", "FY26")):
        found = fiscal_periods(FiscalYear(starts="april", named_by=named))  # pyright: ignore[reportArgumentType]
        assert found["fiscal_year"].label(date(2026, 3, 31)) == label
        assert found["fiscal_quarter"].label(date(2026, 3, 31)) == f"{label} Q4"
    # Where both are one calendar year, so is the name.
    found = fiscal_periods(FiscalYear(starts="january", named_by="start"))
    assert found["fiscal_period"].label(date(2026, 3, 31)) == "FY26 P03"


@pytest.mark.parametrize(
    ("said", "why"),
    [({}, "of months"), ({"starts": "april", "weeks": "4-4-5"}, "of months"), ({"weeks": "4-4-5"}, "belong together"),
     ({"weeks": "4-4-5", "ends": "last day of may"}, "is no end of a year of weeks"), ({"starts": "fall"}, "Input should")],
)  # fmt: skip
def test_what_is_no_fiscal_year_is_refused(said: dict[str, str], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        FiscalYear.model_validate(said)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [("week_to_date", "2026-03-15", None), ("previous_week", "2026-03-08", "2026-03-15"),
     ("last 2 whole weeks", "2026-03-01", "2026-03-15"), ("fiscal_period_to_date", "2026-03-01", None),
     ("previous_fiscal_period", "2026-02-01", "2026-03-01"), ("previous fiscal quarter", "2025-11-02", "2026-02-01"),
     ("fiscal_year_to_date", "2026-02-01", None), ("last 2 fiscal quarters", "2025-11-02", None),
     ("last 2 whole fiscal_quarters", "2025-08-03", "2026-02-01"), ("next 1 fiscal period", "2026-04-05", "2026-05-03"),
     ("month_to_date", "2026-03-01", None)],
)  # fmt: skip
def test_windows_are_made_of_weeks_and_periods(name: str, start: str, end: str | None) -> None:
    bounds = resolve_window(read_window(name), NOW, UTC_ZONE, RETAIL)
    assert (bounds.start, bounds.end) == (_at(start), _at(end) if end else NOW)


UTC_ZONE = ZoneInfo("UTC")


def _at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def test_the_window_before_lies_back_by_periods() -> None:
    """P02 of FY26 has five weeks and P01 has four; so far both are as long as each other."""

    def before(name: str) -> tuple[datetime, datetime]:
        bounds = resolve_window(read_window(name), NOW, UTC_ZONE, RETAIL)
        found = previous_bounds(bounds, "previous_period", UTC_ZONE, RETAIL)
        return to_wall(found.start, UTC_ZONE), to_wall(found.end, UTC_ZONE)

    assert before("fiscal_period_to_date") == (datetime(2026, 2, 1), datetime(2026, 2, 17, 15, 42, 10))
    assert before("previous_fiscal_period") == (datetime(2026, 1, 4), datetime(2026, 2, 1))
    assert before("last 2 whole fiscal quarters") == (datetime(2025, 2, 2), datetime(2025, 8, 3))


def test_what_a_calendar_does_not_tell_is_refused() -> None:
    season = Periods("season", [Period(date(2025, 2, 2), "one"), Period(date(2026, 2, 1), "two")], date(2027, 1, 31))
    calendar = Calendar(0, {"season": season})
    assert bucket_day(date(2026, 1, 31), grain_in(calendar, "season")) == date(2025, 2, 2)
    for call in (
        lambda: season.number(date(2027, 1, 31)), lambda: season.number(date(2025, 2, 1)),
        lambda: season.moved(date(2026, 1, 1), -1), lambda: season.moved(date(2027, 1, 31), 0),
        lambda: resolve_window("last 9 seasons", NOW, UTC_ZONE, calendar), lambda: grain_in(calendar, "fiscal_year"),
    ):  # fmt: skip
        with pytest.raises(NotCovered):
            call()


def test_files_of_periods_follow_one_another(tmp_path: Path) -> None:
    (tmp_path / "calendars").mkdir()

    def told(name: str, text: str) -> list[str]:
        file = tmp_path / "calendars" / name
        file.write_text("period,first_day,last_day\n" + text)
        read = read_periods(tmp_path)
        file.unlink()
        assert (not read.findings) == (file.stem in read.grains)
        return [str(each) for each in read.findings]

    assert told("season.csv", "low,2025-01-01,2025-04-30\nhigh,2025-05-01,2025-09-30\n") == []
    assert (
        "calendars/season.csv:3: high begins on 2025-05-02, and leaves out days behind"
        in told("season.csv", "low,2025-01-01,2025-04-30\nhigh,2025-05-02,2025-09-30\n")[0]
    )
    assert "shares days" in told("season.csv", "low,2025-01-01,2025-04-30\nhigh,2025-04-30,2025-09-30\n")[0]
    assert "ends before it begins" in told("season.csv", "low,2025-01-02,2025-01-01\n")[0]
    assert "is not a day" in told("season.csv", "low,2025-01-02,soon\n")[0]
    assert "is a grain already" in told("week.csv", "low,2025-01-01,2025-04-30\n")[0]
    assert "holds no period" in told("season.csv", "")[0]


def test_the_last_good_periods_hold_where_the_file_cannot_be_used(tmp_path: Path) -> None:
    """Also when they were kept and read again; what is deleted is gone."""
    folder = write_shop(tmp_path) / "calendars"
    folder.mkdir()
    file, window = folder / "season.csv", {"start": "2026-01-01", "end": "2026-04-01"}
    file.write_text("period,first_day,last_day\nlow,2026-01-01,2026-02-14\nhigh,2026-02-15,2026-12-31\n")
    good = load_workspace(tmp_path, {})
    kept = good.good.documents()
    last = LastGood.of(kept["metric"], kept["dictionary"], kept["calendar"])
    for broken in (b"period,first_day,last_day\nlow,2026-01-01,soon\n", b"\xff\xfe", b"period,first_day\n"):
        file.write_bytes(broken)
        held = load_workspace(tmp_path, {}, last)
        assert held.calendar.mark == good.calendar.mark
        assert held.good.calendars == good.good.calendars
        assert any("the last good periods hold" in str(each) for each in held.findings)
        question = resolve_question(("sales",), Asked(window=AskedBounds(**window), grain="season"), held, NOW, EVERYTHING)
        assert [each.name for each in question.buckets()] == ["2026-01-01", "2026-02-15"]
    file.unlink()
    assert "season" not in load_workspace(tmp_path, {}, last).calendar.grains


def test_what_looks_back_by_periods_knows_them(tmp_path: Path) -> None:
    """They are in its version; what they do not tell is refused, and so are periods that there are not."""
    metrics = (
        "metrics:\n  - {id: then, label: Then, definition: Then., owner: me, expression: a, inputs: {a: {metric: sales,"
        " shift: SHIFT}}}\n  - {id: sales, label: Sales, definition: Sales., owner: me, entity: sale, measure: COUNT(*),"
        " time: sold_at}\n"
    )
    folder = write_shop(tmp_path, metrics=metrics.replace("SHIFT", "1 season")) / "calendars"
    folder.mkdir()
    versions = set[str]()
    for last, first in (("2026-02-14", "2026-02-15"), ("2026-02-13", "2026-02-14")):
        (folder / "season.csv").write_text(f"period,first_day,last_day\na,2026-01-01,{last}\nb,{first},2026-12-31\n")
        held = load_workspace(tmp_path, {})
        assert not held.findings
        versions.add(held.metrics["then"].version)
        told = Asked(window=AskedBounds(start="2026-02-15", end="2026-02-17"), grain="day")
        assert resolve_question(("then",), told, held, NOW, EVERYTHING).bounds_of(
            held.metrics["then"].parts[0].shift, "current").start.date() < date(2026, 1, 3)  # fmt: skip
        for start, end in (
            ("2026-02-01", "2026-02-17"), ("2026-12-01", "2027-01-02"), ("2027-01-01T06:00", "2027-01-01T12:00"),
        ):  # fmt: skip
            for grain in (None, "day"):
                with pytest.raises(BadQuestion, match="seasons of this workspace are told from 2026-01-01 to 2026-12-31"):
                    resolve_question(("then",), Asked(window=AskedBounds(start=start, end=end), grain=grain), held, NOW,
                                     EVERYTHING)  # fmt: skip
    assert len(versions) == 2
    write_shop(tmp_path, metrics=metrics.replace("SHIFT", "2 terms"))
    (finding,) = load_workspace(tmp_path, {}).findings
    assert "inputs.a.shift: '2 terms' is not a length of time" in str(finding)
    assert "or so many of season" in str(finding)


def test_what_looks_back_by_periods_of_other_lengths_is_asked_for_no_long_time(tmp_path: Path) -> None:
    """Each day of a long one lies otherwise beside a short one."""
    entry = "id: {0}, label: {0}, definition: {0}, owner: me"
    then = f"{{{entry.format('then')}, expression: a, inputs: {{a: {{metric: sales, shift: 1 season}}}}}}"
    sales = f"{{{entry.format('sales')}, entity: sale, measure: COUNT(*), time: sold_at}}"
    folder = write_shop(tmp_path, metrics=f"metrics:\n  - {then}\n  - {sales}\n") / "calendars"
    folder.mkdir()
    lines, day = ["period,first_day,last_day"], date(2019, 1, 1)
    while day < date(2027, 1, 1):
        last = day + timedelta(days=0 if len(lines) % 2 else 59)
        lines.append(f"{day},{day},{last}")
        day = last + timedelta(days=1)
    (folder / "season.csv").write_text("\n".join([*lines, ""]))
    held = load_workspace(tmp_path, {})
    assert not held.findings

    def of(end: str) -> Question:
        return resolve_question(
            ("then",), Asked(window=AskedBounds(start="2020-01-01", end=end), grain="day"), held, NOW, EVERYTHING
        )

    assert compile_question(of("2020-10-01"), "duckdb", Policy.from_dictionary(held.dictionary)).safe
    with pytest.raises(BadQuestion, match="at most 300 can be"):
        of("2022-01-01")


def asked(root: Path, calendar: str, **question: object) -> Question:
    workspace = load_workspace(write_shop(root, calendar=calendar), {})
    assert not workspace.findings, [str(each) for each in workspace.findings]
    return resolve_question(("sales",), Asked.model_validate(question), workspace, NOW, EVERYTHING)


def test_a_question_knows_its_calendar(tmp_path: Path) -> None:
    """Its buckets are those of the calendar, told by their names; and another calendar makes another question of it."""
    april = "{fiscal_year: {starts: april}}"
    question = asked(tmp_path, april, window="last 2 fiscal_quarters", grain="fiscal_quarter")
    assert question.described()["periods"] == [
        {"time": "2025-10-01", "label": "FY26 Q3"}, {"time": "2026-01-01", "label": "FY26 Q4"},
    ]  # fmt: skip
    same_days = asked(tmp_path, "{fiscal_year: {starts: july}}", window="last 2 fiscal_quarters", grain="fiscal_quarter")
    assert question.bounds == same_days.bounds
    assert question.fingerprint() != same_days.fingerprint()
    weeks = [
        asked(tmp_path, f"{{week_starts: {each}}}", window="trailing_30d", grain="week") for each in ("sunday", "monday")
    ]
    assert weeks[0].fingerprint() != weeks[1].fingerprint()
    assert [each.buckets()[0].start.weekday() for each in weeks] == [6, 0]
    with pytest.raises(BadQuestion, match="There is no grain 'fiscal_quarter'"):
        asked(tmp_path, "", grain="fiscal_quarter")
    with pytest.raises(BadQuestion, match="There is no window 'fiscal_year_to_date'"):
        asked(tmp_path, "", window="fiscal_year_to_date")


def test_a_receipt_of_periods_that_the_workspace_has_not_any_more_is_not_asked_again(tmp_path: Path) -> None:
    """What it was compared with lies back by periods, whatever it is divided by."""
    for window in ("last 3 fiscal_periods", "previous_fiscal_quarter"):
        for grain in ("month", None):
            question = asked(
                tmp_path, "{fiscal_year: {starts: april}}", window=window, grain=grain, compare="previous_period"
            )
            there = load_workspace(tmp_path, {})
            assert restore_question(question.described(), there, EVERYTHING).fingerprint() == question.fingerprint()
            without = load_workspace(write_shop(tmp_path), {})
            with pytest.raises(BadQuestion, match="this workspace has no fiscal"):
                restore_question(question.described(), without, EVERYTHING)


def test_buckets_are_counted_before_days_are_looked_up(tmp_path: Path) -> None:
    """And what is looked up then is not looked up again."""
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "shift.csv").write_text("period,first_day,last_day\none,2026-01-01,2026-01-01\n")
    with pytest.raises(BadQuestion, match="more than 10,000 buckets of one shift"):
        asked(tmp_path, "", window="last 50 years", grain="shift")
    with pytest.raises(BadQuestion, match="the shifts of this workspace are told from 2026-01-01 to 2026-01-01"):
        asked(tmp_path, "", window="last 50 days", grain="shift")
    compared = asked(tmp_path, "", window="last 50 days", grain="day", compare="previous_period")
    assert {"moves", "framed"} <= vars(compared).keys()


def test_a_definition_knows_the_calendar_that_it_rests_on(tmp_path: Path) -> None:
    metrics = """\
metrics:
  - {id: plain, label: P, definition: P., entity: sale, measure: COUNT(*), time: sold_at, owner: shop}
  - {id: framed, label: F, definition: F., entity: sale, measure: COUNT(*), time: sold_at, owner: shop,
     over: {since_start_of: fiscal_year}}
  - {id: windowed, label: W, definition: W., entity: sale, measure: COUNT(*), time: sold_at, owner: shop,
     window: previous_week}
"""

    def versions(calendar: str) -> dict[str, str]:
        found = load_workspace(write_shop(tmp_path, metrics=metrics, calendar=calendar), {})
        assert not found.findings, [str(each) for each in found.findings]
        return {name: each.version for name, each in found.metrics.items()}

    april, july = versions("{fiscal_year: {starts: april}}"), versions("{fiscal_year: {starts: july}}")
    sunday = versions("{week_starts: sunday, fiscal_year: {starts: april}}")
    assert [name for name in april if april[name] != july[name]] == ["framed"]
    assert [name for name in april if april[name] != sunday[name]] == ["windowed"]
    none = load_workspace(write_shop(tmp_path, metrics=metrics), {})
    assert [str(each) for each in none.findings] == [
        "metrics/shop.yaml:3: framed: this workspace has no fiscal years (say in assay.yaml what its fiscal year is, under"
        " calendar)"
    ]
    assert set(none.metrics) == {"plain", "windowed"}


def test_the_common_calendar_has_no_mark() -> None:
    assert [Calendar().mark, RETAIL.mark_of(["month"])] == ["", ""]
    assert len({RETAIL.mark_of([each]) for each in ("week", *FISCAL)}) == 4
    assert timedelta(days=RETAIL.periods["fiscal_period"].least_days) == timedelta(weeks=4)
