"""`assay import`: definitions of another semantic layer, taken into a workspace, and told what of each was kept.

What takes long to import is imported where it is used: every other command would wait for it too.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli.show import AsJson, err, out, print_body
from assay.errors import SetupFailed, StandsInAFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.catalog.workspace import Workspace
    from assay.interop.changes import Imported
    from assay.interop.fidelity import Report
    from assay.interop.foreign import Model
    from assay.interop.metricflow.project import Project
    from assay.interop.metricflow.spines import ReadCalendar

    Take = Callable[[Workspace, set[str]], Imported]
    """What a workspace gets of a source; the ids are those of metrics that it has from elsewhere."""

imports = typer.Typer(name="import", no_args_is_help=True, help="Take over the definitions of another semantic layer.")
_KEPT = ".interop"
"""Where the texts lie that an import wrote last."""
Into = Annotated[Path, typer.Option(help="The workspace; with --from a folder that is not there yet.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from", help="The database whose tables it describes, as for init: then the workspace is made first."
    ),
]  # fmt: skip
Schemas = Annotated[
    list[str] | None, typer.Option("--schema", help="With --from: only this schema; may be given several times.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Write it without asking.")]


@imports.callback()
def _() -> None:
    """A command of its own for each format."""


@imports.command()
def metricflow(
    project: Annotated[Path, typer.Argument(help="A folder with YAML, one such file, or semantic_manifest.json.")],
    into: Into, source: From = None, schema: Schemas = None, yes: Yes = False, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take over dbt's MetricFlow. Exit 1 where a number could differ from the source's, or something was left unwritten."""
    import asyncio

    from assay.interop.metricflow.reading import read_project

    read = read_project(project)
    folder = _ready(into, source, schema)
    _finish(propose("metricflow", folder, project_over(read, asyncio.run(calendars_of(read, folder)))), source, yes, as_json)


