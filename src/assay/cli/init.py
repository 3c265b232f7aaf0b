"""`assay init`: a first workspace from a database that nobody here designed.

What takes long to import is imported where it is used: every other command would wait for it too.
"""

import os
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

_SHOWN = 12
"""So many lines of each kind are printed; all of them stand in the body of --json."""


def init(
    source: Annotated[str, typer.Option("--from", help="postgresql://... or duckdb:///path/to/file.duckdb")],
    into: Annotated[Path | None, typer.Option(help="The folder to write; default the database's name.")] = None,
    schema: Annotated[list[str] | None, typer.Option(help="Only this schema; may be given several times.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the body instead of lines.")] = False,
) -> None:
    """Write a first workspace by reading a database. It is only read, and an existing folder is never written over."""
    import asyncio

    from assay.cli.show import err, out, print_body

    made = asyncio.run(
        make_workspace(source, into, schema or [], datetime.now(UTC), lambda line: err.print(line, style="dim"))
    )
    print_body(made.body(), as_json, lambda _: out.print("\n".join(made.lines())))
    raise typer.Exit(1 if made.findings else 0)


@dataclass(frozen=True)
class Made:
    """A workspace that was written, and what there is to say about it."""

    folder: Path
    variable: str | None
    """The environment variable that holds the address, for a backend that has one."""
    draft: "Draft"
    findings: list[str]
    """What validation found in it: nothing, or the draft has a bug."""

    def counts(self) -> dict[str, int]:
        tables = self.draft.dictionary.tables.values()
        return {
            "tables": len(tables), "columns": sum(len(table.columns) for table in tables),
            "joins": len(self.draft.dictionary.joins), "metrics": len(self.draft.starter.metric_ids),
        }  # fmt: skip

    def next(self) -> list[str]:
        setting = [f"export {self.variable}='the address that you gave --from'"] if self.variable else []
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
        lines = [f"{self.folder}: {said}", ""]
        reasons: dict[str, list[str]] = {}
        for each in self.draft.left_out:
            reasons.setdefault(each.reason, []).append(each.what)
        lines += _listed("Left out", [f"{', '.join(what)}: {reason}" for reason, what in reasons.items()])
        lines += _listed(
            "Marked as personal data by their names; look these over, and for others", list(self.draft.personal)
        )
        lines += _listed("Guessed; look these over", [
            "Labels, definitions, units, time columns and which numbers add up: from names alone, in metrics/.",
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
    from assay.catalog.draft import draft_workspace

    if into is not None:
        refuse_filled(into)
    found, reader = await survey(source, schemas, tell)
    variable, connection = reader.connection(source, found)
    draft = draft_workspace(found, connection, now)
    if not draft.dictionary.tables:
        reasons = "; ".join(f"{each.what}: {each.reason}" for each in draft.left_out[:5])
        raise SetupFailed(
            f"There is no table in {found.database} that could be drafted. {reasons}".strip(),
            mend="GRANT SELECT on its tables to the role, or name other schemas",
        )
    folder = (into or Path(draft.name)).expanduser().absolute()
    refuse_filled(folder)
    write_files(folder, draft.files)
    return Made(folder, variable, draft, await _findings(folder))


def refuse_filled(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if os.path.lexists(folder):
        what = "is not empty" if folder.is_dir() else "is not a folder"
        raise SetupFailed(f"{folder} {what}, and nothing is written over.", mend="name another folder with --into")


def write_files(folder: Path, files: dict[str, str]) -> None:
    """All of them or none: beside the folder first, then renamed."""
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        for name, text in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        # An empty folder may be replaced so; one that somebody has filled meanwhile may not.
        os.rename(fresh, folder)
    except OSError as error:
        raise SetupFailed(
            f"{folder} cannot be written: {error.strerror}.", mend="name a folder with --into that can be written"
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


async def _findings(folder: Path) -> list[str]:
    from assay.live.validation import validate

    return [str(each) for each in (await validate(folder, {})).findings]
