"""How commands print: a body as JSON, or as people read it."""

import json
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console

# Into a pipe, lines are as long as they are: nobody wants a table cut at 80 columns there.
# Without markup: what is printed are names and values, and a bracket in one of them is only a bracket.
out = Console(highlight=False, soft_wrap=True, markup=False, width=None if sys.stdout.isatty() else 240)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
AsJson = Annotated[bool, typer.Option("--json", help="Print the API's body.")]


def print_body(body: Any, as_json: bool, show: Callable[[Any], None]) -> None:
    if as_json:
        print(json.dumps(body, ensure_ascii=False))
    else:
        show(body)
