"""`assay backup`, `assay restore`, `assay release`: the commands; what they do is in `copies`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from assay.cli.show import AsJson, InWorkspace, print_body
from assay.settings import read_settings


def backup(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet, or is empty.")],
    workspace: InWorkspace = None,
    as_json: AsJson = False,
) -> None:
    """Write state, workspace, keys and lakehouse into a folder, also while Assay serves, and read it back."""
    from assay.cli.copies import back_up

    settings = read_settings(workspace=workspace)
    print_body(back_up(settings, folder.expanduser().absolute()), as_json, _show)


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that assay backup wrote.")],
    workspace: InWorkspace = None,
    keys: Annotated[Path | None, typer.Option(help="Where the keys are kept; default DIR/keys.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup into an empty ASSAY_HOME (or DATABASE_URL) and workspace. It is held until assay release."""
    from assay.cli.copies import put_back

    settings = read_settings(workspace=workspace)
    folder = folder.expanduser().absolute()
    print_body(put_back(settings, folder, (keys or folder / "keys").expanduser().absolute()), as_json, _show)


def release(as_json: AsJson = False) -> None:
    """Let a restored copy take events from Kafka and send, once its original is off. Exit 1 when it was not held."""
    from assay.cli.copies import let_go

    was_held = let_go(read_settings())
    said = "Released: it takes events from Kafka and sends again." if was_held else "It was not held."
    print_body({"released": was_held, "said": [said]}, as_json, _show)
    raise typer.Exit(0 if was_held else 1)


def _show(body: dict[str, Any]) -> None:
    for line in body["said"]:
        print(line)
