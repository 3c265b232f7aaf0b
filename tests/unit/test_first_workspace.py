"""What `assay init` drafts of the schemas that are met in the wild: shops, airlines, schools, clinics, leagues, logs.

A schema is written by hand: `table rows: column type [how many different] [key] [-> table] [?]`, and nothing is asked.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from assay.catalog.dictionary import read_dictionary
from assay.catalog.draft import Draft, draft_workspace
from assay.catalog.first_page import first_page
from assay.catalog.found import Found, FoundColumn, FoundLink, FoundTable
from assay.catalog.links import keys_of, links_of

NOW = datetime(2026, 3, 17, 12, tzinfo=UTC)
OLD = (date(2019, 1, 1), date(2020, 12, 31))
_TYPES = {"int": "integer", "text": "text", "date": "date", "time": "timestamp without time zone", "bool": "boolean",
          "money": "numeric(10,2)", "real": "double precision", "share": "double precision", "json": "jsonb"}  # fmt: skip

SHOP = """
categories 8: category_id int key, category_name text 8, description text 8
products 77: product_id int key, product_name text 77, category_id int 8 -> categories, unit_price money, \
units_in_stock int 40
customers 800: customer_id int key, company_name text 800, contact_name text 800, country text 12, phone text 800, \
updated_at time
employees 9: employee_id int key, last_name text 9, title text 4, hire_date date, reports_to int -> employees
shippers 3: shipper_id int key, company_name text 3
orders 5000: order_id int key, customer_id int 700 -> customers, employee_id int 9 -> employees, \
ship_via int 3 -> shippers, \
order_date date, required_date date, shipped_date date ?, freight money, ship_address text 800, ship_country text 12, \
status text 4
order_details 12000: order_id int 5000 key -> orders, product_id int 77 key -> products, unit_price money, \
quantity int 30, \
discount share
schema_migrations 40: version text 40
orders_backup 5000: order_id int key, order_date date, freight money
"""
AIRLINE = """
carriers 15: code text 15 key, name text 15
airports 1400: faa text 1400 key, name text 1400, lat real, lon real, alt int 900, tz int 6
flights 90000: flight_id int key, flight int 3000, carrier text 15 -> carriers, origin text 3 -> airports, \
dest text 99 -> airports, \
year int 1, month int 12, dep_time int 1300, dep_delay int 200, arr_delay int 200, air_time int 400, distance int 200, \
cancelled bool 2, scheduled_at time
"""
SCHOOL = """
schools 40: id int key, name text 40, district text 6
students 5000: id int key, name text 4900, birth_date date, gender text 2, school_id int 40 -> schools, enrolled_on date
courses 120: id int key, title text 120, subject text 9, credits int 5
enrollments 30000: student_id int 5000 key -> students, course_id int 120 key -> courses, enrolled_at time, grade money ?
teachers_schools 90: teacher_id int key -> teachers, school_id int key -> schools
teachers 200: id int key, last_name text 190, salary money
"""
CLINIC = """
patienten 3000: id int key, nachname text 2000, geburtsdatum date, telefonnummer text 3000, krankenkasse text 9
wards 12: ward_id int key, name text 12
admissions 9000: admission_id int key, patient_id int 2900 -> patienten, ward_id int 12 -> wards, admitted_at time, \
discharged_at time ?, diagnosis text 300, icd_code text 280, cost_eur money, severity text 4, notes text 9000
measurements 90000: admission_id int 9000 key -> admissions, measured_at time key, temperature real, pressure int 90
"""
LEAGUE = """
teams 20: team_id int key, team_name text 20, city text 18, founded int 15
players 500: player_id int key, full_name text 500, position text 5, height int 40, jersey_number int 60
matches 1900: match_id int key, home_team_id int 20 -> teams, away_team_id int 20 -> teams, played_on date, \
home_goals int 8, \
away_goals int 7, attendance int 1800, season int 5
appearances 40000: match_id int 1900 key -> matches, player_id int 500 key -> players, minutes int 90, goals int 4
"""
LOG = """
events_2024 5000: id int key, ts time, level text 4, status int 6, duration_ms int 900, user_agent text 400, \
ip text 900, path text 40
events_2025 9000: id int key, ts time, level text 4, status int 6, duration_ms int 900, user_agent text 400, \
ip text 900, path text 40
"""


def found(text: str, days: tuple[date, date] = OLD, **columns: dict[str, Any]) -> Found:
    """`columns`: further facts by `table__column`."""
    tables, links = list[FoundTable](), list[FoundLink]()
    for line in text.strip().splitlines():
        head, _, rest = line.partition(": ")
        name, rows = head.split()
        own = [part.split() for part in rest.split(", ")]
        facts = [
            replace(_column(parts, int(rows), days), **columns.get(f"{name}__{parts[0]}", {})) for parts in own
        ]  # fmt: skip
        key = tuple(parts[0] for parts in own if "key" in parts)
        for parts in own:
            if "->" in parts:
                parent = parts[parts.index("->") + 1]
                links.append(FoundLink(f"{name}_{parts[0]}", ("public", name), (parts[0],), ("public", parent), ("?",)))
        times = [each.name for each in facts if each.first]
        tables.append(FoundTable(
            "public", name, "table", tuple(facts), key, (), int(rows), min(int(rows), 10_000), "",
            tuple(_months(days, int(rows))) if times else (), times[0] if times else "",
        ))  # fmt: skip
    keys = {table.name: table.primary_key for table in tables}
    links = [replace(link, parent_columns=keys[link.parent[1]][:1]) for link in links]
    return Found("postgres", "db", "UTC", tuple(tables), tuple(links), ())


def _column(parts: list[str], rows: int, days: tuple[date, date]) -> FoundColumn:
    name, kind = parts[:2]
    distinct = next((int(each) for each in parts[2:] if each.isdigit()), min(rows, 10_000))
    first, last = days if kind in ("date", "time") else (None, None)
    is_number = kind in ("int", "money", "real", "share")
    values = tuple(f"{name} {number}" for number in range(min(distinct, 50))) if kind == "text" else ()
    return FoundColumn(
        name, _TYPES[kind], _TYPES[kind], False, "?" in parts, True, "", distinct, first, last, 0.8 if "?" in parts else 1.0,
        0.0 if is_number else None, (1.0 if kind == "share" else float(distinct)) if is_number else None, values,
    )  # fmt: skip


def _months(days: tuple[date, date], rows: int) -> Iterator[tuple[date, int]]:
    first, last = ((each.year * 12 + each.month - 1) for each in days)
    for month in range(first, last + 1):
        yield date(month // 12, month % 12 + 1, 1), rows // (last - first + 1)


def draft(text: str, days: tuple[date, date] = OLD, **columns: dict[str, Any]) -> Draft:
    return draft_workspace(found(text, days, **columns), {"url": "${DB}"}, NOW)


def metrics(drafted: Draft, *, more: bool = False) -> dict[str, dict[str, Any]]:
    """By label."""
    files = [drafted.starter.metrics, *([drafted.starter.more] if more else [])]
    return {entry["label"]: entry for each in files for entries in each.values() for entry in entries}


def formula(entry: dict[str, Any]) -> str:
    return entry.get("measure") or f"{entry['numerator']} / {entry['denominator']}"


def split_names(entry: dict[str, Any]) -> list[str]:
    return [each if isinstance(each, str) else each["name"] for each in entry["dimensions"]]


def titles(drafted: Draft) -> list[str]:
    return [tile["widget"].get("title") or tile["widget_id"] for tile in first_page(drafted.starter.headlines)["tiles"]]


CASES = {
    "shop": (SHOP, {
        "Orders": ("COUNT(*)", "order_date"), "Customers with orders": ("COUNT(DISTINCT customer_id)", "order_date"),
        "Revenue": ("SUM(unit_price * quantity * (1 - COALESCE(discount, 0)))", "public.orders.order_date"),
        "Freight": ("SUM(freight)", "order_date"),
        "Units sold": ("SUM(quantity)", "public.orders.order_date"),
        "Average time to shipping": ("AVG(DAYS_BETWEEN(order_date,"
            " shipped_date))", "order_date"),
        "Customers": ("COUNT(*)", None),
    }, {"order_id", "reports_to", "required_date", "updated_at", "version", "SUM(unit_price)", "SUM(discount)",
    "AVG(discount)"},
        ["schema_migrations", "orders_backup", "categories"]),
    "airline": (AIRLINE, {
        "Flights": ("COUNT(*)", "scheduled_at"), "Average departure delay": ("AVG(dep_delay)", "scheduled_at"),
        "Average air time": ("AVG(air_time)", "scheduled_at"), "Average distance": ("AVG(distance)", "scheduled_at"),
        "Cancelled share of flights": ("{'measure': 'COUNT(*)', 'filter': 'cancelled'} / {'measure': 'COUNT(cancelled)'}",
                                       "scheduled_at"),
    }, {"dep_time", "(flight)", "year", "month", "lat", "lon", "tz", "SUM(dep_delay)", "flight_id"}, ["carriers"]),
    "school": (SCHOOL, {
        "Enrollments": ("COUNT(*)", "enrolled_at"), "Students": ("COUNT(*)", None), "New students": ("COUNT(*)",
        "enrolled_on"),
        "Students with enrollments": ("COUNT(DISTINCT student_id)", "enrolled_at"),
        "Average enrollment grade": ("AVG(grade)", "enrolled_at"), "Average teacher salary": ("AVG(salary)", None),
    }, {"birth_date", "SUM(grade)", "SUM(salary)", "SUM(credits)"}, ["teachers_schools", "schools"]),
    "clinic": (CLINIC, {
        "Admissions": ("COUNT(*)", "admitted_at"), "Admission cost": ("SUM(cost_eur)", "admitted_at"),
        "Average time to discharge": ("AVG(SECONDS_BETWEEN(admitted_at, discharged_at)) / 86400", "admitted_at"),
        "Average temperature": ("AVG(temperature)", "measured_at"),
    }, {"SUM(temperature)", "SUM(pressure)", "geburtsdatum", "icd_code", "diagnosis"}, ["wards"]),
    "league": (LEAGUE, {
        "Matches": ("COUNT(*)", "played_on"), "Home goals": ("SUM(home_goals)", "played_on"),
        "Attendance": ("SUM(attendance)", "played_on"), "Goals": ("SUM(goals)", "public.matches.played_on"),
    }, {"season", "jersey_number", "founded", "match_id", "SUM(height)"}, ["teams"]),
    "log": (LOG, {
        "Events 2025": ("COUNT(*)", "ts"), "Average duration": ("AVG(duration_ms)", "ts"),
    }, {"status", "SUM(duration_ms)", "user_agent"}, ["events_2024"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_an_analyst_would_count_is_drafted_and_nothing_else(name: str) -> None:
    text, wanted, never, no_metrics = CASES[name]
    drafted = draft(text)
    known, all_of_them = metrics(drafted), metrics(drafted, more=True)
    assert {label: (formula(known[label]), known[label].get("time")) for label in wanted if label in known} == wanted
    for label, entry in all_of_them.items():
        told = re.sub(r"COUNT\(DISTINCT \w+\)", "", f"{formula(entry)} by {entry.get('time')}")
        assert not any(re.search(rf"(?<![a-z_]){re.escape(word)}(?![a-z_])", told) for word in never), (label, told)
        assert entry["entity"].removeprefix("public.") not in no_metrics, label


@pytest.mark.parametrize("name", CASES)
def test_the_first_page_has_a_headline_a_trend_named_splits_and_no_old_window(name: str) -> None:
    drafted = draft(CASES[name][0])
    tiles = [tile["widget"] for tile in first_page(drafted.starter.headlines)["tiles"]]
    assert [each["kind"] for each in tiles].count("kpi") >= 2
    assert any(each["kind"] == "trend" for each in tiles)
    splits = [each for each in tiles if each["kind"] == "bar"]
    assert splits
    assert all(" by " in each["title"] for each in splits)
    known = {entry["id"]: entry for entry in metrics(drafted).values()}
    for each in tiles:
        question = each["question"]
        timed = [known[metric] for metric in question["metrics"] if "time" in known[metric]]
        # The rows lie in 2019 and 2020: a window that ends now would show nothing.
        assert not timed or question["window"]["end"] == "2021-01-01", each


def test_a_page_names_its_splits_and_never_shows_people() -> None:
    drafted = draft(SHOP)
    assert titles(drafted)[4:] == [
        "Orders by month", "Orders by ship country", "Revenue by category", "Freight by status",
        "Orders, freight and average time to shipping by customer", "Revenue by month",
    ]  # fmt: skip
    assert set(split_names(metrics(drafted)["Revenue"])) >= {"category", "product", "ship_country", "customer_country"}
    dimensions = {name for entry in metrics(drafted, more=True).values() for name in split_names(entry)}
    assert not dimensions & {"contact_name", "last_name", "phone", "ship_address", "order_id", "description"}
    assert "public.customers.contact_name (name)" in drafted.personal
    of_clinic = draft(CLINIC)
    assert {each.partition(" ")[0].rpartition(".")[2] for each in of_clinic.personal} >= {
        "nachname", "geburtsdatum", "telefonnummer", "diagnosis",
    }  # fmt: skip
    assert "notes" not in {name for entry in metrics(of_clinic, more=True).values() for name in split_names(entry)}


def test_two_stores_divide_one_picture_of_a_page_and_no_second_one() -> None:
    drafted = draft("""
