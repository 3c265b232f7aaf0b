"""A dashboard goes out as YAML and comes back equal, whatever stands in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.compiler.question import AskedBounds, AskedFilter, AskedMetrics, AskedOrder
from assay.widgets.dashboard_yaml import read_dashboard, write_dashboard
from assay.widgets.widget import DashboardEntry, NumberFormat, ReferenceLine, Threshold, Tile, Widget

names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)
# What YAML reads as something else, beside whatever characters there are.
texts = st.one_of(
    st.sampled_from(
        [
            "yes",
            "null",
            "~",
            "1e3",
            "0x1f",
            "2026-03-01",
            "*a",
            "&a",
            "- a",
            "a: b",
            "# a",
            "'",
            '"',
            " a ",
            "=",
            "<<",
            "a\x85",
            "a\u2028b",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
)
numbers = st.decimals(-1_000_000, 1_000_000, places=3).map(lambda number: f"{number:f}")
values = st.one_of(texts, st.integers(-(2**60), 2**60), st.booleans(), st.floats(allow_nan=False, allow_infinity=False))
filters = st.one_of(
    st.builds(lambda name, value: AskedFilter(dimension=name, op="in", values=(value,)), names, values),
    st.builds(lambda name: AskedFilter(dimension=name, op="is_null"), names),
)
questions = st.builds(
    AskedMetrics,
    metrics=st.lists(names, min_size=1, max_size=3).map(tuple),
    dimensions=st.lists(names, max_size=2).map(tuple),
    filters=st.lists(filters, max_size=2).map(tuple),
    window=st.one_of(st.none(), texts, st.builds(AskedBounds, start=st.just("2026-03-01"), end=st.just("2026-04-01"))),
    grain=st.sampled_from([None, "day", "month"]),
    compare=st.sampled_from([None, "previous_year"]),
    order=st.lists(st.builds(AskedOrder, by=names, descending=st.booleans()), max_size=2).map(tuple),
    limit=st.sampled_from([None, 5]),
)
thresholds = st.sets(st.integers(-1_000, 1_000), max_size=3).map(
    lambda found: tuple(Threshold(at=str(at), tone="watch") for at in sorted(found))
)
widgets = st.builds(
    Widget,
    title=st.none() | texts, subtitle=st.none() | texts, kind=st.sampled_from(["kpi", "trend", "bar", "table", "breakdown"]),
    question=questions, spark=st.none() | questions, stacked=st.just(False), series=st.none(),
    reference_lines=st.lists(st.builds(ReferenceLine, value=numbers, label=texts), max_size=2).map(tuple),
    thresholds=thresholds,
    format=st.none() | st.builds(NumberFormat, decimals=st.none() | st.integers(0, 6), compact=st.booleans()),
)  # fmt: skip
tiles = st.builds(
    Tile,
    widget_id=names,
    x=st.integers(0, 11),
    y=st.integers(0, 100),
    w=st.integers(1, 12),
    h=st.integers(1, 40),
    widget=widgets,
)
entries = st.builds(
    DashboardEntry, dashboard_id=names, label=texts, description=texts, tiles=st.lists(tiles, max_size=3).map(tuple)
)


@settings(deadline=None)
@given(entries)
def test_a_dashboard_comes_back_from_its_yaml_equal(entry: DashboardEntry) -> None:
    assert read_dashboard(write_dashboard(entry)) == entry


@pytest.mark.exhaustive
@settings(deadline=None)
@given(entries)
def test_writing_what_was_read_changes_no_letter(entry: DashboardEntry) -> None:
    text = write_dashboard(entry)
    assert write_dashboard(read_dashboard(text)) == text
