"""The second factor: codes of the moment (RFC 6238) from a secret that the store holds sealed, and recovery codes."""

import base64
import hashlib
import hmac
import os
import re
import secrets
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assay.store.access import digest

_CODE = re.compile(r"\d{6}")
_STEP_SECONDS, _STEPS_OFF = 30, 1
_RECOVERY_CODES, _RECOVERY_BYTES = 10, 10
_NONCE_BYTES = 12


class Shown(NamedTuple):
    """What a code is: that of a time step, or the hash of what may be a recovery code."""

    step: int | None
    recovery: bytes | None


class Factors:
    def __init__(self, macs: Callable[[str], Sequence[str]]) -> None:
        """`macs`: of a text, by keys that are not in the store; the one that is in use first."""
        self._macs = macs

    def sealed(self, person_id: str, secret: str) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        kept = AESGCM(self._keys()[0]).encrypt(nonce, secret.encode(), person_id.encode())
        return base64.b64encode(nonce + kept).decode()

    def shown(self, person_id: str, sealed: str, code: str) -> Shown | None:
        """None where the code is not one of this secret just now, nor has the form of a recovery code."""
        code = re.sub(r"[\s-]", "", code).lower()
        if not _CODE.fullmatch(code):
            return Shown(None, digest(code)) if code else None
        secret = self._opened(person_id, sealed)
        step = None if secret is None else step_of(secret, code)
        return None if step is None else Shown(step, None)

    def _opened(self, person_id: str, sealed: str) -> str | None:
        """None where the keys are others than those it was sealed with."""
        kept = base64.b64decode(sealed)
        for key in self._keys():
            try:
                return AESGCM(key).decrypt(kept[:_NONCE_BYTES], kept[_NONCE_BYTES:], person_id.encode()).decode()
            except InvalidTag:
                continue
        return None

    def _keys(self) -> list[bytes]:
        return [hashlib.sha256(each.encode()).digest() for each in self._macs("second factor")]


def step_of(secret: str, code: str) -> int | None:
    """The time step that the code is of: now, or one before or after."""
    now = int(time.time()) // _STEP_SECONDS
    codes = pyotp.TOTP(secret)
    steps = range(now - _STEPS_OFF, now + _STEPS_OFF + 1)
    return next((step for step in steps if hmac.compare_digest(codes.generate_otp(step), code)), None)


def new_secret() -> str:
    return pyotp.random_base32()


def address_of(secret: str, email: str) -> str:
    """As programs that make codes read it, from a picture or a link."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Assay")


def new_recovery_codes() -> list[str]:
    """80 random bits each, in groups that can be copied by hand."""
    texts = [base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower() for _ in range(_RECOVERY_CODES)]
    return ["-".join(each[at : at + 4] for at in range(0, len(each), 4)) for each in texts]


def recovery_hash(code: str) -> bytes:
    return digest(code.replace("-", ""))
