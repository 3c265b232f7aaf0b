"""What a first workspace is read from: the address of a database, or files that are taken into a DuckDB."""

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from assay.backends.survey import survey
from assay.catalog.draft import Draft, draft_workspace
from assay.catalog.found import Found
from assay.engines.duckdb.intake import is_taken_in, take_in
from assay.engines.duckdb.survey import survey_duckdb
from assay.errors import SetupFailed

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """What lies in a database, and how a backend of assay.yaml connects to it."""

    found: Found
    connection: dict[str, str]
    variable: str | None = None
    """The environment variable that holds the address, for a backend that has one."""
    is_set: bool = False
    """Whether the address was read from that variable: then nobody has to set it."""

    def draft(self, now: datetime) -> Draft:
        """Raises SetupFailed where no table can be drafted."""
        draft = draft_workspace(self.found, self.connection, now)
        if not draft.dictionary.tables:
            reasons = "; ".join(f"{each.what}: {each.reason}" for each in draft.left_out[:5])
            raise SetupFailed(
                f"There is no table in {self.found.database} that could be drafted. {reasons}".strip(),
                mend="GRANT SELECT on its tables to the role, or name other schemas",
            )
        return draft


async def read_database(source: str, schemas: Sequence[str], tell: Tell) -> Source:
    """`source`: an address, `env:NAME` or the path of a DuckDB file. Raises SetupFailed with the mend."""
    address, named = address_of(source)
    found, reader = await survey(address, schemas, tell)
    variable, connection = reader.connection(address, found)
    if variable and named:
        variable, connection = named, {key: value.replace(variable, named) for key, value in connection.items()}
    return Source(found, connection, variable, is_set=variable is not None and variable == named)


async def read_files(path: Path, into: Path, kept: Path, schemas: Sequence[str], tell: Tell) -> Source:
    """Fill the new DuckDB file `into`, which will be kept as `kept`. Raises SetupFailed with the mend."""
    links = await asyncio.to_thread(take_in, path, into, tell)
    found = await asyncio.to_thread(survey_duckdb, into, schemas, tell, links)
    return Source(found, {"path": str(kept)})


def file_meant(source: str) -> Path | None:
    """The file or folder that is to be taken in; None where the source is an address. Raises SetupFailed with the mend."""
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
    return (source, None) if "://" in source else (duckdb_address(Path(source).expanduser().resolve()), None)


def duckdb_address(path: Path) -> str:
    return f"duckdb://{quote(str(path))}"