stores 2: store_id int key, city text 2
sales 9000: sale_id int key, store_id int 2 -> stores, customer_id int 900, sold_at time, amount money
""")
    assert [each for each in titles(drafted) if each.endswith(" by store city")] == ["Revenue by store city"]


def test_what_half_of_the_rows_lack_is_a_dimension_and_divides_no_first_page() -> None:
    """Of its own column, and behind a key that few rows have: (none) would be the first group."""
    text = """
reps 9: rep_id int key, team text 5
invoices 400: invoice_id int key, invoiced_on date, total money, billing_state text 12, billing_city text 50, \
rep_id int 9 -> reps
"""
    for name, where in (("Billing state", "invoices__billing_state"), ("team", "invoices__rep_id")):
        for filled, is_shown in ((1.0, True), (0.5, False)):
            drafted = draft(text, **{where: {"filled": filled}})
            told = " ".join(titles(drafted)).lower()
            assert (name.lower() in told) is is_shown, (filled, told)
            labels = [str(each) for entry in metrics(drafted).values() for each in entry["dimensions"]]
            assert any(name.lower().replace(" ", "_") in each for each in labels), labels


def test_customers_that_are_firms_are_called_by_their_firm_and_people_are_not() -> None:
    orders = metrics(draft(SHOP))["Orders"]
    assert {"name": "customer", "column": "public.customers.company_name", "label": "Customer"} in orders["dimensions"]
    some = metrics(draft(SHOP, customers__company_name={"filled": 0.3}))["Orders"]
    assert "customer" not in split_names(some)


def test_a_column_that_is_called_by_its_unit_says_what_is_measured() -> None:
    drafted = draft("tracks 900: track_id int key, name text 900, milliseconds int 800")
    assert metrics(drafted)["Average track duration"]["unit"] == "ms"
    visits = draft("visits 900: visit_id int key, visited_at time, waiting_minutes int 60")
    assert metrics(visits)["Average waiting time"]["unit"] == "minutes"


def test_a_page_does_not_show_the_money_of_the_lines_beside_that_of_their_invoices() -> None:
    drafted = draft("""
