"""The bundled workspace is whole: dictionary, metrics, routes and dashboards agree with each other."""

from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from sqlglot import exp

from assay.catalog.workspace import Workspace, load_workspace

DEMO = Path(__file__).parents[2] / "demo"
NAMED = (
    "active_issues", "claims_in_progress", "nba_taken_pct", "cost_avoided_mtd", "csat", "claim_volume_l3_asurion",
    "claims_by_product_l3_asurion", "claim_status_mix_l3_asurion", "issue_volume_by_region", "top_issues",
    "repair_vs_replace_conversion", "avg_repair_turnaround", "sessions_by_channel", "claim_approval_rate",
)  # fmt: skip
DASHBOARDS = sorted((DEMO / "dashboards").glob("*.yaml"))


@pytest.fixture(scope="module")
def demo() -> Workspace:
    return load_workspace(DEMO, {})


def _routes() -> dict[str, str]:
    read = yaml.safe_load((DEMO / "config" / "metric_routing.yaml").read_text(encoding="utf-8"))
    return {name: entry["backend"] for name, entry in read["metrics"].items()}


def _tables(demo: Workspace, metric_id: str) -> set[str]:
    metric = demo.metrics[metric_id]
    joined = {table for part in metric.parts for table in part.paths}
    return {*metric.source_tables, *joined, *(each.table for each in metric.dimensions.values())}


def test_nothing_is_found_wrong(demo: Workspace) -> None:
    assert [str(finding) for finding in demo.findings] == []


def test_the_dictionary_is_as_large_as_promised(demo: Workspace) -> None:
    dictionary = demo.dictionary
    assert 14 <= len(dictionary.tables) <= 16
    assert sum(len(table.columns) for table in dictionary.tables.values()) >= 170
    assert len(dictionary.joins) >= 18
    assert len(dictionary.kpis) >= 24
    assert dictionary.guidelines


def test_every_table_and_column_is_described(demo: Workspace) -> None:
    for table in demo.dictionary.tables.values():
        assert table.description
        assert table.grain
        assert table.primary_key
        assert table.column_count == len(table.columns)
        for column in table.columns.values():
            assert column.description, f"{table.name}.{column.name}"


def test_what_names_a_person_is_marked_as_personal(demo: Workspace) -> None:
    for table in demo.dictionary.tables.values():
        for column in table.columns.values():
            words = set(column.name.split("_"))
            is_about_a_person = words & {"email", "phone", "imei", "token", "birth"} or column.name in (
                "first_name", "last_name", "full_name", "shipping_street", "comment_text",
            )  # fmt: skip
            if is_about_a_person:
                assert column.pii, f"{table.name}.{column.name}"


def test_every_reference_is_an_approved_join(demo: Workspace) -> None:
    joins = {(join.from_table, join.from_columns, join.to_table) for join in demo.dictionary.joins}
    for table in demo.dictionary.tables.values():
        for column in table.columns.values():
            if column.references:
                assert (table.qualified, (column.name,), column.references.rpartition(".")[0]) in joins


def test_a_table_lies_wherever_its_children_lie(demo: Workspace) -> None:
    for join in demo.dictionary.joins:
        child, parent = (demo.dictionary.tables[name] for name in (join.from_table, join.to_table))
        assert set(child.backends) <= set(parent.backends), join.join_id


def test_kpi_formulas_use_columns_of_their_table(demo: Workspace) -> None:
    for kpi in demo.dictionary.kpis:
        tree = sqlglot.parse_one(kpi.formula_sql)
        table = demo.dictionary.tables[kpi.base_table]
        assert {column.name for column in tree.find_all(exp.Column)} <= set(table.columns), kpi.kpi_id
        assert not any(table.columns[column.name].pii for column in tree.find_all(exp.Column)), kpi.kpi_id


def test_the_named_metrics_are_there_with_words_in_five_languages(demo: Workspace) -> None:
    assert set(NAMED) <= set(demo.metrics)
    assert len(demo.metrics) >= 18
    for metric in demo.metrics.values():
        assert len(metric.synonyms) >= 5, metric.metric_id
        assert any("\u4e00" <= letter <= "\u9fff" for word in metric.synonyms for letter in word), metric.metric_id


def test_no_synonym_leads_to_two_metrics(demo: Workspace) -> None:
    seen: dict[str, str] = {}
    for metric in demo.metrics.values():
        for word in (metric.label, *metric.synonyms):
            assert seen.setdefault(word.casefold(), metric.metric_id) == metric.metric_id, word


def test_every_metric_has_a_route_to_a_backend_that_holds_its_tables(demo: Workspace) -> None:
    routes = _routes()
    assert set(routes) == set(demo.metrics)
    for metric_id, backend in routes.items():
        for name in _tables(demo, metric_id):
            assert demo.dictionary.tables[name].lies_in(backend), f"{metric_id}: {name} is not in {backend}"


def test_each_route_is_one_line_of_its_own() -> None:
    lines = (DEMO / "config" / "metric_routing.yaml").read_text(encoding="utf-8").splitlines()
    for metric_id, backend in _routes().items():
        assert sum(line.startswith(f"  {metric_id}: {{backend: {backend}}}") for line in lines) == 1


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_tiles_ask_for_what_exists_and_do_not_overlap(demo: Workspace, path: Path) -> None:
    dashboard: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for tile in dashboard["tiles"]:
        cells = {(x, y) for x in range(tile["x"], tile["x"] + tile["w"]) for y in range(tile["y"], tile["y"] + tile["h"])}
        assert max(x for x, _ in cells) < 12
        assert not cells & taken, tile["widget_id"]
        taken |= cells
        for question in filter(None, (tile["widget"]["question"], tile["widget"].get("spark"))):
            for metric_id in question["metrics"]:
                assert set(question.get("dimensions", [])) <= set(demo.metrics[metric_id].dimensions)
    assert len({tile["widget_id"] for tile in dashboard["tiles"]}) == len(dashboard["tiles"])
    assert len(taken) == 12 * (1 + max(y for _, y in taken)), "the grid has a hole"


def test_the_overview_begins_with_the_five_figures() -> None:
    overview = yaml.safe_load((DEMO / "dashboards" / "1-overview.yaml").read_text(encoding="utf-8"))
    strip = [tile for tile in overview["tiles"] if tile["widget"]["kind"] == "kpi"]
    shown = [tile["widget"]["question"]["metrics"][0] for tile in strip]
    assert shown == ["cost_avoided_mtd", "active_issues", "claims_in_progress", "nba_taken_pct", "csat"]
    assert all(tile["widget"]["question"]["compare"] == "previous_period" for tile in strip)
