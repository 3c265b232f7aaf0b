"""What a change does to numbers as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a pull request."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from assay import __version__
from assay.catalog.metric import Metric
from assay.review.changes import MetricChange
from assay.review.report import Report, percent, sentence_of, told_aspect

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_RULES = {
    "number-moves": "A number moves by more than the share that was given.",
    "metric-gone": "A metric is gone.",
    "not-comparable": "What a change does to a number cannot be told.",
    "definition-changed": "A definition means something else, and no number moves by more than the share that was given.",
    "metric-added": "A metric is new.",
    "setting-changed": "A setting of the workspace is another.",
    "route-changed": "A metric is answered by another backend.",
    "policy-changed": "Who may see what is another.",
}
_ERRORS = ("number-moves", "metric-gone", "not-comparable")
"""Those for which the command ends with 1."""


def sarif_of(report: Report, before: Mapping[str, Metric], after: Mapping[str, Metric], prefix: str = "") -> dict[str, Any]:
    """The report as one run. `before`, `after`: the metrics of both states, which know their file and line; `prefix`: the
    path of the workspace in its repository, empty or ending with a slash.

    A result without a file, such as that of a policy, has no location. Groups are named no more than in other forms.
    """
    others = (
        ("setting-changed", report.changes.settings), ("route-changed", report.changes.routes),
        ("policy-changed", report.changes.policies),
    )  # fmt: skip
    results = [
        *(_of_metric(report, each, after.get(each.metric_id) or before[each.metric_id], prefix)
          for each in report.changes.metrics),
        *(_result(rule, told_aspect(each), each.what) for rule, aspects in others for each in aspects),
    ]  # fmt: skip
    driver = {"name": "assay", "version": __version__, "rules": [*_rules()]}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _rules() -> Iterator[dict[str, Any]]:
    for rule, text in _RULES.items():
        yield {
            "id": rule, "shortDescription": {"text": text},
            "defaultConfiguration": {"level": "error" if rule in _ERRORS else "note"},
        }  # fmt: skip


def _of_metric(report: Report, change: MetricChange, metric: Metric, prefix: str) -> dict[str, Any]:
    found = report.differences.get(change.metric_id)
    if found is None:
        rule, told = ("metric-gone", "is gone") if change.change == "removed" else ("metric-added", "is new")
    else:
        is_beyond = found.largest > report.most
        rule = (
            "not-comparable" if found.verdict == "not_comparable" else "number-moves" if is_beyond else "definition-changed"
        )
        told = sentence_of(report, change.metric_id)
        if rule == "number-moves":
            told = f"{told}; the largest change at any grain: {percent(found.largest)}"
    lines = [f"{change.metric_id}: {told}", *map(told_aspect, change.aspects)]
    lines += [f"used by {', '.join(change.used_by)}"] if change.used_by else []
    place = {"artifactLocation": {"uri": quote(f"{prefix}{metric.file}")}, "region": {"startLine": max(metric.line, 1)}}
    return {**_result(rule, "\n".join(lines), change.metric_id), "locations": [{"physicalLocation": place}]}


def _result(rule: str, text: str, what: str) -> dict[str, Any]:
    return {
        "ruleId": rule, "ruleIndex": list(_RULES).index(rule), "level": "error" if rule in _ERRORS else "note",
        "message": {"text": text}, "partialFingerprints": {"what/v1": f"{rule}/{what}"},
    }  # fmt: skip
