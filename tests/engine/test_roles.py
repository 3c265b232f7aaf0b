"""Roles of joins on every engine: one table by several ways, a table joined to itself, each way with its own row."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.engine.pins import Pins, Record, open_pins

TABLES = {
    "airport": "code string?, city string?, country string?, hub string?",
    "country": "name string?, continent string?",
    "flight": "flight_id int, origin string?, goal string?, seats int?",
    "person": "person_id int, boss_id int?, first string?, pay int?",
}
JOINS = (
    "flight.origin airport.code leaves", "flight.goal airport.code lands", "airport.country country.name lies_in",
    "airport.hub airport.code of_hub", "person.boss_id person.person_id boss",
)  # fmt: skip
AIRPORTS: list[Record] = [
    {"code": "A", "city": "Aachen", "country": "DE", "hub": "B"}, {"code": "B", "city": "Bern", "country": "CH", "hub": "B"},
    {"code": "C", "city": None, "country": "XX", "hub": None}, {"code": None, "city": "Nowhere", "country": "DE"},
]  # fmt: skip
COUNTRIES: list[Record] = [{"name": "DE", "continent": "EU"}, {"name": "CH", "continent": "EU"}, {"name": "US"}]
FLIGHTS: list[Record] = [
    {"origin": "A", "goal": "B", "seats": 1}, {"origin": "B", "goal": "A", "seats": 2},
    {"origin": "A", "goal": "A", "seats": 4}, {"origin": None, "goal": "C", "seats": 8},
    {"origin": "C", "goal": None, "seats": 16}, {"origin": "Z", "goal": "B", "seats": 32},
]  # fmt: skip
FLIGHT: dict[str, Any] = {
    "entity": "flight", "measure": "SUM(seats)", "dimensions": [
        {"name": "origin_city", "column": "airport.city", "by": "leaves"},
        {"name": "goal_city", "column": "city", "by": "lands"},
        {"name": "from_land", "column": "country.continent", "by": "leaves"},
        {"name": "to_land", "column": "lands.country.continent"},
        {"name": "hub", "column": "airport.city", "by": ["leaves", "of_hub"]},
        {"name": "route", "expression": "leaves.city || '-' || lands.city"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
async def flights(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pins]:
    async with open_pins(tmp_path_factory.mktemp("flights"), TABLES, JOINS) as opened:
        people = [
            {"person_id": 1, "boss_id": None, "first": "Ann", "pay": 9},
            {"person_id": 2, "boss_id": 1, "first": "Bob", "pay": 10},
            {"person_id": 3, "boss_id": 2, "first": "Cid", "pay": 1},
            {"person_id": 4, "boss_id": 4, "first": "Dot", "pay": 5},
            {"person_id": 5, "boss_id": 99, "first": "Eve", "pay": 7},
        ]  # fmt: skip
        await opened.fill(airport=AIRPORTS, country=COUNTRIES, flight=FLIGHTS, person=people)
        yield opened


def only(name: str, op: str, *values: object) -> dict[str, object]:
    return {"dimension": name, "op": op, "values": list(values)}


async def test_each_way_leads_to_a_row_of_its_own(flights: Pins) -> None:
    order = [{"by": "value", "descending": False}]
    rows = await flights.rows({"m": FLIGHT}, dimensions=["origin_city", "goal_city"], order=order)
    assert rows == [
        ["Aachen", "Bern", 1], ["Bern", "Aachen", 2], ["Aachen", "Aachen", 4], [None, None, 24], [None, "Bern", 32],
    ]  # fmt: skip
    assert await flights.rows({"m": FLIGHT}, dimensions=["from_land", "to_land"], order=order) == [
        ["EU", "EU", 7], [None, None, 24], [None, "EU", 32],
    ]  # fmt: skip
    assert await flights.rows({"m": FLIGHT}, dimensions=["hub"]) == [[None, 56], ["Bern", 7]]
    assert await flights.rows({"m": FLIGHT}, dimensions=["route"], order=order) == [
        ["Aachen-Bern", 1], ["Bern-Aachen", 2], ["Aachen-Aachen", 4], [None, 56],
    ]  # fmt: skip


async def test_two_roles_are_filtered_at_once(flights: Pins) -> None:
    both = [only("origin_city", "eq", "Aachen"), only("goal_city", "ne", "Aachen")]
    assert await flights.rows({"m": FLIGHT}, filters=both) == [[1]]
    either = [[only("origin_city", "eq", "Bern")], [only("goal_city", "eq", "Bern")]]
    assert await flights.rows({"m": FLIGHT}, any_of=either) == [[35]]
    home = {**FLIGHT, "filter": "leaves.country = lands.country"}
    assert await flights.rows({"m": home, "all": FLIGHT}) == [[4, 63]]
    weighed = {**FLIGHT, "measure": "SUM(CASE WHEN leaves.city = 'Bern' THEN seats END) + COUNT(DISTINCT lands.country)"}
    assert await flights.rows({"m": weighed}) == [[2 + 3]]


async def test_a_table_joined_to_itself(flights: Pins) -> None:
    dimensions = [
        "first", {"name": "boss", "column": "person.first", "by": "boss"},
        {"name": "top", "column": "first", "by": ["boss", "boss"]}, {"name": "richer", "expression": "pay > boss.pay"},
    ]  # fmt: skip
    metric = {"entity": "person", "measure": "SUM(pay)", "dimensions": dimensions}
    order = [{"by": "first", "descending": False}]
    rows = await flights.rows({"m": metric}, dimensions=["first", "boss", "top", "richer"], order=order)
    assert rows == [
        ["Ann", None, None, None, 9], ["Bob", "Ann", None, True, 10], ["Cid", "Bob", "Ann", False, 1],
        ["Dot", "Dot", "Dot", False, 5], ["Eve", None, None, None, 7],
    ]  # fmt: skip
    paid = {**metric, "measure": "COUNT(*)", "filter": "pay > boss.pay OR boss.boss.pay IS NULL"}
    assert await flights.rows({"m": paid}) == [[3]]


@pytest.mark.parametrize(("seen", "right"), [
    ({"airport": "country = 'DE'"}, [["Aachen", "Aachen", 4], ["Aachen", None, 1], [None, "Aachen", 2], [None, None, 56]]),
    ({"airport": "of_hub.city = 'Bern'", "flight": "lands.country = 'CH'"}, [["Aachen", "Bern", 1], [None, "Bern", 32]]),
])  # fmt: skip
async def test_a_policy_is_applied_to_its_table_in_every_role(
    flights: Pins, seen: dict[str, str], right: list[list[Any]]
) -> None:  # fmt: skip
    everything = dict.fromkeys(("airport", "country", "flight"), "1 = 1") | seen
    order = [{"by": name, "descending": False} for name in ("origin_city", "goal_city")]
    rows = await flights.rows({"m": FLIGHT}, dimensions=["origin_city", "goal_city"], order=order, seen=everything)
    assert rows == right


async def test_people_are_seen_apart_from_those_above_them(flights: Pins) -> None:
    metric = {"entity": "person", "measure": "COUNT(*)", "dimensions": [{"name": "boss", "column": "first", "by": "boss"}]}
    order = [{"by": "boss", "descending": False}]
    rows = await flights.rows({"m": metric}, dimensions=["boss"], order=order, seen={"person": "pay >= 5"})
    assert rows == [["Ann", 1], ["Dot", 1], [None, 2]]
    rows = await flights.rows({"m": metric}, dimensions=["boss"], order=order, seen={"person": "boss.first IS NOT NULL"})
    assert rows == [["Bob", 1], ["Dot", 1], [None, 1]]
