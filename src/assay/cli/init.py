"""`assay init`: a first workspace from a database that nobody here designed.

What takes long to import is imported where it is used: every other command would wait for it too.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.errors import SetupFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.catalog.draft import Draft

_SHOWN = 12
"""So many lines of each kind are printed; all of them stand in the body of --json."""


def init(
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="env:NAME of a variable with the address, an address, or a file: CSV, Parquet, Excel, SQLite, DuckDB;"
            " left out, the address is asked for, unseen.",
        ),
    ] = None,
    into: Annotated[Path | None, typer.Option(help="The folder to write; default the database's name.")] = None,
    more: Annotated[bool, typer.Option("--more", help="Add the metrics behind the first ones to --into.")] = False,
    refresh: Annotated[
        bool,
        typer.Option("--refresh", help="Show what has changed in the database as a diff of --into, and ask to write it."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --refresh: write it without asking.")] = False,
    schema: Annotated[list[str] | None, typer.Option(help="Only this schema; may be given several times.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the body instead of lines.")] = False,
) -> None:
    """Write a first workspace by reading a database or a file. It is only read, and no folder is ever written over."""
    import asyncio

    from assay.cli.show import err, out, print_body

    def tell(line: str) -> None:
        err.print(line, style="dim")

    if more:
        from assay.cli.more import add_more

        added = asyncio.run(add_more((into or Path.cwd()).absolute(), datetime.now(UTC), tell))
        print_body(added.body(), as_json, lambda _: out.print("\n".join(added.lines())))
        raise typer.Exit(1 if added.findings else 0)
    if refresh:
        _refresh((into or Path.cwd()).absolute(), tell, as_json=as_json, yes=yes)
    if source is None:
        source = str(typer.prompt("Address of the database", hide_input=True))
    elif _has_password(source):
        err.print(
            "The address has a password, and arguments are seen by everybody on this machine and kept by the shell."
            " Write --from env:NAME, or leave --from out and be asked."
        )
    made = asyncio.run(make_workspace(source, into, schema or [], datetime.now(UTC), tell))
    print_body(made.body(), as_json, lambda _: out.print("\n".join(made.lines())))
    raise typer.Exit(1 if made.findings else 0)


def _refresh(folder: Path, tell: "Callable[[str], None]", *, as_json: bool, yes: bool) -> None:
    """Raises typer.Exit: 0 where nothing changed or it was written, 1 where it was left, or is wrong now."""
    import asyncio

    from assay.cli.refresh import propose
    from assay.cli.show import out, print_body

    proposal = asyncio.run(propose(folder, datetime.now(UTC), tell))
    if not as_json:
        out.print("\n".join(proposal.told) or "Nothing has changed in the database that the workspace would have to follow.")
        out.print(proposal.diff(), markup=False, highlight=False)
    is_taken = bool(proposal.files) and (yes or (not as_json and typer.confirm("Write this?")))
    findings = asyncio.run(proposal.take()) if is_taken else []
    body = {**proposal.body(), "written": is_taken, "findings": findings}
    print_body(body, as_json, lambda _: out.print("\n".join(findings)) if findings else None)
    raise typer.Exit(1 if findings or (proposal.files and not is_taken) else 0)


@dataclass(frozen=True)
class Made:
    """A workspace that was written, and what there is to say about it."""

    folder: Path
    variable: str | None
    """The environment variable that holds the address, for a backend that has one."""
    draft: "Draft"
    is_set: bool
    """Whether the address was read from that variable: then nobody has to set it."""
    findings: list[str]
    """What validation found in it: nothing, or the draft has a bug."""

    def counts(self) -> dict[str, int]:
        tables = self.draft.dictionary.tables.values()
        return {
            "tables": len(tables), "columns": sum(len(table.columns) for table in tables),
            "joins": len(self.draft.dictionary.joins), "metrics": len(self.draft.starter.metric_ids),
        }  # fmt: skip

    def next(self) -> list[str]:
        is_missing = self.variable is not None and not self.is_set
        setting = [f"export {self.variable}='the address that you gave --from'"] if is_missing else []
        return [*setting, f"assay up --workspace {_in_shell(self.folder)}"]

    def body(self) -> dict[str, Any]:
        return {
            "folder": str(self.folder), "backend": self.draft.backend, "variable": self.variable, **self.counts(),
            "left_out": [{"what": each.what, "reason": each.reason} for each in self.draft.left_out],
            "personal": list(self.draft.personal), "guessed": list(self.draft.guessed), "findings": self.findings,
            "next": self.next(),
        }  # fmt: skip

    def lines(self) -> list[str]:
        said = ", ".join(f"{number} {name if number != 1 else name[:-1]}" for name, number in self.counts().items())
        lines = [f"{self.folder}: {said}"]
        if self.is_set:
            lines.append(f"The workspace reads the address of the database from {self.variable}, as init did.")
        lines.append("")
        reasons: dict[str, list[str]] = {}
        for each in self.draft.left_out:
            reasons.setdefault(each.reason, []).append(each.what)
        lines += _listed("Left out", [f"{', '.join(what)}: {reason}" for reason, what in reasons.items()])
        lines += _listed(
            "Marked as personal data by their names or values; look these over, and for others", list(self.draft.personal)
        )
        lines += _listed("Guessed; look these over", [
            "Labels, definitions, units, time columns and which numbers add up, in metrics/: from names, types, a sample.",
            *self.draft.guessed,
        ])  # fmt: skip
        lines += _listed("Found wrong in what was drafted, which is a fault of the draft", self.findings)
        return [*lines, "Next:", *(f"  {each}" for each in self.next())]


def _listed(title: str, entries: list[str]) -> list[str]:
    if not entries:
        return []
    more = [f"  and {len(entries) - _SHOWN} more; --json has all of them"] if len(entries) > _SHOWN else []
    return [f"{title}:", *(f"  {each}" for each in entries[:_SHOWN]), *more, ""]


def _in_shell(path: Path) -> str:
    import shlex

    return shlex.quote(os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path))


async def make_workspace(
    source: str, into: Path | None, schemas: "Sequence[str]", now: datetime, tell: "Callable[[str], None]"
) -> Made:
    """Read, draft, write, load and validate. Raises SetupFailed with the mend; then nothing was written."""
    from assay.setup.folder import findings_in, refuse_filled, write_files
    from assay.setup.source import file_meant, read_database

    if into is not None:
        refuse_filled(into)
    path = file_meant(source)
    if path is not None:
        return await _from_files(path, into, schemas, now, tell)
    read = await read_database(source, schemas, tell)
    draft = read.draft(now)
    folder = (into or Path(draft.name)).expanduser().absolute()
    refuse_filled(folder)
    write_files(folder, draft.files)
    return Made(folder, read.variable, draft, read.is_set, await findings_in(folder))


async def _from_files(
    path: Path, into: Path | None, schemas: "Sequence[str]", now: datetime, tell: "Callable[[str], None]"
) -> Made:
    """What the files hold is taken into a DuckDB that lies in the workspace."""
    from tempfile import TemporaryDirectory

    from assay.catalog.spelling import slug
    from assay.setup.folder import findings_in, refuse_filled, write_files
    from assay.setup.source import read_files

    name = slug(path.name.partition(".")[0], "data")[:40]
    folder = (into or Path(name)).expanduser().absolute()
    refuse_filled(folder)
    if "${" in str(folder):
        raise SetupFailed("The folder's path holds ${, which assay.yaml would fill in.", mend="name another with --into")
    with TemporaryDirectory() as kept:
        file = Path(kept) / f"{name}.duckdb"
        draft = (await read_files(path, file, folder / file.name, schemas, tell)).draft(now)
        write_files(folder, draft.files, [file])
    return Made(folder, None, draft, is_set=False, findings=await findings_in(folder))


def _has_password(source: str) -> bool:
    from urllib.parse import urlsplit

    try:
        return bool(urlsplit(source).password)
    except ValueError:
        return False
