"""A MetricFlow project over the tables of a dictionary: keys, joins, entities and metrics of a workspace, and the report."""

from collections.abc import Collection, Sequence

from assay.catalog.binder import Binder
from assay.catalog.calendars import Calendar
from assay.catalog.dictionary import Dictionary
from assay.catalog.entry import DimensionEntry, EntityEntry
from assay.catalog.formula import BadFormula
from assay.catalog.period_files import FOLDER, periods_in
from assay.interop.changes import Imported
from assay.interop.fidelity import Item, Place, Report
from assay.interop.metricflow.graph import graph_of
from assay.interop.metricflow.metrics import Metrics
from assay.interop.metricflow.project import Project
from assay.interop.metricflow.rows import Rows, Seen
from assay.interop.metricflow.spines import ReadCalendar


def imported(
    project: Project, dictionary: Dictionary, taken: Collection[str] = (), calendars: Sequence[ReadCalendar] = ()
) -> Imported:
    """`taken`: ids of metrics that the workspace has from elsewhere; `calendars`: what its granularities were read as."""
    graph = graph_of(project, dictionary)
    plain = Binder(graph.dictionary)
    rows = {model.name: Rows(model, graph, plain) for model in project.models if model.name in graph.tables}
    offered: dict[str, dict[str, DimensionEntry]] = {}
    times: dict[str, str | None] = {}
    seen = Seen()
    for each in rows.values():
        each.dimensions(offered.setdefault(each.table, {}), seen)
        times.setdefault(each.table, _time(each))
    items = [*graph.items, *seen.items()]
    entities = {
        table: EntityEntry(table=table, time=times[table], dimensions=tuple(dimensions.values()))
        for table, dimensions in offered.items()
    }
    grains = {each.of.name: periods_in(each.of.name, each.text) for each in calendars if each.text is not None}
    metrics = Metrics(project, rows, Binder(graph.dictionary, entities, Calendar(periods=grains)), "dbt")
    metrics.take_all(taken)
    items += metrics.items
    items += [
        Item(each.kind, each.name, "left out", each.place, each.told, may_differ=each.kind == "key")
        for each in project.others
    ]  # fmt: skip
    items += [
        Item("granularity", each.of.name, "left out" if each.text is None else "kept", each.of.place, each.told,
             None if each.text is None else Place(calendar_file(each)))
        for each in calendars
    ]  # fmt: skip
    names = {name: str(entry["id"]) for name, entry in metrics.entries.items()}
    return Imported(
        graph.dictionary, tuple(graph.joins), tuple(entities.values()), tuple(metrics.entries.values()), names,
        Report(tuple(items)), {calendar_file(each): each.text for each in calendars if each.text is not None},
    )  # fmt: skip


def calendar_file(each: ReadCalendar) -> str:
    return f"{FOLDER}/{each.of.name}.csv"


def _time(rows: Rows) -> str | None:
    """The column by which its rows count, where the model says one that can be."""
    try:
        return rows.time_column(None)
    except BadFormula:
        return None
