"""What may be surveyed from the page: only what whoever runs this server has named, never an address typed there.

Backends of assay.yaml, databases whose address stands in a variable of ASSAY_CONNECTIONS, files in the folder ASSAY_FILES.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assay.backends.survey import can_be_surveyed
from assay.catalog.spelling import slug, spoken
from assay.catalog.workspace import BackendSettings, Workspace
from assay.engines.duckdb.intake import is_taken_in
from assay.errors import NotFound, SetupFailed
from assay.settings import Settings
from assay.setup.source import Source, Tell, duckdb_address, read_database, read_files

Kind = Literal["backend", "variable", "file"]
MOST_FILES = 200
MOST_BYTES = 1_000_000_000
"""Of one file: what is larger is taken in where there is time for it, by `assay init --from`."""


@dataclass(frozen=True)
class Connection:
    """`address` may hold a secret: it is never shown, logged or kept."""

    connection_id: str
    kind: Kind
    label: str
    said: str
    """What it is, for people."""
    address: str | Path | None = None
    problem: str | None = None
    """Why it cannot be read now."""
    mend: str | None = None

    def __repr__(self) -> str:
        return f"Connection({self.connection_id!r})"

    @property
    def name(self) -> str:
        return self.connection_id.partition(":")[2]

    async def read(self, taken_into: Path, tell: Tell) -> Source:
        """`taken_into`: where the rows of a file go. Raises SetupFailed with the mend."""
        if self.problem is not None or self.address is None:
            raise SetupFailed(self.problem, mend=self.mend)
        if isinstance(self.address, Path):
            taken_into.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            source = await read_files(self.address, taken_into, taken_into, (), tell)
            await asyncio.to_thread(taken_into.chmod, 0o600)
            return source
        return await read_database(self.address, (), tell)


def connections(
    workspace: Workspace, home: Path, settings: Settings, environment: Mapping[str, str] = os.environ
) -> list[Connection]:
    """In the order in which they are offered. Looks at the folder of files, so it belongs aside."""
    found = [_backend(each, home) for each in workspace.backends.values() if each.values.get("url") != "embedded"]
    known = {each.address for each in found}
    for name in settings.connections:
        address = environment.get(name)
        if address is not None and address in known:
            continue
        problem, mend = (None, None) if address else (f"{name} is not set.", f"set {name} where this server is started")
        if address and not can_be_surveyed(address):
            problem, mend = f"{name} holds no address that Assay can survey.", "write postgresql://... or duckdb:///..."
        said = f"A database whose address {name} holds"
        label = spoken(slug(name, "database").removesuffix("_url").removesuffix("_database"))
        found.append(Connection(f"variable:{name}", "variable", label, said, f"env:{name}", problem, mend))
    return found + (_files(settings.files) if settings.files else [])


def connection_of(connection_id: str, offered: list[Connection]) -> Connection:
    """Raises NotFound: what nobody has named is not read."""
    for each in offered:
        if each.connection_id == connection_id:
            return each
    raise NotFound(
        f"There is no connection {connection_id[:80]!r}.",
        mend="name it in assay.yaml, in ASSAY_CONNECTIONS or in the folder ASSAY_FILES, where this server runs",
    )


def _backend(settings: BackendSettings, home: Path) -> Connection:
    connection_id, said = f"backend:{settings.name}", f"The backend {settings.name} of assay.yaml, by {settings.driver}"
    problem = mend = address = None
    if settings.missing:
        problem, mend = f"{settings.missing[0]} is not set.", f"set {settings.missing[0]} where this server is started"
    elif settings.driver == "duckdb" and settings.values.get("path"):
        path = settings.file_in(home)
        address = duckdb_address(path)
        if not path.is_file():
            problem, mend = f"There is no file {path.name}.", "put it where assay.yaml says"
    elif can_be_surveyed(settings.values.get("url", "")):
        address = settings.values["url"]
    else:
        problem, mend = f"{settings.driver} cannot be surveyed.", "write its tables into data-dictionary/ by hand"
    return Connection(connection_id, "backend", spoken(settings.name), said, address, problem, mend)


def _files(folder: Path) -> list[Connection]:
    """Files that lie in the folder, and folders of files, which are one database each; no link leads out of it."""
    try:
        listed = sorted(each for each in folder.iterdir() if not each.name.startswith(".") and not each.is_symlink())
    except OSError:
        return []
    return [_file(each) for each in listed if is_taken_in(each)][:MOST_FILES]


def _file(path: Path) -> Connection:
    parts = [path] if path.is_file() else [each for each in path.iterdir() if each.is_file()]
    linked = next((each for each in parts if each.is_symlink()), None)
    size, what = sum(each.lstat().st_size for each in parts), "file" if path.is_file() else "folder"
    problem = mend = None
    if linked is not None:
        problem, mend = f"{linked.name} is a link.", "put the file itself there"
    elif size > MOST_BYTES:
        problem, mend = f"{path.name} is larger than 1 GB.", f"take it in beside the server: assay init --from {path.name}"
    said = f"A {what} of {size / 1_000_000:,.1f} MB" if size >= 100_000 else f"A {what} of {max(size // 1_000, 1):,} kB"
    return Connection(f"file:{path.name}", "file", path.name, said, path, problem, mend)