@imports.command()
def cube(
    model: Annotated[Path, typer.Argument(help="The folder with the YAML of cubes, or one such file.")],
    into: Into, source: From = None, schema: Schemas = None, yes: Yes = False, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take over a data model of Cube. Exit 1 where a number could differ from the source's, where a rule about who may see
    what is not carried over, or something was left unwritten.
    """
    from assay.interop.cube.reading import read_cube

    read = read_cube(model)
    _finish(propose("cube", _ready(into, source, schema), model_over(read)), source, yes, as_json)


@imports.command(name="metric-views")
def metric_views(
    views: Annotated[Path, typer.Argument(help="A folder with YAML of metric views, one a file, or one such file.")],
    into: Into, source: From = None, schema: Schemas = None, yes: Yes = False, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take over metric views of Databricks. Exit 1 where a number could differ from the source's, or something was left
    unwritten. Row filters and masks of the catalog do not stand in their YAML: say them as policies.
    """
    from assay.interop.metric_views import read_metric_views

    read = read_metric_views(views)
    _finish(propose("metric-views", _ready(into, source, schema), model_over(read)), source, yes, as_json)


@imports.command()
def ossie(
    models: Annotated[Path, typer.Argument(help="A folder with YAML of semantic models, or one such file.")],
    into: Into, source: From = None, schema: Schemas = None, yes: Yes = False, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take over semantic models of Apache Ossie. Exit 1 where a number could differ from the source's, or something was left
    unwritten.
    """
    from assay.interop.ossie import read_ossie

    read = read_ossie(models)
    _finish(propose("ossie", _ready(into, source, schema), model_over(read)), source, yes, as_json)


def _ready(into: Path, source: str | None, schemas: list[str] | None) -> Path:
    """The workspace's folder; with a source it is made there."""
    import asyncio

    folder = into.expanduser().absolute()
    if source is not None:
        asyncio.run(make_bare(source, folder, schemas or [], datetime.now(UTC), lambda line: err.print(line, style="dim")))
    return folder


def _finish(proposal: "Proposal", source: str | None, yes: bool, as_json: bool) -> None:
    import asyncio

    if not as_json:
        out.print("\n".join([*proposal.report.lines(), *proposal.told]), markup=False, highlight=False)
        if source is None:
            out.print(proposal.diff(), markup=False, highlight=False)
    is_taken = bool(proposal.files) and (
        yes or source is not None or (not as_json and typer.confirm("Write this?"))
    )  # fmt: skip
    findings = asyncio.run(proposal.take()) if is_taken else []
    body = {**proposal.body(), "written": is_taken, "findings": findings}
    print_body(body, as_json, lambda _: out.print("\n".join(findings)) if findings else None)
    is_left = bool(proposal.files) and not is_taken
    raise typer.Exit(1 if proposal.report.may_differ or proposal.told or findings or is_left else 0)


async def make_bare(
    source: str, folder: Path, schemas: "Sequence[str]", now: datetime, tell: "Callable[[str], None]"
) -> None:
    """A workspace with the tables of a database and the keys that it enforces: no metric, no guess. Raises SetupFailed."""
    from assay.catalog.draft import draft_workspace
    from assay.setup.folder import refuse_filled, write_files
    from assay.setup.source import read_database

    refuse_filled(folder)
    read = await read_database(source, schemas, tell)
    found = read.found
    declared = tuple(replace(each, primary_key=()) if each.key_is_found else each for each in found.tables)
    draft = draft_workspace(replace(found, tables=declared, links=()), read.connection, now)
    kept = ("assay.yaml", "data-dictionary/")
    files = {name: text for name, text in draft.files.items() if name.startswith(kept)}
    write_files(folder, files)


@dataclass
class Proposal:
    """Files as they are and as they would be, and what an import says of each construct."""

    format: str
    folder: Path
    workspace: "Workspace"
    backend: str
    files: dict[str, tuple[str, str]]
    fresh: dict[str, str]
    told: list[str]
    metric_ids: list[str]
    names: dict[str, str]
    report: "Report"

    def diff(self) -> str:
        from assay.widgets.drafts.file import difference

        return "".join(difference(name, before, after) for name, (before, after) in self.files.items())

    def body(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "metrics": self.metric_ids, "told": self.told, "report": self.report.body()}

    async def take(self) -> list[str]:
        """Write it, and give what validation finds then. Raises StandsInAFile, RouteRefused."""
        from assay.setup.folder import findings_in, take_in

        kept = {_kept(self.format, name): text for name, text in self.fresh.items()}
        files = {name: after for name, (_, after) in self.files.items()}
        take_in({**files, **kept}, self.workspace, self.metric_ids, self.backend)
        return await findings_in(self.folder)


def _kept(form: str, name: str) -> str:
    """Where the text lies that was written last into a file of the workspace."""
    return f"{_KEPT}/{form}/{name.partition('/')[0]}.yaml" if name.endswith(".yaml") else f"{_KEPT}/{form}/{name}"


async def calendars_of(project: "Project", folder: Path) -> "list[ReadCalendar]":
    """The project's granularities as the tables of days have them in the first database of the workspace."""
    from assay.backends.protocol import NotConfigured
    from assay.backends.registry import Surroundings, open_backend
    from assay.catalog.workspace import load_workspace
    from assay.interop.metricflow.spines import read_calendars
    from assay.settings import read_settings

    if not project.granularities:
        return []
    workspace = load_workspace(folder)
    opened = open_backend(next(iter(workspace.backends.values())), Surroundings("", "", read_settings().home))
    if isinstance(opened, NotConfigured):
        return await read_calendars(project.granularities, workspace.dictionary, None)
    try:
        return await read_calendars(project.granularities, workspace.dictionary, opened)
    finally:
        await opened.close()


def project_over(project: "Project", calendars: "Sequence[ReadCalendar]" = ()) -> "Take":
    def take(workspace: "Workspace", own: set[str]) -> "Imported":
        from assay.interop.extension import taken_back
        from assay.interop.metricflow.workspace import imported

        return taken_back(
            lambda dictionary: imported(project, dictionary, own, calendars), workspace.dictionary, project.extensions,
            workspace.calendar, own,
        )  # fmt: skip

    return take


def model_over(model: "Model") -> "Take":
    def take(workspace: "Workspace", own: set[str]) -> "Imported":
        from assay.interop.extension import taken_back
        from assay.interop.landing import landed

        return taken_back(
            lambda dictionary: landed(model, dictionary, own),
            workspace.dictionary,
            model.extensions,
            workspace.calendar,
            own,
        )

    return take


def propose(form: str, folder: Path, take: "Take") -> Proposal:
    """What the import would change in the workspace. Nothing is written. Raises SetupFailed or WorkspaceBroken.

    `form`: the format, by the name of its command: the workspace's files of it are called so.
    """
    from assay.catalog.refresh import JOINS, TABLES
    from assay.catalog.workspace import load_workspace
    from assay.interop.changes import changes, entities_text, metrics_text
    from assay.interop.fidelity import Place

    workspace = load_workspace(folder)
    if not workspace.dictionary.tables:
        raise SetupFailed(
            f"{folder} has no dictionary, and the source says no types.",
            mend="say --from with the database, or make it by assay init",
        )
    metrics_file, entities_file = f"metrics/{form}.yaml", f"entities/{form}.yaml"
    own = {name for name, each in workspace.metrics.items() if each.file != metrics_file}
    found = take(workspace, own)
    head = f"# Imported by `assay import {form}`, which can be run again: an entry that was edited here stays.\n"
    fresh = {
        entities_file: entities_text(head, found.entities), metrics_file: metrics_text(head, found.metrics),
        **found.calendars,
    }  # fmt: skip
    dictionary = [f"data-dictionary/{each}" for each in (TABLES, JOINS)]
    now = {name: _text(folder / name) for name in (*fresh, *dictionary)}
    base = {name: _text(folder / _kept(form, name)) for name in fresh}
    seen = changes(now, base, fresh, found.dictionary, found.joins)
    places = {
        name: Place(metrics_file, line) for name, line in _lines(seen.files.get(metrics_file, now[metrics_file])).items()
    }
    located = {("metric", name): places[taken] for name, taken in found.names.items() if taken in places}
    backend = next(iter(workspace.backends))
    return Proposal(
        form, folder, workspace, backend, {name: (now[name], text) for name, text in seen.files.items()}, fresh, seen.told,
        list(places), found.names, found.report.located(located),
    )  # fmt: skip


def _lines(text: str) -> dict[str, int]:
    """The line of each metric."""
    from assay.catalog.marked_yaml import parse_yaml

    marked = parse_yaml(text)
    return {each["id"]: marked.lines["metrics", index] for index, each in enumerate(marked.data["metrics"] or [])}


def _text(path: Path) -> str:
    """Empty where there is no such file."""
    from assay.work.files import text_in

    try:
        return text_in(path)
    except StandsInAFile as error:
        raise SetupFailed(f"{path} cannot be read.", mend=error.mend) from error
