"""A project of MetricFlow over the small shop: what becomes of it, in each of its forms, and what is told."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from tests.unit.small import TABLES, write_shop
from typer.testing import CliRunner

from assay.catalog.workspace import Workspace, load_workspace
from assay.cli.commands import app
from assay.engines.duckdb.driver import DuckDBBackend
from assay.errors import SetupFailed
from assay.interop.metricflow.reading import read_project
from assay.interop.metricflow.spines import read_calendars
from assay.interop.metricflow.workspace import Imported, imported

LEGACY = """\
semantic_models:
  - name: sales
    model: ref('sale')
    defaults: {agg_time_dimension: sold_on}
    entities:
      - {name: sale, type: primary, expr: sale_id}
      - {name: customer, type: foreign, expr: customer_id}
      - {name: billing, type: foreign, expr: billing_id}
    dimensions:
      - {name: region, type: categorical}
      - {name: size, type: categorical, expr: "case when items > 5 then 'large' else 'small' end"}
      - {name: is_gift, type: categorical}
      - {name: sold_on, type: time, type_params: {time_granularity: day}}
      - {name: shipped, type: time, expr: shipped_at, type_params: {time_granularity: day}}
      - {name: noted, type: time, expr: region, type_params: {time_granularity: day}}
    measures:
      - {name: notes, agg: count, expr: "1", agg_time_dimension: noted}
      - {name: amount, agg: sum}
      - {name: sales, agg: sum, expr: "1"}
      - {name: buyers, agg: count_distinct, expr: customer_id}
      - {name: p90, agg: percentile, expr: amount, agg_params: {percentile: 0.9, use_discrete_percentile: true}}
      - {name: late, agg: count, expr: "1"}
      - {name: stock, agg: sum, expr: items, non_additive_dimension: {name: sold_on, window_choice: max}}
  - name: customers
    model: ref('customer')
    defaults: {agg_time_dimension: joined_on}
    entities: [{name: customer, type: primary, expr: customer_id}]
    dimensions:
      - {name: region, type: categorical}
      - {name: joined_on, type: time, type_params: {time_granularity: day}}
  - name: ledgers
    model: ref('ledger')
    entities: [{name: ledger, type: primary}]
    measures: [{name: entries, agg: count, expr: "1"}]
metrics:
  - {name: revenue, type: simple, label: Revenue, description: What came in., type_params: {measure: amount}}
  - {name: sales, type: simple, type_params: {measure: {name: sales, fill_nulls_with: 0}}}
  - {name: buyers, type: simple, type_params: {measure: buyers}}
  - {name: p90, type: simple, type_params: {measure: p90}}
  - {name: stock, type: simple, type_params: {measure: stock}}
  - name: gifts_of_the_north
    type: simple
    type_params: {measure: sales}
    filter:
      - "{{ Dimension('sale__is_gift') }}"
      - "{{ Dimension('customer__region') }} = 'North' AND {{ TimeDimension('sale__sold_on', 'month') }} >= '2026-01-01'"
  - {name: per_buyer, type: ratio, type_params: {numerator: revenue, denominator: buyers}}
  - {name: gift_share, type: ratio, type_params: {numerator: {name: sales, alias: gifts,
     filter: "{{ Dimension('sale__is_gift') }}"}, denominator: sales}}
  - {name: growth, type: derived, type_params: {expr: "(revenue - before) / NULLIF(before, 0)",
     metrics: [{name: revenue}, {name: revenue, alias: before, offset_window: 14 days}]}}
  - {name: growth_of_a_month, type: derived, type_params: {expr: revenue - before,
     metrics: [{name: revenue}, {name: revenue, alias: before, offset_window: 1 month}]}}
  - {name: since_the_first, type: derived, type_params: {expr: revenue - first,
     metrics: [{name: revenue}, {name: revenue, alias: first, offset_to_grain: month}]}}
  - {name: running, type: cumulative, type_params: {measure: amount, cumulative_type_params: {grain_to_date: month,
     period_agg: last}}}
  - {name: week, type: cumulative, type_params: {measure: amount, cumulative_type_params: {window: 7 days}}}
  - {name: entries, type: simple, type_params: {measure: entries}}
  - {name: notes, type: simple, type_params: {measure: notes}}
  - {name: notes_so_far, type: cumulative, type_params: {measure: notes}}
  - {name: busy, type: simple, type_params: {measure: sales},
     filter: "{{ Metric('revenue', ['customer']) }} > {{ Metric('sales', ['customer']) }}"}
  - {name: of_large_buyers, type: simple, type_params: {measure: sales},
     filter: "{{ Metric('revenue', ['sale__customer']) }} >= 5 AND {{ Dimension('sale__region') }} = 'North'"}
  - {name: by_busy, type: ratio, type_params: {numerator: busy, denominator: sales}}
  - {name: bought_again, type: conversion, type_params: {conversion_type_params: {base_measure: {name: sales},
     window: 7 days, conversion_measure: {name: late, fill_nulls_with: 0}, entity: customer, calculation: conversions}}}
  - {name: gift_rate, type: conversion, type_params: {conversion_type_params: {base_measure: sales, conversion_measure: late,
     entity: customer, constant_properties: [{base_property: region, conversion_property: region}]}}}
  - {name: in_a_month, type: conversion, type_params: {conversion_type_params: {base_measure: sales, window: 1 month,
     conversion_measure: late, entity: customer}}}
  - {name: by_another, type: conversion, type_params: {conversion_type_params: {base_measure: sales,
     conversion_measure: late, entity: customer,
     constant_properties: [{base_property: region, conversion_property: billing}]}}}
  - {name: filled, type: simple, type_params: {measure: {name: amount, fill_nulls_with: 7}}}
