"""`pytest tests/golden --update-golden` writes the expected SQL and rows anew; look at the difference before it is kept."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden SQL and rows anew")


@pytest.fixture
def updates(request: pytest.FixtureRequest) -> bool:
    # Run from the root, pytest reads this file too late to know the option; then nothing is updated.
    return bool(request.config.getoption("update_golden", default=False))
