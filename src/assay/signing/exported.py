"""A receipt that has left its install, and whether it is as it was signed: with nothing but public keys.

{"assay": "receipt 1", "receipt": {...}, "signature": "KEY:BASE64",
 "log": {"position": 17, "path": ["..."], "head": {...}}}             log: null until the receipt stands in it

The signature is over `assay receipt 1`, a line feed and the receipt in the form of RFC 8785. The leaf is the receipt's id, a
line feed and the SHA-256 of receipt, line feed and signature; the receipt holds a salt: nobody guesses it by its leaf.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from assay.signing.canonical import canonical
from assay.signing.heads import Head, read_head
from assay.signing.ring import PublicKey, is_signed_by, key_id_of, public_key
from assay.signing.tree import is_included, leaf_hash

FORMAT = "receipt 1"


class Keys(NamedTuple):
    install: str
    keys: tuple[PublicKey, ...]


class Checked(NamedTuple):
    """`faults`: none where it is as it was signed. `place` and `head`: where it stands in the log."""

    receipt_id: str
    key_id: str | None
    install: str
    faults: tuple[str, ...]
    place: int | None
    head: Head | None


def entry_of(receipt_id: str, digest: str) -> bytes:
    return f"{receipt_id}\n{digest}".encode()


def digest_of(document: str, signature: str) -> str:
    return hashlib.sha256(f"{document}\n{signature}".encode()).hexdigest()


def exported(receipt: dict[str, Any], signature: str, log: dict[str, Any] | None) -> dict[str, Any]:
    return {"assay": FORMAT, "receipt": receipt, "signature": signature, "log": log}


def keys_as_published(install: str, keys: Sequence[PublicKey]) -> dict[str, Any]:
    """What stands at /.well-known/assay-keys.json; the first signs."""
    listed = [{"key_id": each.key_id, "algorithm": "Ed25519", "public_key": each.text} for each in keys]
    return {"install": install, "keys": listed}


def read_keys(text: str) -> Keys:
    """Raises ValueError."""
    try:
        given = read_json(text)
        keys = tuple(public_key(base64.b64decode(each["public_key"], validate=True)) for each in given["keys"])
        install = given["install"]
        told = [each["key_id"] for each in given["keys"]]
    except (KeyError, TypeError) as error:
        raise ValueError("it is no list of keys: GET /.well-known/assay-keys.json gives one") from error
    if told != [each.key_id for each in keys] or not keys or not isinstance(install, str):
        raise ValueError("a key of it does not bear its own name")
    return Keys(install, keys)


def check_exported(text: str, keys: Keys) -> Checked:
    """Raises ValueError where it is no exported receipt."""
    given = read_json(text)
    try:
        if given["assay"] != FORMAT:
            raise ValueError(f"it is {given['assay']!r}, not {FORMAT!r}")
        receipt, signature, log = given["receipt"], given["signature"], given["log"]
        receipt_id, install = receipt["receipt_id"], receipt.get("install", "")
        document = canonical(receipt).decode()
        key_id = key_id_of(signature)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is no exported receipt: assay receipt ID prints one") from error
    faults = list[str]()
    if key_id is None:
        faults.append("It was signed before others could check: only the install that signed it can.")
    elif key_id not in {each.key_id for each in keys.keys}:
        faults.append(f"It says that key {key_id} signed it, which is not among these keys.")
    elif not is_signed_by(keys.keys, "receipt", document, signature):
        faults.append("It WAS CHANGED after it was signed, or another key signed it.")
    elif install != keys.install:
        faults.append(f"It is of another install ({install or 'none'}) than these keys ({keys.install}).")
    place = head = None
    if log is not None:
        try:
            place, head = _check_place(log, entry_of(receipt_id, digest_of(document, signature)), keys)
        except (ValueError, KeyError, TypeError) as error:
            faults.append(f"Its place in the log is not proved: {error}.")
    return Checked(receipt_id, key_id, install, tuple(faults), place, head)


def _check_place(log: dict[str, Any], entry: bytes, keys: Keys) -> tuple[int, Head]:
    head = read_head(log["head"], lambda document, signature: is_signed_by(keys.keys, "head", document, signature))
    path = [bytes.fromhex(each) for each in log["path"]]
    if head.log != "receipts" or head.install != keys.install:
        raise ValueError("its head is of another log")
    if not is_included(leaf_hash(entry), log["position"], head.number, path, bytes.fromhex(head.hash)):
        raise ValueError("its path does not lead to the head")
    return log["position"], head


def read_json(text: str) -> Any:
    """Names that come twice are refused: two readers could take different ones. Raises ValueError."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a name stands twice in it")
        return found

    try:
        return json.loads(text, object_pairs_hook=once)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
