"""Lessons, pure: what an explained word writes into the workspace's files, and what cannot be a name."""

from pathlib import Path

import pytest

from assay.catalog.marked_yaml import parse_yaml
from assay.catalog.workspace import load_workspace
from assay.errors import AlreadyThere, DraftDeclined, StandsInAFile
from assay.widgets.drafts.file import difference
from assay.widgets.words.lessons import Lesson, lesson
from assay.widgets.words.reader import Reader
from assay.widgets.words.synonyms import FILE, read_synonyms
from tests.unit.words.reading import shop_reader

METRICS = """\
# What the shop counts.
metrics:
  - id: sales
    label: Sales   # of goods
    definition: Sales.
    entity: sale
    measure: COUNT(*)
    owner: shop
    dimensions: [region, {name: bill_city, column: address.city, by: j4}]

  - {id: revenue, label: Revenue, definition: Money., entity: sale, measure: SUM(amount), owner: shop, dimensions: [region]}
  - id: gifts
    label: Gifts
    definition: Presents.
    entity: sale
    measure: COUNT(*)
    owner: shop
    synonyms:
      - presents
    filter: is_gift
  - {id: pieces, label: Pieces, definition: Things., entity: sale, measure: SUM(items), owner: shop, synonyms: [things,
      units]}
"""
REGION = "shop.sale.region"


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return shop_reader(tmp_path, METRICS, {REGION: ("North", "South")})


def taught(reader: Reader, words: str, means: str) -> Lesson:
    return lesson(words, means, reader.lexicon, reader.languages)


@pytest.mark.parametrize("metric_id", ["sales", "revenue", "gifts", "pieces"])
def test_a_metric_gets_its_synonym_and_no_other_letter_of_the_file_moves(reader: Reader, metric_id: str) -> None:
    found = taught(reader, "takings", f"metric:{metric_id}")
    was, now = (parse_yaml(each).data["metrics"] for each in (found.before, found.after))
    assert now == [
        {**each, "synonyms": [*each.get("synonyms", ()), "takings"]} if each["id"] == metric_id else each for each in was
    ]
    removed = [line for line in difference("x", found.before, found.after).splitlines() if line.startswith("-")][1:]
    assert all(line[1:].rstrip("}]") in found.after for line in removed)
    assert "# What the shop counts." in found.after
    assert "# of goods" in found.after


def test_columns_and_values_get_a_row_that_is_read_as_it_was_meant(reader: Reader) -> None:
    root = reader.lexicon.workspace.root
    for words, means in (("territory", f"dimension:{REGION}"), ("polar", f"value:{REGION}=North")):
        found = taught(reader, words, means)
        assert found.file == FILE
        (root / FILE).write_text(found.after)
    synonyms, findings = read_synonyms(load_workspace(root, {}))
    assert findings == []
    assert synonyms.dimensions == {REGION: ("territory",)}
    assert synonyms.values == {REGION: {"North": ("polar",)}}


@pytest.mark.parametrize(
    ("words", "means", "kind"),
    [
        ("gifts", "metric:sales", DraftDeclined),  # the name of another
        ("sales", "metric:sales", AlreadyThere),
        ("presents", "metric:gifts", AlreadyThere),
        ("last month", "metric:sales", DraftDeclined),  # a window
        ("top", "metric:sales", DraftDeclined),
        ("17", "metric:sales", DraftDeclined),
        ("a; b", f"dimension:{REGION}", DraftDeclined),
        ("takings]", "metric:sales", DraftDeclined),
        ("x" * 61, "metric:sales", DraftDeclined),
        ("takings", "metric:nothing", DraftDeclined),
        ("upstate", f"value:{REGION}=East", DraftDeclined),  # no such value
        ("e-mail", "dimension:shop.customer.email", DraftDeclined),  # personal, so of no metric
        ("seat", "dimension:shop.address <- j4.city", DraftDeclined),  # in one of several roles
    ],
)
def test_what_cannot_be_a_name_is_told(reader: Reader, words: str, means: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        taught(reader, words, means)


def test_a_file_of_another_form_is_edited_by_hand(reader: Reader) -> None:
    path = reader.lexicon.workspace.root / "metrics" / "shop.yaml"
    path.write_text(METRICS.replace("metrics:\n", "all: &all\n") + "metrics: *all\n")
    with pytest.raises(StandsInAFile):
        taught(reader, "takings", "metric:sales")
