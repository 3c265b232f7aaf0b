"""What a table offers: inherited by its metrics, told with its place where it cannot be taken, never lost in silence."""

from pathlib import Path

import pytest

from assay.catalog.last_good import GoodMetric
from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.question import Asked, resolve_question, restore_question
from assay.compiler.statement import compile_question
from assay.errors import BadQuestion
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from tests.unit.small import NOW, write_shop

ENTITIES = """\
entities:
  - table: sale
    time: sold_at
    dimensions:
      - region
      - {name: place, column: customer.region, label: Place}
      - {name: size, expression: "CASE WHEN items > 5 THEN 'large' ELSE 'small' END"}
    segments:
      - {name: gifts, filter: is_gift, definition: Bought for others.}
      - {name: phones, filter: "product.category = 'Phone' OR items > 9"}
    hierarchies:
      - {name: where, levels: [place, size]}
  - table: return
    time: sale.sold_at
    dimensions: [region]
    segments: [{name: gifts, filter: sale.is_gift}]
"""
METRICS = """\
metrics:
  - {id: all, label: All, definition: D, entity: sale, measure: COUNT(*), owner: me}
  - {id: some, label: Some, definition: D, entity: sale, measure: SUM(items), window: today, owner: me,
     dimensions: [place, is_gift, {name: region, column: customer.region}]}
  - {id: ever, label: Ever, definition: D, entity: sale, measure: COUNT(*), time: none, dimensions: [], owner: me}
  - {id: shipped, label: Shipped, definition: D, entity: sale, measure: COUNT(*), time: shipped_at, owner: me,
     segments: [{name: gifts, filter: "note = 'gift'"}]}
  - {id: returned, label: Returned, definition: D, entity: return, measure: COUNT(*), owner: me}
  - {id: rate, label: Rate, definition: D, expression: returned / all, owner: me}
  - {id: products, label: Products, definition: D, entity: product, measure: COUNT(*), owner: me}
"""


def loaded(root: Path, entities: str | None = ENTITIES, metrics: str = METRICS, **more: object) -> Workspace:
    write_shop(root, metrics=metrics)
    (root / "entities").mkdir(exist_ok=True)
    if entities is not None:
        (root / "entities" / "shop.yaml").write_text(entities)
    return load_workspace(root, {}, **more)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    found = loaded(tmp_path)
    assert [str(each) for each in found.findings] == []
    return found


def told(workspace: Workspace) -> list[str]:
    return [str(each) for each in workspace.findings]


def sql(workspace: Workspace, *metrics: str, **asked: object) -> str:
    question = resolve_question(metrics, Asked.model_validate(asked), workspace, NOW, EVERYTHING)
    return compile_question(question, "postgres", Policy.from_dictionary(workspace.dictionary)).safe.text


def test_a_metric_has_what_its_table_offers_and_it_does_not_say_itself(shop: Workspace) -> None:
    assert {name: [*metric.dimensions] for name, metric in shop.metrics.items()} == {
        "all": ["region", "place", "size"], "some": ["place", "is_gift", "region"], "ever": [], "shipped":
        ["region", "place", "size"], "returned": ["region"], "rate": ["region"], "products": [],
    }  # fmt: skip
    times = {name: metric.parts[0].time for name, metric in shop.metrics.items()}
    assert {name: time and time.text for name, time in times.items()} == {
        "all": "sold_at", "some": "sold_at", "ever": None, "shipped": "shipped_at",
        "returned": "shop.sale.sold_at by j6", "rate": "shop.sale.sold_at by j6", "products": None,
    }  # fmt: skip
    assert shop.metrics["some"].dimensions["region"].text == "shop.customer.region"
    assert shop.metrics["shipped"].segments["gifts"].text == "\"shop.sale\".note = 'gift'"
    assert [*shop.metrics["rate"].segments] == ["gifts"]


def test_what_is_said_once_means_what_it_meant_when_every_metric_said_it(tmp_path: Path, shop: Workspace) -> None:
    said = (
        "owner: me, time: sold_at, dimensions: [region, {name: place, column: customer.region, label: Place},"
        " {name: size, expression: \"CASE WHEN items > 5 THEN 'large' ELSE 'small' END\"}]}\n"
    )
    written = METRICS.replace("owner: me}\n", said, 1)
    (tmp_path / "plain").mkdir()
    plain = loaded(tmp_path / "plain", None, written.replace("window: today", "time: sold_at, window: today"))
    assert plain.metrics["all"].version == shop.metrics["all"].version
    assert sql(plain, "all", dimensions=["size", "place"]) == sql(shop, "all", dimensions=["size", "place"])