invoices 400: invoice_id int key, invoiced_on date, country text 12, total money
invoice_lines 2000: line_id int key, invoice_id int 400 -> invoices, genre text 9, unit_price money, quantity int 9
""")
    assert {"Revenue", "Revenue of invoice lines"} <= metrics(drafted).keys()
    page = drafted.files["dashboards/1-overview.yaml"]
    assert re.search(r"\brevenue\b", page)
    assert "revenue_of_invoice_lines" not in page


def test_a_text_that_holds_a_list_is_no_split() -> None:
    text = "films 400: film_id int key, released_on date, features text 6, rating text 5"
    lists = {"values": ("{Trailers}", '{Trailers,"Deleted scenes"}'), "distinct": 6}
    assert split_names(metrics(draft(text, films__features=lists))["Films"]) == ["rating"]


def test_both_roles_of_a_table_divide_the_plainest_first() -> None:
    drafted = draft(LEAGUE)
    joins = {each.join_id: each.from_columns for each in drafted.dictionary.joins if each.to_table == "public.teams"}
    assert list(joins.items()) == [
        ("matches_to_teams_by_home_team_id", ("home_team_id",)), ("matches_to_teams_by_away_team_id", ("away_team_id",)),
    ]  # fmt: skip
    by_name = {each["name"]: each for each in metrics(drafted)["Matches"]["dimensions"] if isinstance(each, dict)}
    assert by_name["home_team"]["column"] == "matches_to_teams_by_home_team_id.team_name"
    assert by_name["away_team"] == {
        "name": "away_team", "column": "matches_to_teams_by_away_team_id.team_name", "label": "Away team",
    }  # fmt: skip
    assert not any("joins" in each.reason for each in drafted.left_out)


def test_places_that_are_as_near_by_two_ways_are_named_by_their_beginning() -> None:
    drafted = draft("""
