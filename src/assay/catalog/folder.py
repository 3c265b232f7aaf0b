"""The folder of a workspace: which of its files are content, how to tell that one has changed, and what is not read."""

import contextlib
import functools
import time
from collections.abc import Iterator
from pathlib import Path

from assay.catalog.dictionary import GUIDELINES, HEADERS
from assay.catalog.findings import Finding, nearest
from assay.work.files import FileIdentity, identity_of

YAML = (".yaml", ".yml")
Files = dict[Path, FileIdentity]
_FOLDERS = (
    "config", "data-dictionary", "entities", "metrics", "dashboards", "loop", "access", "tests", "alerts", "reports",
    "calendars", "annotations", "targets",
)  # fmt: skip
_LISTS = ("entities", "metrics", "dashboards", "access", "tests", "alerts", "reports", "annotations", "targets")
"""Folders of which every YAML file is read; of the others, files of these names alone."""
_NAMED: dict[str, tuple[str, ...]] = {
    "": ("assay.yaml",),
    "config": ("metric_routing.yaml",),
    "loop": ("rules.yaml", "bindings.yaml"),
    "data-dictionary": (*HEADERS, "synonyms.csv", GUIDELINES),
}
_BACKUPS = ("~", ".bak", ".orig", ".rej", ".swp", ".tmp")
_LOCK_SECONDS = 60
_LOOKED_AT = (".yaml", ".yml", ".csv", ".md")


def is_content(name: str) -> bool:
    """Files of editors and of file systems, hidden or marked as copies, are nobody's content."""
    return not name.startswith((".", "#", "~")) and not name.endswith(_BACKUPS)


def is_watched(name: str) -> bool:
    return is_content(name) and any(each in name.lower() for each in _LOOKED_AT)


def content_files(folder: Path) -> list[Path]:
    """The YAML files that are read, in order of their names."""
    return sorted(path for path in folder.glob("*") if path.suffix in YAML and is_content(path.name))


def look_at(root: Path) -> Files:
    """What lies there, told apart without reading it: also what is not read, because a finding may name it."""
    found: Files = {}
    for name in ("", *_FOLDERS):
        for path in (root / name).glob("assay.*" if not name else "*"):
            with contextlib.suppress(OSError):
                if is_watched(path.name) or (name and is_content(path.name) and path.is_dir()):
                    found[path] = identity_of(path)
    for folder in _folders_not_read(root):
        with contextlib.suppress(OSError):
            found[folder] = identity_of(folder)
            for each in folder.rglob("*"):
                if each.is_dir():
                    found[each] = identity_of(each)
    return found


def _folders_not_read(root: Path) -> Iterator[Path]:
    """Sub-folders of those that are read, and folders whose name is nearly that of one."""
    for folder in (root, *(root / name for name in _FOLDERS)):
        for path in sorted(folder.glob("*")):
            if is_content(path.name) and path.is_dir() and (folder != root or _folder_meant(path.name)):
                yield path


@functools.lru_cache(maxsize=256)
def _folder_meant(name: str) -> str | None:
    """The folder that one of another name was perhaps meant to be."""
    from difflib import get_close_matches

    meant = get_close_matches(name.lower().replace("_", "-"), _FOLDERS, n=1, cutoff=0.8)
    return meant[0] if meant and name not in _FOLDERS else None


def is_being_checked_out(root: Path) -> bool:
    """Whether git is writing there: it holds a lock meanwhile. One that a crash has left is not waited for."""
    for folder in (root.resolve(), *root.resolve().parents):
        if (folder / ".git").is_dir():
            with contextlib.suppress(OSError):
                return time.time() - (folder / ".git" / "index.lock").stat().st_mtime < _LOCK_SECONDS
            return False
    return False


def unread(root: Path) -> list[Finding]:
    """Files that look like content and lie or are called so that nobody reads them."""
    found: list[Finding] = []
    for name in ("", *_FOLDERS):
        for path in sorted((root / name).glob("assay.*" if not name else "*")):
            if is_content(path.name) and (told := _unread(name, path)):
                found.append(told)
    for path in _folders_not_read(root):
        holds = any(
            each.suffix in (*YAML, ".csv") and all(map(is_content, each.relative_to(path).parts)) for each in path.rglob("*")
        )
        if not holds or path.suffix in YAML:
            continue
        if path.parent == root:
            meant = _folder_meant(path.name)
            mend = f"move its files to {meant}/" if (root / str(meant)).is_dir() else f"rename it to {meant}/"
            found.append(Finding(f"{path.name}/", None, "is not read", mend))
        else:
            folder = path.parent.name
            found.append(Finding(f"{folder}/{path.name}/", None, "sub-folders are not read", f"move its files to {folder}/"))
    return found


def _unread(folder: str, path: Path) -> Finding | None:
    shown = f"{folder}/{path.name}" if folder else path.name
    if path.is_dir() or (folder == "calendars" and path.suffix == ".csv"):
        return None
    if folder == "calendars":
        is_meant = path.suffix.lower() in (".csv", ".tsv", ".xlsx", *YAML)
        return Finding(shown, None, "is not read", f"save it as {path.stem}.csv") if is_meant else None
    if path.name in _NAMED.get(folder, ()) or (folder in _LISTS and path.suffix in YAML):
        return None
    if folder in _LISTS:
        stem, _, ending = path.name.lower().partition(".")
        if not any(f".{each}".startswith(YAML) for each in ending.split(".")):
            return None
        return Finding(shown, None, "is not read: its name does not end in .yaml", f"rename it to {stem}.yaml")
    stem = path.name.partition(".")[0].lower()
    meant = next((known for known in _NAMED[folder] if known.partition(".")[0] == stem), None)
    if meant is not None:
        return Finding(shown, None, "is not read", f"rename it to {meant}")
    if path.suffix.lower() == ".csv":
        known = [each for each in _NAMED[folder] if each.endswith(".csv")]
        return Finding(shown, None, "is not read", nearest(path.name, known) or f"there are {', '.join(known)}")
    return None
