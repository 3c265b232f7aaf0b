"""`assay audit`: what was done and by whom, and whether the log of it is as it was written."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from assay.cli.client import call
from assay.cli.proof import text_of
from assay.cli.show import AsJson, out, print_body
from assay.settings import read_settings

_MOST_HEADS, _LONGEST = 400, 500
"""As many as one request carries."""
audit = typer.Typer(no_args_is_help=True, help="What was done, by whom; and whether the log of it is whole.")


@audit.command("list")
def list_entries(
    who: Annotated[str | None, typer.Option(help="An id or a name.")] = None,
    action: Annotated[str | None, typer.Option(help="Such as route.moved, or route for all of its kind.")] = None,
    subject: Annotated[str | None, typer.Option(help="What it was done to, such as a metric.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day or instant on, in UTC.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this day or instant, in UTC.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: AsJson = False,
) -> None:
    """List entries, newest first."""
    given = {"who": who, "action": action, "subject": subject, "since": since, "until": until, "limit": limit}
    asked = {name: value for name, value in given.items() if value is not None}

    def show(body: Any) -> None:
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for name in ("number", "at", "who", "from", "action", "subject"):
            table.add_column(name, no_wrap=name != "who")
        for each in body["entries"]:
            name = each["who"]["name"] + (f" as {each['who']['as']}" if each["who"]["as"] else "")
            table.add_row(str(each["number"]), each["at"], name, each["address"] or "", each["action"], each["subject"])
        out.print(table)

    print_body(call(read_settings(), "GET", f"/v1/audit?{urlencode(asked)}"), as_json, show)


@audit.command()
def verify(
    heads: Annotated[Path | None, typer.Option(help="Heads that were kept elsewhere: lines of JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Walk the whole chain and the log of receipts, and hold both against their heads that have left the database.

    Exit 0 when both are as they were written.
    """
    given = {"heads": _lines_of(heads)} if heads is not None else None
    method = "GET" if given is None else "POST"
    body = call(read_settings(), method, "/v1/audit/proof", given, timeout_seconds=3_600)

    def show(found: Any) -> None:
        for each in [*found["faults"], *found["receipts"]["faults"]]:
            out.print(each["sentence"])
        if found["ok"]:
            left = f"; entry {found['left']} was the last whose hash has left the database" if found["left"] else ""
            out.print(f"{found['entries']} entries are as they were written{left}.")
            log = found["receipts"]
            left = f"; its head left the database when it held {log['left']}" if log["left"] else ""
            out.print(f"The log of receipts holds {log['entries']}, as they were signed{left}.")

    print_body(body, as_json, show)
    raise typer.Exit(0 if body["ok"] else 1)


def _lines_of(file: Path) -> list[str]:
    """Of very many heads some, in equal steps from the last: each pins all before it. Raises SetupFailed."""
    lines = text_of(file, mend="name a file of heads", errors="replace").splitlines()
    heads = [each for each in lines if '"signature"' in each and len(each) <= _LONGEST]
    return heads[:: -(len(heads) // _MOST_HEADS + 1)]
