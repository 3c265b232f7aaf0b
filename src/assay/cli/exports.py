"""`assay export`: the definitions of a workspace in the files of another semantic layer, told of each what became of it."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.show import AsJson, InWorkspace, out, print_body

exports = typer.Typer(name="export", no_args_is_help=True, help="Write the definitions for another semantic layer.")
Into = Annotated[Path, typer.Option(help="A folder that is not there yet, or is empty.")]


@exports.callback()
def _() -> None:
    """A command of its own for each format."""


@exports.command()
def metricflow(into: Into, workspace: InWorkspace = None, as_json: AsJson = False) -> None:
    """Write YAML of dbt's MetricFlow. Exit 1 where a number could differ there, or where a rule about who may see what is
    not carried over.
    """
    _export("metricflow", into, workspace, as_json)


@exports.command()
def cube(into: Into, workspace: InWorkspace = None, as_json: AsJson = False) -> None:
    """Write a data model of Cube. Exit 1 where a number could differ there, or where a rule about who may see what is not
    carried over.
    """
    _export("cube", into, workspace, as_json)


@exports.command(name="metric-views")
def metric_views(into: Into, workspace: InWorkspace = None, as_json: AsJson = False) -> None:
    """Write metric views of Databricks. Exit 1 where a number could differ there, or where a rule about who may see what is
    not carried over.
    """
    _export("metric-views", into, workspace, as_json)


@exports.command()
def ossie(into: Into, workspace: InWorkspace = None, as_json: AsJson = False) -> None:
    """Write a semantic model of Apache Ossie. Exit 1 where a number could differ there, or where a rule about who may see
    what is not carried over.
    """
    _export("ossie", into, workspace, as_json)


def _export(form: str, into: Path, workspace: Path | None, as_json: bool) -> None:
    from assay.catalog.workspace import load_workspace
    from assay.interop.out.export import export
    from assay.settings import read_settings
    from assay.setup.folder import refuse_filled, write_files

    folder = into.expanduser().absolute()
    refuse_filled(folder)
    found = export(load_workspace(read_settings(workspace=workspace).workspace), form)
    write_files(folder, found.files)
    body = {"folder": str(folder), "files": list(found.files), "report": found.report.body()}
    print_body(body, as_json, lambda _: out.print("\n".join(found.report.lines()), markup=False, highlight=False))
    raise typer.Exit(1 if found.report.may_differ else 0)
