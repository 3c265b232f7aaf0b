"""What `assay init` guesses from names: tables of cases, so that a change of mind is seen."""

import pytest

from assay.catalog.found import FoundColumn, FoundTable
from assay.catalog.guesses import dictionary_type, disguise, guess_measure, is_dimension, main_time
from assay.catalog.personal import personal_by_values, personal_kind
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
    ("name", "kind", "aggregate", "unit"),
    [
        ("total_amount", "decimal", "sum", "count"), ("amountEUR", "decimal", "sum", "eur"),
        ("cost_usd", "decimal", "sum", "usd"), ("quantity", "integer", "sum", "count"), ("qty", "integer", "sum", "count"),
        ("duration_minutes", "integer", "average", "minutes"), ("unit_price", "decimal", "average", "count"),
        ("dep_delay", "integer", "average", "count"), ("air_time", "integer", "average", "count"),
        ("tax_rate", "decimal", "average", "count"), ("price", "decimal", "average", "count"),
        ("rating", "integer", "average", "count"), ("value", "integer", "average", "count"),
        ("balance", "decimal", "average", "count"), ("order_count", "integer", "sum", "count"),
        ("Rechnungsbetrag", "decimal", "sum", "count"), ("prix_unitaire", "decimal", "average", "count"),
        ("order_id", "integer", None, ""), ("zip_code", "integer", None, ""), ("latitude", "double", None, ""),
        ("year", "integer", None, ""), ("flags", "integer", None, ""), ("is_paid", "integer", None, ""),
        ("version", "integer", None, ""), ("%", "decimal", None, ""), ("wind_dir", "double", None, ""),
        ("quantity_per_unit", "string", None, ""), ("flight", "integer", None, ""),
    ],
)  # fmt: skip
def test_measures_are_guessed_cautiously(name: str, kind: str, aggregate: str | None, unit: str) -> None:
    guess = guess_measure(column(name), kind)
    assert (guess and guess.aggregate, guess.unit if guess else "") == (aggregate, unit)


@pytest.mark.parametrize(
    ("name", "kind", "values", "told"),
    [
        ("dep_time", "integer", (517, 1433, 2359), "times of day as hhmm"), ("air_time", "integer", (40, 377, 1499), None),
        ("built", "integer", (1985, 2001, 2013), None), ("year", "double", ("1985.0", "2013.0", "2001.0"), "years"),
        ("day_key", "integer", (20240131, 20241231, 20231101), "days as yyyymmdd"),
        ("amount", "integer", (20240131, 20249999, 20231101), None),
        ("created_at", "bigint", (1700000000, 1710000000, 1720000000), "seconds since 1970"),
        ("ts", "bigint", (1700000000000, 1710000000000, 1720000000000), "milliseconds since 1970"),
        ("revenue", "bigint", (1700000000, 1710000000, 1720000000), None),
        ("cancelled", "integer", (0, 1, 0, 1), "yes and no as 1 and 0"), ("goals", "integer", (0, 1, 0, 1), None),
        ("sold", "string", ("2024-01-31", "2024-02-29 10:00:00"), "days as text"), ("note", "string", ("2024", "soon"),
        None),
        ("tag", "string", ("31.12.2024", "1.2.2023"), "days as text"),
    ],
)  # fmt: skip
def test_times_and_flags_in_other_clothes_are_no_amounts(
    name: str, kind: str, values: tuple[object, ...], told: str | None
) -> None:
    numbers = [float(str(each)) for each in values] if kind != "string" else []
    facts = column(
        name, values=tuple(str(each) for each in values), distinct=len(set(values)), low=min(numbers, default=None),
        high=max(numbers, default=None),
    )  # fmt: skip
    assert disguise(facts, kind) == told
    assert told is None or guess_measure(facts, kind) is None


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
        ("description", "t", "string", None), ("customer_nm", "t", "string", "name"), ("nameLast", "t", "string", "name"),
        ("Telefonnummer", "t", "string", "phone"), ("Geburtsdatum", "t", "date", "birth date"), ("prénom", "t",
        "string", "name"),
        ("apellidos", "t", "string", "name"), ("cognome", "t", "string", "name"), ("nazwisko", "t", "string", "name"),
        ("телефон", "t", "string", "phone"), ("nom", "clients", "string", "name"), ("nom", "produits", "string", None),
        ("ship_via", "t", "number", None),
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
        (["updated_at"], None), (["Bestelldatum", "Lieferdatum"], "Bestelldatum"), (["expires_on", "deleted_at"],
        None), (["order_date", "created_at"], "created_at"),
        (["some_day", "payment_date"], "payment_date"), ([], None),
    ],
)  # fmt: skip
def test_the_time_of_a_row_is_when_it_came_about(times: list[str], chosen: str | None) -> None:
    assert main_time(table(*(column(name) for name in times)), times) == chosen


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("a.b@example.org", "c@example.com", "d@e.fr", ""), "email"), (("+49 30 1234567", "(030) 555-1234",
        "030/99887766"), "phone"),
        (("10.0.0.1", "192.168.1.7", "8.8.8.8"), "network address"), (("DE89370400440532013000",) * 3, "card"),
        (("4111 1111 1111 1111", "5500 0000 0000 0004", "4012888888881881"), "card"),
        (("2024-01-31", "2024-02-29", "2023-12-24"), None), (("31/12/2024", "01/02/2023", "05/05/2025"), None),
        (("X001-4821", "X002-1184", "north"), None), (("A-1", "B-2", "C-3"), None), (("1234567890123456",) * 3, None),
        (("Ann Lee", "Bo Li", "Cy Ray"), "name"),
    ],
)  # fmt: skip
def test_personal_data_is_known_by_its_values_too(values: tuple[str, ...], kind: str | None) -> None:
    assert personal_by_values(column("contact", values=values, distinct=3), "things", 3) == kind


def test_names_of_people_are_known_by_their_values_in_tables_of_people_alone() -> None:
    facts = column("display", values=("Ann Lee", "Bo Li", "Cy Ray", "Di O'Hara") * 5, distinct=19)
    assert personal_by_values(facts, "members", 20) == "name"
    assert personal_by_values(facts, "products", 20) is None
    assert personal_by_values(column("city", values=facts.values, distinct=19), "members", 20) is None