"""
LATEST = """\
models:
  - name: sale
    semantic_model: {enabled: true, name: sales}
    agg_time_dimension: sold_on
    columns:
      - {name: sale_id, entity: {type: primary, name: sale}}
      - {name: customer_id, entity: {type: foreign, name: customer}}
      - {name: region, dimension: categorical}
      - {name: is_gift, dimension: {type: categorical}}
      - {name: sold_on, granularity: day, dimension: {type: time}}
    derived_semantics:
      dimensions: [{name: size, type: categorical, expr: "case when items > 5 then 'large' else 'small' end"}]
    metrics:
      - {name: revenue, type: simple, label: Revenue, description: What came in., agg: sum, expr: amount}
      - {name: sales, type: simple, agg: sum, expr: "1", fill_nulls_with: 0}
      - {name: buyers, type: simple, agg: count_distinct, expr: customer_id}
      - {name: p90, type: simple, agg: percentile, expr: amount, percentile: 0.9, percentile_type: discrete}
      - {name: running, type: cumulative, input_metric: revenue, grain_to_date: month, period_agg: last}
      - {name: week, type: cumulative, input_metric: {name: revenue}, window: 7 days}
  - name: customer
    semantic_model: true
    agg_time_dimension: joined_on
    columns:
      - {name: customer_id, entity: {type: primary, name: customer}}
      - {name: region, dimension: categorical}
      - {name: joined_on, granularity: day, dimension: {type: time}}
metrics:
  - {name: per_buyer, type: ratio, numerator: revenue, denominator: buyers}
  - {name: gift_share, type: ratio, numerator: {name: sales, alias: gifts, filter: "{{ Dimension('sale__is_gift') }}"},
     denominator: sales}
  - {name: growth, type: derived, expr: "(revenue - before) / NULLIF(before, 0)",
     input_metrics: [{name: revenue}, {name: revenue, alias: before, offset_window: 14 days}]}
