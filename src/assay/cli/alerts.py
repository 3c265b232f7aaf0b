"""`assay alerts`: how alerts stand, a message to try a channel, and what one would have said in the past."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.client import call
from assay.cli.show import AsJson, out, print_body
from assay.settings import read_settings

alerts = typer.Typer(no_args_is_help=True, help="Alerts: how they stand, try a channel, try one on the past.")
Alert = Annotated[str, typer.Argument(help="Its id, as list tells it.")]


@alerts.command("list")
def list_all(as_json: AsJson = False) -> None:
    """How alerts stand, as far as you may see it, and whether their channels are configured."""

    def show(body: Any) -> None:
        for each in body["alerts"]:
            muted = f", muted until {each['muted']['until']}: {each['muted']['reason']}" if each["muted"] else ""
            out.print(f"{each['alert_id']}  {each['state']}{muted}  {each['label']} {each['condition']}")
            for listener in each["listeners"]:
                for line in _listener(listener):
                    out.print(f"    {listener['listener']}: {line}", style="dim")
        if not body["alerts"]:
            out.print("There are no alerts. docs/alerts.md says how to write one.")
        for each in body["channels"]:
            if each["why_not"]:
                out.print(f"channel {each['name']}: {each['why_not']}")

    print_body(call(read_settings(), "GET", "/v1/watches"), as_json, show)


def _listener(listener: Any) -> list[str]:
    if not listener["is_seen"]:
        return ["it sees other rows than you, or was not checked yet"]
    if listener["fired"]:
        return [f"{each['sentence']} Since {each['fired_at']}, receipt {each['receipt_id']}" for each in listener["fired"]]
    if listener["unknown"]:
        return [f"nothing can be said: {listener['unknown']}"]
    return [f"checked at {listener['checked_at']}, receipt {listener['receipt_id']}"]


@alerts.command()
def test(channel: Annotated[str, typer.Argument(help="The name of a channel.")], as_json: AsJson = False) -> None:
    """Send a message to a channel that holds nothing of any data."""
    body = call(read_settings(), "POST", f"/v1/watches/channels/{quote(channel, safe='')}/test", {})
    print_body(
        body, as_json, lambda each: out.print(f"{each['message_id']} is on its way; the page of alerts says how it went.")
    )


@alerts.command("try")
def try_it(alert: Alert, as_json: AsJson = False) -> None:
    """What it would have said in the last 90 days."""
    body = call(read_settings(), "POST", f"/v1/watches/{quote(alert, safe='')}/try", {})

    def show(each: Any) -> None:
        out.print(each["text"])
        for point in each["points"]:
            if point["spoke"]:
                value = f"  {point['value']}" if point["value"] is not None else f"  {point['holding']} groups"
                out.print(f"    {point['at']}{value}")

    print_body(body, as_json, show)
