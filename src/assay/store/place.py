"""Where the embedded server's files lie: the state folder names them in a file, and nothing that is there is ever deleted.

They lie in the state folder itself, but for root in a folder that others may not enter: PostgreSQL does not run as root, so
its files lie below `/var/lib/assay` then. A moved state folder takes its file along, and so finds them.
"""

import fcntl
import hashlib
import json
import secrets
from pathlib import Path
from typing import IO, Any

from assay.errors import SetupFailed
from assay.work.files import write_file

FILE = "database.json"
_SHARED = Path("/var/lib/assay")
_INSIDE = "postgres"
_OWNER = "home"
_BACKUP = "restore a backup into an empty folder (docs/operations.md)"


def shared_folder() -> Path:
    _SHARED.mkdir(parents=True, exist_ok=True)
    _SHARED.chmod(0o755)
    return _SHARED


def others_may_enter(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in [path, *path.parents] if parent.exists())


def find_place(home: Path) -> Path | None:
    """The folder of this state folder's database; None where it has none yet. Raises SetupFailed where it is not there."""
    known = _read(home)
    if known is not None:
        place = home / str(known["folder"])
        if known.get("initialised") and not (place / "data").is_dir():
            raise SetupFailed(
                f"The database of {home} lay in {place}, and is not there.",
                mend=f"put it back there, write its new folder into {home / FILE}, or {_BACKUP}",
            )
        return place
    return _found_without_file(home)


def _found_without_file(home: Path) -> Path | None:
    """As Assay left it before the file was there: inside, or in a folder named after the path."""
    inside = home / _INSIDE
    named = _SHARED / hashlib.sha256(str(home).encode()).hexdigest()[:16]
    has_password = (home / "postgres.password").exists()
    if has_password and not (inside / "data").is_dir() and (named / "data").is_dir():
        return named
    if inside.is_dir():
        return inside
    if not has_password:
        return None
    # Its password is here, so there was a database. It may be one of those that no folder names.
    lost = [str(each) for each in sorted(_SHARED.glob("*")) if (each / "created").exists() and not (each / _OWNER).exists()]
    if lost:
        raise SetupFailed(
            f"{home} had a database, and does not say where: before this version it was found by the folder's old path.",
            mend=f'write {{"folder": "PATH", "initialised": true}} into {home / FILE}; unclaimed are {", ".join(lost)}',
        )
    return None


def choose_place(home: Path, *, is_root: bool) -> Path:
    """A folder of its own for a database that is made anew, named in the state folder before anything lies in it."""
    home.mkdir(parents=True, exist_ok=True)
    is_closed = is_root and not others_may_enter(home)
    place = shared_folder() / secrets.token_hex(8) if is_closed else home / _INSIDE
    place.mkdir(mode=0o700)
    _write(home, place, initialised=False)
    return place


def hold_place(home: Path, place: Path) -> IO[str]:
    """The folder for this process alone, until what comes back is closed. Raises SetupFailed where another has it."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (place / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise SetupFailed(
            f"Another Assay is running on the database in {place}, which {home} names.",
            mend="a copied folder is no copy of its database: use assay backup and assay restore",
        ) from error
    kept = place / _OWNER
    owner = Path(kept.read_text().strip()) if kept.exists() else home
    if owner != home and _names(owner, place):
        lock.close()
        raise SetupFailed(
            f"{owner} and {home} both name the database in {place}: one is a copy of the other.",
            mend=f"remove the one that is not used, or {_BACKUP}",
        )
    return lock


def _names(home: Path, place: Path) -> bool:
    known = _read(home) if home.is_dir() else None
    return known is not None and home / str(known["folder"]) == place


def expect_new(home: Path, place: Path) -> None:
    """Raises SetupFailed where a database was there before: an empty one in its stead would be a loss without a word."""
    known = _read(home) or {}
    if known.get("initialised") or (place / "created").exists():
        raise SetupFailed(
            f"The database of {home} lay in {place / 'data'}, and is not there.", mend=f"put it back, or {_BACKUP}"
        )


def claim_place(home: Path, place: Path) -> None:
    """Say on both sides that they belong together, once the password has shown it."""
    known, kept = _read(home), place / _OWNER
    if known is None or not known.get("initialised"):
        _write(home, place, initialised=True)
    if not kept.exists() or kept.read_text().strip() != str(home):
        write_file(kept, f"{home}\n")


def _read(home: Path) -> dict[str, Any] | None:
    file = home / FILE
    try:
        known = json.loads(file.read_text())
        if isinstance(known, dict) and isinstance(known.get("folder"), str):
            return known
    except FileNotFoundError:
        return None
    except ValueError:
        pass
    raise SetupFailed(f"{file} cannot be read.", mend='write {"folder": "PATH OF THE DATABASE", "initialised": true}')


def _write(home: Path, place: Path, *, initialised: bool) -> None:
    """What lies inside is named by its place there, so that a moved folder holds what it says."""
    inside = place.is_relative_to(home)
    known = {"folder": str(place.relative_to(home) if inside else place), "initialised": initialised}
    write_file(home / FILE, json.dumps(known, indent=1))