"""
BOTH = ("revenue", "sales", "buyers", "p90", "running", "week", "per_buyer", "gift_share", "growth")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return load_workspace(write_shop(tmp_path / "shop", metrics="metrics: []\n"), {})


def taken(text: str, workspace: Workspace, folder: Path, name: str = "project.yml") -> Imported:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return imported(read_project(folder / name), workspace.dictionary)


def told(found: Imported) -> dict[str, tuple[str, str]]:
    return {f"{each.kind} {each.name}": (each.outcome, each.told) for each in found.report.items}


def test_a_project_becomes_definitions_of_the_same_names(tmp_path: Path, workspace: Workspace) -> None:
    found = taken(LEGACY, workspace, tmp_path / "dbt")
    entries = {each["id"]: each for each in found.metrics}
    assert entries["revenue"] == {
        "id": "revenue", "label": "Revenue", "definition": "What came in.", "entity": "shop.sale", "measure": "SUM(amount)",
        "unit": "", "empty": "unknown", "owner": "dbt",
    }  # fmt: skip
    assert entries["sales"]["measure"] == "COUNT(*)"
    assert entries["sales"]["unit"] == "count"
    assert "empty" not in entries["sales"]
    assert entries["p90"]["measure"] == "PERCENTILE_DISC(amount, 0.9)"
    assert entries["stock"]["keep"] == {"newest": "sold_on", "of_filtered": True}
    assert entries["gifts_of_the_north"]["filter"] == (
        "(is_gift) AND (j2.region = 'North' AND DATE_TRUNC('month', sold_on) >= '2026-01-01')"
    )
    assert entries["per_buyer"]["expression"] == "revenue / buyers"
    assert entries["gift_share"]["inputs"] == {"gifts": {"metric": "sales", "filter": "is_gift"}}
    assert entries["growth"]["expression"] == "(revenue - before) / before"
    assert entries["growth"]["inputs"] == {"before": {"metric": "revenue", "shift": "14 days"}}
    assert entries["since_the_first"]["inputs"] == {"first": {"metric": "revenue", "shift": {"to_start_of": "month"}}}
    assert entries["running"]["over"] == {"since_start_of": "month"}
    assert entries["week"]["over"] == {"trailing": "7 days"}
    sales = next(each for each in found.entities if each.table == "shop.sale")
    assert sales.time == "sold_on"
    names = [each if isinstance(each, str) else each.name for each in sales.dimensions]
    assert {"sale__region", "sale__size", "sale__sold_on", "sale__sold_on__month", "customer", "customer__region",
            "customer__joined_on__year", "billing"} <= set(names)  # fmt: skip
    assert [(each.join_id, each.from_columns, each.to_table) for each in found.joins] == []


def test_conversions_are_of_the_metrics_that_count_their_events(tmp_path: Path, workspace: Workspace) -> None:
    found = taken(LEGACY, workspace, tmp_path / "dbt")
    entries, said = {each["id"]: each for each in found.metrics}, told(found)
    assert entries["late"]["measure"] == "COUNT(*)"
    assert entries["bought_again"]["conversion"] == {
        "from": "sales", "to": "late", "for_each": ["customer_id"], "within": "7 days", "value": "count",
    }  # fmt: skip
    assert entries["gift_rate"]["conversion"] == {
        "from": "sales", "to": "late", "for_each": ["customer_id", "region"], "value": "rate",
    }  # fmt: skip
    assert said["metric bought_again"][0] == said["metric gift_rate"][0] == "approximated"
    assert "counts once" in said["metric bought_again"][1]
    assert "where nothing follows it is 0" not in said["metric bought_again"][1]
    assert "where nothing follows it is 0" in said["metric gift_rate"][1]
    assert said["metric in_a_month"] == (
        "left out", "window: '1 month' is not a fixed length of time; write for instance 7 days or 30 minutes"
    )  # fmt: skip
    assert said["metric by_another"][1].startswith("region is the column region of sales and billing_id of sales")


def test_what_could_differ_is_told_and_what_cannot_be_said_is_left_out_with_the_reason(
    tmp_path: Path, workspace: Workspace
) -> None:
    found = taken(LEGACY, workspace, tmp_path / "dbt")
    said = told(found)
    assert said["metric revenue"] == ("kept", "")
    assert said["metric running"] == ("kept", "")
    assert said["metric week"][0] == said["metric growth_of_a_month"][0] == "approximated"
    assert said["metric stock"] == ("kept", "")
    assert said["semantic model ledgers"] == (
        "left out", "the dictionary has no table ledger: add it, or write its schema where the model is defined"
    )  # fmt: skip
    assert said["metric entries"] == ("left out", "the semantic model ledgers was left out")
    assert said["metric busy"][1].startswith("a metric in a condition is compared with a number")
    assert said["metric by_busy"][1].startswith("it is made of busy, which was left out: a metric in a condition")
    assert said["metric filled"] == ("left out", "it fills what is empty with 7; only 0 can be said (empty: zero)")
    assert said["dimension sales.shipped"][0] == "left out"
    text = "its time shop.sale.region is string, not a date or timestamp"
    assert said["metric notes"] == (
        "approximated", f"{text}: all of its rows count, and it is not asked by time nor within a window"
    )  # fmt: skip
    assert next(each["time"] for each in found.metrics if each["id"] == "notes") == "none"
    assert not next(each.may_differ for each in found.report.items if each.name == "notes")
    assert said["metric notes_so_far"] == ("left out", text)
    assert found.report.may_differ
    lines = {str(each.source) for each in found.report.items if each.name == "busy"}
    assert lines == {f"project.yml:{LEGACY.splitlines().index(next(x for x in LEGACY.splitlines() if 'busy' in x)) + 1}"}


def test_a_condition_on_a_metric_is_taken_apart_from_those_on_rows(workspace: Workspace, tmp_path: Path) -> None:
    found = taken(LEGACY, workspace, tmp_path)
    (entry,) = [each for each in found.metrics if each["id"] == "of_large_buyers"]
    assert entry["filter"] == "region = 'North'"
    assert entry["whose"] == [{"dimension": "customer", "metric": "revenue", "op": "gte", "value": "5"}]


def test_both_versions_and_the_manifest_give_the_same_definitions(tmp_path: Path, workspace: Workspace) -> None:
    legacy = taken(LEGACY, workspace, tmp_path / "one")
    latest = taken(LATEST, workspace, tmp_path / "two")
    manifest = taken(
        json.dumps(as_manifest(yaml.safe_load(LEGACY))), workspace, tmp_path / "three", "semantic_manifest.json"
    )
    wanted = [each for each in legacy.metrics if each["id"] in BOTH]
    assert len(wanted) == len(BOTH)
    for other in (latest, manifest):
        assert sorted(map(str, (each for each in other.metrics if each["id"] in BOTH))) == sorted(map(str, wanted))
    assert manifest.metrics == legacy.metrics
    assert manifest.entities == legacy.entities


def as_manifest(project: dict[str, Any]) -> dict[str, Any]:
    """The same in the words of the file that dbt writes."""
    for model in project["semantic_models"]:
        model["node_relation"] = {"alias": model.pop("model")[5:-2], "schema_name": "shop", "relation_name": "x"}
    for metric in project["metrics"]:
        params = metric["type_params"]
        metric["filter"] = _intersection(metric.get("filter"))
        for side in ("numerator", "denominator", "measure"):
            if isinstance(params.get(side), str):
                params[side] = {"name": params[side], "filter": None, "alias": None}
            if isinstance(params.get(side), dict):
                params[side]["filter"] = _intersection(params[side].get("filter"))
        for each in params.get("metrics", ()):
            if "offset_window" in each:
                count, unit = each["offset_window"].split()
                each["offset_window"] = {"count": int(count), "granularity": unit}
    return project


def _intersection(given: Any) -> Any:
    listed = [given] if isinstance(given, str) else given or []
    return {"where_filters": [{"where_sql_template": each} for each in listed]} if listed else None


SPINES = """
project_configuration:
  time_spines:
    - node_relation: {alias: sale, schema_name: shop}
      primary_column: {name: sold_on, time_granularity: day}
    - node_relation: {alias: shift, schema_name: shop}
      primary_column: {name: shipped_at, time_granularity: millisecond}
  time_spine_table_configurations:
    - {location: shop.sale, column_name: sold_on, grain: day}
