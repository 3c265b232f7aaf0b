"""What a check leads to for one listener, as a table: what fires, what recovers, and when it is told."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from assay.alerts.entry import AlertEntry, ChannelEntry, Quiet, When
from assay.alerts.evaluation import Evaluation
from assay.alerts.files import faults_of_alert
from assay.alerts.judgement import Judged, by_bar, by_usual
from assay.alerts.state import Step, step
from assay.catalog.workspace import load_workspace
from assay.store.alerts import GroupState
from tests.unit.small import write_shop

START = datetime(2026, 3, 17, 12, tzinfo=UTC)


def run(said: str, times: int = 1, silent: str = "", turns: str = "") -> str:
    """A check a letter: `x` it holds, `.` it does not, `?` not known, `-` the group is not there.

    What comes back says of each check what is told: `F` fired, `R` recovered, `_` nothing. `silent`: where nobody is told;
    `turns`: where it is not this listener's turn.
    """
    states: dict[tuple[object, ...], GroupState] = {}
    told = ""
    for number, letter in enumerate(said):
        now = START + timedelta(minutes=number)
        judged = {"x": (Judged(("a",), True, 1),), ".": (Judged(("a",), False, 1),), "u": (Judged(("a",), None),)}
        found = Evaluation((), None, "why") if letter == "?" else Evaluation(judged.get(letter, ()), "receipt")
        is_turn = number >= len(turns) or turns[number] != "#"
        done: Step = step(states, found, times, now, lambda _, is_turn=is_turn: is_turn,
                          is_silent=number < len(silent) and silent[number] == "#")  # fmt: skip
        states = {each.key: each for each in done.states}
        told += "F" if done.fired else "R" if done.recovered else "_"
    return told


@pytest.mark.parametrize(
    ("said", "times", "silent", "turns", "told"),
    [
        ("xx.x", 1, "", "", "F_RF"),
        ("x.xx..", 2, "", "", "___F_R"),
        ("xx.xx..", 2, "", "", "_F____R"),
        ("x?x", 2, "", "", "__F"),
        ("xuux", 2, "", "", "___F"),
        ("x???.", 1, "", "", "F___R"),
        ("x-", 1, "", "", "FR"),
        ("xxxx", 1, "##", "", "__F_"),
        ("x.", 1, "##", "", "__"),
        ("x..", 1, ".#", "", "F_R"),
        ("x.x", 1, ".#", "", "F__"),
        ("x?", 1, "#", "", "_F"),
        ("xxx.", 1, "", "##", "__FR"),
        ("xx.", 1, "", "##", "___"),
    ],
)
def test_what_is_told(said: str, times: int, silent: str, turns: str, told: str) -> None:
    assert run(said, times, silent, turns) == told


@pytest.mark.parametrize(
    ("when", "value", "before", "holds"),
    [
        ({"above": 500}, 501, None, True), ({"above": 500}, 500, None, False), ({"below": "0.3"}, "0.29", None, True),
        ({"above": 0.1}, 0.1, None, False), ({"above": 1}, None, None, None), ({"above": 1}, "NaN", None, None),
        ({"change": "previous_period", "below": "-10%"}, "89.99", "100.00", True),
        ({"change": "previous_period", "below": "-10%"}, "90.00", "100.00", False),
        ({"change": "previous_period", "below": "-10%"}, 5, 0, None),
        ({"change": "previous_period", "below": "-10%"}, 5, None, None),
        ({"change": "previous_period", "above": "10%"}, -80, -100, True),
        ({"change": "previous_year", "above": 3}, 4, 0, True),
    ],
)  # fmt: skip
def test_a_bar_is_held_against_exactly(when: dict[str, object], value: object, before: object, holds: bool | None) -> None:
    assert by_bar(When.model_validate(when), (), value, before).holds is holds


def test_usual_is_the_median_and_its_deviation_of_the_same_weekday() -> None:
    days = [START.date() - timedelta(days=each) for each in range(63, -1, -1)]
    values = dict(zip(days[::-1][7::7], (10, 12, 8, 11, 9, 10, 13, 7), strict=False))
    series = [(each.isoformat(), values.get(each, 1_000)) for each in days[:-1]]
    for value, holds in ((10, False), (15, False), (16, True), (4, True), (5, False)):
        # Median 10, MAD 1.5: three times 1.4826 · 1.5 is 6.67... either side of which it is outside.
        found = by_usual(Fraction(3) * 3 / 4, (), [*series, (days[-1].isoformat(), value)], 0, is_hourly=False)
        assert (found.holds, found.before) == (holds, 10), value


def test_quiet_hours_go_by_the_wall_clock_over_midnight_and_over_a_change_of_clocks() -> None:
    quiet, zone = Quiet(between="22:00-07:00", zone="America/Chicago"), ZoneInfo("UTC")
    wall = ZoneInfo("America/Chicago")
    for day in (7, 8, 9):  # clocks change on the 8th
        for hour, holds in ((21, False), (22, True), (23, True), (0, True), (6, True), (7, False), (12, False)):
            assert quiet.holds(datetime(2026, 3, day, hour, 30 if hour != 7 else 0, tzinfo=wall), zone) is holds


def test_what_begins_while_no_data_move_is_not_left_to_their_moving() -> None:
    for when in ({"missing": True}, {"stale": "6 hours"}, {"parity": "differs"}):
        form = {"id": "a", "question": {"metrics": ["sales"]}, "when": when, "tell": ["ops"]}
        assert AlertEntry.model_validate(form).every == timedelta(minutes=5)
        with pytest.raises(ValidationError, match="begins while no data move"):
            AlertEntry.model_validate({**form, "check": "when the data moves"})


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"when": {"undelivered": "30 minutes"}}, None),
        ({"when": {"parity": "stale"}}, None),
        ({"when": {"parity": "stale"}, "question": {"metrics": ["sales"]}}, None),
        ({"when": {"above": 1}}, "above is of a figure: write question"),
        ({"when": {"undelivered": "30 minutes"}, "question": {"metrics": ["sales"]}}, "leave out question"),
        ({"when": {"undelivered": "a while"}}, "'a while' is not a fixed length of time"),
        ({"when": {"undelivered": "1 hour"}, "check": "when the data moves"}, "begins while no data move"),
        ({"when": {"parity": "stale"}, "check": "when the data moves"}, "begins while no data move"),
    ],
)
def test_of_assay_itself_is_what_has_no_question(form: dict[str, object], says: str | None) -> None:
    whole = {"id": "a", "tell": ["ops"], **form}
    if says is None:
        assert AlertEntry.model_validate(whole).has_groups is ("question" not in form)
    else:
        with pytest.raises(ValidationError, match=says):
            AlertEntry.model_validate(whole)


def test_what_is_counted_beside_a_metric_is_not_watched(tmp_path: Path) -> None:
    workspace = load_workspace(write_shop(tmp_path))
    channels = {"ops": ChannelEntry(name="ops", kind="slack")}
    (metric, *_) = workspace.metrics
    for name, faults in ((metric, []), (f"{metric}:rows", [f"{metric}:rows is not a metric of its own"])):
        form = {"id": "a", "question": {"metrics": [name]}, "when": {"above": 1}, "tell": ["ops"]}
        found = faults_of_alert(AlertEntry.model_validate(form), channels, workspace)
        assert [message for _, message, _, _ in found] == faults
