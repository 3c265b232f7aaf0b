"""Definitions that go out to another layer and come back: what is written, what is told of it, and that nothing is lost."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.golden.test_golden import golden_workspace
from tests.interop.store import TABLES, answered
from tests.unit.small import write_shop
from typer.testing import CliRunner

from assay.backends.protocol import Backend
from assay.catalog.workspace import Workspace, load_workspace
from assay.cli.commands import app
from assay.cli.imports import propose
from assay.interop.changes import entities_text, metrics_text
from assay.interop.extension import taken_back
from assay.interop.out.export import export
from assay.interop.out.formats import FORMATS

JOINS = ("sale.customer_id customer.customer_id", "sale.product_id product.product_id")
METRICS = """\
metrics:
  - {id: sales, label: Sales, definition: Sales made., entity: sale, measure: COUNT(*), time: sold_on, owner: shop,
     synonyms: [purchases], dimensions: [is_gift, {name: region, column: customer.region}]}
  - {id: revenue, label: Revenue, definition: Money., entity: sale, measure: SUM(amount), time: sold_on, owner: shop,
     unit: usd, direction: up_is_good, refresh_seconds: 60}
  - {id: items_of_gifts, label: Items, definition: Given away., entity: sale, measure: SUM(items), filter: is_gift,
     time: sold_on, owner: shop}
  - {id: northern, label: North, definition: Of the North., entity: sale, measure: SUM(items),
     filter: customer.region = 'North' AND items > 5, time: sold_on, owner: shop}
  - {id: gift_share, label: Gifts, definition: Share., entity: sale, numerator: {measure: COUNT(*), filter: is_gift},
     denominator: {measure: COUNT(*)}, time: sold_on, owner: shop, unit: percent}
  - {id: buyers, label: Buyers, definition: Who bought., entity: sale, measure: COUNT(DISTINCT customer_id), time: sold_on,
     owner: shop}
  - {id: per_buyer, label: Each, definition: Money of each., expression: revenue / buyers, owner: shop}
  - {id: usual, label: Usual, definition: The middle one., entity: sale, measure: MEDIAN(items), time: sold_on, owner: shop}
  - {id: twice, label: Twice, definition: Of everybody first., entity: sale, measure: AVG(SUM(items)), per: [customer_id],
     time: sold_on, owner: shop}
