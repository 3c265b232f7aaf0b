"""The worlds of `make truth` on MariaDB: random questions over awkward data, held against plain Python."""

import os

import pytest

from tests.truth.__main__ import search


@pytest.mark.exhaustive
@pytest.mark.parametrize("worlds", [pytest.param(range(1, 2), id="one"), pytest.param(range(2, 12), id="others")])
async def test_mariadb_says_what_plain_python_says(server: str, worlds: range) -> None:
    count, wrong = await search(os.environ["ASSAY_TEST_URL"], worlds, mariadb=server)
    assert count
    assert wrong == []
