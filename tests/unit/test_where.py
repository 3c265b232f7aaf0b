"""`assay query --where`: the first sign counts, and what stands behind it is the value as it is."""

import pytest

from assay.cli.query import _cell, asked_in_options


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