"""


def test_a_table_of_days_is_a_table_of_which_times_are_asked_without_a_metric(tmp_path: Path, workspace: Workspace) -> None:
    found = taken(LEGACY + SPINES, workspace, tmp_path / "dbt")
    days = next(each for each in found.metrics if each["id"] == "sale")
    assert (days["entity"], days["measure"], days["unit"]) == ("shop.sale", "COUNT(*)", "count")
    names = {each.name: each for each in found.entities[0].dimensions if not isinstance(each, str)}
    assert names["metric_time"].column == "sold_on"
    assert names["metric_time__week"].expression == "DATE_TRUNC('week', sold_on)"
    said = told(found)
    assert said["metric sale"] == ("kept", "")
    assert said["time spine shift"][0] == "left out"
    assert "finer than a second" in said["time spine shift"][1]
    embedded = """
models:
  - name: sale
    time_spine: {standard_granularity_column: sold_on}
    columns: [{name: sold_on, granularity: day}]
metrics:
  - {name: sales, type: simple, type_params: {measure: sales}}
"""
    latest = taken(embedded, workspace, tmp_path / "two")
    assert [each["id"] for each in latest.metrics] == ["sale"]


def test_times_within_a_day_are_cut_to_their_unit(tmp_path: Path, workspace: Workspace) -> None:
    column = "{name: shipped, type: time, expr: shipped_at, type_params: {time_granularity: day}}"
    finer = column.replace("shipped,", "noted,").replace("shipped_at", "sold_wall").replace("day", "minute")
    found = taken(LEGACY.replace(column, finer), workspace, tmp_path / "dbt")
    names = {each.name: each for each in found.entities[0].dimensions if not isinstance(each, str)}
    assert names["sale__noted"].expression == "DATE_TRUNC('minute', sold_wall)"
    assert names["sale__noted__hour"].expression == "DATE_TRUNC('hour', sold_wall)"
    assert names["sale__noted__day"].expression == "DATE_TRUNC('day', sold_wall)"
    assert told(found)["dimension sales.noted"] == ("kept", "")


def test_a_key_that_nobody_knows_is_told_and_could_change_a_number(tmp_path: Path, workspace: Workspace) -> None:
    found = taken(LEGACY.replace("agg: count_distinct,", "agg: count_distinct, sampled: 0.1,"), workspace, tmp_path / "dbt")
    item = next(each for each in found.report.items if each.kind == "key")
    assert (item.name, item.outcome, item.may_differ) == ("sampled of buyers", "left out", True)


def test_what_is_no_project_is_refused_with_the_place(tmp_path: Path) -> None:
    for text, part in (
        ("metrics:\n  - {type: simple}\n", "project.yml:2: a name is missing"),
        ("a: b\n", "defines no semantic model and no metric"),
        ("metrics: [\n", "project.yml:"),
        ("metrics:\n  - {name: a}\n  - {name: a}\n", "metric a is defined twice"),
    ):
        (tmp_path / "project.yml").write_text(text)
        with pytest.raises(SetupFailed, match=part.replace("(", r"\(")):
            read_project(tmp_path)


def test_an_import_can_be_run_again_and_edits_stay(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "shop", metrics="metrics: []\n")
    project = tmp_path / "project.yml"
    project.write_text(LEGACY)
    run = ["import", "metricflow", str(project), "--into", str(shop), "--yes", "--json"]
    first = CliRunner().invoke(app, run)
    assert first.exit_code == 1  # some of its numbers could differ
    body = json.loads(first.stdout)
    assert body["written"]
    assert body["findings"] == []
    target = next(each["target"] for each in body["report"]["items"] if each["name"] == "revenue")
    file = shop / "metrics" / "metricflow.yaml"
    name, _, line = target.partition(":")
    assert name == "metrics/metricflow.yaml"
    assert file.read_text().splitlines()[int(line) - 1].strip() == "- id: revenue"
    assert load_workspace(shop, {}).metrics["per_buyer"].label == "Per buyer"
    again = json.loads(CliRunner().invoke(app, run).stdout)
    assert not again["written"]  # nothing has changed
    file.write_text(file.read_text().replace("label: Per buyer", "label: Spent by each buyer"))
    project.write_text(LEGACY.replace("label: Revenue", "label: Turnover").replace("numerator: revenue", "numerator: sales"))
    third = json.loads(CliRunner().invoke(app, run).stdout)
    assert third["told"] == ["metrics/metricflow.yaml: per_buyer was edited here and has changed in the source;"
                             " it stays as it is here."]  # fmt: skip
    loaded = load_workspace(shop, {})
    assert loaded.metrics["revenue"].label == "Turnover"
    assert loaded.metrics["per_buyer"].label == "Spent by each buyer"
    assert loaded.metrics["per_buyer"].formula == "revenue / buyers"


DAYS = """
    CREATE SCHEMA shop; CREATE TABLE shop.days AS SELECT CAST(d AS DATE) AS day,
      CASE WHEN d < '2026-03-01' THEN 'Winter, 26' ELSE 'Spring' END AS season,
      CASE WHEN EXTRACT(isodow FROM d) > 5 THEN 'weekend' ELSE 'week' END AS kind,
      CASE WHEN d < '2026-02-01' OR d >= '2026-03-01' THEN DATE_TRUNC('month', d) END AS holes
    FROM range(TIMESTAMP '2026-01-01', TIMESTAMP '2026-05-01', INTERVAL 1 DAY) t(d)
