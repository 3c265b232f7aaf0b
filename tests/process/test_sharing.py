"""Processes with homes of their own on one database: starting one never undoes what another has."""

import pytest
from tests.soak.starting import soak


@pytest.mark.exhaustive
def test_two_processes_started_killed_and_started_again_lose_and_double_nothing() -> None:
    """For a few seconds; `python -m tests.soak.starting` does it with five for ten minutes."""
    wrong, done = soak(2, 25, dice=7, is_filling_killed=False)
    assert wrong == []
    assert done["started"] >= 3
    assert done["widgets"] > 0
    assert done["receipts"] > 0
