"""`assay demo dry-run | record | gates | runbook | queries`: the demonstration rehearsed, filmed, proved and printed.

What takes long to import is imported where it is used: every other command would wait for it too.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.show import InWorkspace, out
from assay.settings import read_settings

if TYPE_CHECKING:
    from assay.demo.arc import Played
    from assay.demo.script import ScriptFile

Into = Annotated[Path, typer.Option("--into", help="Where what is made is kept.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the results as JSON.")]


def runbook(workspace: InWorkspace = None) -> None:
    """Print the runbook: what to have ready, what to do and say, what to do when it goes wrong."""
    from assay.demo.runbook import runbook as printed

    print(printed(_script(read_settings(workspace=workspace).workspace)), end="")


def queries(workspace: InWorkspace = None) -> None:
    """Print each metric of the demo: definition, question, SQL on every dialect, and what comes back."""
    from assay.catalog.workspace import load_workspace
    from assay.demo.queries import queries as printed

    root = read_settings(workspace=workspace).workspace
    print(printed(_script(root), load_workspace(root)), end="")


def dry_run(
    workspace: InWorkspace = None,
    twice: Annotated[bool, typer.Option("--twice", help="Two times in a row; nothing is reset by hand.")] = False,
    into: Into = Path("artifacts/dry-run"),
    as_json: AsJson = False,
) -> None:
    """Play the demonstration in a browser on a system of its own. Exit 0 when every step was done within its budget."""
    from assay.demo.arc import dry_run as play
    from assay.demo.system import rehearsal

    root = read_settings(workspace=workspace).workspace
    script = _script(root)
    shots = into / _stamp()
    with rehearsal(root) as system:
        if not as_json:
            out.print("Starting a system for the rehearsal")
        system.start()
        played = play(script, system, 2 if twice else 1, shots)
    clean = all(each.is_clean for each in played)
    if as_json:
        print(json.dumps({"clean": clean, "pictures": str(shots), "times": [asdict(each) for each in played]}))
    else:
        for number, each in enumerate(played, 1):
            _show_played(each, number)
        out.print(f"{'clean' if clean else 'NOT clean'}; pictures in {shots}")
    raise typer.Exit(0 if clean else 1)


def _show_played(played: "Played", number: int) -> None:
    out.print(f"time {number}")
    for each in played.steps:
        mark = "failed" if each.failure else "ok" if each.within_budget else "slow"
        out.print(f"  {mark:<7} {each.took_ms:>6} ms of {each.budget_ms:>6}  {each.scene} {each.step}: {each.say[:70]}")
    for line in played.failures:
        out.print(f"  {line}")


def record(workspace: InWorkspace = None, into: Into = Path("artifacts"), as_json: AsJson = False) -> None:
    """Film the demonstration: demo.mp4 with captions and chapters, and demo.json that says what it shows."""
    from assay.demo.browser import browser
    from assay.demo.recorder import build_hash, need_tools
    from assay.demo.recorder import record as film
    from assay.demo.system import rehearsal

    root = read_settings(workspace=workspace).workspace
    script = _script(root)
    need_tools()
    build = build_hash(root)
    with browser() as started, rehearsal(root) as system:
        system.start()
        made, _ = film(script, system, started, into, build)
    if as_json:
        print(json.dumps(asdict(made)))
        return
    for each in made.chapters:
        out.print(f"  {each.starts:6.1f} s  {each.title}")
    out.print(f"{into / made.file}: {made.seconds:.0f} s, build {made.build}")


def gates(
    workspace: InWorkspace = None,
    only: Annotated[str | None, typer.Option(help="Numbers of gates, such as 3,4,5; all where nothing is said.")] = None,
    into: Into = Path("artifacts"),
    as_json: AsJson = False,
) -> None:
    """Check the twelve gates against a system of its own. Exit 0 when none failed; evidence is kept of each."""
    from assay.demo.gates import check_gates, numbers_of

    root = read_settings(workspace=workspace).workspace
    told = (lambda _: None) if as_json else (lambda line: out.print(line))
    numbers = numbers_of(only)
    results, page = check_gates(root, _script(root), into, _stamp(), numbers, told)
    failed = [each for each in results if each.status == "failed"]
    if as_json:
        print(json.dumps({"ok": not failed, "page": str(page), "gates": [asdict(each) for each in results]}))
    else:
        counts = {word: sum(each.status == word for each in results) for word in ("passed", "failed", "not checked")}
        out.print(f"{', '.join(f'{count} {word}' for word, count in counts.items())}; see {page}")
    raise typer.Exit(1 if failed else 0)


def _script(root: Path) -> "ScriptFile":
    from assay.catalog.workspace import load_workspace
    from assay.demo.script import load_script

    return load_script(root, load_workspace(root))


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
