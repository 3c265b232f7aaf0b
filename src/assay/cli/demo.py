"""`assay demo`: play the workspace's scenarios against the running server, and put everything back."""

import json
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.client import call, running_database, served_workspace
from assay.cli.rehearse import dry_run, gates, queries, record, runbook
from assay.cli.show import InWorkspace, out
from assay.demo import figures
from assay.errors import SetupFailed
from assay.settings import Settings, read_settings

demo = typer.Typer(help="Serve the demo; play its scenarios, and put everything back.")
AsJson = Annotated[bool, typer.Option("--json", help="Print the bodies of the API.")]

for each in (runbook, queries, record, gates):
    demo.command()(each)
demo.command("dry-run")(dry_run)


@demo.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port; default 8400.")] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the browser.")] = False,
) -> None:
    """Serve the demo until Ctrl-C, or do what a command of it says.

    Its workspace is written into the folder demo, where there is none yet: change its files and look at the page.
    """
    if context.invoked_subcommand is not None:
        return
    from assay.cli.up import up
    from assay.demo.bundled import put_workspace

    settings = read_settings(workspace=Path("demo"), port=port)
    if put_workspace(settings.workspace):
        out.print(f"The demo's workspace is in {settings.workspace}")
    up(settings, lambda line: print(line, flush=True), open_browser=open_browser)


AT_REST: dict[str, Any] = {
    "active_issues": figures.ACTIVE_ISSUES,
    "claims_in_progress": figures.CLAIMS_IN_PROGRESS,
    "nba_taken_pct": figures.RECOMMENDATIONS_APPROVED / figures.RECOMMENDATIONS_DECIDED,
    "cost_avoided_mtd": str(figures.COST_AVOIDED_MONTH_TO_DATE),
    "csat": float(figures.CSAT),
}
"""What the figures are as long as nothing has happened."""


@demo.command()
def scenario(
    name: Annotated[str, typer.Argument(help="A file of scenarios/ without its ending, such as screen_damage.")],
    workspace: InWorkspace = None,
    as_json: AsJson = False,
) -> None:
    """Send a scenario's events. Exit 0 when they lead to the action that the scenario expects, 1 when not."""
    from assay.loop.scenarios import load_scenario

    settings = read_settings(workspace=workspace)
    played = load_scenario(settings.workspace, name)
    reply = call(settings, "POST", "/v1/events", {"events": played.played_at(datetime.now(UTC))})
    last = reply["outcomes"][-1]["recommendation_id"]
    found = call(settings, "GET", f"/v1/recommendations/{quote(last, safe='')}") if last else None
    as_expected = (found["action"] if found else None) == played.expect
    if as_json:
        print(
            json.dumps({"scenario": name, "as_expected": as_expected, **reply, "recommendation": found}, ensure_ascii=False)
        )
    else:
        _show(played.label, reply, found)
    raise typer.Exit(0 if as_expected else 1)


def _show(label: str, reply: dict[str, Any], found: dict[str, Any] | None) -> None:
    out.print(label)
    for each in reply["outcomes"]:
        out.print(f"  {each['event_id']}  {each['outcome']}" + (f": {each['detail']}" if each["detail"] else ""))
    if found is not None:
        out.print(f"{found['label']}  ({found['recommendation_id']}, {found['state']}, saves ${found['saving_usd']})")
        for reason in found["reasons"]:
            out.print(f"  {reason['code']:<18} {reason['text']}")


@demo.command()
def reset(as_json: AsJson = False) -> None:
    """Put back all that the loop has written; where that is not enough, make the tables anew with today's figures.

    What was decided about them is forgotten. Exit 0 when the figures are those at rest, 1 when not.
    """
    settings, started = read_settings(), time.monotonic()
    body = call(settings, "POST", "/v1/demo/reset")
    found = {name: _figure(settings, name) for name in AT_REST}
    if found != AT_REST and (url := running_database(settings)) is not None:
        from assay.cli.up import fill_apart

        # Of the workspace that is served, whichever this shell names.
        fill_apart(replace(settings, workspace=served_workspace(settings)), url, "--again", is_quiet=as_json)
        found = {name: _figure(settings, name) for name in AT_REST}
    is_at_rest = found == AT_REST
    seconds = round(time.monotonic() - started, 2)
    if as_json:
        print(json.dumps({**body, "figures": found, "at_rest": is_at_rest, "seconds": seconds}))
    else:
        out.print(f"{body['events']} events forgotten, every row put back, in {seconds:.2f} s")
        for name, value in found.items():
            out.print(f"  {name:<20} {value}" + ("" if value == AT_REST[name] else f"   (at rest: {AT_REST[name]})"))
        if not is_at_rest:
            out.print("The data is of another day, or somebody else has changed it.")
    raise typer.Exit(0 if is_at_rest else 1)


@demo.command()
def publish(
    workspace: InWorkspace = None,
    fault: Annotated[bool, typer.Option("--fault", help="Count one saving twice, as a careless loader would.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the lakehouse anew from PostgreSQL's tables, as a loader does: a new file, renamed into place."""
    import asyncio

    from assay.catalog.workspace import load_workspace
    from assay.demo.publish import publish as write

    settings = read_settings(workspace=workspace)
    url = running_database(settings)
    if url is None:
        raise SetupFailed("No PostgreSQL runs here that could be published.", mend="start it with: assay up")
    done = asyncio.run(write(url, load_workspace(settings.workspace), settings.home, with_fault=fault))
    if as_json:
        print(json.dumps(asdict(done)))
    else:
        out.print(f"{done.backend}: {done.tables} tables, {done.rows:,} rows published in {done.seconds:.1f} s")
        if done.fault:
            out.print(f"  with a fault: {done.fault}")


def _figure(settings: Settings, metric_id: str) -> Any:
    return call(settings, "POST", f"/v1/metrics/{metric_id}/data", {})["rows"][0][0]
