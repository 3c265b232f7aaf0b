"""The requests of other fields (`tests/eval/workspaces`), read with labels alone."""

from pathlib import Path

import pytest

from tests.eval.cases import Result, read
from tests.eval.fields import FIELDS, field_reader


@pytest.mark.parametrize("path", FIELDS, ids=lambda path: path.stem)
def test_another_field_is_read_as_its_people_speak(path: Path) -> None:
    reader, cases = field_reader(path)
    results = [Result(case, read(reader, case), 0.0) for case in cases]
    assert [each.case.words for each in results if each.is_silently_wrong] == []
    assert sum(each.exact for each in results) >= 0.9 * len(results)