city 600: city_id int key, city text 600
address 900: address_id int key, street text 900, city_id int 600 -> city
customer 700: customer_id int key, address_id int 700 -> address, plan text 3
store 12: store_id int key, address_id int 12 -> address, format text 3
rental 9000: rental_id int key, customer_id int 690 -> customer, store_id int 12 -> store, rental_date time
""")
    columns = {each["label"]: each["column"] for each in metrics(drafted)["Rentals"]["dimensions"]}
    assert columns["Customer city"] == "rental_to_customer.customer_to_address.address_to_city.city"
    assert columns["Store city"] == "rental_to_store.store_to_address.address_to_city.city"


def test_a_role_goes_on_to_what_lies_behind_its_table() -> None:
    drafted = draft("""
countries 30: country_id int key, country_name text 30
ports 90: port_id int key, port_name text 90, country_id int 30 -> countries
shipments 9000: shipment_id int key, from_port_id int 80 -> ports, to_port_id int 85 -> ports, sent_at time, fee money
""")
    labels = {each["label"]: each["column"] for each in metrics(drafted)["Shipments"]["dimensions"]}
    assert labels == {
        "From port": "shipments_to_ports_by_from_port_id.port_name",
        "To port": "shipments_to_ports_by_to_port_id.port_name",
        "From port country": "shipments_to_ports_by_from_port_id.ports_to_countries.country_name",
        "To port country": "shipments_to_ports_by_to_port_id.ports_to_countries.country_name",
    }  # fmt: skip


def test_people_in_two_roles_are_counted_in_each_by_what_they_are_called() -> None:
    known = metrics(draft("""
