"""`assay init`: a first workspace from a database that nobody here designed.

What takes long to import is imported where it is used: every other command would wait for it too.
"""

import os
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.errors import SetupFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assay.catalog.draft import Draft
    from assay.catalog.found import Found

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
    from assay.backends.survey import survey

    if into is not None:
        refuse_filled(into)
    path = file_meant(source)
    if path is not None:
        return await _from_files(path, into, schemas, now, tell)
    source, named = address_of(source)
    found, reader = await survey(source, schemas, tell)
    variable, connection = reader.connection(source, found)
    if variable and named:
        variable, connection = named, {key: value.replace(variable, named) for key, value in connection.items()}
    draft = _drafted(found, connection, now)
    folder = (into or Path(draft.name)).expanduser().absolute()
    refuse_filled(folder)
    write_files(folder, draft.files)
    return Made(
        folder, variable, draft, is_set=variable is not None and variable == named, findings=await findings_in(folder)
    )


def _drafted(found: "Found", connection: dict[str, str], now: datetime) -> "Draft":
    from assay.catalog.draft import draft_workspace

    draft = draft_workspace(found, connection, now)
    if not draft.dictionary.tables:
        reasons = "; ".join(f"{each.what}: {each.reason}" for each in draft.left_out[:5])
        raise SetupFailed(
            f"There is no table in {found.database} that could be drafted. {reasons}".strip(),
            mend="GRANT SELECT on its tables to the role, or name other schemas",
        )
    return draft


async def _from_files(
    path: Path, into: Path | None, schemas: "Sequence[str]", now: datetime, tell: "Callable[[str], None]"
) -> Made:
    """What the files hold is taken into a DuckDB that lies in the workspace."""
    import asyncio
    from tempfile import TemporaryDirectory

    from assay.catalog.spelling import slug
    from assay.engines.duckdb.intake import take_in
    from assay.engines.duckdb.survey import survey_duckdb

    name = slug(path.name.partition(".")[0], "data")[:40]
    folder = (into or Path(name)).expanduser().absolute()
    refuse_filled(folder)
    if "${" in str(folder):
        raise SetupFailed("The folder's path holds ${, which assay.yaml would fill in.", mend="name another with --into")
    with TemporaryDirectory() as kept:
        file = Path(kept) / f"{name}.duckdb"
        links = await asyncio.to_thread(take_in, path, file, tell)
        found = await asyncio.to_thread(survey_duckdb, file, schemas, tell, links)
        draft = _drafted(found, {"path": str(folder / file.name)}, now)
        write_files(folder, draft.files, [file])
    return Made(folder, None, draft, is_set=False, findings=await findings_in(folder))


def file_meant(source: str) -> Path | None:
    """The file or folder that is to be taken in; None where the source is an address. Raises SetupFailed with the mend."""
    from assay.engines.duckdb.intake import is_taken_in

    if "://" in source or source.startswith("env:"):
        return None
    path = Path(source).expanduser()
    if not path.exists():
        raise SetupFailed(
            f"There is no file {source[:200]!r}.",
            mend="write the path of a file, postgresql://..., duckdb:///... or env:NAME",
        )
    return path.resolve() if is_taken_in(path) else None


def address_of(source: str) -> tuple[str, str | None]:
    """The address, and the variable that was named for it."""
    if source.startswith("env:"):
        name = source.removeprefix("env:")
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            raise SetupFailed(
                f"{name[:60]!r} is not a variable that assay.yaml can name.", mend="use capitals, digits and _"
            )
        if not os.environ.get(name):
            raise SetupFailed(f"{name} is not set.", mend=f"export {name}='postgresql://...'")
        return os.environ[name], name
    if "://" not in source:
        from urllib.parse import quote

        return f"duckdb://{quote(str(Path(source).expanduser().resolve()))}", None
    return source, None


def _has_password(source: str) -> bool:
    from urllib.parse import urlsplit

    try:
        return bool(urlsplit(source).password)
    except ValueError:
        return False


def refuse_filled(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if os.path.lexists(folder):
        what = "is not empty" if folder.is_dir() else "is not a folder"
        raise SetupFailed(f"{folder} {what}, and nothing is written over.", mend="name another folder with --into")


def write_files(folder: Path, files: dict[str, str], moved: "Sequence[Path]" = ()) -> None:
    """All of them or none: beside the folder first, then renamed. `moved`: files that go into it."""
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        for name, text in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        for path in moved:
            shutil.move(path, fresh / path.name)
        # An empty folder may be replaced so; one that somebody has filled meanwhile may not.
        os.rename(fresh, folder)
    except OSError as error:
        raise SetupFailed(
            f"{folder} cannot be written: {error.strerror}.", mend="name a folder with --into that can be written"
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


async def findings_in(folder: Path) -> list[str]:
    from assay.live.validation import validate

    return [str(each) for each in (await validate(folder, {})).findings]
