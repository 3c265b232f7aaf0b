"""`assay test`: the workspace's own tests of its numbers, asked of the running server like any question, with receipts."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli.client import call
from assay.cli.show import AsJson, InWorkspace, out, print_body
from assay.errors import SetupFailed
from assay.settings import Settings, read_settings

if TYPE_CHECKING:
    from assay.review.assertions import Assertion


def test(
    only: Annotated[str | None, typer.Argument(help="Only tests with this text in their name.")] = None,
    workspace: InWorkspace = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Run the tests in tests/*.yaml against the running server.

    Exit 0 when all hold, 1 when one does not, 2 when one could not be run.
    """
    from assay.catalog.workspace import load_workspace
    from assay.review.assertions import read_assertions

    settings = read_settings(workspace=workspace)
    found, findings = read_assertions(load_workspace(settings.workspace))
    if findings:
        raise SetupFailed(str(findings[0]), mend=findings[0].mend)
    chosen = [each for each in found if only is None or only.casefold() in each.entry.name.casefold()]
    if not chosen:
        raise SetupFailed(
            f"There are no tests{f' with {only!r} in their name' if only else ''} in {settings.workspace}/tests.",
            mend="write one in tests/numbers.yaml, such as  tests: [{check: revenue >= 0}]",
        )
    results = [_run(settings, each) for each in chosen]
    counts = {state: sum(each["state"] == state for each in results) for state in ("passed", "failed", "could_not")}
    print_body({"ok": counts["passed"] == len(results), **counts, "tests": results}, as_json, _show)
    raise typer.Exit(2 if counts["could_not"] else 1 if counts["failed"] else 0)


def _run(settings: Settings, each: "Assertion") -> dict[str, Any]:
    from assay.review.assertions import Outcome, judged

    questions = [{"key": str(number), **asked} for number, asked in enumerate(each.entry.questions())]
    told = call(settings, "POST", "/v1/data", {"questions": questions})["answers"]
    problem = next((one["problem"] for one in told if one["problem"] is not None), None)
    answers = [one["answer"] for one in told if one["problem"] is None]
    outcome = Outcome("could_not", problem["detail"]) if problem else judged(each.entry, answers, datetime.now(UTC))
    return {
        "name": each.entry.name, "file": each.file, "line": each.line, "state": outcome.state,
        "sentence": outcome.sentence, "shown": list(outcome.shown),
        "receipts": [one["provenance"]["receipt_id"] for one in answers],
    }  # fmt: skip


def _show(body: dict[str, Any]) -> None:
    words = {"passed": "passed", "failed": "FAILED", "could_not": "COULD NOT"}
    for each in body["tests"]:
        receipts = f", receipt {' and '.join(each['receipts'])}" if each["receipts"] else ""
        out.print(f"{words[each['state']]:<10}{each['name']}: {each['sentence']}{receipts}")
        for line in each["shown"]:
            out.print(f"          {line}")
        if each["state"] != "passed":
            out.print(f"          {each['file']}:{each['line']}")
    out.print(f"{body['passed']} passed, {body['failed']} failed" +
              (f", {body['could_not']} could not be run" if body["could_not"] else ""))  # fmt: skip