"""
SPINE = """\
models:
  - name: days
    time_spine:
      standard_granularity_column: day
      custom_granularities: [{name: season}, {name: kind}, {name: hole, column_name: holes}, {name: week, column_name: kind},
                             {name: term}]
metrics:
  - {name: of_the_season_before, type: derived, expr: before, input_metrics: [{name: revenue, alias: before,
     offset_window: 1 season}]}
"""


@pytest.mark.exhaustive
async def test_a_custom_granularity_is_the_periods_that_its_table_of_days_has(tmp_path: Path) -> None:
    file, project = tmp_path / "days.duckdb", tmp_path / "project.yml"
    with duckdb.connect(str(file)) as made:
        made.execute(DAYS)
    tables = {**TABLES, "days": "day date, season string, kind string, holes timestamp_ntz?"}
    shop = load_workspace(write_shop(tmp_path / "shop", metrics="metrics: []\n", tables=tables), {})
    project.write_text(f"{LEGACY}---\n{SPINE}")
    read, lake = read_project(project), DuckDBBackend("lake", file)
    try:
        calendars = await read_calendars(read.granularities, shop.dictionary, lake)
    finally:
        await lake.close()
    found = imported(read, shop.dictionary, calendars=calendars)
    assert found.calendars == {"calendars/season.csv": 'period,first_day,last_day\n"Winter, 26",2026-01-01,2026-02-28\n'
                                                       "Spring,2026-03-01,2026-04-30\n"}  # fmt: skip
    said = {name: (outcome, why.partition(";")[0]) for name, (outcome, why) in told(found).items() if "granularity" in name}
    (back,) = [each for each in found.metrics if each["id"] == "of_the_season_before"]
    assert back["inputs"] == {"before": {"metric": "revenue", "shift": "1 season"}}
    assert said == {
        "granularity season": ("kept", ""),
        "granularity kind": (
            "left out", "not all days from 2026-01-01 to 2026-04-30 are of week, and a period has all of its days"
        ),
        "granularity hole": (
            "left out", "2026-01-01 ends on 2026-01-31 and 2026-03-01 begins on 2026-03-01, not on the day behind it"
        ),
        "granularity week": ("left out", "'week' is a grain already"),
        "granularity term": ("left out", "shop.days has no column 'term'"),
    }  # fmt: skip


def test_a_quotient_of_whole_numbers_is_told_wherever_it_stands(tmp_path: Path, workspace: Workspace) -> None:
    measures = """\
      - {name: halves, agg: sum, expr: items / 2}
      - {name: real_halves, agg: sum, expr: items / 2.0}
      - {name: share, agg: average, expr: "(case when is_gift then items else 0 end) / items"}
