"""What `assay init` guesses from names: tables of cases, so that a change of mind is seen."""

import pytest

from assay.catalog.found import FoundColumn, FoundTable
from assay.catalog.guesses import Measure, dictionary_type, guess_measure, is_dimension, main_time
from assay.catalog.personal import personal_kind
from assay.catalog.spelling import slug, spoken, unused, why_no_table, why_not_carried, words
from assay.catalog.types import UnknownType, name_of_type, parse_type


def column(name: str, engine_type: str = "text", **more: object) -> FoundColumn:
    known: dict[str, object] = {
        "base_type": engine_type,
        "is_enum": False,
        "nullable": True,
        "is_readable": True,
        "comment": "",
    }
    return FoundColumn(name, engine_type, **(known | more))  # pyright: ignore[reportArgumentType]


def table(*columns: FoundColumn) -> FoundTable:
    return FoundTable("shop", "things", "table", columns, (), (), None, 0, "")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("customerId", ["customer", "id"]), ("CUSTOMER_ID", ["customer", "id"]), ("Order Details", ["order", "details"]),
        ("HTTPStatus", ["http", "status"]), ("ipv4_addr", ["ipv4", "addr"]), ("сумма заказа", ["сумма", "заказа"]),
        ("%&", []),
    ],
)  # fmt: skip
def test_names_are_read_as_words(name: str, said: list[str]) -> None:
    assert words(name) == said


@pytest.mark.parametrize(
    ("name", "written"),
    [("Order Details", "order_details"), ("Größe", "grosse"), ("2024 Sales", "t_2024_sales"), ("заказы", "t"), ("", "t")],
)
def test_ids_are_plain(name: str, written: str) -> None:
    assert slug(name.replace("ß", "ss"), "t") == written


def test_an_id_is_given_once() -> None:
    taken = {"a"}
    assert [unused("a", taken), unused("a", taken), unused("b", taken)] == ["a_2", "a_3", "b"]


def test_labels_are_spoken() -> None:
    assert [spoken(name) for name in ("order_details", "unitPrice", "Заказы", "%")] == [
        "Order details",
        "Unit price",
        "Заказы",
        "%",
    ]


@pytest.mark.parametrize(
    "name", ["order", "Order Details", 'say "hi"', "semi;colon", "dot.ted", "İstanbul", "名前", "a" * 63]
)
def test_names_that_are_carried(name: str) -> None:
    assert why_not_carried(name) is None


@pytest.mark.parametrize(
    "name", ["", " a", "a ", "a\tb", "a\nb", "a\\b", "a" * 64, "я" * 32, "a\u200bb", "a\u00a0b", "ﬁne", "\ufffd"]
)
def test_names_that_are_not_carried_have_a_reason(name: str) -> None:
    assert why_not_carried(name)
    assert why_no_table(name)


def test_a_table_s_name_holds_no_point() -> None:
    assert "point" in str(why_no_table("a.b"))


