"""The catalog over HTTP: the workspace, its metrics, its dictionary, and whether all of it is whole."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from fastapi import Request

import assay
from assay.backends.protocol import NotConfigured
from assay.catalog.dictionary import table_of
from assay.catalog.findings import nearest
from assay.catalog.metric import Metric
from assay.compiler.values import plain
from assay.errors import MetricNotFound, StoreUnavailable
from assay.live.running import Running
from assay.live.validation import validate
from assay.people.roles import may
from assay.people.scope import EVERYTHING, Scope
from assay.store.metrics import mark_validated, validated_at
from assay.web.room import Room
from assay.web.schemas import (
    BackendOut,
    CheckIn,
    CohortOut,
    DashboardLine,
    DictionaryColumn,
    DictionaryJoin,
    DictionaryKpi,
    DictionaryOut,
    DictionaryTable,
    DimensionOut,
    FindingOut,
    HierarchyOut,
    MetricOut,
    MetricsOut,
    ParameterOut,
    SegmentOut,
    ValidationOut,
    VerdictOut,
    ViolationOut,
    WorkspaceOut,
)
from assay.web.wiring import Me, Run
from assay.widgets.check import adds_up
from assay.widgets.dashboards import findings_of_screen, list_dashboards
from assay.widgets.following import CohortTold, cohorts_of, funnels_of
from assay.work.principal import Principal

router = Room("catalog", "/v1")


@router.get("/workspace")
async def workspace(running: Run) -> WorkspaceOut:
    """What is served here, by what, and what is wrong with it."""
    known = running.catalog.workspace
    dashboards = await list_dashboards(running.dashboards, running.database)
    return WorkspaceOut(
        name=known.name,
        label=known.label,
        timezone=known.timezone,
        grains=list(known.calendar.grains),
        synthetic=known.synthetic,
        version=assay.__version__,
        catalog_version=known.version,
        route_epoch=running.routes.epoch,
        server_time=running.corridor.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        backends=list(await asyncio.gather(*(_backend(running, name) for name in running.catalog.backends))),
        access=running.access.told(),
        problems=running.problems(),
        dashboards=[
            DashboardLine(dashboard_id=each.dashboard_id, label=each.label, origin=each.origin) for each in dashboards
        ],
    )


async def _backend(running: Running, name: str) -> BackendOut:
    backend = running.catalog.backends[name]
    if isinstance(backend, NotConfigured):
        return BackendOut(name=name, driver=backend.driver, state="not_configured", detail=backend.reason,
                          missing=list(backend.missing), data_version_kind=None)  # fmt: skip
    health = (await running.condition.backend(backend, may_cost=True)).health
    return BackendOut(name=name, driver=backend.driver, state="ready" if health.ok else "down", detail=health.detail,
                      missing=[], data_version_kind=backend.version_kind)  # fmt: skip


@router.get("/metrics")
async def metrics(running: Run, me: Me) -> MetricsOut:
    """Those that the asker may ask; of whoever settles what numbers mean, all."""
    validated, sees = await _validated(running), await _sees(running, me)
    known = sees.askable(running.catalog.workspace.metrics)
    funnels, cohorts = funnels_of(known), cohorts_of(known)
    return MetricsOut(metrics=[_metric(running, each, (funnels, cohorts), validated, sees) for each in known.values()])


@router.get("/metrics/{metric_id}")
async def metric(metric_id: str, running: Run, me: Me) -> MetricOut:
    sees = await _sees(running, me)
    known = sees.askable(running.catalog.workspace.metrics)
    if metric_id not in known:
        raise MetricNotFound(f"There is no metric {metric_id!r}.", mend=nearest(metric_id, set(known)))
    return _metric(running, known[metric_id], (funnels_of(known), cohorts_of(known)), await _validated(running), sees)


async def _sees(running: Running, me: Principal) -> Scope:
    return EVERYTHING if may(me, "settle") else await running.access.scope(me)


async def _validated(running: Running) -> dict[str, datetime]:
    try:
        return await validated_at(running.database)
    except StoreUnavailable:
        return {}


def _metric(
    running: Running,
    known: Metric,
    beside: tuple[Mapping[str, tuple[str, ...]], Mapping[str, CohortTold]],
    validated: dict[str, datetime],
    sees: Scope,
) -> MetricOut:
    """`beside`: funnels and cohorts, of what the asker may ask."""
    route = running.routes.serving.get(known.metric_id)
    backend = running.catalog.backends.get(route.backend) if route else None
    first, at = known.parts[0], validated.get(known.metric_id)
    when = first.time or (first.alive[0] if first.alive else None)
    funnels, cohorts = beside
    told = cohorts.get(known.metric_id)
    shown = {name: each for name, each in known.dimensions.items() if sees.shows(each.columns)}
    return MetricOut(
        metric_id=known.metric_id,
        label=known.label,
        definition=known.sentence,
        kind=known.kind,
        entity=first.entity.name if known.kind != "derived" else None,
        source_tables=list(known.source_tables),
        formula=known.formula,
        filter=known.filter_text,
        time=when.name if when else None,
        window=known.window,
        dimensions=[
            DimensionOut(name=each.name, label=each.label, type=each.type.kind, table=table_of(each.table))
            for each in shown.values()
        ],
        hierarchies=[
            HierarchyOut(name=each.name, label=each.label, levels=list(levels))
            for each in running.catalog.workspace.hierarchies.get(first.entity.qualified, ())
            if (levels := each.among(shown))
        ]
        or None,
        segments=[
            SegmentOut(name=each.name, label=each.label, definition=each.definition, filter=each.text)
            for each in known.segments.values()
            if sees.shows(each.formula.columns)
        ],
        parameters=[
            ParameterOut.model_validate(
                {"name": each.name, "label": each.label, "type": each.kind, "default": plain(each.default)}
            )
            for each in known.parameters.values()
        ]
        or None,
        funnel=list(funnels.get(known.metric_id, ())) or None,
        cohort=CohortOut(grain=told.grain, dimension=told.dimension, size=told.size) if told else None,
        unit=known.unit,
        has_targets=known.metric_id in running.catalog.workspace.targets and not (sees.minimum or sees.access(known).rows),
        adds_up=adds_up(known),
        direction=known.direction,
        owner=known.owner,
        refresh_seconds=known.refresh_seconds,
        synonyms=list(known.synonyms),
        definition_version=known.version,
        backend=route.backend if route else None,
        driver=backend.driver if backend else None,
        last_validated_at=at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None,
        file=known.file,
        line=known.line,
        held=running.catalog.workspace.held.get(known.metric_id),
        synthetic=running.catalog.workspace.synthetic,
    )


@router.get("/dictionary")
async def dictionary(running: Run) -> DictionaryOut:
    known = running.catalog.workspace.dictionary
    return DictionaryOut(
        version=known.version,
        schemas=sorted({table.schema for table in known.tables.values()}),
        tables=[
            DictionaryTable(
                schema=table.schema, table=table.name, description=table.description, grain=table.grain,
                primary_key=list(table.primary_key), backends=list(table.backends or running.catalog.backends),
                columns=[
                    DictionaryColumn(name=column.name, type=column.type.text, role=column.role, pii=column.pii,
                                     description=column.description, references=column.references)
                    for column in table.columns.values()
                ],
            )
            for table in known.tables.values()
        ],
        joins=[
            DictionaryJoin(join_id=join.join_id, from_table=join.from_table, from_columns=list(join.from_columns),
                           to_table=join.to_table, to_columns=list(join.to_columns), cardinality=join.cardinality)
            for join in known.joins
        ],
        kpis=[
            DictionaryKpi(kpi_id=kpi.kpi_id, name=kpi.name, definition=kpi.definition, formula_sql=kpi.formula_sql,
                          base_table=kpi.base_table, unit=kpi.unit)
            for kpi in known.kpis
        ],
    )  # fmt: skip


@router.post("/sql/check")
async def check_sql(asked: CheckIn, running: Run, request: Request) -> VerdictOut:
    """Judge SQL without running it."""
    verdict = await request.app.state.judge.judge(asked.sql, asked.dialect, running.catalog.policy)
    return VerdictOut(ok=verdict.ok, sql=verdict.sql, violations=[
        ViolationOut(code=each.code, message=each.message, line=each.line, column=each.column) for each in verdict.violations
    ])  # fmt: skip


@router.post("/validate")
async def validate_workspace(running: Run) -> ValidationOut:
    """Whether the files are whole and every backend that answers still matches them."""
    report = await validate(running.root, running.catalog.backends)
    told = [*report.findings, *await findings_of_screen(running.dashboards, running.catalog.workspace, running.database)]
    findings = [FindingOut.of(each) for each in told]
    if not findings:
        await mark_validated(running.database, list(running.catalog.workspace.metrics))
    return ValidationOut(ok=not findings, checked=report.checked, skipped=report.skipped, findings=findings)