def test_a_segment_keeps_the_rows_of_each_table_that_is_asked(shop: Workspace) -> None:
    assert "WHERE (p.category = $1 OR s.items > 9) AND (s.sold_at >=" in sql(shop, "all", segments=["phones"])
    assert "WHERE s.is_gift AND (s.sold_at" in sql(shop, "all", segments=["gifts", "gifts"])
    both = sql(shop, "rate", segments=["gifts"])
    assert both.count("is_gift") == 2
    for metric, name, mend in (("all", "gift", "Did you mean 'gifts'?"), ("products", "gifts", "it has: none")):
        with pytest.raises(BadQuestion, match=f"{metric} has no segment '{name}'") as refused:
            sql(shop, metric, segments=[name])
        assert (refused.value.mend, refused.value.extra["field"]) == (mend, "segments.0")


def test_a_question_that_names_a_segment_is_another_when_the_catalog_changes_it(tmp_path: Path, shop: Workspace) -> None:
    question = resolve_question(("all",), Asked(segments=("gifts",)), shop, NOW, EVERYTHING)
    other = loaded(tmp_path, ENTITIES.replace("filter: is_gift", "filter: NOT is_gift"))
    assert other.metrics["all"].version == shop.metrics["all"].version
    there = resolve_question(("all",), Asked(segments=("gifts",)), other, NOW, EVERYTHING)
    assert there.fingerprint() != question.fingerprint()
    assert restore_question(question.described(), shop, EVERYTHING) == question
    assert restore_question(question.described(), other, EVERYTHING).described() != question.described()
    assert "segments" not in resolve_question(("all",), Asked(), shop, NOW, EVERYTHING).described()


def test_the_time_of_a_parent_bounds_and_groups_and_is_needed(shop: Workspace) -> None:
    text = sql(shop, "returned", grain="day", window="today")
    assert "LEFT JOIN shop.sale AS s ON r.sale_id = s.sale_id WHERE s.sold_at >= $" in text
    assert shop.metrics["returned"].needed_columns["shop.sale"].keys() >= {"sale_id", "sold_at"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("time: sold_at", "time: region", "entities/shop.yaml:3: sale: shop.sale.region is string, not a date or timestamp"),
        ("      - region\n", "      - regoin\n",
         "entities/shop.yaml:5: sale: shop.sale: 'regoin' is no column of it. Did you mean 'region'?"),
        ("items > 5", "SUM(items) > 5",
         "entities/shop.yaml:7: sale: dimension 'size': looks at one row at a time and cannot hold an aggregate"),
        ("filter: is_gift,", "filter: items,",
         "entities/shop.yaml:9: sale: segment 'gifts': is no condition; write for instance status = 'open'"),
        ("name: phones", "name: gifts", "entities/shop.yaml:10: sale: segment 'gifts' stands twice"),
        ("[place, size]", "[place, regoin]", "entities/shop.yaml:12: sale: hierarchy 'where': 'regoin' is not a"
         " dimension that the table offers. Did you mean 'region'?"),
        ("[place, size]", "[place, size, place]",
         "entities/shop.yaml:12: sale: hierarchy 'where' names 'place' twice: each level is narrower than the one before"),
        ("table: return", "table: retrun",
         "entities/shop.yaml:13: no table 'retrun' in the dictionary (Did you mean 'return'?)"),
        ("table: return", "table: sale", "entities/shop.yaml:13: sale stands twice (write all of it in one place)"),
        ("    time: sold_at", "    tiem: sold_at",
         "entities/shop.yaml:3: sale: tiem is not known here (Did you mean 'time'?)"),
        ("entities:", "entity:", "entities/shop.yaml:1: entity is not known here (Did you mean 'entities'?)"),
        ("entities:", "segments: []\nentities:",
         "entities/shop.yaml:1: segments is not known here (the file holds one list, entities:)"),
    ],
)  # fmt: skip
def test_a_fault_is_told_once_with_file_and_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert ENTITIES.count(old) == 1 or old == "filter: is_gift,"
    found = loaded(tmp_path, ENTITIES.replace(old, new, 1))
    causes = [each for each in told(found) if each.startswith("entities/")]
    assert causes == [said]


