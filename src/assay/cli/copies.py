"""All that an Assay holds, written into a folder and put back from one.

DIR/manifest.json      what it is, of which Assay, and the digest of every file
DIR/data/state.dump    the database, in pg_dump's custom format
DIR/data/lakehouse/    each file of DuckDB, by its backend's name
DIR/workspace/         the workspace
DIR/keys/              what receipts are signed with; to be kept apart from the rest
"""

import asyncio
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

import assay
from assay.catalog.workspace import Workspace, load_workspace
from assay.cli.client import running_database
from assay.cli.up import database_for, locked_home, receipt_key, with_database
from assay.errors import SetupFailed
from assay.live.reload import own_tables
from assay.settings import Settings
from assay.store.backup import done_migrations, dump_database, restore_database
from assay.store.database import Database
from assay.store.epoch import begin_epoch, release
from assay.work.files import FileIdentity, identity_of, open_file

_FORMAT = 1
_MANIFEST = "manifest.json"
_UNFINISHED = "restoring"
_TRIES = 3


# -- backing up -----------------------------------------------------------------------------------


def back_up(settings: Settings, folder: Path) -> dict[str, Any]:
    """The manifest, with what was said. Raises SetupFailed; what was begun is taken away then."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SetupFailed(f"{folder} is not empty.", mend="name a folder that is not there yet")
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
    before = os.umask(0o077)
    try:
        with _database(settings) as url:
            manifest = _write(settings, load_workspace(settings.workspace), url, fresh)
        if folder.exists():
            folder.rmdir()
        fresh.rename(folder)
    except OSError as error:
        raise SetupFailed(
            f"{error.filename or folder} cannot be written: {error.strerror}.", mend="free some space"
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        os.umask(before)
    rows = sum(manifest["tables"].values())
    said = [f"{folder}: {len(manifest['tables'])} tables, {rows:,} rows, {len(manifest['files'])} files, read back"]
    return {**manifest, "said": [*said, "keep keys/ apart from the rest: whoever has both can sign receipts"]}


def _write(settings: Settings, workspace: Workspace, url: str, folder: Path) -> dict[str, Any]:
    for name in ("data/lakehouse", "keys"):
        (folder / name).mkdir(parents=True)
    manifest: dict[str, Any] = {
        "format": _FORMAT, "assay": assay.__version__, "made_at": datetime.now(UTC).isoformat(),
        "workspace": workspace.name, "migrations": asyncio.run(done_migrations(url)),
    }  # fmt: skip
    # Files first: what the database says of them later than that is said of the same files or of newer ones.
    _copy_workspace(settings, folder / "workspace")
    lakes = [each for each in workspace.lakes if each.file_in(settings.home).exists()]
    for lake in lakes:
        _copy_file(lake.file_in(settings.home), folder / _lake_file(lake.name))
    manifest["lakehouse"] = {lake.name: {"path": lake.values["path"]} for lake in lakes}
    manifest["tables"] = asyncio.run(dump_database(url, list(own_tables(workspace, url)), folder / "data" / "state.dump"))
    (folder / "keys" / "receipt.key").write_text(receipt_key(settings))
    manifest["files"] = {str(path.relative_to(folder)): digest_of(path) for path in _files(folder)}
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1))
    return manifest


def _copy_workspace(settings: Settings, into: Path) -> None:
    """As it stands at one moment: again, where a file has moved meanwhile."""
    for _ in range(_TRIES):
        before = _looked_at(settings.workspace)
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        for path in before:
            target = into / path.relative_to(settings.workspace)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        if _looked_at(settings.workspace) == before:
            return
    raise SetupFailed(f"{settings.workspace} changes all the time.", mend="try again once nobody edits it")


def _looked_at(root: Path) -> dict[Path, FileIdentity]:
    found: dict[Path, FileIdentity] = {}
    for path in sorted(root.rglob("*")):
        if not any(part.startswith(".") for part in path.relative_to(root).parts) and path.is_file():
            found[path] = identity_of(path)
    return found


def _copy_file(path: Path, into: Path) -> None:
    """A file of DuckDB is replaced, never written: what was opened stays whole. Raises SetupFailed where it is not."""
    for _ in range(_TRIES):
        with open_file(path) as source, into.open("wb") as target:
            before = identity_of(source.fileno())
            shutil.copyfileobj(source, target, 1 << 20)
            after = identity_of(source.fileno())
        if before == after and not _wal(path).exists():
            try:
                with duckdb.connect(str(into), read_only=True) as connection:
                    connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
            except duckdb.Error as error:
                raise SetupFailed(f"The copy of {path} cannot be opened.", mend="mend or remove that file") from error
            return
    raise SetupFailed(f"{path} is being written.", mend="try again once its loader is done")


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


# -- putting back ---------------------------------------------------------------------------------


def put_back(settings: Settings, folder: Path, keys: Path) -> dict[str, Any]:
    """The manifest, with what was said. Raises SetupFailed before anything is written where the backup is not whole."""
    manifest = _read_manifest(folder, keys)
    _expect_empty(settings)
    is_there = _expect_same_or_none(settings.workspace, folder / "workspace")
    said: list[str] = []
    with locked_home(settings, is_restoring=True):
        marker = settings.home / _UNFINISHED
        marker.write_text(str(folder))
        settings.secrets_file.write_bytes((keys / "receipt.key").read_bytes())
        if not is_there:
            shutil.copytree(folder / "workspace", settings.workspace, dirs_exist_ok=True, copy_function=shutil.copyfile)
        for name, lake in manifest["lakehouse"].items():
            said += _put_lake(settings, folder / _lake_file(name), str(lake["path"]))
        with database_for(settings, said.append) as (url, _):
            dump = folder / "data" / "state.dump"
            asyncio.run(restore_database(url, dump, manifest["tables"], manifest["migrations"]))
            asyncio.run(with_database(url, _finish))
        marker.unlink()
    said.append(f"Restored what {folder.name} held at {manifest['made_at']}, into {settings.home} and {settings.workspace}")
    said.append("It takes nothing from Kafka and sends nothing until you run: assay release")
    return {**manifest, "said": said}


async def _finish(database: Database) -> None:
    await database.migrate()
    await begin_epoch(database, "restored")


def _read_manifest(folder: Path, keys: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text())
        if manifest["format"] != _FORMAT:
            raise SetupFailed(f"{folder} was written by a newer Assay.", mend="restore it with that one")
        files: dict[str, str] = manifest["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetupFailed(
            f"{folder} is no backup: its {_MANIFEST} cannot be read.", mend="name a folder of assay backup"
        ) from error
    for name, digest in files.items():
        path = keys / Path(name).name if name.startswith("keys/") else folder / name
        if not path.is_file() or digest_of(path) != digest:
            raise SetupFailed(
                f"{path} is missing or was changed: nothing was restored.", mend="use another copy of the backup"
            )
    return manifest


def _expect_empty(settings: Settings) -> None:
    filled = [each.name for each in settings.home.iterdir() if each.name != "lock"] if settings.home.exists() else []
    if _UNFINISHED in filled:
        raise SetupFailed(f"A restore into {settings.home} was broken off.", mend="remove that folder, and restore again")
    if filled:
        raise SetupFailed(f"{settings.home} is not empty: it holds {filled[0]}.", mend="set ASSAY_HOME to an empty folder")


def _expect_same_or_none(workspace: Path, backed_up: Path) -> bool:
    """Whether the workspace is there already, as it was. Raises SetupFailed where another one is."""
    if not workspace.exists() or not any(workspace.iterdir()):
        return False
    digests = [
        {str(path.relative_to(root)): digest_of(path) for path in _looked_at(root)} for root in (workspace, backed_up)
    ]
    if digests[0] != digests[1]:
        name = sorted(dict(digests[0].items() ^ digests[1].items()))[0]
        raise SetupFailed(
            f"{workspace} holds another workspace than the backup: {name} differs.",
            mend="name an empty folder with --workspace, or the one that was backed up",
        )
    return True


def _put_lake(settings: Settings, file: Path, path: str) -> Iterator[str]:
    target = settings.home / Path(path).expanduser()
    if target.exists():
        if digest_of(target) != digest_of(file):
            yield f"{target} is there and holds something else than the backup: it was left alone"
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)


# -- both -----------------------------------------------------------------------------------------


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    """Of the Assay that runs on the state folder, else started for as long as it is needed."""
    running = running_database(settings)
    if running:
        yield running
        return
    if not settings.home.exists():
        raise SetupFailed(f"{settings.home} is not there.", mend="set ASSAY_HOME to the state folder")
    with locked_home(settings), database_for(settings, lambda _: None) as (url, _):
        yield url


def let_go(settings: Settings) -> bool:
    """Release a restored copy; whether it was held."""
    with _database(settings) as url:
        return asyncio.run(with_database(url, release))


def _lake_file(name: str) -> str:
    return f"data/lakehouse/{name}.duckdb"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def digest_of(path: Path) -> str:
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
