"""`assay verify` and what it needs: receipts that leave, and the keys with which anybody checks them."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from assay.cli.client import call
from assay.cli.show import AsJson, out, print_body
from assay.errors import SetupFailed
from assay.settings import read_settings

signing = typer.Typer(no_args_is_help=True, help="The keys that receipts are signed with.")


def receipt(receipt: str) -> None:
    """Print a receipt with its signature and its place in the log, as assay verify FILE --keys takes it."""
    print_body(call(read_settings(), "GET", f"/v1/receipts/{quote(receipt, safe='')}/export"), True, lambda _: None)


def verify(
    receipt: Annotated[str, typer.Argument(help="The id of one, or with --keys a file of assay receipt.")],
    keys: Annotated[
        Path | None, typer.Option(help="Public keys, a file of assay signing-keys list --json: no server is asked.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a receipt's signature. Exit 0 when it is what was signed, 1 when it was changed."""
    if keys is not None:
        _verify_here(Path(receipt), keys, as_json)
    body = call(read_settings(), "GET", f"/v1/receipts/{quote(receipt, safe='')}")
    word = "is as it was signed" if body["signature_valid"] else "WAS CHANGED after it was signed"
    print_body(body, as_json, lambda each: out.print(f"Receipt {each['receipt_id']} {word}."))
    raise typer.Exit(0 if body["signature_valid"] else 1)


def _verify_here(file: Path, keys: Path, as_json: bool) -> None:
    """With nothing but the two files."""
    from assay.signing.exported import check_exported, read_keys

    try:
        known = read_keys(text_of(keys))
    except ValueError as error:
        raise SetupFailed(f"{keys} holds no public keys: {error}.", mend="assay signing-keys list --json") from error
    try:
        found = check_exported(text_of(file), known)
    except ValueError as error:
        raise SetupFailed(f"{file} is no receipt: {error}.", mend="assay receipt ID prints one") from error
    body = {
        "receipt_id": found.receipt_id, "ok": not found.faults, "key_id": found.key_id, "install": found.install,
        "faults": list(found.faults), "position": found.place, "head": found.head and found.head._asdict(),
    }  # fmt: skip

    def show(_: Any) -> None:
        for each in found.faults:
            out.print(f"Receipt {found.receipt_id}: {each}")
        if not found.faults:
            out.print(f"Receipt {found.receipt_id} is as it was signed, by key {found.key_id} of install {found.install}.")
            if found.head is None:
                out.print("It was exported before it had its place in the log of receipts.")
            else:
                size, at = found.head.number, found.head.at
                out.print(f"It is entry {(found.place or 0) + 1} of the log of receipts, which held {size} at {at}.")

    print_body(body, as_json, show)
    raise typer.Exit(0 if body["ok"] else 1)


def text_of(file: Path, *, mend: str = "name a file", errors: str = "strict") -> str:
    """Of a file that was named to a command. Raises SetupFailed."""
    try:
        return file.read_text(errors=errors)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SetupFailed(f"{file} cannot be read: {reason}.", mend=mend) from error


@signing.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List the public keys; the first signs. With --json: the file that assay verify --keys takes."""

    def show(body: Any) -> None:
        out.print(f"install {body['install']}")
        for number, each in enumerate(body["keys"]):
            out.print(f"{each['key_id']}  {each['public_key']}  {'signs' if number == 0 else 'has signed'}")

    print_body(call(read_settings(), "GET", "/.well-known/assay-keys.json"), as_json, show)


@signing.command()
def rotate(as_json: AsJson = False) -> None:
    """Sign with a new key from now on. What the old ones have signed stays valid."""
    body = call(read_settings(), "POST", "/v1/signing-keys")
    print_body(body, as_json, lambda each: out.print(f"{each['keys'][0]['key_id']} signs from now on."))