@pytest.mark.parametrize(
    ("engine_type", "driver", "written"),
    [
        ("character varying(20)", "postgres", "string"), ("character(3)", "postgres", "string"),
        ("uuid", "postgres", "string; uuid"),
        ("smallint", "postgres", "int"), ("numeric(10,2)", "postgres", "decimal(10,2)"),
        ("numeric", "postgres", "double; numeric"),
        ("numeric(3,-2)", "postgres", "double; numeric"), ("numeric(1000,2)", "postgres", "double; numeric"),
        ("numeric(10,2)[]", "postgres", "other; numeric"), ("numeric[]", "postgres", "other; numeric[]"),
        ("timestamp with time zone", "postgres", "timestamp"),
        ("timestamp(3) without time zone", "postgres", "timestamp_ntz"),
        ("jsonb", "postgres", "other; jsonb"), ("geometry(Point,4326)", "postgres", "other; geometry"),
        ("public.citext", "postgres", "string; citext"), ("money", "postgres", "other; money"),
        ("time without time zone", "postgres", "other; time without time zone"), ("real", "postgres", "double"),
        ("VARCHAR", "duckdb", "string"), ("TIMESTAMP", "duckdb", "timestamp_ntz"),
        ("TIMESTAMP WITH TIME ZONE", "duckdb", "timestamp"), ("HUGEINT", "duckdb", "bigint"),
        ("UBIGINT", "duckdb", "decimal(20,0); ubigint"), ("STRUCT(a INTEGER, b VARCHAR)", "duckdb", "other; struct"),
        ("INTEGER[]", "duckdb", "other; integer[]"), ("MAP(VARCHAR, INTEGER)", "duckdb", "other; map"),
    ],
)  # fmt: skip
def test_types_as_the_dictionary_writes_them(engine_type: str, driver: str, written: str) -> None:
    drafted = dictionary_type(column("a", engine_type), driver, is_key=False)
    assert drafted == written
    assert parse_type(drafted).is_found_as(engine_type, driver)


def test_a_numeric_key_without_digits_holds_whole_numbers() -> None:
    assert dictionary_type(column("id", "numeric"), "postgres", is_key=True) == "decimal(38,0); numeric"


def test_a_domain_is_what_it_is_made_of() -> None:
    email = column("email", "sales.email_address", base_type="text")
    amount = column("paid", "usd", base_type="numeric(12,2)")
    assert dictionary_type(email, "postgres", is_key=False) == "string; email_address"
    assert dictionary_type(amount, "postgres", is_key=False) == "decimal(12,2); usd"
    assert dictionary_type(column("m", '"My Mood"', is_enum=True), "postgres", is_key=False) == "string; my mood"


@pytest.mark.parametrize(
    ("written", "engine_type", "agrees"),
    [
        ("string; mood", "sales.mood", True), ("string; mood", "mood", True), ("string; mood", "integer", False),
        ("string; mood", "other_mood", False), ("string", "mood", False), ("other; jsonb", "jsonb", True),
        ("other; jsonb", "json", False), ("other; text", "text", True), ("other; jsonb", "text", False),
        ("double; numeric", "numeric", True), ("decimal(18,2); numeric", "numeric", True),
        ("decimal(18,2); numeric", "numeric(10,4)", False), ("decimal(18,2)", "numeric", False),
    ],
)  # fmt: skip
def test_a_type_that_one_engine_has_is_known_by_its_name(written: str, engine_type: str, agrees: bool) -> None:
    assert parse_type(written).is_found_as(engine_type, "postgres") is agrees


@pytest.mark.parametrize("written", ["other", "other;", "other; "])
def test_what_cannot_be_read_says_what_it_is(written: str) -> None:
    with pytest.raises(UnknownType, match="jsonb"):
        parse_type(written)


@pytest.mark.parametrize(
    ("written", "is_cast"),
    [("string; varchar", False), ("string; uuid", True), ("uuid", True), ("string; mood", True), ("double; numeric", True),
     ("double; float8", False), ("decimal(18,2); numeric", False), ("string; varchar(20)", False), ("int; integer", False)],
)  # fmt: skip
def test_only_types_of_an_engine_s_own_are_cast(written: str, is_cast: bool) -> None:
    assert parse_type(written).is_cast is is_cast


def test_the_name_of_a_type_is_the_same_in_every_session() -> None:
    assert {name_of_type(text) for text in ('"Sales"."Mood"', "Mood", " mood ", "mood(3)")} == {"mood"}


