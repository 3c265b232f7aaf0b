"""`assay diff`: what a change of definitions does to numbers, asked on the same data; for people, JSON or a pull request.

What takes long to import is imported where it is used.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli.client import running_database
from assay.cli.show import AsJson, InWorkspace, out, print_body
from assay.errors import SetupFailed
from assay.settings import Settings, read_settings

if TYPE_CHECKING:
    from assay.backends.registry import Surroundings
    from assay.catalog.metric import Metric
    from assay.catalog.workspace import Workspace
    from assay.review.report import Report
    from assay.review.revisions import State
    from assay.routing.serving import Catalog
    from assay.store.embedded import EmbeddedPostgres


class Form(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"
    sarif = "sarif"


def diff(
    before: Annotated[str, typer.Argument(help="A revision of git or a folder; or A..B, or A...B, of revisions.")],
    after: Annotated[str | None, typer.Argument(help="The other; default the workspace as it lies there.")] = None,
    max_change: Annotated[str, typer.Option(help="How much a number may move by, such as 0.5%.")] = "0%",
    form: Annotated[
        Form, typer.Option("--format", help="For people, as JSON, as a comment in Markdown, or as SARIF.")
    ] = Form.text,
    workspace: InWorkspace = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say which metrics, routes and policies mean something else, and by how much numbers move. Nothing is changed.

    Exit 0 when no number moves by more than --max-change; 1 when one does, is gone, or cannot be compared.
    """
    from assay.review.report import body_of, lines_of, markdown_of
    from assay.review.revisions import two_states

    most = _share(max_change)
    settings = read_settings(workspace=workspace)
    with two_states(before, after, settings.workspace) as states:
        report, metrics = _reported(settings, states, most)
    if form is Form.sarif and not as_json:
        import json

        from assay.review.revisions import prefix_of
        from assay.review.sarif import sarif_of

        print(json.dumps(sarif_of(report, *metrics, prefix_of(settings.workspace)), indent=2))
    elif form is Form.markdown and not as_json:
        print("\n".join(markdown_of(report)))
    else:
        print_body(body_of(report), as_json or form is Form.json, lambda _: out.print("\n".join(lines_of(report))))
    raise typer.Exit(0 if report.ok else 1)


def _share(text: str) -> Decimal:
    """A share of 1; written `0.5%` or `0.005`."""
    try:
        number = Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except InvalidOperation as error:
        raise typer.BadParameter(f"--max-change is {text!r}; write a share such as 0.5%") from error
    if not number.is_finite() or number < 0:
        raise typer.BadParameter(f"--max-change is {text!r}; write a share such as 0.5%")
    return number


def _reported(
    settings: Settings, states: "tuple[State, State]", most: Decimal
) -> "tuple[Report, tuple[dict[str, Metric], dict[str, Metric]]]":  # fmt: skip
    """And the metrics of both states."""
    import asyncio

    from assay.catalog.workspace import load_workspace
    from assay.people.policy_files import read_folder
    from assay.review.changes import changes_between
    from assay.review.report import report_of

    old, new = (_whole(load_workspace(each.folder), each.name) for each in states)
    changes = changes_between(old, new)
    changed = [each.metric_id for each in changes.metrics if each.change == "changed"]
    found: dict[str, Any] = {}
    if changed:
        with _database(settings) as (url, postgres):
            found = asyncio.run(_asked(settings, old, new, changed, url, postgres))
    folders = [read_folder(each.folder) for each in states]
    is_open = not any(each.files or each.troubles for each in folders)
    names = states[0].name, states[1].name
    report = report_of(names, changes, found, new.metrics, most, groups_are_shown=is_open)
    return report, (old.metrics, new.metrics)


def _whole(workspace: "Workspace", name: str) -> "Workspace":
    """Raises SetupFailed where a piece of it is left out: a metric that cannot be read is not one that is gone."""
    if workspace.findings:
        count = len(workspace.findings)
        raise SetupFailed(
            f"The workspace of {name} has {count} finding{'s' if count > 1 else ''}: {workspace.findings[0]}",
            mend="mend it first: assay validate",
        )
    return workspace


@contextmanager
def _database(settings: Settings) -> "Iterator[tuple[str, EmbeddedPostgres | None]]":
    """Of the server that runs here, or one of its own for as long as it is asked."""
    from assay.cli.up import database_for, locked_home

    running = running_database(settings)
    if running:
        yield running, None
        return
    with locked_home(settings), database_for(settings, lambda _: None) as found:
        yield found


async def _asked(
    settings: Settings, old: "Workspace", new: "Workspace", changed: list[str], url: str, postgres: "EmbeddedPostgres | None"
) -> dict[str, Any]:
    from datetime import UTC, datetime

    from assay.review.differences import difference
    from assay.routing.file import read_routing_file

    around = await _surroundings(settings, new, url, postgres)
    routes, now = read_routing_file(new.routing_file).lines, datetime.now(UTC)
    async with _opened(old, around) as before, _opened(new, around) as after:
        return {
            name: await difference(
                old.metrics[name], new.metrics[name], before, after, routes[name].backend if name in routes else None, now
            )
            for name in changed
        }


async def _surroundings(
    settings: Settings, workspace: "Workspace", url: str, postgres: "EmbeddedPostgres | None"
) -> "Surroundings":
    """As the role that may only read, in a database that an Assay has set up; what it may read is left as it is."""
    from assay.backends.registry import Surroundings
    from assay.cli.up import prepare_database
    from assay.store.database import Database
    from assay.store.epoch import Epoch, read_epoch

    if postgres is None:
        database, epoch = Database(url), Epoch()
        try:
            reader = await database.known_reader()
            if reader is not None:
                await read_epoch(database, epoch)
                return Surroundings(url, reader, settings.home, None, epoch)
        finally:
            await database.close()
    return await prepare_database(settings, workspace, url, postgres)


@asynccontextmanager
async def _opened(workspace: "Workspace", around: "Surroundings") -> "AsyncIterator[Catalog]":
    from assay.backends.protocol import NotConfigured
    from assay.backends.registry import open_backend
    from assay.routing.serving import Catalog

    backends = {name: open_backend(each, around) for name, each in workspace.backends.items()}
    try:
        yield Catalog.of(workspace, backends)
    finally:
        for backend in backends.values():
            if not isinstance(backend, NotConfigured):
                await backend.close()
