"""Where messages go, and how one is sent there. No file and no person names an address.

A webhook is signed as https://www.standardwebhooks.com says: `webhook-id`, `webhook-timestamp` and `webhook-signature`, the
HMAC-SHA256 of its three parts, `id.timestamp.body`. A receiver that has seen an id has had the message.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import httpx
import orjson

from assay.alerts.entry import ChannelEntry
from assay.alerts.message import as_mail, as_slack, as_teams
from assay.settings import LOOPBACK
from assay.store.alerts import StoredMessage
from assay.work.hosts import unknown_host

_SECONDS = 10.0
_LEAST_SECRET = 16


class NotSent(Exception):
    """A sentence without any address or secret."""


class ChannelNotConfigured(NotSent):
    """Nothing was tried: the environment does not say where to."""


Writing = Callable[[StoredMessage, str, tuple[str, ...]], Awaitable[EmailMessage]]
"""(message, sender, addresses) -> mail"""


@dataclass(frozen=True)
class Post:
    """What the environment says. `addresses` and `secrets`: of channels, by their names."""

    addresses: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    smtp: str | None = field(default=None, repr=False)
    sender: str | None = None

    def why_not(self, channel: ChannelEntry) -> str | None:
        """What is missing before anything can be sent there; None where nothing is."""
        if channel.kind == "mail":
            return self.why_no_mail()
        name = f"ASSAY_CHANNEL_{channel.name.upper()}"
        address = self.addresses.get(channel.name.upper())
        if not address:
            return f"set {name} to its address"
        url = _url(address)
        if url is None:
            return f"{name} is no http or https address"
        if url.scheme == "http" and url.host not in LOOPBACK:
            return f"{name} goes beyond this machine without TLS: write https"
        if channel.kind == "webhook" and _key_of(self._secret(channel)) is None:
            return f"set {name}_SECRET to a text of {_LEAST_SECRET} characters at least, or whsec_ and its base64"
        return None

    def why_no_mail(self) -> str | None:
        return None if self.smtp and self.sender else "set ASSAY_SMTP_URL and ASSAY_MAIL_FROM"

    def _secret(self, channel: ChannelEntry) -> str:
        return self.addresses.get(f"{channel.name.upper()}_SECRET", "")

    async def send(
        self, channel: ChannelEntry, message: StoredMessage, client: httpx.AsyncClient, writing: Writing | None = None
    ) -> str | None:  # fmt: skip
        """Once; what is to be said of it although it was taken. `writing`: of a mail that is no alert's.

        Raises NotSent, ChannelNotConfigured.
        """
        if (why := self.why_not(channel)) is not None:
            raise ChannelNotConfigured(f"the channel is not configured: {why}")
        if channel.kind == "mail":
            return await self._mail(channel, message, writing)
        match channel.kind:
            case "slack":
                body = orjson.dumps(as_slack(message.document))
            case "teams":
                body = orjson.dumps(as_teams(message.document))
            case _:
                body = orjson.dumps({"type": f"alert.{message.kind}", "id": message.message_id, "data": message.document})
        headers = {"content-type": "application/json", **self._signed(channel, message.message_id, body)}
        try:
            answer = await client.post(self.addresses[channel.name.upper()], content=body, headers=headers)
        except httpx.TimeoutException:
            raise NotSent(f"it did not answer within {_SECONDS:.0f} s") from None
        except httpx.HTTPError as error:
            told = unknown_host(error, self.addresses[channel.name.upper()])
            raise NotSent(told or "it cannot be reached") from None
        if not answer.is_success:
            raise NotSent(f"it answered {answer.status_code}")
        return None

    def _signed(self, channel: ChannelEntry, message_id: str, body: bytes) -> dict[str, str]:
        if channel.kind != "webhook":
            return {}
        return signed(self._secret(channel), message_id, int(time.time()), body)

    async def _mail(self, channel: ChannelEntry, message: StoredMessage, writing: Writing | None) -> str | None:
        import aiosmtplib

        assert self.smtp and self.sender
        url = urlsplit(self.smtp)
        if writing is None:
            mail = as_mail(message.document, message.message_id, self.sender, channel.to, message.made_at)
        else:
            mail = await writing(message, self.sender, channel.to)
        is_tls = url.scheme == "smtps"
        # Beyond this machine a mail goes encrypted or not at all.
        start_tls = None if is_tls or url.hostname in LOOPBACK else True
        try:
            refused, _ = await aiosmtplib.send(
                mail, hostname=url.hostname, port=url.port or (465 if is_tls else 587), use_tls=is_tls,
                start_tls=False if is_tls else start_tls, timeout=_SECONDS,
                username=unquote(url.username) if url.username else None,
                password=unquote(url.password) if url.password else None,
            )  # fmt: skip
        except aiosmtplib.SMTPResponseException as error:
            raise NotSent(f"the mail server answered {error.code}") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            told = unknown_host(error, self.smtp)
            raise NotSent(told or "the mail server cannot be reached, or broke off") from None
        # Sent again, it would reach the others again and again.
        return f"the mail server refused {', '.join(sorted(refused))}" if refused else None


def _key_of(secret: str) -> bytes | None:
    """A secret that begins with whsec_ is base64, as the standard has it; else it is its own bytes."""
    try:
        base64_text = secret.removeprefix("whsec_")
        key = base64.b64decode(base64_text, validate=True) if secret != base64_text else secret.encode()
    except ValueError:
        return None
    return key if len(key) >= _LEAST_SECRET else None


def signed(secret: str, message_id: str, moment: int, body: bytes) -> dict[str, str]:
    """Headers of a webhook."""
    key = _key_of(secret)
    assert key
    text = f"{message_id}.{moment}.".encode() + body
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(moment), "webhook-signature": f"v1,{signature}"}


def make_client() -> httpx.AsyncClient:
    """It follows no redirect: a receiver does not say where else a message goes."""
    return httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False, trust_env=False)


def _url(address: str) -> httpx.URL | None:
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        return None
    return url if url.scheme in ("http", "https") and url.host else None
