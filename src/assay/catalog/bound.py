"""A metric as it is bound, and the version of what it means."""

import hashlib
import json

from sqlglot import exp

from assay.catalog.entry import MetricEntry
from assay.catalog.metric import Dimension, Kind, Metric, Part
from assay.catalog.value_type import ValueType
from assay.catalog.windows import told_length


def metric_of(
    entry: MetricEntry, kind: Kind, parts: tuple[Part, ...], expression: exp.Expr | None,
    dimensions: dict[str, Dimension], window: str | None, value: ValueType, formula: str, file: str, line: int,
) -> Metric:  # fmt: skip
    """What its entry says and was found for it; its version is a hash of what it means."""
    meaning = {
        "kind": kind,
        "parts": [_part_meaning(part) for part in parts],
        "expression": expression.sql() if expression is not None else None,
        "dimensions": {
            name: list(dict.fromkeys(part.dimensions[name].meaning for part in parts)) for name in sorted(dimensions)
        },
        "window": window,
        "unit": entry.unit,
    }
    version = hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:16]
    return Metric(
        entry.id, entry.label, entry.definition, kind, parts, expression, dimensions, window, value,  # pyright: ignore[reportArgumentType]
        formula, entry.filter, entry.unit, entry.direction, entry.owner, entry.refresh_seconds, entry.synonyms,
        entry.tolerance, version, file, line,
    )  # fmt: skip


def _part_meaning(part: Part) -> dict[str, object]:
    return {
        "entity": part.entity.qualified,
        "measure": part.measure.text,
        "filter": part.filter.text if part.filter else None,
        "time": part.time.text if part.time else None,
        "alive": [column.name for column in part.alive] if part.alive else None,
        **({"empty": part.empty} if part.empty != "zero" else {}),
        **({"shift": [told_length(step) for step in part.shift]} if part.shift else {}),
        **({"over": part.frame.told} if part.frame else {}),
        **({"keep": part.keep.told} if part.keep else {}),
        **({"per": part.per.told} if part.per else {}),
        **({"conversion": part.conversion.text} if part.conversion else {}),
        **({"whose": [each.text for each in part.whose]} if part.whose else {}),
        "joins": {table: [join.told for join in path] for table, path in sorted(part.paths.items())},
    }
