"""`assay synonyms`: other names for what words were said to mean: proposed, looked at, accepted by a person."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.client import call
from assay.cli.show import AsJson, out, print_body
from assay.settings import read_settings

synonyms = typer.Typer(no_args_is_help=True, help="Propose other names for metrics, dimensions and values, accept them.")


@synonyms.command()
def propose(
    words: Annotated[str, typer.Argument(help='The other name, such as "takings".')],
    means: Annotated[str, typer.Argument(help="The choice that says what it means, such as metric:revenue.")],
    as_json: AsJson = False,
) -> None:
    """Propose a name, and show what accepting it would write."""
    body = call(read_settings(), "POST", "/v1/synonyms", {"words": words, "means": means})

    def show(each: Any) -> None:
        out.print(f"{each['sentence']}.", markup=False, highlight=False)
        out.print(each["diff"], markup=False, highlight=False)
        then = f"assay synonyms accept {each['proposal_id']}"
        out.print(then if each["may_accept"] else "Somebody with the role steward accepts it on the page, under Waiting.")

    print_body(body, as_json, show)


@synonyms.command()
def accept(proposal: Annotated[str, typer.Argument(help="Its id, as propose told it.")], as_json: AsJson = False) -> None:
    """Write it into the workspace. Only people accept, with the role steward."""
    body = call(read_settings(), "POST", f"/v1/proposals/{quote(proposal, safe='')}/confirm", {})
    print_body(body, as_json, lambda each: out.print(f"{each['sentence']}: {each['state']}.", markup=False, highlight=False))
