"""`assay drafts`: look at drafted metrics, and accept one in your own name."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.client import call
from assay.cli.show import AsJson, out, print_body
from assay.settings import read_settings

drafts = typer.Typer(no_args_is_help=True, help="Look at drafts of metrics, accept or drop them.")


@drafts.command("list")
def list_drafts(as_json: AsJson = False) -> None:
    """List them, newest first."""

    def show(body: Any) -> None:
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for name in ("draft", "metric", "file", "state"):
            table.add_column(name, no_wrap=name == "draft")
        for each in body["drafts"]:
            waits = f"proposed by {each['proposed_by']}" if each["proposed_by"] else "open"
            state = f"accepted by {each['accepted_by']}" if each["accepted_by"] else each["problem"] or waits
            table.add_row(each["draft_id"], each["metric"]["id"], each["file"], state)
        out.print(table)

    print_body(call(read_settings(), "GET", "/v1/drafts"), as_json, show)


@drafts.command()
def show(draft: str, as_json: AsJson = False) -> None:
    """What accepting it would write."""
    body = call(read_settings(), "GET", f"/v1/drafts/{quote(draft, safe='')}")

    def show_one(each: Any) -> None:
        out.print(each["sentence"])
        out.print(each["diff"] or each["problem"] or "", markup=False, highlight=False)

    print_body(body, as_json, show_one)


@drafts.command()
def accept(
    draft: str,
    by: Annotated[str, typer.Option(help="Your name: it is kept with the draft.")],
    as_json: AsJson = False,
) -> None:
    """Write the definition into the workspace. Only people accept."""
    body = call(read_settings(), "POST", f"/v1/drafts/{quote(draft, safe='')}/accept", {"by": by})

    def shown(each: Any) -> None:
        waits = f"{each['metric']['id']} waits for a second person: somebody with the role steward confirms it on the page."
        out.print(f"{each['metric']['id']} stands in {each['file']} now." if each["accepted_by"] else waits)

    print_body(body, as_json, shown)
