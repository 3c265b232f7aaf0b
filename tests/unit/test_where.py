"""`assay query --where`: the first sign counts, and what stands behind it is the value as it is."""

import shlex

import pytest

from assay.cli.ask import _explaining
from assay.cli.query import _cell, asked_in_options, show_answer


@pytest.mark.parametrize(
    ("written", "dimension", "op", "values"),
    [
        ("flag=true", "flag", "eq", ["true"]), ("n=64", "n", "eq", ["64"]), ("s= lead", "s", "eq", [" lead"]),
        ("s=a!=b", "s", "eq", ["a!=b"]), ("s!=a=b", "s", "ne", ["a=b"]), ("s=", "s", "eq", [""]),
        ("s=NULL", "s", "is_null", []), ("s!=null", "s", "is_not_null", []), ("s='NULL'", "s", "eq", ["NULL"]),
        ('s=" x "', "s", "eq", [" x "]), ("s=(none)", "s", "eq", ["(none)"]), ("s='", "s", "eq", ["'"]),
        ("k=9007199254740993", "k", "eq", ["9007199254740993"]), ("region = West", "region", "eq", [" West"]),
    ],
)  # fmt: skip
def test_a_filter_is_read_as_it_is_written(written: str, dimension: str, op: str, values: list[str]) -> None:
    assert asked_in_options(None, [written], None)["filters"] == [{"dimension": dimension, "op": op, "values": values}]


@pytest.mark.parametrize(
    "text", ["West", "", " ", " lead", "(none)", "NULL", "null", "'q'", '"q"', "''", "a=b", "!=", "'", "64", "true"]
)
def test_what_a_table_shows_of_a_text_can_be_given_back_as_a_filter(text: str) -> None:
    shown = _cell(text, "dimension")
    assert asked_in_options(None, [f"s={shown}"], None)["filters"] == [{"dimension": "s", "op": "eq", "values": [text]}]
    assert shown != _cell(None, "dimension")


def test_the_command_that_explains_a_change_means_the_same_value() -> None:
    filters = [{"dimension": "s", "op": op, "values": [value]} for op, value in (("eq", "NULL"), ("ne", " a b"))]
    spec = {"metrics": ["sales"], "filters": filters, "window": "previous_month", "compare": "previous_period"}
    program, verb, metric, *options = shlex.split(_explaining(spec))
    assert (program, verb, metric) == ("assay", "explain", "sales")
    where = [written for option, written in zip(options[::2], options[1::2], strict=True) if option == "--where"]
    assert asked_in_options(None, where, None)["filters"] == filters


def test_the_row_of_all_others_is_not_the_group_without_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    roles = {"region": "dimension", "others": "others", "value": "value"}
    columns = [{"name": name, "role": role} for name, role in roles.items()]
    known = {"stale": False, "backend": "lake", "as_of": "now", "receipt_id": "r", "parity": {"standing": "unproven"}}
    show_answer({"columns": columns, "rows": [[None, None, 3], [None, 7, 4]], "question": {}, "provenance": known})
    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:3]] == [["(none)", "3"], ["7", "4"]]
