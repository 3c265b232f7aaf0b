"""The commands. Each prints for people, or with `--json` the API's body.

What takes long to import is imported where it is used: every other command would wait for it too.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.access import access
from assay.cli.alerts import alerts
from assay.cli.ask import ask
from assay.cli.assertions import test
from assay.cli.audit import audit
from assay.cli.backup import backup, release, restore
from assay.cli.check_import import check_import
from assay.cli.client import call, is_running
from assay.cli.consume import consume
from assay.cli.demo import demo
from assay.cli.diff import diff
from assay.cli.drafts import drafts
from assay.cli.explain import explain
from assay.cli.exports import exports
from assay.cli.imports import imports
from assay.cli.init import init
from assay.cli.keys import keys
from assay.cli.links import links
from assay.cli.mcp import mcp
from assay.cli.people import people
from assay.cli.proof import receipt, signing, verify
from assay.cli.proposals import proposals
from assay.cli.query import query
from assay.cli.reports import reports
from assay.cli.routes import compare, route, routes
from assay.cli.show import AsJson, InWorkspace, out, place_of, print_body
from assay.cli.sql import sql
from assay.cli.synonyms import synonyms
from assay.settings import Settings, read_settings

app = typer.Typer(
    name="assay", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="A live metrics dashboard whose every number can be checked.",
)  # fmt: skip


@app.command()
def up(
    workspace: InWorkspace = None,
    host: Annotated[str | None, typer.Option(help="Address to bind; default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port; default 8400.")] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the browser.")] = False,
) -> None:
    """Start everything and serve the workspace until Ctrl-C."""
    from assay.cli.up import up as run

    run(
        read_settings(workspace=workspace, host=host, port=port),
        lambda line: print(line, flush=True),
        open_browser=open_browser,
    )


@app.command()
def validate(
    workspace: InWorkspace = None,
    live: Annotated[bool, typer.Option(help="Also ask every configured backend.")] = False,
    live_if_running: Annotated[bool, typer.Option(help="Live where a server runs, else the files alone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Prove the workspace whole: exit 0 only when nothing was found."""
    settings = read_settings(workspace=workspace)
    report = _validated(settings, live, live_if_running)

    def show(body: Any) -> None:
        for each in body["findings"]:
            out.print(f"{place_of(each)}: {each['message']}" + (f"\n    {each['mend']}" if each["mend"] else ""))
            if each["follows"]:
                out.print(f"    {len(each['follows'])} more follow from it, such as {each['follows'][0]}")
        for each in body["skipped"]:
            out.print(f"not checked  {each}")
        count = len(body["findings"])
        whole = "whole" if body["ok"] else "1 finding" if count == 1 else f"{count} findings"
        out.print(f"checked {', '.join(body['checked'])}: {whole}")

    print_body(report, as_json, show)
    raise typer.Exit(0 if report["ok"] else 1)


def _validated(settings: Settings, live: bool, live_if_running: bool) -> dict[str, Any]:
    import asyncio

    from assay.cli.local import validate_here

    structure = asyncio.run(validate_here(settings, live=False))
    running = (live or live_if_running) and is_running(settings)
    if not (live or running):
        if live_if_running:
            structure["skipped"].append("backends: no server is running here (make up starts one)")
        return structure
    report = call(settings, "POST", "/v1/validate") if running else asyncio.run(validate_here(settings, live=True))
    # What only this side looks at is said too.
    report["findings"] = structure["findings"] + [each for each in report["findings"] if each not in structure["findings"]]
    report["ok"] = not report["findings"]
    return report


@app.command()
def metrics(as_json: AsJson = False) -> None:
    """List the metrics of the running server."""

    def show(body: Any) -> None:
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for name in ("metric", "label", "formula", "window", "backend"):
            table.add_column(name, no_wrap=name in ("metric", "backend"))
        for each in body["metrics"]:
            table.add_row(each["metric_id"], each["label"], each["formula"], each["window"] or "", each["backend"] or "none")
        out.print(table)

    print_body(call(read_settings(), "GET", "/v1/metrics"), as_json, show)


app.command()(init)
app.command()(query)
app.command()(explain)
app.command()(sql)
app.command()(mcp)
app.command()(consume)
for each in (backup, restore, release):
    app.command()(each)
app.add_typer(imports, name="import")
app.add_typer(exports, name="export")
app.command("check-import")(check_import)
app.add_typer(demo, name="demo")
app.add_typer(drafts, name="drafts")
app.add_typer(synonyms, name="synonyms")
app.add_typer(alerts, name="alerts")
app.add_typer(reports, name="reports")
app.add_typer(keys, name="keys")
app.add_typer(links, name="links")
app.add_typer(people, name="people")
app.add_typer(access, name="access")
app.add_typer(audit, name="audit")
app.add_typer(signing, name="signing-keys")
app.command()(ask)


