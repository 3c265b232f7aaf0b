"""The dictionary's types."""

import pytest

from assay.catalog.types import UnknownType, engine_type, parse_type


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("string; varchar", "string"), ("varchar(20)", "string"), ("uuid", "string"), ("Character Varying(9)", "string"),
        ("int; integer", "integer"), ("smallint", "integer"), ("bigint", "bigint"), ("double precision", "double"),
        ("boolean", "boolean"), ("date", "date"), ("timestamp", "timestamp"), ("timestamp with time zone", "timestamp"),
        ("timestamp(6) with time zone", "timestamp"), ("timestamp_ntz", "timestamp_ntz"),
        ("timestamp(3) without time zone", "timestamp_ntz"), (" DECIMAL ( 10 , 2 ) ", "decimal"),
    ],
)  # fmt: skip
def test_a_type_has_one_meaning(text: str, kind: str) -> None:
    assert parse_type(text).kind == kind


def test_a_decimal_keeps_its_digits() -> None:
    assert (parse_type("decimal(38,0)").precision, parse_type("decimal(38,0)").scale) == (38, 0)
    assert (parse_type("numeric(9)").precision, parse_type("numeric(9)").scale) == (9, 0)


@pytest.mark.parametrize(
    "text", ["", "money", "decimal(39,0)", "decimal(4,5)", "decimal(0,0)", "int[]", "varchar(", "map<a,b>"]
)
def test_a_type_that_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(UnknownType):
        parse_type(text)


@pytest.mark.parametrize("text", ["decimal", "numeric"])
def test_a_decimal_without_digits_is_refused_because_engines_fill_them_in_differently(text: str) -> None:
    with pytest.raises(UnknownType, match=r"write for instance decimal\(18,2\)"):
        parse_type(text)


@pytest.mark.parametrize(
    ("wanted", "there", "agrees"),
    [
        ("string", "varchar(20)", True), ("integer", "bigint", True), ("bigint", "integer", False),
        ("decimal(18,2)", "numeric(20,2)", True), ("decimal(18,2)", "numeric(18,3)", False),
        ("decimal(18,2)", "numeric(10,2)", False), ("decimal(38,0)", "bigint", True), ("decimal(18,2)", "bigint", False),
        ("timestamp", "timestamp without time zone", False), ("date", "timestamp", False), ("double", "real", True),
    ],
)  # fmt: skip
def test_an_engine_agrees_when_it_holds_the_same_and_no_less(wanted: str, there: str, agrees: bool) -> None:
    assert parse_type(wanted).agrees_with(parse_type(there)) is agrees


@pytest.mark.parametrize("driver", ["postgres", "duckdb", "databricks", "spark"])
def test_every_type_has_a_name_on_every_engine_and_reads_back(driver: str) -> None:
    texts = ("string", "integer", "bigint", "decimal(18,2)", "double", "boolean", "date", "timestamp", "timestamp_ntz")
    for text in texts:
        assert parse_type(engine_type(parse_type(text), driver), driver).kind == text.partition("(")[0]


@pytest.mark.parametrize(
    ("driver", "there", "agrees"),
    [
        ("duckdb", "TIMESTAMP", False), ("duckdb", "TIMESTAMP_MS", False), ("duckdb", "TIMESTAMP WITH TIME ZONE", True),
        ("postgres", "timestamp", False), ("postgres", "timestamp(3) without time zone", False),
        ("postgres", "timestamp(3) with time zone", True), ("databricks", "timestamp", True),
        ("databricks", "timestamp_ntz", False), ("spark", "timestamp", True),
    ],
)  # fmt: skip
def test_a_bare_timestamp_is_an_instant_only_where_the_engine_says_so(driver: str, there: str, agrees: bool) -> None:
    assert parse_type("timestamp").agrees_with(parse_type(there, driver)) is agrees
    assert parse_type("timestamp_ntz").agrees_with(parse_type(there, driver)) is not agrees
