"""`assay keys`: make a key for a program, list and revoke them."""

import re
from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.client import call
from assay.cli.show import AsJson, out, print_body
from assay.settings import read_settings

keys = typer.Typer(no_args_is_help=True, help="Keys with which programs ask: Authorization: Bearer assay_...")


@keys.command()
def create(
    name: Annotated[str, typer.Option(help="What it is for.")],
    role: Annotated[str, typer.Option(help="viewer, editor, operator, steward or admin.")] = "viewer",
    expires: Annotated[str, typer.Option(help="Such as 90d, or never.")] = "90d",
    metrics: Annotated[
        str | None, typer.Option(help="Names or patterns, by commas, that it may ask for and nothing else: cost_*.")
    ] = None,
    verbs: Annotated[
        str | None, typer.Option(help="By commas what it may do of its role: see, edit, decide, settle, manage.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make one. It is shown this once: the server keeps a hash of it."""
    days = re.fullmatch(r"(\d{1,4})d", expires)
    if days is None and expires != "never":
        raise typer.BadParameter(f"{expires!r} is no time: write days, such as 90d, or never")
    body = call(read_settings(), "POST", "/v1/keys", {
        "name": name, "role": role, "expires_days": int(days[1]) if days else None,
        "metrics": _listed(metrics), "verbs": _listed(verbs),
    })  # fmt: skip

    def show(each: Any) -> None:
        until = f"until {each['expires_at']}" if each["expires_at"] else "until it is revoked"
        out.print(f"{each['key_id']}  {', '.join(each['roles'])}, {until}. This is shown once:")
        print(each["key"])

    print_body(body, as_json, show)


def _may(each: Any) -> str:
    limits = [f"{name}: {', '.join(each[name])}" for name in ("metrics", "verbs") if each[name]]
    return "; ".join([", ".join(each["roles"]), *limits])


def _listed(text: str | None) -> list[str] | None:
    return None if text is None else [each.strip() for each in text.split(",")]


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List them, newest first."""

    def show(body: Any) -> None:
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for name in ("key", "name", "begins with", "may", "state", "expires", "last used"):
            table.add_column(name, no_wrap=name in ("key", "begins with"))
        for each in body["keys"]:
            table.add_row(each["key_id"], each["name"], each["prefix"], _may(each), each["state"],
                          each["expires_at"] or "never", each["last_used_at"] or "never")  # fmt: skip
        out.print(table)

    print_body(call(read_settings(), "GET", "/v1/keys"), as_json, show)


@keys.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Its id, as assay keys list shows it.")], as_json: AsJson = False
) -> None:
    """It opens nothing any more, from this moment on."""
    body = call(read_settings(), "DELETE", f"/v1/keys/{quote(key, safe='')}")
    print_body(body, as_json, lambda each: out.print(f"{each['key_id']} ({each['name']}) opens nothing any more."))
