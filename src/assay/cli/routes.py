"""The commands about routes: list them, compare a metric on another backend, move it, and take that back."""

import getpass
from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.client import Answered, call
from assay.cli.query import By, Grain, Limit, Others, Segment, Where, Window, asked_in_options
from assay.cli.show import AsJson, finding_line, out, print_body
from assay.settings import read_settings

_WORDS = {"equal": "equal", "within_tolerance": "within tolerance", "differs": "differs", "not_comparable": "not comparable"}
_TIMEOUT_SECONDS = 3_600


def routes(as_json: AsJson = False) -> None:
    """Where each metric is served, how that stands, and which edits do not take effect and why."""

    def show(body: Any) -> None:
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for name in ("metric", "backend", "epoch", "standing", "compared", "shadow", "pending"):
            table.add_column(name, no_wrap=name == "metric")
        for each in body["routes"]:
            pending = each["pending"]
            against = f" against {each['parity']['backend']}" if each["parity"]["backend"] else ""
            table.add_row(
                each["metric_id"], each["backend"] or "none", str(each["epoch"]), each["parity"]["standing"] + against,
                each["compared_at"] or "", each["shadow"]["backend"] if each["shadow"] else "",
                f"{pending['backend']}: {pending['state']}" if pending else "",
            )  # fmt: skip
        out.print(table)
        for each in body["problems"]:
            out.print(finding_line(each))

    print_body(call(read_settings(), "GET", "/v1/routes"), as_json, show)


def compare(
    metric: str, to: Annotated[str, typer.Option("--to", help="The backend to compare with the one that serves.")],
    by: By = None, where: Where = None, segment: Segment = None, window: Window = None, grain: Grain = None,
    period: Annotated[str | None, typer.Option("--compare", help="previous_period or previous_year.")] = None,
    limit: Limit = None, others: Others = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Ask a metric on two backends at every grain; or, with the options of a question, that very question alone.

    Exit 0 when they agree, 1 when they differ or cannot be compared.
    """
    asked: dict[str, Any] = {"to": to}
    if any(each is not None for each in (by, where, segment, window, grain, period, limit, others)):
        asked["question"] = asked_in_options(by, where, window, segments=segment, grain=grain, compare=period, limit=limit,
                                             others=others)  # fmt: skip
    path = f"/v1/routes/{quote(metric, safe='')}/compare"
    body = call(read_settings(), "POST", path, asked, timeout_seconds=_TIMEOUT_SECONDS)
    print_body(body, as_json, show_comparison)
    raise typer.Exit(0 if body["verdict"] in ("equal", "within_tolerance") else 1)


def route(
    metrics: Annotated[list[str], typer.Argument(help="One metric, or several that move together.")],
    to: Annotated[str | None, typer.Option("--to", help="The backend to serve from.")] = None,
    accept_difference: Annotated[str | None, typer.Option(help="Move although the two differ; the reason is kept.")] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Back to the backend that served before.")] = False,
    as_json: AsJson = False,
) -> None:
    """Move metrics to another backend once both were shown to agree, or roll them back. Exit 1 when one stays."""
    if (to is None) == (not rollback):
        raise typer.BadParameter("say --to BACKEND, or --rollback")
    settings, by = read_settings(), _user()
    if rollback:
        bodies = [call(settings, "POST", f"/v1/routes/{quote(each, safe='')}/rollback", {"by": by}) for each in metrics]
        print_body(bodies[0] if len(bodies) == 1 else bodies, as_json, lambda _: out.print("\n".join(map(_moved, bodies))))
        return
    asked: dict[str, Any] = {"by": by}
    if accept_difference is not None:
        asked["accept_difference"] = accept_difference
    if len(metrics) == 1:
        _one(settings, metrics[0], {**asked, "backend": to}, as_json)
        return
    wanted = {**asked, "routes": dict.fromkeys(metrics, to)}
    body = call(settings, "PUT", "/v1/routes", wanted, timeout_seconds=_TIMEOUT_SECONDS)

    def show(found: Any) -> None:
        for each in found["outcomes"]:
            word = f"served by {each['backend']}" if each["flipped"] else "stays where it is"
            out.print(f"{each['metric_id']}: {word}; {each['reason']}" + (f" ({each['mend']})" if each["mend"] else ""))

    print_body(body, as_json, show)
    raise typer.Exit(0 if all(each["flipped"] for each in body["outcomes"]) else 1)


def _one(settings: Any, metric: str, asked: dict[str, Any], as_json: bool) -> None:
    try:
        body = call(settings, "PUT", f"/v1/routes/{quote(metric, safe='')}", asked, timeout_seconds=_TIMEOUT_SECONDS)
    except Answered as refused:
        if refused.body.get("kind") != "route_differs":
            raise
        print_body(refused.body, as_json, _stays)
        raise typer.Exit(1) from refused
    print_body(body, as_json, lambda each: out.print(_moved(each)))


def _stays(problem: Any) -> None:
    if problem.get("comparison"):
        show_comparison(problem["comparison"])
    out.print(problem["detail"] + (f" ({problem['mend']})" if problem["mend"] else ""))


def _moved(body: Any) -> str:
    pending = body["pending"]
    if pending is not None and pending["state"] == "waiting":
        return f"{body['metric_id']}: {body['backend']} keeps serving; {pending['reason']} ({pending['mend']})"
    return f"{body['metric_id']}: {body['backend']}, epoch {body['epoch']}, {body['parity']['standing']}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "the command line"


def show_comparison(body: Any) -> None:
    """The verdict, the grains, and the groups that hold most of the gap."""
    out.print(f"{body['metric_id']}: {_WORDS[body['verdict']]}. {body['reason']}")
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("grain", "verdict", "groups", "differing", "gap"):
        table.add_column(name, justify="left" if name in ("grain", "verdict") else "right")
    for each in body["grains"]:
        gap = each["gap"] if each["verdict"] == "differs" else ""
        table.add_row(each["grain"], each["reason"] or _WORDS[each["verdict"]], str(each["rows"]),
                      str(each["differing"]), gap)  # fmt: skip
    out.print(table)
    explained = body["explained_by"]
    if explained:
        out.print(f"{explained['share']:.0%} of the gap lies in {explained['grain']}:")
        for each in explained["groups"]:
            key = " / ".join("(empty)" if part is None else str(part) for part in each["key"])
            missing = f"  (missing on {each['missing_on']})" if each["missing_on"] else ""
            out.print(f"  {key}: {body['from']} {each['from']}, {body['to']} {each['to']}, {each['difference']}{missing}")
    if body["question_key"] and body["windows"]:
        last = f"until its window ends after {body['windows'][0]['until']}, and " if body["windows"][0]["until"] else ""
        out.print(f"It counts for this question {last}while neither side's data move.")
    out.print(f"certificate {body['certificate_id']}, {body['elapsed_ms']:g} ms", style="dim")
