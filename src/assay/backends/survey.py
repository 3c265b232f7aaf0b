"""What lies in a database that nobody here designed: read in read-only transactions, with SELECT rights and nothing else.

One file a driver does the reading (`survey_postgres`, `survey_duckdb`); `surveying` is what they do alike.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from assay.backends.surveying import Tell
from assay.catalog.found import Found
from assay.errors import SetupFailed


async def survey(url: str, schemas: Sequence[str], tell: Tell) -> Found:
    """Read the database at `url`, all of its schemas or only these. Raises SetupFailed with the mend."""
    scheme = url.partition("://")[0]
    if scheme in ("postgresql", "postgres"):
        from assay.backends.survey_postgres import survey_postgres

        return await survey_postgres(url, schemas, tell)
    if scheme == "duckdb":
        from assay.backends.survey_duckdb import survey_duckdb

        return await asyncio.to_thread(survey_duckdb, file_of(url), schemas, tell)
    raise SetupFailed(
        f"Assay cannot read from {scheme[:20]!r}." if "://" in url else "That is no address of a database.",
        mend="write postgresql://USER@HOST:PORT/DATABASE or duckdb:///path/to/file.duckdb",
    )


def file_of(url: str) -> Path:
    """The file of a `duckdb://` address. One that is not there is looked for below the working folder too."""
    parts = urlsplit(url)
    path = Path(unquote(parts.netloc + parts.path)).expanduser()
    if not path.exists() and Path(str(path).lstrip("/")).exists():
        path = Path(str(path).lstrip("/"))
    if not path.is_file():
        raise SetupFailed(f"There is no file {path}.", mend="write duckdb:///path/to/file.duckdb")
    return path.resolve()
