"""The runbook, printed from the script: what to have ready, what to do, what to say, what to do when it goes wrong."""

from assay.demo.script import ScriptFile, Step

_HEAD = "<!-- Printed by `assay demo runbook` from demo/demo.yaml: change that file, then print this anew. -->"


def runbook(script: ScriptFile) -> str:
    held = sum(step.hold_seconds for scene in script.scenes for step in scene.steps)
    lines = [_HEAD, "", "# The demonstration", "", script.summary, "", "## Before", ""]
    lines += [f"{number}. {each}" for number, each in enumerate(script.before, 1)]
    lines += [
        "",
        "Rehearse it with `assay demo dry-run --twice`: a browser plays these steps on a system of its own and measures",
        "each against its budget. Film it with `make record`.",
    ]
    number = 0
    for part, scene in enumerate(script.scenes, 1):
        lines += ["", f"## {part}. {scene.title}", "", "| | do | say | within |", "|---|---|---|---|"]
        for step in scene.steps:
            number += 1
            lines.append(f"| {number} | {_doing(step)} | {_cell(step.say)} | {step.budget_ms / 1000:g} s |")
    lines += [
        "",
        f"The film holds still for {held:g} s of its length, so that there is time to read.",
        "",
        "## When it goes wrong",
        "",
    ]
    lines += [f"- {each}" for each in script.after]
    return "\n".join(lines) + "\n"


def _doing(step: Step) -> str:
    """In words, and the commands and edits to the letter."""
    said = [_cell(step.do)]
    for act in step.act:
        if act.run is not None:
            said.append(f"`{act.run}`")
        if act.edit is not None:
            said.append(f"`{act.edit.metric}: {{backend: {act.edit.backend}}}`")
    return "<br>".join(said)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
