"""`assay proposals`: what waits for a second person, and what became of the rest. Confirming is done on the page."""

from typing import Annotated, Any

import typer

from assay.cli.client import call
from assay.cli.show import AsJson, out, print_body
from assay.settings import read_settings


def proposals(
    show_all: Annotated[bool, typer.Option("--all", help="Also those that were decided.")] = False, as_json: AsJson = False
) -> None:
    """List what waits for a second person, where the workspace asks for two. It is confirmed on the page."""

    def show(body: Any) -> None:
        shown = [each for each in body["proposals"] if show_all or each["state"] == "open"]
        for each in shown:
            out.print(f"{each['proposal_id']}  {each['sentence']}", markup=False, highlight=False)
            out.print(f"    {_stands(each)}", markup=False, highlight=False, style="dim")
        if not shown:
            asked = "" if body["four_eyes"] else " This workspace does not ask for two persons (four_eyes in assay.yaml)."
            out.print(f"Nothing waits for a second person.{asked}")

    print_body(call(read_settings(), "GET", "/v1/proposals"), as_json, show)


def _stands(each: Any) -> str:
    made = f"proposed by {each['proposed_by']} at {each['proposed_at']}"
    if each["state"] == "open":
        return f"{made}; {'two persons' if each['missing'] == 2 else 'one more person'} to confirm it"
    by = f" by {each['decided_by']}" if each["decided_by"] else ""
    why = f": {each['reason']}" if each["reason"] else ""
    return f"{made}; {each['state']}{by} at {each['decided_at']}{why}"
