"""`assay sql`: the SQL of a metric. Compiled and not run it needs no server; else the server is asked.

What takes long to import is imported where it is used: every other command would wait for it too.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from assay.cli.client import call
from assay.cli.query import (
    By,
    Compare,
    Grain,
    Limit,
    Others,
    Param,
    Segment,
    Where,
    Window,
    asked_in_options,
    said_in,
    show_answer,
)
from assay.cli.show import AsJson, InWorkspace, out, print_body
from assay.errors import BadQuestion
from assay.settings import Settings, read_settings


def sql(
    metric: str,
    by: By = None,
    where: Where = None,
    segment: Segment = None,
    param: Param = None,
    window: Window = None,
    grain: Grain = None,
    compare: Compare = None,
    limit: Limit = None,
    others: Others = None,
    dialect: Annotated[
        str | None,
        typer.Option(help="An engine, such as duckdb or spark; else the route's."),
    ] = None,
    generator: Annotated[str, typer.Option(help="compiler or llm.")] = "compiler",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write and judge it, do not run it.")] = False,
    workspace: InWorkspace = None,
    as_json: AsJson = False,
) -> None:
    """Print the SQL of a metric and run it. With --dry-run it is not run, and the compiler needs no server.

    With --generator llm: exit 1 when the model's rows are not the compiler's, or could not be compared with them.
    """
    if generator not in ("compiler", "llm"):
        raise typer.BadParameter(f"{generator!r}: the generator is compiler or llm")
    asked = asked_in_options(
        by, where, window, segments=segment, parameters=said_in(param), grain=grain, compare=compare, limit=limit,
        others=others,
    )  # fmt: skip
    settings = read_settings(workspace=workspace)
    if generator == "compiler" and dry_run:
        body = compile_here(settings, metric, asked, dialect)
    else:
        wanted = {"metric_id": metric, "generator": generator, "dialect": dialect, "dry_run": dry_run, **asked}
        body = call(settings, "POST", "/v1/widgets/sql/generate", wanted)

    def show(known: Any) -> None:
        for line in statement_lines(known):
            out.print(line)
        if known["answer"]:
            out.print()
            show_answer(known["answer"])

    print_body(body, as_json, show)
    standing = body["author"]["standing"]
    raise typer.Exit(1 if standing and standing["standing"] != "equal_here" else 0)


def compile_here(settings: Settings, metric: str, given: dict[str, Any], dialect: str | None) -> dict[str, Any]:
    """The body of a dry run by the compiler, made in this process from the workspace alone."""
    from pydantic import ValidationError

    from assay.answers.generated import compiled, target
    from assay.backends.protocol import NotConfigured
    from assay.catalog.faults import faults_of
    from assay.catalog.workspace import load_workspace
    from assay.compiler.question import Asked, resolve_question
    from assay.people.scope import EVERYTHING
    from assay.routing.file import read_routing_file
    from assay.routing.serving import Catalog

    try:
        asked = Asked.model_validate(given)
    except ValidationError as error:
        fault = faults_of(error.errors(), Asked)[0]
        raise BadQuestion(fault.told_of("the question"), mend=fault.mend, field=".".join(map(str, fault.place))) from error
    workspace = load_workspace(settings.workspace)
    question = resolve_question((metric,), asked, workspace, datetime.now(UTC), EVERYTHING)
    unopened = {name: NotConfigured(name, each.driver, (), "not opened") for name, each in workspace.backends.items()}
    catalog = Catalog.of(workspace, dict(unopened))
    line = read_routing_file(workspace.routing_file).lines.get(metric)
    return compiled(question, catalog, target(question, catalog, line.backend if line else None, dialect))


def statement_lines(body: dict[str, Any]) -> list[str]:
    """The statement set in lines. What is said about it stands behind `--`, so that the whole can be run as it is."""
    import sqlglot

    from assay.engine import engine_of

    own = engine_of(body["dialect"]).reading.sqlglot
    pretty = sqlglot.parse_one(body["sql"], read=own).sql(dialect=own, pretty=True)
    author = body["author"]
    notes = [f"{name} = {value!r}" for name, value in body["params"].items()]
    notes += [body["explanation"], f"Passed the gate: {'; '.join(body['checks'])}."]
    if author["model"]:
        notes.append(f"Written by {author['model']}: {author['input_tokens']} tokens in, {author['output_tokens']} out, "
                     f"{author['latency_ms'] / 1e3:.1f} s.")  # fmt: skip
    if author["generator"] == "llm" and body["dry_run"]:
        notes.append("Nothing was compared: a dry run asks no engine.")
    if author["standing"]:
        notes.append(f"{author['standing']['standing'].replace('_', ' ')}: {author['standing']['reason']}")
    return [*pretty.splitlines(), *(f"-- {' '.join(note.split())}" for note in notes)]
