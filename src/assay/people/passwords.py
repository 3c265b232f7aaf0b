"""Passwords: which are good enough, and argon2id, a few at a time and with the same work for whoever is asked about."""

import asyncio
import re
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from assay.errors import BadQuestion
from assay.work.places import Places

LEAST, MOST = 12, 200
_DIFFERENT = 6
_MEMORY_KIB, _PASSES, _LANES = 47_104, 2, 1
_NOBODY = f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${'A' * 22}${'A' * 43}"
"""Of no password: whoever is not there costs what somebody costs."""
_AT_ONCE, _WAITING = 2, 64
_GUESSED_FIRST = re.compile(
    "passw[o0]rd|passwort|kennwort|letmein|welcome|iloveyou|qwerty|qwertz|azerty|uiop|asdf|ghjk|yxcv|zxcv|admin|changeme|secret"
    r"|summer|winter|spring|autumn|assay|abcdef|(?:0?12345\d*)|(?:98765\d*)|(?:19|20)\d\d"
)
"""What guessers begin with; it counts for nothing."""


class Passwords:
    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
        self._places = Places("Signing in", _AT_ONCE, _WAITING)

    async def hashed(self, password: str) -> str:
        async with self._places.place():
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def matches(self, stored: str | None, given: str) -> bool:
        """`stored` is None where there is nobody, or no password: then as much work is done, for nothing."""
        async with self._places.place():
            return await asyncio.to_thread(self._matches, stored or _NOBODY, given) and stored is not None

    def _matches(self, stored: str, given: str) -> bool:
        try:
            return self._hasher.verify(stored, _normal(given))
        except (VerificationError, InvalidHashError):
            return False


def expect_good(password: str, email: str) -> None:
    """Raises BadQuestion with the reason. No kind of character is asked for: length and variety are what counts."""
    text = _normal(password)
    own = {part for part in re.split(r"[^\w]", email.casefold()) if len(part) >= 4}
    rest = _GUESSED_FIRST.sub("", text.casefold())
    for part in own:
        rest = rest.replace(part, "")
    if len(text) < LEAST:
        raise _refused(f"The password has fewer than {LEAST} characters.")
    if len(text) > MOST:
        raise _refused(f"The password has more than {MOST} characters.")
    if len(set(rest)) < _DIFFERENT or text.isdecimal():
        raise _refused("The password is too easily guessed.")


def _refused(sentence: str) -> BadQuestion:
    return BadQuestion(sentence, mend="take four words or more that have nothing to do with each other", field="password")


def _normal(password: str) -> str:
    """The same characters, however a keyboard composes them; half a surrogate pair is no character."""
    return unicodedata.normalize("NFKC", password).encode(errors="replace").decode()
