"""`assay people`: invite somebody, list everybody, change what they may do, and give a new link."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.client import call, server_of
from assay.cli.show import AsJson, out, print_body
from assay.errors import BadQuestion
from assay.settings import read_settings

people = typer.Typer(no_args_is_help=True, help="People: invite some, list everybody, say what they may do.")
Person = Annotated[str, typer.Argument(help="Their email address, or their id.")]
_ROLES = "viewer, editor, operator, steward or admin; several where they are to hold several."


@people.command()
def invite(
    email: Person,
    role: Annotated[list[str] | None, typer.Option(help=_ROLES, show_default="viewer")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a link with which they choose a password, once, within seven days."""
    body = call(read_settings(), "POST", "/v1/people", {"email": email, "roles": role or ["viewer"]})
    print_body(body, as_json, _show_link)


@people.command("list")
def list_people(as_json: AsJson = False) -> None:
    """List everybody, those who are disabled too."""

    def show(body: Any) -> None:
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for name in ("email", "roles", "state", "sessions", "let in by"):
            table.add_column(name, no_wrap=name == "email")
        for each in body["people"]:
            table.add_row(each["email"], ", ".join(each["roles"]), each["state"], str(each["sessions"]), each["created_by"])
        out.print(table)

    print_body(call(read_settings(), "GET", "/v1/people"), as_json, show)


@people.command()
def role(
    email: Person, roles: Annotated[list[str], typer.Argument(metavar="ROLE...", help=_ROLES)], as_json: AsJson = False
) -> None:
    """Give them these roles, in the place of those they had."""
    _change(email, {"roles": roles}, as_json, lambda each: f"{each['email']} has {', '.join(each['roles'])} now.")


@people.command()
def groups(
    email: Person,
    add: Annotated[list[str] | None, typer.Option(help="Policies know it as people:NAME.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="Out of this group.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put them into groups, or out of some, for policies to read."""
    listed = call(read_settings(), "GET", "/v1/people")["people"]
    known = next((each["groups"] for each in listed if email.strip().lower() in (each["email"], each["person_id"])), [])
    wanted = sorted({*known, *(add or [])} - set(remove or []))
    _change(email, {"groups": wanted}, as_json, lambda each: _listed(each["email"], "is in", each["groups"]))


@people.command()
def claims(
    email: Person,
    values: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="All there are; one name may stand twice.")],
    as_json: AsJson = False,
) -> None:
    """Say what policies read of them as claims, in the place of what was said."""
    said: dict[str, list[str]] = {}
    for each in values:
        name, is_said, value = each.partition("=")
        if not is_said:
            raise BadQuestion(f"{each!r} says no value.", mend="write for instance  regions=West")
        said.setdefault(name, []).extend([value] if value else [])
    _change(email, {"claims": said}, as_json, lambda each: _listed(
        each["email"], "has", [f"{name} {', '.join(found)}" for name, found in each["claims"].items()]
    ))  # fmt: skip


@people.command()
def disable(email: Person, as_json: AsJson = False) -> None:
    """They are signed out everywhere within a second, and their keys stop."""
    _change(email, {"disabled": True}, as_json, lambda each: f"{each['email']} is not let in any more.")


@people.command()
def enable(email: Person, as_json: AsJson = False) -> None:
    """They may sign in again, with the password they had."""
    _change(email, {"disabled": False}, as_json, lambda each: f"{each['email']} may sign in again.")


@people.command()
def reset(email: Person, as_json: AsJson = False) -> None:
    """End their password and their sessions, and print a link with which they choose another within a day."""
    print_body(call(read_settings(), "POST", f"/v1/people/{quote(email, safe='')}/reset"), as_json, _show_link)


def _listed(email: str, verb: str, things: list[str]) -> str:
    return f"{email} {verb} {', '.join(things) or 'nothing'} now."


def _change(email: str, change: dict[str, Any], as_json: bool, said: Any) -> None:
    body = call(read_settings(), "PATCH", f"/v1/people/{quote(email, safe='')}", change)
    print_body(body, as_json, lambda each: out.print(said(each)))


def _show_link(each: Any) -> None:
    out.print(f"{each['email']} has {', '.join(each['roles'])}. The link works once, and is shown this once:")
    print(each["link"] if "://" in each["link"] else server_of(read_settings()).url + each["link"])