users 900: user_id int key, plan text 3
messages 9000: message_id int key, sender_id int 700 -> users, recipient_id int 800 -> users, \
edited_by int 90 -> users ?, sent_at time
"""), more=True)  # fmt: skip
    assert formula(known["Senders with messages"]) == "COUNT(DISTINCT sender_id)"
    assert formula(known["Recipients with messages"]) == "COUNT(DISTINCT recipient_id)"
    assert [label for label in known if "with messages" in label] == ["Senders with messages", "Recipients with messages"]


def test_ratios_are_drafted_where_keys_lead_from_many_to_one() -> None:
    known = metrics(draft(SHOP))
    assert formula(known["Orders per customer"]) == "{'measure': 'COUNT(*)'} / {'measure': 'COUNT(DISTINCT customer_id)'}"
    assert formula(known["Order details per order"]) == "{'measure': 'COUNT(*)'} / {'measure': 'COUNT(DISTINCT order_id)'}"
    value = known["Average order value"]
    assert value["numerator"] == {"measure": known["Revenue"]["measure"]}
    assert value["denominator"] == {"measure": "COUNT(DISTINCT order_id)"}
    assert [label for label in known if " per " in label] == ["Orders per customer", "Order details per order"]


def test_a_guest_counts_for_no_customer_and_an_order_that_says_its_total_needs_none_of_its_lines() -> None:
    known = metrics(
        draft("""
