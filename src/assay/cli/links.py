"""`assay links`: an address that gives one figure, for a spreadsheet; list and revoke them."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.client import call
from assay.cli.query import By, Compare, Grain, Limit, Others, Param, Segment, Where, Window, asked_in_options, said_in
from assay.cli.show import AsJson, out, print_body
from assay.settings import read_settings

links = typer.Typer(no_args_is_help=True, help="Addresses that give one figure: for a spreadsheet or a notebook.")


@links.command()
def create(
    metric: str,
    name: Annotated[str, typer.Option(help="What it is for.")],
    by: By = None,
    where: Where = None,
    segment: Segment = None,
    param: Param = None,
    window: Window = None,
    grain: Grain = None,
    compare: Compare = None,
    limit: Limit = None,
    others: Others = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="How long it holds.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Make one. It gives what you may see on the day it is fetched, and is shown this once."""
    asked = asked_in_options(
        by, where, window, segments=segment, parameters=said_in(param), grain=grain, compare=compare, limit=limit,
        others=others,
    )  # fmt: skip
    body = call(read_settings(), "POST", "/v1/links", {
        "name": name, "question": {"metrics": [metric], **asked}, "expires_days": days,
    })  # fmt: skip

    def show(each: Any) -> None:
        out.print(f"{each['link_id']}  until {each['expires_at']}. This is shown once:")
        print(each["address"])

    print_body(body, as_json, show)


@links.command("list")
def list_links(as_json: AsJson = False) -> None:
    """List yours, newest first; an admin sees everybody's."""

    def show(body: Any) -> None:
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for name in ("link", "name", "asks", "made by", "state", "ends", "last used"):
            table.add_column(name, no_wrap=name == "link")
        for each in body["links"]:
            table.add_row(each["link_id"], each["name"], ", ".join(each["question"]["metrics"]), each["created_by"],
                          each["state"], each["expires_at"], each["last_used_at"] or "never")  # fmt: skip
        out.print(table)

    print_body(call(read_settings(), "GET", "/v1/links"), as_json, show)


@links.command()
def revoke(link: Annotated[str, typer.Argument(help="Its id, as assay links list shows it.")]) -> None:
    """It gives nothing any more, from this moment on."""
    call(read_settings(), "DELETE", f"/v1/links/{quote(link, safe='')}")
    out.print(f"{link} gives nothing any more.")
