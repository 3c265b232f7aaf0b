"""`assay access`: which policies are in force, what somebody sees by them and why, and the cases that the files carry."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.client import call
from assay.cli.show import AsJson, finding_line, out, print_body
from assay.settings import read_settings

access = typer.Typer(no_args_is_help=True, help="Who sees which rows: the policies of the workspace's access/.")


@access.command()
def show(as_json: AsJson = False) -> None:
    """Say which policies are in force, and which were before."""

    def shown(body: Any) -> None:
        out.print(body["sentence"])
        for each in body["findings"]:
            out.print(f"  {finding_line(each)}")
        for each in body["revisions"]:
            out.print(f"  {each['number']}  {each['digest'][:12]}  {each['put_at']}  {each['put_by']}")

    print_body(call(read_settings(), "GET", "/v1/access"), as_json, shown)


@access.command()
def explain(
    who: Annotated[str, typer.Argument(help="Their email address or id; me, local or token.")],
    metric: Annotated[str, typer.Argument(help="The metric's id.")],
    as_json: AsJson = False,
) -> None:
    """Say what somebody sees of a metric just now, and which policies say so."""

    def shown(body: Any) -> None:
        out.print(body["sentence"])
        for each in body["policies"]:
            out.print(f"  {each['file']}:{each['line']} {each['reason']}")
        for name, values in body["attributes"].items():
            out.print(f"  {name} = {', '.join(values) or 'not known'}")

    path = f"/v1/access/explain?who={quote(who, safe='')}&metric={quote(metric, safe='')}"
    print_body(call(read_settings(), "GET", path), as_json, shown)


@access.command("test")
def run_cases(as_json: AsJson = False) -> None:
    """Hold the cases that the policy files carry against the files, as they lie here; no server is asked."""
    from assay.catalog.workspace import load_workspace
    from assay.people.explained import failure_of
    from assay.people.policy_files import read_folder, read_policies
    from assay.people.providers import read_identity

    settings = read_settings()
    providers = read_identity(settings.identity).domains if settings.identity else None
    policies, findings = read_policies(read_folder(settings.workspace), load_workspace(settings.workspace), providers)
    cases = policies.cases if policies else ()
    failed = [str(each) for each in findings]
    failed += [f"{each.file}:{each.line}: {why}" for each in cases if policies and (why := failure_of(policies, each))]

    def shown(body: Any) -> None:
        for each in body["failed"]:
            out.print(each)
        out.print(f"{body['cases']} cases, {len(body['failed'])} failed.")

    print_body({"cases": len(cases), "failed": failed}, as_json, shown)
    if failed:
        raise typer.Exit(1)


@access.command()
def confirm(
    digest: Annotated[str | None, typer.Option(help="Of the text that is meant, as `assay access show` names it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put the policies in force as they lie in the server's folder, though they were in force before."""
    body = call(read_settings(), "POST", "/v1/access/confirm", {"digest": digest} if digest else {})
    print_body(body, as_json, lambda each: out.print(each["sentence"]))
