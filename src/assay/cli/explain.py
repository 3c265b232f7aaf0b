"""`assay explain`: why a figure changed, in sentences and by its parts."""

from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.catalog.amounts import signed_amount, value_amount
from assay.cli.client import call
from assay.cli.query import By, Compare, Param, Segment, Where, Window, asked_in_options, said_in
from assay.cli.show import AsJson, out, print_body
from assay.settings import read_settings

_PARTS = {"volume": "volume", "mix": "mix", "rate": "rate", "group": "", "others": "all others"}


def explain(
    metric: str,
    by: By = None,
    where: Where = None,
    segment: Segment = None,
    param: Param = None,
    window: Window = None,
    compare: Compare = None,
    divisions: Annotated[bool, typer.Option("--divisions", help="Print every division of the change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Why a figure changed: what groups, volume, mix and rate did, together the whole change."""
    asked = asked_in_options(None, where, window, segments=segment, parameters=said_in(param), compare=compare)
    del asked["dimensions"]
    body = call(read_settings(), "POST", f"/v1/metrics/{quote(metric, safe='')}/explain", {**asked, "by": by or []})
    print_body(body, as_json, lambda told: _show(told, every=divisions))


def _show(told: Any, *, every: bool) -> None:
    from rich.table import Table

    for sentence in told["text"]:
        out.print(sentence)
    if told["steps"]:
        table = Table(box=None, pad_edge=False)
        table.add_column("part")
        table.add_column(" · ".join(told["by"]))
        for title in ("was", "is", "did"):
            table.add_column(title, justify="right")
        for step in told["steps"]:
            table.add_row(*_row(_PARTS[step["kind"]], step, told["unit"]))
        out.print(table)
    for division in told["divisions"] if every or told["kind"] == "groups" else []:
        table = Table(title=" × ".join(division["dimensions"]), box=None, pad_edge=False, title_justify="left")
        for title in ("", "", "was", "is", "did"):
            table.add_column(title, justify="right" if title else "left")
        for group in division["groups"]:
            table.add_row(*_row("new" if group["is_new"] else "gone" if group["is_gone"] else "", group, told["unit"]))
        out.print(table)
    for each in told["left_out"]:
        out.print(f"left out: {each['dimension']}: {each['reason']}", style="dim")
    out.print(f"{told['backend']}, {told['statements']} questions, receipt {told['receipt_id']}", style="dim")


def _row(what: str, part: Any, unit: str) -> list[str]:
    key = " · ".join("(none)" if each is None else str(each) for each in part["key"])
    was, now = (_value(each, unit) for each in (part["before"], part["now"]))
    amount = "" if part["amount"] is None else signed_amount(Decimal(str(part["amount"])), unit)
    return [what, key, was, now, amount]


def _value(value: Any, unit: str) -> str:
    """Exact values as they are, rates as their unit is written."""
    if value is None or not isinstance(value, float):
        return "" if value is None else str(value)
    return value_amount(Decimal(str(value)), unit)
