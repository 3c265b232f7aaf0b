"""What a draft adds to a workspace that is there: beside what people have written, and nothing of it otherwise."""

import csv
import io
from pathlib import Path

import pytest

from assay.catalog.draft import draft_workspace
from assay.catalog.marked_yaml import parse_yaml
from assay.catalog.workspace import Workspace, load_workspace
from assay.errors import StandsInAFile
from assay.routing.file import read_routing_file
from assay.setup.addition import Addition, addition, offer_of, tried, with_backend
from assay.setup.folder import take_in
from tests.unit.small import write_shop
from tests.unit.test_first_workspace import NOW, SHOP, found

NEW = {"url": "${SHOP_DATABASE_URL}", "driver": "postgres"}


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    "text",
    [
        "name: a\nbackends: {}\n",
        "name: a\nbackends:\n  # kept\n  old: {driver: duckdb, path: a.duckdb}   # and this\nlabel: A\n",
        "name: a\r\nbackends:\r\n    old:\r\n        driver: duckdb\r\n        path: a.duckdb\r\n",
    ],
)
def test_a_backend_is_added_and_every_line_stays(text: str) -> None:
    after = with_backend(text, "shop", NEW)
    was, now = parse_yaml(text).data, parse_yaml(after).data
    assert now == {**was, "backends": {**was["backends"], "shop": NEW}}
    kept = iter(after.splitlines(keepends=True))
    assert all(line in kept for line in text.replace(" {}", "").splitlines(keepends=True))


@pytest.mark.parametrize(
    "text", ["name: a\nbackends: {old: {driver: duckdb}}\n", "name: a\n", '"backends":\n  a: {}\n', "[\n"]
)
def test_a_file_of_another_form_is_left_to_its_owner(text: str) -> None:
    with pytest.raises(StandsInAFile) as refused:
        with_backend(text, "shop", NEW)
    assert "shop: {driver: postgres" in (refused.value.mend or "")


def added_to(root: Path, labels: dict[str, str] | None = None) -> tuple[Workspace, Addition]:
    workspace = load_workspace(root)
    offer = offer_of(draft_workspace(found(SHOP), {}, NOW), "variable:SHOP", "second", NEW, workspace)
    wanted = {each["id"]: each["label"] for each in offer.entries} if labels is None else labels
    return workspace, addition(offer, wanted, workspace, ())


def test_what_lay_in_every_backend_lies_where_it_lay_once_there_is_another(tmp_path: Path) -> None:
    workspace, added = added_to(write_shop(tmp_path))
    with tried(tmp_path, {}) as folder:
        known = {str(each) for each in load_workspace(folder).findings}
        (folder / "config").mkdir(exist_ok=True)
        (folder / "config" / "metric_routing.yaml").write_text("metrics:\n")
        take_in(added.texts, load_workspace(folder), added.metric_ids, "second")
        after = load_workspace(folder)
        assert {str(each) for each in after.findings} == known
        routes = {name: line.backend for name, line in read_routing_file(after.routing_file).lines.items()}
    assert routes == dict.fromkeys(added.metric_ids, "second")
    assert {*added.metric_ids, *workspace.metrics} == set(after.metrics)
    for name, table in after.dictionary.tables.items():
        assert table.backends == (tuple(workspace.backends) if name in workspace.dictionary.tables else ("second",)), name
    rows = list(csv.DictReader(io.StringIO(added.texts["data-dictionary/table_catalog.csv"])))
    assert [each["table_name"] for each in rows][: len(workspace.dictionary.tables)] == [
        each.name for each in workspace.dictionary.tables.values()
    ]  # fmt: skip


@pytest.mark.exhaustive
def test_a_label_that_is_taken_is_called_by_its_backend_too(tmp_path: Path) -> None:
    metrics = "metrics:\n  - {id: orders, label: Orders, definition: Ours., entity: sale, measure: COUNT(*), owner: shop}\n"
    workspace, added = added_to(write_shop(tmp_path, metrics=metrics))
    labels = parse_yaml(added.texts["metrics/second.yaml"]).data["metrics"]
    assert "orders" in workspace.metrics
    assert ("orders_2", "Orders (Second)") in [(each["id"], each["label"]) for each in labels]


@pytest.mark.exhaustive
def test_a_file_that_was_edited_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    _, added = added_to(write_shop(tmp_path))
    added.expect_as_before(tmp_path)
    path = tmp_path / "assay.yaml"
    path.write_text(path.read_text() + "# mine\n")
    with pytest.raises(StandsInAFile, match=r"assay\.yaml was edited just now"):
        added.expect_as_before(tmp_path)


@pytest.mark.exhaustive
def test_only_what_was_chosen_is_written_and_called_as_it_was_named(tmp_path: Path) -> None:
    _, added = added_to(write_shop(tmp_path), {"orders": "Bestellungen"})
    (entry,) = parse_yaml(added.texts["metrics/second.yaml"]).data["metrics"]
    assert (entry["id"], entry["label"], added.metric_ids) == ("orders", "Bestellungen", ["orders"])
    page = next(parse_yaml(text).data for name, text in added.texts.items() if name.startswith("dashboards/"))
    assert {name for tile in page["tiles"] for name in tile["widget"]["question"]["metrics"]} == {"orders"}
    assert any("Bestellungen" in tile["widget"].get("title", "") for tile in page["tiles"])