def test_no_metric_serves_without_the_time_that_nobody_could_read(tmp_path: Path, shop: Workspace) -> None:
    for broken in (ENTITIES.replace("table: sale", "table: sale\n    colour: red"), ENTITIES + "  - [", "entities: 7\n"):
        found = loaded(tmp_path, broken)
        assert not {"all", "some", "ever", "shipped", "rate"} & found.metrics.keys(), broken
        held = loaded(tmp_path, broken, last=shop.good)
        assert held.held.keys() >= {"all", "some", "shipped"}
        assert held.metrics["all"].version == shop.metrics["all"].version
        assert held.metrics["all"].segments.keys() == {"gifts", "phones"}


def test_a_hierarchy_has_the_levels_that_a_metric_has_in_that_meaning(tmp_path: Path, shop: Workspace) -> None:
    other = loaded(tmp_path, ENTITIES.replace("[place, size]", "[place, region, size]"))
    (where,) = other.hierarchies["shop.sale"]
    among = {name: where.among(each.dimensions) for name, each in other.metrics.items()}
    # `some` has a region of its own: that of the customer, of which the table's is no part.
    assert among == {
        "all": ("place", "region", "size"), "shipped": ("place", "region", "size"), "some": (), "ever": (), "returned": (),
        "rate": (), "products": (),
    }  # fmt: skip
    assert (other.version != shop.version, other.metrics["all"].version) == (True, shop.metrics["all"].version)
    broken = loaded(tmp_path, ENTITIES.replace("[place, size]", "[place, sold_at]"))
    assert (broken.hierarchies["shop.sale"], broken.held) == ((), {})
    assert broken.metrics["all"].version == shop.metrics["all"].version


def test_a_segment_that_cannot_be_used_is_left_out_and_its_metrics_serve(tmp_path: Path) -> None:
    found = loaded(tmp_path, ENTITIES.replace("filter: is_gift,", "filter: items,"))
    assert [*found.metrics["all"].segments] == ["phones"]
    assert found.held == {}


def test_the_last_good_definition_is_whole_without_its_entity(shop: Workspace) -> None:
    kept = GoodMetric.of(shop.good.metrics["all"].document())
    assert kept.bound(shop.dictionary, shop.calendar).version == shop.metrics["all"].version
    ever = GoodMetric.of(shop.good.metrics["ever"].document()).bound(shop.dictionary, shop.calendar)
    assert ever.parts[0].time is None


def test_a_misspelt_table_leaves_none_in_silence_without_its_time(tmp_path: Path, shop: Workspace) -> None:
    broken = ENTITIES.replace("table: sale\n", "table: sael\n")
    found = loaded(tmp_path, broken)
    assert found.metrics.keys() == {"returned"}
    assert told(found) == ["entities/shop.yaml:2: no table 'sael' in the dictionary (Did you mean 'sale'?)"]
    held = loaded(tmp_path, broken, last=shop.good)
    assert held.held.keys() >= {"all", "some", "shipped"}
    assert held.metrics["all"].version == shop.metrics["all"].version


@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_blocks_of_a_table_an_invalid_one_leaves_both_in_doubt(tmp_path: Path, is_first: bool) -> None:
    bad, start = "  - {table: sale, tiem: sold_on}\n", "entities:\n"
    found = loaded(tmp_path, ENTITIES.replace(start, start + bad) if is_first else ENTITIES + bad)
    assert found.metrics.keys() == {"returned", "products"}
    assert "shop.sale" not in found.entities


def test_a_dimension_that_stands_twice_is_none_of_both(tmp_path: Path) -> None:
    twice = ENTITIES.replace("      - region\n", "      - region\n      - {name: place, column: product.category}\n")
    found = loaded(tmp_path, twice)
    assert found.metrics.keys() == {"ever", "returned", "products"}
    assert told(found) == ["entities/shop.yaml:7: sale: dimension 'place' stands twice"]


def test_a_calculated_decimal_has_no_more_places_than_a_decimal_holds(tmp_path: Path) -> None:
    def metric(expression: str) -> str:
        own = f'dimensions: [{{name: d, expression: "{expression}"}}]'
        return f"metrics:\n  - {{id: m, label: M, definition: D, entity: sale, measure: COUNT(*), owner: me, {own}}}\n"

    assert "m" in loaded(tmp_path, None, metric("amount * amount")).metrics
    many = " * ".join(["amount"] * 20)
    assert "m" in loaded(tmp_path, None, metric(f"ROUND({many}, 2)")).metrics
    found = loaded(tmp_path, None, metric(many))
    assert "has 40 decimal places, and a decimal holds 38 digits in all; write ROUND(" in told(found)[0]
