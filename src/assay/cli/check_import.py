"""`assay check-import`: each imported metric asked for its total, and held against what the source says it is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli.client import call
from assay.cli.show import AsJson, InWorkspace, out, print_body
from assay.errors import SetupFailed
from assay.settings import read_settings

if TYPE_CHECKING:
    from assay.interop.checking import Checked, Expected
    from assay.settings import Settings

_MOST_AT_ONCE = 50
_WORDS = {"equal": "equal", "differs": "DIFFERS", "answered": "answered", "could_not": "COULD NOT"}


def check_import(
    values: Annotated[
        Path | None, typer.Option(help="A CSV with metric,value of the source, and start,end where it is of some days.")
    ] = None,
    workspace: InWorkspace = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Ask the running server for the total of each imported metric, and hold it against the source's value, if there is one.

    Exit 0 when all could be asked and none differs, 1 when one differs, 2 when one could not be asked.
    """
    from assay.catalog.workspace import load_workspace
    from assay.interop.checking import expected_in, imported_metrics, totals

    settings = read_settings(workspace=workspace)
    metrics = imported_metrics(load_workspace(settings.workspace))
    if not metrics:
        raise SetupFailed(f"{settings.workspace} has no imported metrics.", mend="take some over by assay import")
    expected = expected_in(values.expanduser(), metrics) if values else []
    asking = list(totals(metrics, expected))
    found: list[Checked] = []
    for first in range(0, len(asking), _MOST_AT_ONCE):
        found += _ask(settings, asking[first : first + _MOST_AT_ONCE])
    counts = {state: sum(each.state == state for each in found) for state in _WORDS}
    body = {"ok": not counts["differs"] and not counts["could_not"], **counts, "metrics": [_body(each) for each in found]}
    print_body(body, as_json, _show)
    raise typer.Exit(1 if counts["differs"] else 2 if counts["could_not"] else 0)


def _ask(settings: "Settings", asking: "list[tuple[Expected, bool]]") -> "list[Checked]":
    from assay.interop.checking import asked, checked

    questions = [{"key": str(number), **asked(each)} for number, (each, _) in enumerate(asking)]
    told = {one["key"]: one for one in call(settings, "POST", "/v1/data", {"questions": questions})["answers"]}
    return [checked(each, is_said, told[str(number)]) for number, (each, is_said) in enumerate(asking)]


def _body(each: "Checked") -> dict[str, Any]:
    return {"metric": each.metric, "state": each.state, "sentence": each.sentence, "line": each.line,
            "receipt": each.receipt}  # fmt: skip


def _show(body: dict[str, Any]) -> None:
    for each in body["metrics"]:
        receipt = f", receipt {each['receipt']}" if each["receipt"] else ""
        out.print(f"{_WORDS[each['state']]:<10}{each['metric']}: {each['sentence']}{receipt}")
    told = {
        "equal": "equal", "differs": "differ", "answered": "answered, with nothing to hold them against",
        "could_not": "could not be asked",
    }  # fmt: skip
    out.print(", ".join(f"{body[state]} {word}" for state, word in told.items()))