customers 800: customer_id int key, plan text 3
orders 5000: order_id int key, customer_id int 700 -> customers ?, ordered_at time, total money
order_lines 12000: line_id int key, order_id int 5000 -> orders, unit_price money, quantity int 30
""")
    )
    assert known["Revenue per customer"]["numerator"] == {"measure": "SUM(total)", "filter": "customer_id IS NOT NULL"}
    assert formula(known["Average order value"]) == "AVG(total)"


def test_codes_in_words_divide_beside_what_they_lead_to() -> None:
    airline = draft(AIRLINE)
    assert {"origin", "destination", "origin_airport", "destination_airport"} <= {
        *split_names(metrics(airline)["Flights"])
    }  # fmt: skip


def test_a_declared_key_is_joined_before_a_plainer_one_that_was_guessed() -> None:
    known = found(
        "teams 20: id int key, city text 9\nmatches 900: id int key, away_team int -> teams, team_id int 20 -> teams"
    )
    away, guessed = known.links
    told = replace(guessed, evidence="team_id is called after public.teams")
    drafted = draft_workspace(replace(known, links=(told, away)), {"url": "${DB}"}, NOW)
    assert [each.from_columns for each in drafted.dictionary.joins] == [("away_team",)]


def test_snapshots_links_copies_and_lists_have_no_metrics_that_mislead() -> None:
    drafted = draft(
        """
