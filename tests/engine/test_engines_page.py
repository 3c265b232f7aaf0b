"""The page about engines names every pinned meaning and every engine; what it says of them is held to the runs by `Pins`."""

import inspect
import re

import pytest
from tests.engine import test_pinned_meanings
from tests.engine.table import ANSWERED, BOTH, PAGE, REFUSED, Told, table

from assay.engine import OWN_ENGINES


def test_every_pinned_meaning_has_its_line() -> None:
    asked = {
        name for name, test in inspect.getmembers(test_pinned_meanings, inspect.iscoroutinefunction)
        if name.startswith("test_") and re.search(r"pins\.(rows|value)\(|await groups\(", inspect.getsource(test))
    }  # fmt: skip
    assert asked == table().keys()
    assert {engine for cells in table().values() for engine in cells} == set(OWN_ENGINES)
    assert {word for cells in table().values() for word in cells.values()} <= {ANSWERED, REFUSED, BOTH}


def test_what_a_run_hears_is_held_against_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    told, line = Told(), "tests/engine/test_pinned_meanings.py::test_a_week_begins_on_monday (call)"
    monkeypatch.setenv("PYTEST_CURRENT_TEST", line)
    told.note(["postgres", "mariadb"], ANSWERED)
    assert told.contradicts() == []
    told.note(["mariadb"], REFUSED)
    assert told.contradicts() == [
        "test_a_week_begins_on_monday on mariadb: equal, but for what is refused, and the page says equal"
    ]


def test_every_engine_has_a_section_of_the_page() -> None:
    page = PAGE.read_text()
    for name in OWN_ENGINES:
        assert f"`{name}`" in page
