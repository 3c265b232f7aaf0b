"""`assay reports`: which there are and who gets them, one sent now, and a dry run into a folder."""

import base64
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.client import call
from assay.cli.show import AsJson, out, print_body
from assay.settings import read_settings

reports = typer.Typer(no_args_is_help=True, help="Reports: which there are, who gets them, send one now, a dry run.")
Report = Annotated[str, typer.Argument(help="Its id, as list tells it.")]


@reports.command("list")
def list_all(as_json: AsJson = False) -> None:
    """Reports, when they are sent, and who gets what: all of it for those who manage."""

    def show(body: Any) -> None:
        for each in body["reports"]:
            due = f", next at {each['due_at']}" if each["due_at"] else ""
            out.print(f"{each['report_id']}  {each['label']}: {each['when']}{due}")
            for reader in each["readers"]:
                out.print(f"    {reader['reader']}: {_reader(reader)}", style="dim")
            if each["others"]:
                out.print(f"    and {each['others']} more", style="dim")
        if not body["reports"]:
            out.print("There are no reports. docs/reports.md says how to write one.")
        if body["why_not"]:
            out.print(f"none can be sent: {body['why_not']}")

    print_body(call(read_settings(), "GET", "/v1/reports"), as_json, show)


def _reader(reader: Any) -> str:
    if not reader["wants"]:
        return "has left it"
    if reader["sent_at"]:
        trouble = f" ({reader['why_not']})" if reader["why_not"] else ""
        return f"{reader['state'] or 'sent'} at {reader['sent_at']}{trouble}"
    return f"was not sent the last one: {reader['why_not']}" if reader["why_not"] else "was sent none yet"


@reports.command()
def test(
    report: Report,
    channel: Annotated[str | None, typer.Argument(help="A channel that it tells; left out: you.")] = None,
    as_json: AsJson = False,
) -> None:
    """Send it now: to you, or to a channel that it tells."""
    body = call(read_settings(), "POST", f"/v1/reports/{quote(report, safe='')}/test", {"channel": channel})
    print_body(body, as_json, lambda each: out.print(f"{each['message_id']} is on its way to {each['reader']}."))


@reports.command("try")
def try_it(
    report: Report,
    folder: Annotated[Path, typer.Option("--out", help="Where the mail and its files are written.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """A dry run: the mail as you would get it now, written as files. Nothing is sent."""
    body = call(read_settings(), "POST", f"/v1/reports/{quote(report, safe='')}/try", {}, timeout_seconds=180)

    def show(each: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        written = {f"{report}.html": each["html"].encode(), f"{report}.txt": each["plain"].encode()}
        written |= {file["name"]: base64.b64decode(file["content"]) for file in each["files"]}
        for name, content in written.items():
            (folder / name).write_bytes(content)
            out.print(str(folder / name))
        for late in each["late"]:
            out.print(f"late: {late}")

    print_body(body, as_json, show)