@pytest.mark.parametrize(
    ("name", "kind", "guess"),
    [
        ("total_amount", "decimal", Measure("sum", "count")), ("amountEUR", "decimal", Measure("sum", "count")),
        ("cost_usd", "decimal", Measure("sum", "usd")), ("quantity", "integer", Measure("sum", "count")),
        ("duration_minutes", "integer", Measure("sum", "minutes")), ("unit_price", "decimal", Measure("average", "count")),
        ("tax_rate", "decimal", Measure("average", "count")), ("price", "decimal", Measure("average", "count")),
        ("rating", "integer", Measure("average", "count")), ("value", "integer", Measure("average", "count")),
        ("order_id", "integer", None), ("zip_code", "integer", None), ("latitude", "double", None),
        ("year", "integer", None),
        ("flags", "integer", None), ("is_paid", "integer", None), ("version", "integer", None), ("%", "decimal", None),
    ],
)  # fmt: skip
def test_measures_are_guessed_cautiously(name: str, kind: str, guess: Measure | None) -> None:
    assert guess_measure(name, kind) == (Measure("sum", "eur") if name == "amountEUR" else guess)


@pytest.mark.parametrize(
    ("name", "table_name", "family", "kind"),
    [
        ("email", "t", "string", "email"), ("e_mail", "t", "string", "email"), ("emailAddress", "t", "string", "email"),
        ("contact_email", "t", "string", "email"), ("email_status", "t", "string", None),
        ("email_count", "t", "number", None),
        ("email_verified", "t", "boolean", None), ("email_sent_at", "t", "timestamp", None),
        ("phone", "t", "number", "phone"), ("mobile_number", "t", "string", "phone"), ("phone_type", "t", "string", None),
        ("first_name", "t", "string", "name"), ("lastName", "t", "string", "name"), ("surname", "t", "string", "name"),
        ("name", "customers", "string", "name"), ("name", "product", "string", None), ("product_name", "t", "string", None),
        ("street", "t", "string", "address"), ("address_id", "t", "number", None), ("postal_code", "t", "string", "address"),
        ("city", "t", "string", None), ("country", "t", "string", None),
        ("dob", "t", "date", "birth date"), ("date_of_birth", "t", "date", "birth date"), ("created_at", "t", "date", None),
        ("ip", "t", "other", "network address"), ("ip_address", "t", "string", "network address"),
        ("ip_country", "t", "string", None),
        ("ssn", "t", "string", "identity number"), ("tax_id", "t", "string", "identity number"),
        ("card_number", "t", "string", "card"),
        ("iban", "t", "string", "card"), ("card_type", "t", "string", None), ("password_hash", "t", "string", "secret"),
        ("access_token", "t", "string", "secret"), ("token_count", "t", "number", None),
        ("description", "t", "string", None),
    ],
)  # fmt: skip
def test_personal_data_is_known_by_its_name(name: str, table_name: str, family: str, kind: str | None) -> None:
    assert personal_kind(name, table_name, family) == kind


def test_dimensions_have_few_values_or_a_name_that_says_so() -> None:
    assert is_dimension(column("status"), "string", 0)
    assert not is_dimension(column("note"), "string", 0)
    assert is_dimension(column("whatever", distinct=5), "string", 100)
    assert not is_dimension(column("whatever", distinct=99), "string", 100)
    assert not is_dimension(column("status", distinct=900), "string", 1_000)
    assert is_dimension(column("name", distinct=8), "string", 8)
    assert is_dimension(column("flag"), "boolean", 0)
    assert is_dimension(column("size", is_enum=True), "string", 0)
    assert not is_dimension(column("a.status"), "string", 0)
    assert not is_dimension(column("level"), "integer", 0)


@pytest.mark.parametrize(
    ("times", "chosen"),
    [
        (["updated_at", "created_at"], "created_at"), (["closed_at", "opened_at"], "opened_at"),
        (["closed_at"], "closed_at"),
        (["updated_at"], None), (["expires_on", "deleted_at"], None), (["order_date", "created_at"], "created_at"),
        (["some_day", "payment_date"], "payment_date"), ([], None),
    ],
)  # fmt: skip
def test_the_time_of_a_row_is_when_it_came_about(times: list[str], chosen: str | None) -> None:
    assert main_time(table(*(column(name) for name in times)), times) == chosen
