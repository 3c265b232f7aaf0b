"""Two states of a workspace to be compared: folders, or revisions of the git repository that it lies in."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from assay.errors import SetupFailed


class State(NamedTuple):
    name: str
    folder: Path


@contextmanager
def two_states(before: str, after: str | None, workspace: Path) -> Iterator[tuple[State, State]]:
    """`before`: a folder, a revision, `A..B`, or `A...B` (from where B left A).

    Without an `after` it is the folder as it lies there. Revisions are written out into folders that are gone at the end.
    Raises SetupFailed.
    """
    if after is None and ".." in before and not Path(before).is_dir():
        dots = "..." if "..." in before else ".."
        before, after = before.split(dots, 1)
        if dots == "...":
            before = _git(workspace, "merge-base", before or "HEAD", after or "HEAD").decode().strip()
        before = before or "HEAD"
    with ExitStack() as open_folders:
        yield (
            open_folders.enter_context(_state(before, workspace)),
            open_folders.enter_context(_state(after, workspace)) if after else State("the folder", workspace),
        )


def prefix_of(workspace: Path) -> str:
    """Its path in the repository that it lies in, ending with a slash; empty where it is that itself, or lies in none."""
    try:
        return _git(workspace, "rev-parse", "--show-prefix").decode().rstrip("\n")
    except SetupFailed:
        return ""


@contextmanager
def _state(named: str, workspace: Path) -> Iterator[State]:
    if Path(named).is_dir():
        yield State(named, Path(named))
        return
    if named.startswith("-"):
        raise SetupFailed(f"{named!r} is neither a folder nor a revision.", mend="write assay diff main..HEAD")
    commit = _git(workspace, "rev-parse", "--verify", "--quiet", f"{named}^{{commit}}").decode().strip()
    place = _git(workspace, "rev-parse", "--show-prefix").decode().rstrip("\n")
    top = Path(_git(workspace, "rev-parse", "--show-toplevel").decode().rstrip("\n"))
    with TemporaryDirectory(prefix="assay-revision-") as folder:
        packed = _git(top, "archive", "--format=tar", f"{commit}:{place}")
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        yield State(named, Path(folder))


def _git(workspace: Path, *arguments: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", str(workspace), *arguments], check=True, capture_output=True).stdout
    except FileNotFoundError as error:
        raise SetupFailed("There is no git here.", mend="install git, or compare two folders") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        what = next((each for each in reversed(arguments) if not each.startswith("-")), "")
        raise SetupFailed(
            f"git knows no {what.removesuffix('^{commit}')!r} for {workspace}{f': {said[-1]}' if said else ''}.",
            mend="name a revision that holds the workspace, such as main..HEAD, or two folders",
        ) from error