@app.command("check-sql")
def check_sql(
    dialect: Annotated[str, typer.Option(help="An engine, such as postgres, duckdb, databricks or spark.")] = "postgres",
    workspace: InWorkspace = None,
    dictionary: Annotated[Path | None, typer.Option(help="A folder of dictionary CSVs instead of a workspace.")] = None,
    jsonl: Annotated[bool, typer.Option(help='Read one {"id","dialect","sql"} a line; print one verdict a line.')] = False,
    as_json: AsJson = False,
) -> None:
    """Judge SQL from standard input without running it. Exit 0 when it may run, 1 when not."""
    from assay.cli.local import check_lines, check_one

    settings = read_settings(workspace=workspace)
    if jsonl:
        raise typer.Exit(check_lines(settings, dictionary, sys.stdin.buffer, dialect))
    body = check_one(settings, dictionary, sys.stdin.buffer.read(), dialect)

    def show(verdict: Any) -> None:
        if verdict["ok"]:
            out.print(verdict["sql"])
        for each in verdict["violations"]:
            place = f"{each['line']}:{each['column']}: " if each["line"] else ""
            out.print(f"{place}{each['code']}: {each['message']}")

    print_body(body, as_json, show)
    raise typer.Exit(0 if body["ok"] else 1)


for each in (routes, compare, route, diff, test, proposals, receipt, verify):
    app.command()(each)


@app.command()
def receipts(
    metric: Annotated[str | None, typer.Argument(help="Only those of one metric.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: AsJson = False,
) -> None:
    """List receipts, newest first."""
    path = f"/v1/receipts?limit={limit}" + (f"&metric_id={quote(metric, safe='')}" if metric else "")

    def show(body: Any) -> None:
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for name in ("receipt", "metric", "value", "backend", "created", ""):
            table.add_column(name, no_wrap=True)
        for each in body["receipts"]:
            value = f"{each['rows_returned']} rows" if each["value"] is None else str(each["value"])
            mark = "" if each["signature_valid"] else "CHANGED after it was signed"
            table.add_row(each["receipt_id"], each["metric_id"], value, each["backend"], each["created_at"], mark)
        out.print(table)

    print_body(call(read_settings(), "GET", path), as_json, show)


@app.command()
def replay(receipt: str, as_json: AsJson = False) -> None:
    """Ask a receipt's question again. Exit 0 when the value is the same, 1 when not."""
    body = call(read_settings(), "POST", f"/v1/receipts/{quote(receipt, safe='')}/replay")

    def show(each: Any) -> None:
        out.print(each["sentence"])
        for moved in each["moved"]:
            out.print(f"  {moved['part']}: {moved['from']} -> {moved['to']}")

    print_body(body, as_json, show)
    raise typer.Exit(0 if body["same_value"] else 1)


@app.command("compare-receipts")
def compare_receipts(one: str, other: str, as_json: AsJson = False) -> None:
    """Lay two receipts of one metric side by side. Exit 0 when the value is the same, 1 when not."""
    path = f"/v1/receipts/{quote(one, safe='')}/compare/{quote(other, safe='')}"
    body = call(read_settings(), "POST", path)

    def show(each: Any) -> None:
        for sentence in each["text"]:
            out.print(sentence)
        for found in each["differences"]:
            out.print(f"  {found['part']}, {found['what']}: {found['before'] or '(none)'} -> {found['now'] or '(none)'}")

    print_body(body, as_json, show)
    raise typer.Exit(0 if body["same_value"] else 1)


@app.command()
def schema(
    what: Annotated[
        str,
        typer.Argument(
            help="openapi, or entities, metrics, dashboard, widget, alerts, reports, annotations, targets, tests, rules,"
            " bindings, events."
        ),
    ],
    workspace: InWorkspace = None,
) -> None:
    """Print the OpenAPI document, the JSON Schema of a file of the workspace for editors, or that of its events."""
    from assay.alerts.entry import AlertsFile
    from assay.catalog.entry import EntitiesFile, MetricsFile
    from assay.catalog.targets import TargetsFile
    from assay.cli.local import schema_of_events
    from assay.loop.bindings import BindingsFile
    from assay.loop.rules import RulesFile
    from assay.reports.entry import ReportsFile
    from assay.review.assertions import AssertionsFile
    from assay.web.app import create_api
    from assay.widgets.annotations import AnnotationsFile
    from assay.widgets.widget import DashboardEntry, Widget

    makers: dict[str, Callable[[], Any]] = {
        "openapi": lambda: create_api().openapi(),
        "entities": EntitiesFile.model_json_schema,
        "metrics": MetricsFile.model_json_schema,
        "dashboard": DashboardEntry.model_json_schema,
        "widget": Widget.model_json_schema,
        "alerts": AlertsFile.model_json_schema,
        "reports": ReportsFile.model_json_schema,
        "annotations": AnnotationsFile.model_json_schema,
        "targets": TargetsFile.model_json_schema,
        "tests": AssertionsFile.model_json_schema,
        "rules": RulesFile.model_json_schema,
        "bindings": BindingsFile.model_json_schema,
        "events": lambda: schema_of_events(read_settings(workspace=workspace)),
    }
    if what not in makers:
        raise typer.BadParameter(f"no schema {what!r}; there are {', '.join(makers)}")
    print(json.dumps(makers[what](), indent=2, sort_keys=True))
