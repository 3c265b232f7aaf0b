"""`assay audit`: what was done and by whom, and whether the log of it is as it was written."""

from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from assay.cli.client import call
from assay.cli.show import AsJson, out, print_body
from assay.settings import read_settings

audit = typer.Typer(no_args_is_help=True, help="What was done, by whom; and whether the log of it is whole.")


@audit.command("list")
def list_entries(
    who: Annotated[str | None, typer.Option(help="An id or a name.")] = None,
    action: Annotated[str | None, typer.Option(help="Such as route.moved, or route for all of its kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: AsJson = False,
) -> None:
    """List entries, newest first."""
    asked = {name: value for name, value in (("who", who), ("action", action), ("limit", limit)) if value is not None}

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
def verify(as_json: AsJson = False) -> None:
    """Walk the whole chain, and hold it against the ends that left the database. Exit 0 when it is as it was written."""
    body = call(read_settings(), "GET", "/v1/audit/proof", timeout_seconds=3_600)

    def show(found: Any) -> None:
        for each in found["faults"]:
            out.print(each["sentence"])
        if found["ok"]:
            left = f"; entry {found['left']} was the last whose hash has left the database" if found["left"] else ""
            out.print(f"{found['entries']} entries are as they were written{left}.")

    print_body(body, as_json, show)
    raise typer.Exit(0 if body["ok"] else 1)