"""
RIGHT = {
    "sales": 5, "revenue": 150.75, "items_of_gifts": 10, "northern": 8, "gift_share": 0.4, "buyers": 3, "per_buyer": 50.25,
    "usual": 3,
}  # fmt: skip
"""Added up by hand from the five sales."""
EVER = {"start": "2026-01-01", "end": "2026-04-01"}
FORMS = sorted(FORMATS)


def store(folder: Path, metrics: str = METRICS, joins: tuple[str, ...] = JOINS) -> Path:
    return write_shop(folder, metrics=metrics, tables=TABLES, joins=joins)


def written(workspace: Workspace, form: str, folder: Path) -> Path:
    folder.mkdir()
    for name, text in export(workspace, form).files.items():
        (folder / name).write_text(text)
    return folder


def imported(form: str, source: Path, shop: Path) -> tuple[int, dict[str, Any]]:
    """As the command takes it in."""
    result = CliRunner().invoke(app, ["import", form, str(source), "--into", str(shop), "--yes", "--json"])
    return result.exit_code, json.loads(result.stdout)


def versions(workspace: Workspace) -> dict[str, str]:
    return {name: each.version for name, each in workspace.metrics.items()}


def told(workspace: Workspace, form: str) -> dict[str, tuple[str, str]]:
    return {each.name: (each.outcome, each.told) for each in export(workspace, form).report.items if each.kind == "metric"}


def test_definitions_go_out_and_come_back_with_their_versions(tmp_path: Path) -> None:
    shop = load_workspace(store(tmp_path / "shop"), {})
    source = written(shop, "cube", tmp_path / "out")
    bare = store(tmp_path / "bare", "metrics: []\n", ())
    code, body = imported("cube", source, bare)
    assert (code, body["findings"], sorted(body["metrics"])) == (0, [], sorted(shop.metrics))
    back = load_workspace(bare, {})
    assert versions(back) == versions(shop)
    assert (back.metrics["revenue"].refresh_seconds, back.metrics["sales"].synonyms) == (60, ("purchases",))


@pytest.mark.exhaustive
@pytest.mark.parametrize("form", FORMS)
def test_each_definition_of_the_demo_and_of_the_golden_cases_comes_back(form: str, tmp_path: Path) -> None:
    golden = golden_workspace(tmp_path)
    source = written(golden, form, tmp_path / "out")
    bare = tmp_path / "bare"
    shutil.copytree(golden.root, bare)
    for folder in ("metrics", "entities", "dashboards", "loop", "config"):
        shutil.rmtree(bare / folder, ignore_errors=True)
    joins = bare / "data-dictionary" / "join_map.csv"
    joins.write_text(joins.read_text().splitlines()[0] + "\n")
    read = FORMATS[form].read(source)
    found = propose(form, bare, lambda workspace, own: taken_back(
        lambda dictionary: read.land(dictionary, own), workspace.dictionary, read.extensions, workspace.calendar, own
    ))  # fmt: skip
    for name, (_, after) in found.files.items():
        (bare / name).parent.mkdir(exist_ok=True)
        (bare / name).write_text(after)
    assert versions(load_workspace(bare, {})) == versions(golden)


@pytest.mark.exhaustive
@pytest.mark.parametrize("form", FORMS)
async def test_what_is_told_to_be_kept_gives_the_same_numbers_without_the_extension(
    form: str, lake: Backend, tmp_path: Path
) -> None:
    shop = load_workspace(store(tmp_path / "shop"), {})
    source = FORMATS[form].read(written(shop, form, tmp_path / "out"))
    found = source.land(shop.dictionary, ())
    plain = store(tmp_path / "plain", metrics_text("", found.metrics))
    (plain / "entities").mkdir()
    (plain / "entities" / "shop.yaml").write_text(entities_text("", found.entities))
    workspace = load_workspace(plain, {})
    assert workspace.findings == ()
    outcomes = told(shop, form)
    assert outcomes.pop("twice") == (
        "left out", "it calculates for each customer_id first; it comes back from the extension"
    )  # fmt: skip
    assert set(outcomes) == set(RIGHT)
    kept = [name for name, (outcome, _) in outcomes.items() if outcome == "kept"]
    assert len(kept) >= len(RIGHT) - 1, outcomes
    for name in kept:
        ((value,),) = await answered(workspace, lake, name, window=EVER)
        assert float(str(value)) == pytest.approx(RIGHT[name]), name
        ((value,),) = await answered(shop, lake, name, window=EVER)
        assert float(str(value)) == pytest.approx(RIGHT[name]), name


@pytest.mark.exhaustive
def test_what_was_changed_in_the_files_is_taken_and_told(tmp_path: Path) -> None:
    shop = load_workspace(store(tmp_path / "shop"), {})
    source = written(shop, "cube", tmp_path / "out")
    file = source / "sale.yml"
    model = yaml.safe_load(file.read_text())
    buyers = next(each for each in model["cubes"][0]["measures"] if each["name"] == "buyers")
    buyers["filters"] = [{"sql": "{CUBE}.is_gift"}]
    file.write_text(yaml.safe_dump(model))
    bare = store(tmp_path / "bare", "metrics: []\n", ())
    _, body = imported("cube", source, bare)
    items = {(each["kind"], each["name"]): each["told"] for each in body["report"]["items"]}
    assert items["extension", "buyers"] == "what stands beside it has changed since it was written, and is taken"
    assert items["extension", "per_buyer"].startswith("what stands beside it has changed")
    back = load_workspace(bare, {})
    assert back.metrics["buyers"].filter_text == "is_gift"
    assert {name: each for name, each in versions(back).items() if name not in ("buyers", "per_buyer")} == {
        name: each for name, each in versions(shop).items() if name not in ("buyers", "per_buyer")
    }


@pytest.mark.exhaustive
@pytest.mark.parametrize("form", FORMS)
def test_where_a_number_could_differ_it_is_told(form: str, tmp_path: Path) -> None:
    first, _, rest = METRICS.partition("measure: COUNT(*), time: sold_on")
    shop = store(tmp_path / "shop", f"{first}measure: COUNT(*), time: sold_on, window: trailing_7d{rest}")
    (shop / "access").mkdir()
    (shop / "access" / "all.yaml").write_text("metrics:\n  - {for: [everybody], metrics: ['*'], rows: all}\n")
    result = CliRunner().invoke(app, ["export", form, "--into", str(tmp_path / "out"), "--workspace", str(shop), "--json"])
    items = {each["name"]: each for each in json.loads(result.stdout)["report"]["items"]}
    assert result.exit_code == 1
    assert items["all.yaml"]["told"].startswith("who may see what is not carried over")
    assert items["sales"]["told"] == "a question says its days there, and here they are trailing_7d where it says none"
    name, _, line = items["revenue"]["target"].partition(":")
    near = (tmp_path / "out" / name).read_text().splitlines()[int(line) - 1 :]
    assert near[0].strip() == "- name: revenue"
    source, _, line = items["revenue"]["source"].partition(":")
    assert "id: revenue" in (shop / source).read_text().splitlines()[int(line) - 1]


@pytest.mark.exhaustive
@pytest.mark.parametrize("form", FORMS)
def test_names_that_sql_reads_as_something_else_are_quoted(form: str, tmp_path: Path) -> None:
    tables = {"order": "id string, select string, Group int, day date", "customer": "id string, region string"}
    metric = {
        "id": "sold", "label": "Sold", "definition": "Sold.", "entity": "order", "measure": 'SUM("Group")', "time": "day",
        "filter": "\"select\" = 'x'", "dimensions": ["select", {"name": "region", "column": "customer.region"}],
        "owner": "shop",
    }  # fmt: skip
    metrics, joins = yaml.safe_dump({"metrics": [metric]}), ("order.select customer.id",)
    shop = load_workspace(write_shop(tmp_path / "shop", metrics=metrics, tables=tables, joins=joins), {})
    assert shop.findings == ()
    assert told(shop, form)["sold"] == ("kept", "")


@pytest.mark.exhaustive
def test_definitions_of_a_workspace_that_has_others_of_their_names_are_refused(tmp_path: Path) -> None:
    shop = store(tmp_path / "shop")
    source = written(load_workspace(shop, {}), "ossie", tmp_path / "out")
    result = CliRunner().invoke(app, ["import", "ossie", str(source), "--into", str(shop), "--yes"])
    assert result.exit_code != 0
    assert "this workspace has another metric" in f"{result.output}{result.exception}"


_COLUMNS = st.sampled_from(["items", "amount"])
_MEASURES = st.one_of(
    st.just("COUNT(*)"),
    st.builds("{}({})".format, st.sampled_from(["SUM", "AVG", "MIN", "MAX", "COUNT", "MEDIAN"]), _COLUMNS),
    st.builds("COUNT(DISTINCT {})".format, st.sampled_from(["customer_id", "items"])),
    st.builds("SUM({}) FILTER (WHERE is_gift) / SUM(items)".format, _COLUMNS),
    st.builds("SUM(CASE WHEN is_gift THEN {} ELSE 0 END) - {}".format, _COLUMNS, st.just("COUNT(*)")),
)
_CONDITIONS = st.one_of(
    st.none(), st.sampled_from(["is_gift", "NOT is_gift", "customer.region = 'North'", "product.category <> 'lamp'"]),
    st.builds("items {} {} OR amount IS NULL".format, st.sampled_from(["<", ">=", "<>"]), st.integers(0, 9)),
)  # fmt: skip


@pytest.mark.exhaustive
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    measure=_MEASURES, condition=_CONDITIONS, empty=st.sampled_from(["zero", "unknown"]),
    window=st.sampled_from([None, "trailing_7d"]),
    over=st.sampled_from([None, "all", {"trailing": "7 days"}, {"since_start_of": "month"}]), form=st.sampled_from(FORMS),
)  # fmt: skip
def test_whatever_is_defined_comes_back(
    measure: str, condition: str | None, empty: str, window: str | None, over: object, form: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    entry = {
        "id": "one", "label": "One", "definition": "One.", "entity": "sale", "measure": measure, "filter": condition,
        "time": "sold_on", "window": window, "over": over, "empty": empty, "owner": "shop",
    }  # fmt: skip
    said = {key: value for key, value in entry.items() if value is not None}
    second = {"id": "two", "label": "Two", "definition": "Two.", "expression": "one / other", "owner": "shop",
              "inputs": {"other": {"metric": "one", "shift": "7 days"}}}  # fmt: skip
    folder = tmp_path_factory.mktemp("one")
    shop = load_workspace(store(folder / "shop", yaml.safe_dump({"metrics": [said, second]})), {})
    assert shop.findings == ()
    source = written(shop, form, folder / "out")
    bare = store(folder / "bare", "metrics: []\n", ())
    imported(form, source, bare)
    assert versions(load_workspace(bare, {})) == versions(shop)
