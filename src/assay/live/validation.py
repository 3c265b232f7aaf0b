"""Validation: the files agree with each other, and each backend's tables agree with the dictionary."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assay.alerts.files import read_alerts
from assay.backends.protocol import Backend, NotConfigured
from assay.catalog.addends import refuse_repeats
from assay.catalog.binder import Binder
from assay.catalog.dictionary import DICTIONARY, Dictionary, Join, Table
from assay.catalog.findings import Finding, fold, named, nearest
from assay.catalog.formula import BadFormula, read_measure
from assay.catalog.workspace import Workspace, load_workspace, why_broken
from assay.engine import installed
from assay.errors import AssayError, BackendTimeout, SafetyViolation, StatementFailed, WorkspaceBroken
from assay.gate import Policy
from assay.loop.content import load_loop
from assay.loop.scenarios import scenario_findings
from assay.reports.files import read_reports
from assay.review.assertions import read_assertions
from assay.routing.file import SHOWN, read_routing_file
from assay.routing.uniqueness import counting_policy, faults_of, prove_key, seen_in, told_key
from assay.widgets.annotations import read_annotations
from assay.widgets.dashboard_files import read_dashboards
from assay.widgets.words.synonyms import read_synonyms
from assay.widgets.words.titles import titles_of_nothing
from assay.work.patience import WORKSPACE_FILES, with_files

_COLUMNS = "data-dictionary/column_dictionary.csv"
_TABLES = "data-dictionary/table_catalog.csv"


@dataclass(frozen=True)
class Report:
    """`checked` and `skipped` say what was looked at and what was not, and why."""

    findings: list[Finding]
    checked: list[str]
    skipped: list[str]


async def validate(root: Path, backends: Mapping[str, Backend | NotConfigured]) -> Report:
    """The structure, then each of `backends` live; an empty mapping checks the structure alone."""
    try:
        workspace = await with_files(WORKSPACE_FILES, load_workspace, root)
    except WorkspaceBroken as error:
        return Report([why_broken(error)], ["structure"], [])
    findings = [*workspace.findings, *_kpi_findings(workspace.dictionary), *driver_findings(workspace)]
    findings += await with_files(WORKSPACE_FILES, _findings_of_files, root, workspace)
    checked, skipped = ["structure"], []
    for name, backend in backends.items():
        if isinstance(backend, NotConfigured):
            skipped.append(f"{name}: not configured ({backend.reason})")
            continue
        try:
            findings += await _backend_findings(workspace.dictionary, backend)
            findings += await _key_findings(workspace.dictionary, backend)
            checked.append(name)
        except AssayError as error:
            findings.append(Finding("assay.yaml", None, f"backend {name}: {error.detail}", error.mend))
    return Report(fold(findings), checked, skipped)


def _findings_of_files(root: Path, workspace: Workspace) -> list[Finding]:
    loop, found = load_loop(root, workspace.dictionary)
    synonyms, wrong = read_synonyms(workspace)
    dashboards, alerts = read_dashboards(workspace), read_alerts(workspace)
    return [
        *_routing_findings(workspace),
        *dashboards.findings,
        *alerts.findings,
        *read_reports(workspace, dashboards, alerts.channels).findings,
        *read_annotations(workspace).findings,
        *wrong,
        *read_assertions(workspace)[1],
        *titles_of_nothing(workspace, synonyms),
        *found,
        *(scenario_findings(root, loop) if loop else []),
    ]


def driver_findings(workspace: Workspace) -> list[Finding]:
    known = set(installed())
    return [
        Finding("assay.yaml", each.line, f"backend {each.name}: no driver {each.driver!r} is installed",
                nearest(each.driver, known) or f"use one of {', '.join(sorted(known))}",
                names=named("backend", each.name))
        for each in workspace.backends.values() if each.driver not in known
    ]  # fmt: skip


def _kpi_findings(dictionary: Dictionary) -> list[Finding]:
    binder = Binder(dictionary)
    found: list[Finding] = []
    for kpi in dictionary.kpis:
        table = dictionary.tables.get(kpi.base_table)
        if table is None:
            continue
        paths: dict[str, tuple[Join, ...]] = {}
        try:
            measure = read_measure(kpi.formula_sql, binder.resolver(table, paths))
            refuse_repeats(measure.tree, table.qualified, paths)
        except BadFormula as error:
            message = f"KPI {kpi.kpi_id}: formula_sql {error}"
            found.append(Finding("data-dictionary/kpi_catalog.csv", kpi.line, message, wants=frozenset({DICTIONARY})))
    return found


def _routing_findings(workspace: Workspace) -> list[Finding]:
    file = read_routing_file(workspace.routing_file)
    found = list(file.findings)
    for metric_id, line in file.lines.items():
        if metric_id not in workspace.metrics:
            found.append(
                Finding(SHOWN, line.line, f"there is no metric {metric_id!r}", nearest(metric_id, set(workspace.metrics)),
                        metric_id, wants=named("metric", metric_id) | {"metrics"})
            )  # fmt: skip
        for backend in filter(None, (line.backend, line.shadow)):
            if backend not in workspace.backends:
                found.append(Finding(SHOWN, line.line, f"there is no backend {backend!r}",
                                     nearest(backend, set(workspace.backends))))  # fmt: skip
            elif metric_id in workspace.metrics:
                found += _not_there(workspace, metric_id, backend, line.line)
    if file.readable:
        for metric_id in workspace.metrics:
            if metric_id not in file.lines:
                found.append(Finding(SHOWN, None, f"{metric_id} has no route", f"add  {metric_id}: {{backend: NAME}}"))
    return found


def _not_there(workspace: Workspace, metric_id: str, backend: str, line: int) -> list[Finding]:
    """The tables that the metric reads and that do not lie in the backend, as the dictionary has it."""
    tables = (workspace.dictionary.tables[name] for name in workspace.metrics[metric_id].needed_columns)
    missing = [table.qualified for table in tables if not table.lies_in(backend)]
    if not missing:
        return []
    mend = "route it to a backend that has them, or name the backend in table_catalog.csv"
    lie = "does not lie" if len(missing) == 1 else "do not lie"
    return [Finding(SHOWN, line, f"{metric_id}: {', '.join(missing)} {lie} in {backend}", mend, metric_id)]


async def _backend_findings(dictionary: Dictionary, backend: Backend) -> list[Finding]:
    """Every table that the dictionary says lies there is there, with the columns and types it says."""
    found: list[Finding] = []
    for table in dictionary.tables.values():
        if not table.lies_in(backend.name):
            continue
        there = await backend.describe(table.qualified)
        if there is None:
            found.append(Finding(_TABLES, table.line, f"{backend.name} has no table {table.qualified}",
                                 "create it there, or take the backend out of this row"))  # fmt: skip
            continue
        for column in table.columns.values():
            if column.name not in there:
                message = f"{backend.name}: {table.qualified} has no column {column.name!r}"
                found.append(Finding(_COLUMNS, column.line, message, nearest(column.name, set(there))))
            elif not column.type.is_found_as(there[column.name], backend.driver, backend.name):
                found.append(Finding(_COLUMNS, column.line,
                                     f"{backend.name}: {table.qualified}.{column.name} is {there[column.name]} where the"
                                     f" dictionary says {column.type.text}", "correct the one that is wrong"))  # fmt: skip
        for name in there:
            # A name with a blank at its edge cannot stand in a CSV.
            if name not in table.columns and name == name.strip():
                found.append(Finding(_TABLES, table.line, f"{backend.name}: {table.qualified} has a column {name!r} that the"
                                     " dictionary does not know", "add it to column_dictionary.csv"))  # fmt: skip
    return found


async def _key_findings(dictionary: Dictionary, backend: Backend) -> list[Finding]:
    """Every key is unique in the data: of each table the primary and the business key, and what joins lead to."""
    policy, found = counting_policy(dictionary, backend.name), list[Finding]()
    for table, keys in Policy.from_dictionary(dictionary).unique.items():
        known = dictionary.tables.get(table)
        if known is None or not known.lies_in(backend.name) or await backend.describe(table) is None:
            continue
        spans = {join.span_key[1] for join in dictionary.joins if join.span_key and join.to_table == table}
        for columns in sorted({*(tuple(sorted(key)) for key in keys), *spans}):
            if any(name not in known.columns for name in columns):
                continue
            name = f"{backend.name}: {told_key((table, columns), dictionary)}"
            try:
                proof = await prove_key(backend, (table, columns), dictionary, policy)
            except (BackendTimeout, SafetyViolation, StatementFailed) as error:
                message = f"{name}: whether it is unique could not be proved: {error.detail}"
                mend = "declare it as a primary key or unique in the database"
                found.append(Finding(_TABLES, known.line, message, mend))
                continue
            if proof.duplicates:
                found.append(Finding(
                    *_line_of_key(dictionary, known, columns),
                    f"{name} is not unique{seen_in(proof)}: {faults_of((table, columns), proof, dictionary)}, so joins to it"
                    " would count rows more than once", "remove the duplicates, or correct the key",
                ))  # fmt: skip
    return found


def _line_of_key(dictionary: Dictionary, table: Table, columns: tuple[str, ...]) -> tuple[str, int]:
    """Where the key is declared: with its table, or by the join that leads to it."""
    if columns in (tuple(sorted(table.primary_key)), tuple(sorted(table.business_key))):
        return _TABLES, table.line
    line = next((
        join.line for join in dictionary.joins
        for side, names in ((join.to_table, join.to_columns), (join.from_table, join.from_columns))
        if (side == table.qualified and tuple(sorted(names)) == columns) or join.span_key == (table.qualified, columns)
    ), table.line)  # fmt: skip
    return "data-dictionary/join_map.csv", line
