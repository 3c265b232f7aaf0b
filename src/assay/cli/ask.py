"""`assay ask`: words in, the widget they mean out. The server reads them: it knows the values that the data holds."""

from typing import Annotated, Any

import typer

from assay.cli.client import call
from assay.settings import read_settings

_EXITS = {"spec": 0, "questions": 1, "refusal": 3}


def ask(
    words: Annotated[str, typer.Argument(help='What to show, such as "claims by region, last 30 days".')],
    answer: Annotated[list[str] | None, typer.Option(help="ID=CHOICE for a question asked before.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the API's body.")] = False,
) -> None:
    """Read words as a widget. Exit 0 with a spec, 1 with questions, 3 with a refusal, 2 where no server answers."""
    from assay.cli.show import out, print_body

    answers = dict(_pair(each) for each in answer or [])
    text = words.encode("utf-8", "replace").decode()
    body = call(read_settings(), "POST", "/v1/widgets/read",
                {"words": text, "answers": answers, "rounds": 1 if answers else 0})  # fmt: skip

    def show(reading: Any) -> None:
        for line in [*_lines(reading), *(_lessons(answers) if reading["outcome"] == "spec" else [])]:
            out.print(line)

    print_body(body, as_json, show)
    raise typer.Exit(_EXITS[body["outcome"]])


def _pair(text: str) -> tuple[str, str]:
    name, equal, choice = text.partition("=")
    if not equal:
        raise typer.BadParameter(f"{text!r}: write ID=CHOICE")
    return name, choice


def _lessons(answers: dict[str, str]) -> list[str]:
    """How to have the words remembered that these answers have explained."""
    import shlex

    explained = {name.partition(":")[2]: value for name, value in answers.items()
                 if value.partition(":")[0] in ("metric", "dimension", "value")}  # fmt: skip
    told = [
        f"assay synonyms propose {shlex.quote(words)} {shlex.quote(value)}" for words, value in explained.items() if words
    ]
    return ["To have it remembered:", *(f"  {each}" for each in told)] if told else []


def _lines(reading: dict[str, Any]) -> list[str]:
    if reading["outcome"] == "spec":
        mended = [f"  read {each['words']!r} as {each['mended']!r}" for each in reading["accounted"] if each["mended"]]
        why = [f"Why it changed: {_explaining(reading['spec'])}"] if reading["explains"] else []
        return [reading["sentence"], *mended, *([reading["note"]] if reading["note"] else []), *why]
    if reading["outcome"] == "refusal":
        return [reading["reason"]]
    lines: list[str] = []
    for each in reading["questions"]:
        lines.append(each["text"])
        lines += [f"  {choice['label']}    --answer '{each['id']}={choice['value']}'" for choice in each["choices"]]
    return lines


def _explaining(spec: Any) -> str:
    """The command that explains this change, where its options can say the conditions."""
    import shlex

    from assay.cli.query import quoted

    said = {"eq": "=", "ne": "!="}
    if any(each["op"] not in said for each in spec["filters"]) or spec.get("any_of") or spec.get("whose"):
        return "open it on the page, whose conditions no option of assay explain can say"
    window = spec["window"]
    bounds = f"{window['start']}..{window['end']}" if isinstance(window, dict) else window
    conditions = [f"{each['dimension']}{said[each['op']]}{quoted(str(each['values'][0]))}" for each in spec["filters"]]
    options = [("--where", each) for each in conditions]
    options += [(name, value) for name, value in (("--window", bounds), ("--compare", spec["compare"])) if value]
    return shlex.join(["assay", "explain", *spec["metrics"], *(word for pair in options for word in pair)])
