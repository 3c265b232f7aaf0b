"""The first worlds of what `make truth` goes on with: random questions over awkward data, on every engine."""

import os

import pytest

from tests.truth.__main__ import search
from tests.truth.mutants import MUTANTS, ROOT


@pytest.mark.parametrize(
    "worlds", [pytest.param(range(1, 2), id="one"), pytest.param(range(2, 12), id="others", marks=pytest.mark.exhaustive)]
)
async def test_every_engine_says_what_plain_python_says(worlds: range) -> None:
    count, wrong = await search(os.environ["ASSAY_TEST_URL"], worlds)
    assert count
    assert wrong == []


def test_each_mutant_changes_one_place_of_the_source() -> None:
    found = {each.name: (ROOT / "src" / "assay" / each.file).read_text().count(each.old) for each in MUTANTS}

    assert [name for name, places in found.items() if places != 1] == []
