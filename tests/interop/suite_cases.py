"""The cases of MetricFlow's integration suite, and the SQL by which each says what is right."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from tests.interop.suite_data import SCHEMA

CASES = "tests_metricflow/integration/test_cases"
MANIFESTS = "metricflow_semantics/test_helpers/semantic_manifest_yamls"
FOLDERS = {
    "SIMPLE_MODEL": "simple_manifest", "SIMPLE_MODEL_NON_DS": "non_sm_manifest",
    "UNPARTITIONED_MULTI_HOP_JOIN_MODEL": "multi_hop_join_manifest", "SCD_MODEL": "scd_manifest",
    "PARTITIONED_MULTI_HOP_JOIN_MODEL": "partitioned_multi_hop_join_manifest",
    "EXTENDED_DATE_MODEL": "extended_date_manifest",
}  # fmt: skip
_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True)
class Case:
    file: str
    name: str
    model: str
    asked: dict[str, Any]

    @property
    def id(self) -> str:
        return f"{self.file}/{self.name}"


def cases(root: Path) -> list[Case]:
    found = list[Case]()
    for path in sorted((root / CASES).glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            if document:
                asked = document["integration_test"]
                found.append(Case(path.stem.removeprefix("itest_"), asked["name"], asked["model"], asked))
    return found


class _Words:
    """`TimeGranularity.DAY` is day."""

    def __getattr__(self, name: str) -> str:
        return name.lower()


class Renderer:
    """What the suite's templates call, as text for one engine; of references to dimensions, quoted names."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect

    def filled(self, template: str) -> str:
        names = {name: getattr(self, name) for name in dir(self) if name.startswith(("render_", "cast_", "generate_"))}
        names |= {
            "TimeGranularity": _Words(), "DatePart": _Words(), "source_schema": SCHEMA,
            "mf_time_spine_source": f"{SCHEMA}.mf_time_spine", "double_data_type_name": "DOUBLE PRECISION",
        }  # fmt: skip
        return _HOLE.sub(lambda hole: str(eval(hole[1].strip(), {"__builtins__": {}}, names)), template)

    def cast_to_ts(self, text: str) -> str:
        return f"CAST('{text}' AS TIMESTAMP)"

    def render_time_constraint(self, expr: str, start_time: str | None = None, stop_time: str | None = None) -> str:
        """Both ends are held: the last day, or the last second."""
        sides = [f"CAST({expr} AS TIMESTAMP) >= {self.cast_to_ts(start_time)}"] if start_time else []
        if stop_time:
            end = datetime.fromisoformat(stop_time) + (timedelta(days=1) if len(stop_time) == 10 else timedelta(seconds=1))
            sides.append(f"CAST({expr} AS TIMESTAMP) < {self.cast_to_ts(end.isoformat(' '))}")
        return " AND ".join(sides)

    def render_date_sub(self, table: str, column: str, count: int, grain: str) -> str:
        return f"({table}.{column} - {_interval(count, grain)})"

    def render_date_add(self, date_column: str, count_column: str, grain: str) -> str:
        assert grain == "day"
        return f"({date_column} + CAST({count_column} AS INTEGER) * INTERVAL '1 day')"

    def render_date_trunc(self, expr: str, grain: str) -> str:
        return f"DATE_TRUNC('{grain}', CAST({expr} AS TIMESTAMP))"

    def render_extract(self, expr: str, part: str) -> str:
        return f"EXTRACT({'isodow' if part == 'dow' else part} FROM CAST({expr} AS TIMESTAMP))"

    def render_percentile_expr(self, expr: str, share: float, is_discrete: bool, is_approximate: bool) -> str:
        return f"PERCENTILE_{'DISC' if is_discrete else 'CONT'}({share}) WITHIN GROUP (ORDER BY {expr})"

    def render_dimension_template(self, name: str, entity_path: tuple[str, ...] = ()) -> str:
        return '"' + "__".join((*entity_path, name)) + '"'

    render_entity_template = render_dimension_template

    def render_time_dimension_template(self, name: str, grain: str | None = None, entity_path: tuple[str, ...] = ()) -> str:
        return '"' + "__".join((*entity_path, name, *([grain] if grain else []))) + '"'

    def render_metric_template(self, name: str, group_by: list[str]) -> str:
        return f'METRIC("{name}", {", ".join(repr(each) for each in group_by)})'

    def generate_random_uuid(self) -> str:
        return "gen_random_uuid()"


def _interval(count: int, grain: str) -> str:
    return f"INTERVAL '{count * 3} month'" if grain == "quarter" else f"INTERVAL '{count} {grain}'"
