"""The demo's workspace as the wheel brings it along, for whoever has no checkout."""

import shutil
from pathlib import Path

from assay.demo.system import CHECKOUT
from assay.errors import SetupFailed

_INSTALLED = Path(__file__).parent / "workspace"


def put_workspace(folder: Path) -> bool:
    """Into a folder that is not there yet, or empty; whether it was written. What somebody has changed stays.

    Raises SetupFailed where something else lies there.
    """
    if (folder / "assay.yaml").is_file():
        return False
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SetupFailed(f"{folder} is there, and is no workspace.", mend="run assay demo in another folder")
    shutil.copytree(_INSTALLED if _INSTALLED.is_dir() else CHECKOUT / "demo", folder, dirs_exist_ok=True)
    return True