products 90: id int key, name text 90, kind text 5
stock_daily 40000: product_id int 90 key -> products, day date key, on_hand_stock int 300, price money
archive_2023 10: id int key, amount money, at date
"""
    )
    known = metrics(drafted)
    assert formula(known["Average on hand stock"]) == "AVG(on_hand_stock)"
    assert not any("SUM" in formula(entry) and "stock" in formula(entry) for entry in metrics(drafted, more=True).values())


def test_amounts_in_several_currencies_are_not_added_up() -> None:
    text = "orders 900: id int key, total money, currency text {}, placed_at time"
    several = draft(text.format(3))
    assert not any("total" in formula(entry) for entry in metrics(several, more=True).values())
    one = draft(text.format(1), orders__currency={"values": ("EUR", "EUR")})
    assert metrics(one)["Revenue"]["unit"] == "eur"


def test_times_that_the_language_cannot_read_are_listed() -> None:
    drafted = draft(
        "visits 500: id int key, day text 300, created_at int 500, pages int 9",
        visits__day={"values": ("2024-01-31", "2024-02-01")},
        visits__created_at={"values": ("1700000000",), "low": 1.7e9, "high": 1.71e9},
    )
    reasons = {each.what: each.reason for each in drafted.left_out}
    assert "days as text" in reasons["public.visits.day"]
    assert "seconds since 1970" in reasons["public.visits.created_at"]
    assert "time" not in metrics(drafted)["Visits"]


def test_a_window_is_compared_only_where_there_are_rows_before() -> None:
    def window(days: tuple[date, date]) -> tuple[Any, bool]:
        headlines = draft("orders 9000: id int key, placed_at time, total money", days).starter.headlines
        tile = first_page(headlines)["tiles"][0]["widget"]
        return tile["question"].get("window"), "compare" in tile["question"]

    assert window((date(2018, 1, 1), date(2020, 12, 31))) == ({"start": "2020-01-01", "end": "2021-01-01"}, True)
    assert window((date(2020, 1, 1), date(2020, 12, 31))) == ({"start": "2020-01-01", "end": "2021-01-01"}, False)
    assert window((date(2020, 12, 1), date(2020, 12, 31))) == ({"start": "2020-12-01", "end": "2021-01-01"}, False)
    assert window((date(2024, 1, 1), date(2026, 3, 17))) == ("trailing_30d", True)
    assert window((date(2026, 3, 1), date(2026, 3, 17))) == ("trailing_30d", False)


def test_no_more_than_thirty_metrics_are_drafted_the_best_first() -> None:
    wide = ", ".join(f"cost_{number} money" for number in range(60))
    drafted = draft(f"orders 900: id int key, placed_at time, {wide}")
    assert len(drafted.starter.metric_ids) == 30
    assert drafted.starter.metric_ids[0] == "orders"
    assert any("assay init --more" in each.reason for each in drafted.left_out)
    assert drafted.guessed[0].startswith("Orders (orders): ")


def test_where_columns_lead_is_found_among_hundreds_of_tables() -> None:
    wide = ", ".join(f"word_{number} text 40" for number in range(14))
    lines = [f"part{number}s 100: id int key, part{number + 1}_id int, {wide}" for number in range(400)]
    began = time.process_time()
    links = [(each.child.name, each.column, each.parent.name) for each in links_of(found("\n".join(lines)))]
    assert links == [(f"part{number}s", f"part{number + 1}_id", f"part{number + 1}s") for number in range(399)]
    # Every column against every key takes most of a minute.
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("sales 3: amount int 3, region text 2", []), ("sales 300: amount int 300, region text 2", []),
        ("sales 3: ref int 3, region text 2", []), ("sales 300: ref int 300, region text 2", ["ref"]),
        ("sales 3: id int 3, region text 2", ["id"]), ("carriers 15: carrier text 15, city text 9", ["carrier"]),
        ("names 15: airline text 15, city text 9", ["airline"]), ("names 15: airport text 15, city text 9", []),
    ],
)  # fmt: skip
def test_a_first_column_of_a_few_rows_or_of_amounts_is_no_key(line: str, keys: list[str]) -> None:
    assert keys_of(found(line).tables[0], "postgres", frozenset(("airline",))) == keys


def test_full_names_of_whoever_did_it_are_no_split() -> None:
    people = {"values": ("Ann Lee", "Bo Li", "Cy Ray", "Di O'Hara", "Eve Stone")}
    drafted = draft(
        "orders 900: id int key, total money, placed_at time, ordered_by text 10, sales_rep text 5, lead_stage text 3,"
        " manager_title text 5",
        orders__ordered_by=people, orders__sales_rep=people,
        orders__lead_stage={"values": ("Closed Won", "Closed Lost", "In Progress")},
        orders__manager_title={"values": ("Regional Manager", "Area Manager", "Store Manager")},
    )  # fmt: skip
    assert drafted.personal == ("public.orders.ordered_by (name)", "public.orders.sales_rep (name)")
    assert set(split_names(metrics(drafted)["Orders"])) == {"lead_stage", "manager_title"}


def test_a_key_that_reads_like_telephone_numbers_is_marked_and_one_that_reads_like_names_is_not() -> None:
    names, calls = ("Ann Lee", "Bo Li", "Cy Ray"), ("+49 30 1234567", "+49 30 7654321", "+49 40 1112223")
    drafted = draft(
        "members 90: person text key, city text 9\ncallers 90: line text key, city text 9",
        members__person={"values": names}, callers__line={"values": calls},
    )  # fmt: skip
    assert drafted.personal == ("public.callers.line (phone)",)


def test_tables_that_ended_weeks_ago_are_shown_where_they_lie_and_a_count_does_not_take_the_name_of_the_money() -> None:
    days = date(2024, 1, 1), NOW.date() - timedelta(days=20)
    drafted = draft("sales 4000: id int key, sold_on date, sales money 900, region text 4", days)
    known = metrics(drafted)
    assert {"Revenue", "Sale records"} <= set(known)
    assert "Sales" not in known
    assert known["Revenue"]["window"] == "last 3 years", "what is asked without a window is not shown as nothing"
    windows = [tile["widget"]["question"].get("window") for tile in first_page(drafted.starter.headlines)["tiles"]]
    assert all(isinstance(each, dict) for each in windows), windows


@pytest.mark.parametrize("comment", ["=HYPERLINK(1)", "＝1+1", "-2 is unknown", "'=1"])
def test_no_cell_of_a_dictionary_becomes_a_formula_and_each_is_read_as_it_was(comment: str) -> None:
    known = found("orders 900: id int key, total money")
    (orders,) = known.tables
    drafted = draft_workspace(replace(known, tables=(replace(orders, comment=comment),)), {"url": "${DB}"}, NOW)
    files = {name.partition("/")[2]: text for name, text in drafted.files.items() if name.startswith("data-dictionary/")}
    assert f",'{comment}," in files["table_catalog.csv"]
    read = read_dictionary({name: text.encode() for name, text in files.items()})
    assert read.tables["public.orders"].description == comment
