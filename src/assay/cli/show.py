"""How commands print: a body as JSON, or as people read it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from assay.errors import AssayError

# Into a pipe, lines are as long as they are: nobody wants a table cut at 80 columns there.
# Without markup: what is printed are names and values, and a bracket in one of them is only a bracket.
out = Console(highlight=False, soft_wrap=True, markup=False, width=None if sys.stdout and sys.stdout.isatty() else 240)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
AsJson = Annotated[bool, typer.Option("--json", help="Print the API's body.")]
InWorkspace = Annotated[
    Path | None,
    typer.Option("--workspace", help="The folder with assay.yaml; default this folder where it has one, else demo."),
]


def print_body(body: Any, as_json: bool, show: Callable[[Any], None]) -> None:
    if as_json:
        print(json.dumps(body, ensure_ascii=False))
    else:
        show(body)


def place_of(finding: Any) -> str:
    return f"{finding['file']}:{finding['line']}" if finding["line"] else finding["file"]


def finding_line(finding: Any) -> str:
    """As the API has it."""
    return f"{place_of(finding)}: {finding['message']}" + (f" ({finding['mend']})" if finding["mend"] else "")


def tell_failure(error: "AssayError", *, as_json: bool) -> None:
    """The problem on standard output where JSON was asked for; the sentence and its mend for people."""
    if as_json:
        print(json.dumps(error.problem(), ensure_ascii=False))
    err.print(error.detail, style="bold red")
    if error.mend:
        err.print(error.mend)