"""
    metrics = """\
  - {name: halves, type: simple, type_params: {measure: halves}}
  - {name: real_halves, type: simple, type_params: {measure: real_halves}}
  - {name: share, type: simple, type_params: {measure: share}}
  - {name: halves_so_far, type: cumulative, type_params: {measure: halves, cumulative_type_params: {period_agg: last}}}
  - {name: packed, type: simple, type_params: {measure: sales}, filter: "{{ Dimension('sale__dozens') }} > 1"}
  - {name: per_sale, type: derived, type_params: {expr: buyers / sales, metrics: [{name: buyers}, {name: sales}]}}
  - {name: really_per_sale, type: derived, type_params: {expr: 1.0 * buyers / sales,
     metrics: [{name: buyers}, {name: sales}]}}
  - {name: ratio_per_sale, type: ratio, type_params: {numerator: buyers, denominator: sales}}
"""
    dimensions = """\
      - {name: dozens, type: categorical, expr: items / 12}
      - {name: real_dozens, type: categorical, expr: items / 12.0}
"""
    text = LEGACY.replace("    measures:\n", f"{dimensions}    measures:\n{measures}", 1)
    found = taken(text.replace("\nmetrics:\n", f"\nmetrics:\n{metrics}"), workspace, tmp_path / "dbt")
    cut = {f"{each.kind} {each.name}" for each in found.report.items if "whole numbers divide" in each.told}
    assert cut == {
        "dimension sales.dozens", "metric halves", "metric share", "metric halves_so_far", "metric packed",
        "metric per_sale",
    }  # fmt: skip
    assert cut <= {f"{each.kind} {each.name}" for each in found.report.items if each.may_differ}
    said = told(found)
    assert said["metric real_halves"] == said["metric really_per_sale"] == said["metric ratio_per_sale"] == ("kept", "")
    assert said["dimension sales.real_dozens"] == ("kept", "")
