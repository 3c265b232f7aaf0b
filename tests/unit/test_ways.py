"""Ways of joins: which need not be named, how the others are, and what tells a definition of one from that of another."""

from pathlib import Path

import pytest

from assay.catalog.metric import Metric
from assay.catalog.workspace import load_workspace
from assay.people.scope import Grant, Scope
from tests.unit.small import messages, write_shop

TABLES = {
    "airport": "code string, city string, owner string !name, country string, hub string?",
    "country": "name string, continent string",
    "carrier": "carrier_id string, home string",
    "flight": "flight_id string, origin string?, goal string?, carrier_id string, seats int, at timestamp",
    "bag": "bag_id string, flight_id string, carrier_id string, weight int",
}
JOINS = (
    "flight.origin airport.code leaves", "flight.goal airport.code lands", "airport.country country.name lies_in",
    "airport.hub airport.code hub", "flight.carrier_id carrier.carrier_id flown_by", "carrier.home country.name home",
    "bag.flight_id flight.flight_id aboard", "bag.carrier_id carrier.carrier_id owned_by",
)  # fmt: skip
HEAD = "  - {id: x, label: X, definition: X., owner: me, "


def load(root: Path, *entries: str, joins: tuple[str, ...] = JOINS) -> tuple[dict[str, Metric], list[str]]:
    metrics = "metrics:\n" + "".join(HEAD.replace("x", f"m{n}", 1) + each + "}\n" for n, each in enumerate(entries))
    loaded = load_workspace(write_shop(root, metrics=metrics, tables=TABLES, joins=joins), {})
    return loaded.metrics, messages(loaded)


def dimension(rest: str, entity: str = "flight") -> str:
    return f"entity: {entity}, measure: COUNT(*), dimensions: [{{name: d, {rest}}}]"


@pytest.mark.parametrize(("entry", "said"), [
    (dimension("column: airport.city"),
     "shop.airport can be reached in more than one way from shop.flight (leaves or lands);"
     " name the one that is meant: by: leaves beside a dimension's column, leaves.COLUMN elsewhere"),
    (dimension("column: country.continent"), "(leaves > lies_in or lands > lies_in or flown_by > home);"
     " name the one that is meant: by: [leaves, lies_in] beside a dimension's column, leaves.lies_in.COLUMN elsewhere"),
    (dimension("column: country.continent", "bag"), "shop.country can be reached in more than one way from shop.bag"
     " (owned_by > home or"),
    (dimension("column: country.continent, by: lies_in"), "shop.airport can be reached in more than one way"),
    (dimension("column: airport.city, by: leafs"), "no join 'leafs' in join_map.csv. Did you mean 'leaves'?"),
    (dimension("column: leafs.city"), "no table 'leafs' in the dictionary. Did you mean 'leaves'?"),
    (dimension("column: airport.owner, by: leaves"), "shop.airport.owner is personal data (name) and cannot be used"),
    (dimension("column: lands.hub.owner"), "shop.airport.owner is personal data (name) and cannot be used"),
    (dimension("column: flight.seats, by: leaves"), "shop.flight cannot be joined to shop.airport"),
    (dimension("column: airport.city", "airport"), "airport.city may mean the row itself or the row that join hub leads to;"
     " write column: city for the row's own, or name the join for the other: hub.city"),
    (dimension("expression: seats + 1, by: leaves"),
     "dimension 'd' is an expression, which names joins itself: leaves.COLUMN"),
    ("entity: flight, measure: COUNT(*), filter: airport.city = 'a'", "shop.airport can be reached in more than one way"),
    ("entity: flight, measure: COUNT(*), time: at, segments: [{name: s, filter: country.name = 'a'}]",
     "shop.country can be reached in more than"),
    ("entity: flight, measure: SUM(leaves.seats)", "shop.airport has no column 'seats'"),
    ("entity: bag, measure: SUM(aboard.seats)", "counts shop.flight.seats once for each row of shop.bag, because several"),
    ("entity: bag, measure: SUM(owned_by.LENGTH)", "shop.carrier has no column 'LENGTH'"),
    ("entity: bag, measure: COUNT(*), alive: {from: aboard.at, until: aboard.at}",
     "shop.flight.at is not a column of shop.bag"),
])  # fmt: skip
def test_a_way_that_is_not_plain_has_to_be_named(tmp_path: Path, entry: str, said: str) -> None:
    _, found = load(tmp_path, entry)
    assert said in found[0]
    assert found[0].startswith("metrics/shop.yaml:2: ")


def test_the_row_that_a_row_points_at_itself_is_its_own(tmp_path: Path) -> None:
    """A bag leads to a carrier itself, and to that of its flight."""
    metrics, found = load(
        tmp_path, dimension("column: carrier.home", "bag"), dimension("column: carrier.home, by: owned_by", "bag"),
        dimension("column: carrier.home, by: [aboard, flown_by]", "bag"), dimension("column: flown_by.home", "bag"),
    )  # fmt: skip
    assert found == []
    own, named, other, short = (each.dimensions["d"] for each in metrics.values())
    assert own == named
    assert own.table == "shop.carrier"
    assert other == short
    assert [join.join_id for join in other.joins] == ["aboard", "flown_by"]
    assert len({each.version for each in metrics.values()}) == 2


def test_definitions_that_differ_in_a_role_are_told_apart(tmp_path: Path) -> None:
    """By version, by the key of values, by what stands in one column: a certificate of one proves no other."""
    entries = [
        dimension(f"column: airport.city, by: {by}")
        for by in ("leaves", "lands", "[leaves, hub]", "[lands, hub]", "[leaves, hub, hub]")
    ]  # fmt: skip
    entries += [
        f"entity: flight, measure: COUNT(*), filter: {by}.city = 'a'"
        for by in ("leaves", "lands", "leaves.hub", "leaves.airport")
    ]
    metrics, found = load(tmp_path, *entries)
    assert found == []
    assert len({each.version for each in metrics.values()}) == len(entries) - 1  # leaves, said in two ways
    keys = {each.dimensions["d"].key for each in metrics.values() if each.dimensions}
    assert len(keys) == 5


def test_what_a_role_reads_is_its_tables(tmp_path: Path) -> None:
    metrics, _ = load(tmp_path, dimension("column: city, by: lands") + ", filter: leaves.country = 'a'")
    needed = {table: sorted(columns) for table, columns in metrics["m0"].needed_columns.items()}
    assert needed == {"shop.flight": ["goal", "origin"], "shop.airport": ["city", "code", "country"]}
    assert {join.to_table for part in metrics["m0"].parts for join in part.joins} == {"shop.airport"}
    hiding = Scope(1, (Grant(("*",), None),), frozenset({("shop.airport", "city")}))
    assert all(hiding.hides(*column) for column in metrics["m0"].dimensions["d"].columns)
    assert metrics["m0"].has_roles
    assert not load(tmp_path, dimension("column: carrier.home"))[0]["m0"].has_roles


def test_a_way_that_becomes_one_of_several_is_not_taken_any_longer(tmp_path: Path) -> None:
    entry = dimension("column: carrier.home", "bag")
    one = tuple(each for each in JOINS if not each.endswith("owned_by"))
    assert load(tmp_path, entry, joins=one)[1] == []
    _, found = load(tmp_path, entry, joins=(*one, "airport.hub carrier.carrier_id run_by"))
    assert "shop.carrier can be reached in more than one way from shop.bag (aboard > flown_by or" in found[0]
