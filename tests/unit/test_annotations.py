"""What may stand in `annotations/*.yaml`, when it is, and who may read it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from assay.catalog.workspace import load_workspace
from assay.people.scope import EVERYTHING
from assay.widgets.annotations import AnnotationEntry, read_annotations
from tests.unit.small import write_shop

ZONE = ZoneInfo("America/New_York")
FILE = """\
annotations:
  - {id: release, label: Release 4, at: "2026-03-02T14:30"}
  - {id: offer, label: Spring offer, at: "2026-03-07", until: "2026-03-08", metrics: [sales]}
  - {id: lost, label: Of nothing, at: "2026-03-07", metrics: [sales, sails]}
  - {id: offer, label: Again, at: "2026-03-09"}
  - {id: never, label: No such day, at: "2026-02-30"}
  - {id: back, label: Backwards, at: "2026-03-08", until: "2026-03-07"}
  - {id: ever, label: For ever, at: "2026-03-08", until: "9999-12-31"}
  - {id: begun, label: From the first day, at: "0001-01-01", until: "2026-03-07"}
"""


def test_a_file_is_read_with_what_is_wrong_by_line_and_told_to_those_who_may_ask(tmp_path: Path) -> None:
    workspace = load_workspace(write_shop(tmp_path))
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "shop.yaml").write_text(FILE)
    found = read_annotations(workspace)
    assert list(found.known) == ["release", "offer"]
    told = [(each.line, each.message) for each in found.findings]
    assert [line for line, _ in told] == [4, 5, 6, 7, 8, 9]
    assert ["years 2 to 9998" in message for _, message in told[-2:]] == [True, True]
    said = " ".join(message for _, message in told)
    for each in ("which the calendar does not have", "lies before", "there is no metric 'sails'", "stands twice"):
        assert each in said
    one = replace(EVERYTHING, only=("sales",))
    other = replace(EVERYTHING, only=("other",))
    assert [each.entry.id for each in found.seen_by(one)] == ["release", "offer"]
    assert [each.entry.id for each in found.seen_by(other)] == ["release"], "what it is of is not for them"


@pytest.mark.parametrize(
    ("entry", "start", "end", "when"),
    [
        ({"at": "2026-03-08"}, "2026-03-08T05:00", "2026-03-09T04:00", "8 Mar 2026"),  # 23 hours: clocks go forward
        ({"at": "2026-03-08", "until": "2026-03-08"}, "2026-03-08T05:00", "2026-03-09T04:00", "8 Mar 2026"),
        ({"at": "2026-03-07", "until": "2026-03-08"}, "2026-03-07T05:00", "2026-03-09T04:00", "7 Mar 2026 to 8 Mar 2026"),
        ({"at": "2026-03-02T14:30"}, "2026-03-02T19:30", "2026-03-02T19:30", "2 Mar 2026, 14:30"),
    ],
)
def test_a_day_counts_whole_and_a_time_is_a_moment(entry: dict[str, str], start: str, end: str, when: str) -> None:
    found = AnnotationEntry.model_validate({"id": "a", "label": "A", **entry})
    first, last = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (start, end))
    assert found.bounds(ZONE) == (first, last)
    assert found.when_told == when
    assert found.falls_in(first, first.replace(year=2027), ZONE)
    assert not found.falls_in(first.replace(year=2025), first, ZONE)
    is_moment = first == last
    assert found.falls_in(last, last.replace(year=2027), ZONE) is is_moment
