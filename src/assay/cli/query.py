"""`assay query`: a metric's answer; and what a question looks like as options, which `assay sql` takes too."""

import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.client import call, fetch
from assay.cli.show import AsJson, out, print_body
from assay.settings import read_settings

By = Annotated[list[str] | None, typer.Option(help="A dimension; may be given several times.")]
Where = Annotated[list[str] | None, typer.Option(help="dimension=value or dimension!=value; NULL, or 'quoted text'.")]
Segment = Annotated[list[str] | None, typer.Option(help="A segment of its table; may be given several times.")]
Param = Annotated[list[str] | None, typer.Option(help="name=value of a parameter; may be given several times.")]
Window = Annotated[str | None, typer.Option(help="A window's name, or START..END.")]
Grain = Annotated[str | None, typer.Option(help="hour, day, week, month, quarter or year.")]
Compare = Annotated[str | None, typer.Option(help="previous_period or previous_year.")]
Limit = Annotated[int | None, typer.Option(min=1)]
Others = Annotated[bool | None, typer.Option("--others", help="With --limit: all other groups together as one row.")]
Targets = Annotated[bool | None, typer.Option("--targets", help="Also what it is meant to come to in its period.")]

FORMATS = ("csv", "arrow", "parquet", "xlsx")
STANDINGS = {
    "unproven": "unproven", "proven": "proven", "proven_for_others": "proven for other groupings", "stale": "stale",
    "accepted": "accepted", "differs": "differs",
}  # fmt: skip


def query(
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
    targets: Targets = None,
    file_format: Annotated[str | None, typer.Option("--format", help="csv, arrow, parquet or xlsx.")] = None,
    output: Annotated[Path | None, typer.Option(help="Write to this file; its ending says the format.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a metric."""
    asked = asked_in_options(
        by, where, window, segments=segment, parameters=said_in(param), grain=grain, compare=compare, limit=limit,
        others=others, targets=targets,
    )  # fmt: skip
    path = f"/v1/metrics/{quote(metric, safe='')}/data"
    if file_format is None and output is None:
        print_body(call(read_settings(), "POST", path, asked), as_json, show_answer)
    else:
        _write_file(path, asked, file_format, output, as_json=as_json)


def _write_file(path: str, asked: dict[str, Any], given: str | None, output: Path | None, *, as_json: bool) -> None:
    """The answer as a file, on standard output where none is named."""
    chosen = given or (output.suffix.removeprefix(".") if output else "")
    if chosen not in FORMATS:
        raise typer.BadParameter(f"{chosen!r} is not a format; write {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    if as_json:
        raise typer.BadParameter("--json prints the API's body; leave it out to get a file")
    if output is None and chosen != "csv" and sys.stdout.isatty():
        raise typer.BadParameter(f"{chosen} is not for a terminal: name a file with --output")
    content = fetch(read_settings(), f"{path}.{chosen}", asked)
    if output is not None:
        output.write_bytes(content)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)


def asked_in_options(by: list[str] | None, where: list[str] | None, window: str | None, **others: Any) -> dict[str, Any]:
    """The API's body for what was given; options that were not are left out of it."""
    asked: dict[str, Any] = {"dimensions": by or [], "filters": [_filter(each) for each in where or []]}
    if window is not None:
        start, dots, end = window.partition("..")
        asked["window"] = {"start": start, "end": end} if dots else window
    return asked | {name: value for name, value in others.items() if value is not None}


def said_in(params: list[str] | None) -> dict[str, str] | None:
    """`name=value`, each; what it is is decided by the parameter."""
    if params is None:
        return None
    found: dict[str, str] = {}
    for each in params:
        name, equal, value = each.partition("=")
        if not equal:
            raise typer.BadParameter(f"{each!r}: write parameter=value")
        found[name.strip()] = value
    return found


def _filter(text: str) -> dict[str, Any]:
    """`name=value` or `name!=value`: the first sign counts, and all behind it is the value, with its blanks.

    NULL asks for rows without a value. Quotes around a value are taken off, so that 'NULL' can be asked for as a text.
    Numbers and true or false travel as they are written: what they are is decided by the dimension.
    """
    name, equal, value = text.partition("=")
    if not equal:
        raise typer.BadParameter(f"{text!r}: write dimension=value or dimension!=value")
    is_not = name.endswith("!")
    name = name.removesuffix("!").strip()
    if value.upper() == "NULL":
        return {"dimension": name, "op": "is_not_null" if is_not else "is_null", "values": []}
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    return {"dimension": name, "op": "ne" if is_not else "eq", "values": [value]}


def show_answer(body: Any) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in body["columns"]:
        table.add_column(column["name"], justify="right" if column["role"] in ("value", "previous") else "left")
    for row in body["rows"]:
        cells = list(zip(row, (column["role"] for column in body["columns"]), strict=True))
        is_rest = any(role == "others" and cell is not None for cell, role in cells)
        # What is of all others has no value of a dimension; it is not the group without one.
        table.add_row(*[_cell(cell, "others" if is_rest and role == "dimension" else role) for cell, role in cells])
    out.print(table)
    for each in body.get("targets", ()):
        out.print(_target_told(each))
    if why := body["question"].get("targets", {}).get("why"):
        out.print(why)
    known = body["provenance"]
    stale = f", STALE: {known['stale_reason']}" if known["stale"] else ""
    out.print(f"{known['backend']}, as of {known['as_of']}, receipt {known['receipt_id']}{stale}", style="dim")
    parity = known["parity"]
    if parity["standing"] != "unproven":
        out.print(f"{STANDINGS[parity['standing']]}: {parity['reason']}", style="dim")


def _target_told(target: dict[str, Any]) -> str:
    """One line of a target: where the value stands, where it leads, and where the target is written."""
    where = "".join(f", {name} {value}" for name, value in target["where"].items())
    share = "" if target["share"] is None else f", {float(target['share']):.1%} of it"
    pace = "" if target["pace"] is None else f", on the current pace {target['pace']} by {target['ends']}"
    return f"target of {target['metric']}{where} for {target['period']}: {target['value']}{share}{pace} ({target['source']})"


def quoted(text: str) -> str:
    """As it can stand behind the sign in --where: in quotes where it could be taken for another."""
    is_plain = text not in ("", "(none)") and text == text.strip() and _filter(f"x={text}")["values"] == [text]
    return text if is_plain else f"'{text}'"


def _cell(cell: Any, role: str) -> str:
    # The group of rows without a value has a name, as on the page; what stands here can be given to --where as it is.
    text = "" if cell is None else str(cell)
    if role != "dimension":
        return text
    return "(none)" if cell is None else quoted(text)
