"""Heads of the logs that have left the database: written where its administrators cannot write, and read back."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assay.signing.heads import Head, read_head
from assay.signing.ring import Ring

_HEADS = "audit-heads.jsonl"


def heads_file(home: Path) -> Path:
    return home / _HEADS


def append_line(file: Path, line: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as opened:
        opened.write(line + "\n")


def read_heads(lines: Iterable[str], ring: Ring, install: str) -> list[Head]:
    """Those of the lines that were signed by a key of this ring; half a line, written as the power went, is none.

    Which install they name is not asked: the store says what that is, and whoever can write there could say another.
    """
    found = list[Head]()
    for line in lines:
        try:
            given = json.loads(line)
            head = _read_old(given, ring, install) or read_head(given, lambda text, mark: ring.verify("head", text, mark))
        except (ValueError, KeyError, TypeError):
            continue
        found.append(head)
    return found


def _read_old(given: dict[str, Any], ring: Ring, install: str) -> Head | None:
    """As they were written before others could check them: of the audit log alone, by a key that is not published."""
    if "log" in given:
        return None
    number, last, at = int(given["number"]), str(given["hash"]), str(given["at"])
    if not ring.is_mac(f"assay audit head\n{number}\n{last}\n{at}", str(given["signature"])):
        raise ValueError("it was not signed here")
    return Head("audit", number, last, at, install)
