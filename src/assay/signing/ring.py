"""The ring of keys of an install: one signs, all of them verify.

Each key follows from a secret, so that processes that share the secret share the key. Ed25519 signs: whoever has the public
key can verify. Before there was that, HMAC of the same secrets did; what it signed stays valid.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Kind = Literal["receipt", "recommendation", "head", "checkpoint"]
"""What is signed as one kind is never valid as another."""


class PublicKey(NamedTuple):
    key_id: str
    """The first half of the SHA-256 of the key: nobody can give one key the name of another."""
    raw: bytes

    @property
    def text(self) -> str:
        return base64.b64encode(self.raw).decode()


class _Signing(NamedTuple):
    private: Ed25519PrivateKey
    public: PublicKey


class Ring:
    def __init__(self, secrets: Sequence[str]) -> None:
        """`secrets`: the newest first."""
        self.take(secrets)

    def take(self, secrets: Sequence[str]) -> None:
        self._macs = [each.encode() for each in secrets]
        self._keys = [_signing(each) for each in secrets]
        self._public = {each.public.key_id: each.public for each in self._keys}

    @property
    def current(self) -> PublicKey:
        return self._keys[0].public

    @property
    def public_keys(self) -> tuple[PublicKey, ...]:
        """The one that signs first."""
        return tuple(self._public.values())

    def sign(self, kind: Kind, document: str) -> str:
        signature = self._keys[0].private.sign(signed_bytes(kind, document))
        return f"{self.current.key_id}:{base64.b64encode(signature).decode()}"

    def verify(self, kind: Kind, document: str, signature: str) -> bool:
        if ":" in signature:
            return is_signed_by(self.public_keys, kind, document, signature)
        return kind in ("receipt", "recommendation") and self.is_mac(document, signature)

    def mac(self, text: str) -> str:
        """For what this install alone has to recognise."""
        return self.macs(text)[0]

    def macs(self, text: str) -> list[str]:
        """By the key that is in use, then by those before it."""
        return [_mac(secret, text) for secret in self._macs]

    def is_mac(self, text: str, mark: str) -> bool:
        return any(hmac.compare_digest(_mac(secret, text).encode(), mark.encode(errors="replace")) for secret in self._macs)


def public_key(raw: bytes) -> PublicKey:
    """Raises ValueError where these bytes are no key."""
    Ed25519PublicKey.from_public_bytes(raw)
    return PublicKey(hashlib.sha256(raw).hexdigest()[:32], raw)


def key_id_of(signature: str) -> str | None:
    """Of the key that is said to have signed; None for what only the install itself can check."""
    key_id, colon, _ = signature.partition(":")
    return key_id if colon else None


def is_signed_by(keys: Sequence[PublicKey], kind: Kind, document: str, signature: str) -> bool:
    key_id, _, text = signature.partition(":")
    known = next((each for each in keys if each.key_id == key_id), None)
    if known is None:
        return False
    try:
        raw = base64.b64decode(text, validate=True)
        Ed25519PublicKey.from_public_bytes(known.raw).verify(raw, signed_bytes(kind, document))
    except (ValueError, InvalidSignature):
        return False
    return True


def signed_bytes(kind: Kind, document: str) -> bytes:
    return f"assay {kind} 1\n{document}".encode(errors="surrogatepass")


def _mac(secret: bytes, text: str) -> str:
    return hmac.new(secret, text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


@cache
def _signing(secret: str) -> _Signing:
    """The public key is for everybody: that nobody tries secrets against it in passing, each try costs some 50 ms."""
    seed = hashlib.scrypt(secret.encode(), salt=b"assay signing key 1", n=2**14, r=8, p=1, dklen=32)
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return _Signing(private, public_key(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)))
