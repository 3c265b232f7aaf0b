"""One MariaDB for the files of this folder, and which of the meanings run in `make test`."""

from collections.abc import Iterator

import pytest

from tests.mariadb.server import PROGRAM, SKIP, mariadb_server

_QUICK = (
    "division_is_real", "sums_of_decimals", "filter_that_excludes_keeps", "text_is_ordered", "unknown_values_are_last",
    "days_of_23", "week_begins_on_monday", "metrics_of_two_tables", "latest_moment",
)  # fmt: skip


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    if PROGRAM is None:
        pytest.skip(SKIP)
    with mariadb_server() as url:
        yield url


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        is_here = item.path.parent.name == "mariadb" and item.path.stem == "test_pinned_meanings"
        if is_here and not any(each in item.name for each in _QUICK):
            item.add_marker(pytest.mark.exhaustive)
