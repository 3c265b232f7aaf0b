"""A minute of what `make truth` does for as long as one asks: random questions over awkward data, on every engine."""

import os

from tests.truth.__main__ import search
from tests.truth.mutants import MUTANTS, ROOT


async def test_every_engine_says_what_plain_python_says() -> None:
    count, wrong = await search(os.environ["ASSAY_TEST_URL"], 60, 1)
    assert count
    assert wrong == []


def test_each_mutant_changes_one_place_of_the_source() -> None:
    found = {each.name: (ROOT / "src" / "assay" / each.file).read_text().count(each.old) for each in MUTANTS}

    assert [name for name, places in found.items() if places != 1] == []
