"""The files of a workspace, written all or not at all: into a new folder, or into one that is there."""

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from assay.catalog.workspace import Workspace
from assay.errors import AssayError, SetupFailed
from assay.live.validation import validate
from assay.routing.file import read_routing_file, write_routes
from assay.widgets.drafts.file import replace_file
from assay.work.files import write_file


def refuse_filled(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if os.path.lexists(folder):
        what = "is not empty" if folder.is_dir() else "is not a folder"
        raise SetupFailed(f"{folder} {what}, and nothing is written over.", mend="name another folder with --into")


def write_files(folder: Path, files: Mapping[str, str], moved: Sequence[Path] = ()) -> None:
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


def take_in(files: Mapping[str, str], workspace: Workspace, metric_ids: Sequence[str], backend: str) -> None:
    """Write files of the workspace and route their metrics, all or nothing. What has a route keeps it.

    Raises StandsInAFile or RouteRefused; then every file is as it was, so that nothing is in the way of a second try.
    """
    before = dict[Path, bytes | None]()
    try:
        for name, text in files.items():
            path = workspace.root / name
            before[path] = path.read_bytes() if path.exists() else None
            replace_file(path, text)
        there = read_routing_file(workspace.routing_file).lines
        workspace.routing_file.parent.mkdir(exist_ok=True)
        write_routes(workspace.routing_file, {each: backend for each in metric_ids if each not in there})
    except (AssayError, OSError):
        for path, text in before.items():
            with suppress(OSError):
                path.unlink(missing_ok=True) if text is None else write_file(path, text.decode())
        raise


async def findings_in(folder: Path) -> list[str]:
    return [str(each) for each in (await validate(folder, {})).findings]
