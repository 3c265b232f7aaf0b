"""How each provider is reached. Keys, regions and addresses come from the environment, where their own clients look for
them; none is kept or shown here. The clients' own retries are off: `calling` retries, and counts what it does.
"""

import ipaddress
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pydantic_ai.models import Model

from assay.errors import LlmUnavailable
from assay.llm.patience import Patience

if TYPE_CHECKING:
    import httpx2


@dataclass(frozen=True)
class Opened:
    model: Model
    close: Callable[[], Awaitable[None]]
    proxy: str | None
    """`host:port` of the proxy that the environment names for it; None where it is asked directly."""
    by_grammar: bool = False
    """The server binds the reply to its schema itself; many that do know nothing of tools, or do not insist on them."""


def open_model(provider: str, model: str, patience: Patience) -> Opened:
    """Raises LlmUnavailable where a setting is missing, ImportError where the provider's client is. Nothing is contacted."""
    match provider:
        case "bedrock":
            return _bedrock(model, patience)
        case "anthropic":
            return _anthropic(model, patience)
        case "local":
            return _local(model, patience)
        case _:
            return _openai(model, patience)


def _bedrock(model: str, patience: Patience) -> Opened:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import NoRegionError
    from pydantic_ai.models.bedrock import BedrockConverseModel
    from pydantic_ai.providers.bedrock import BedrockProvider

    config = Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        read_timeout=patience.request_seconds, connect_timeout=patience.connect_seconds,
    )  # fmt: skip
    try:
        # The library itself reads AWS_DEFAULT_REGION alone; Amazon's other clients, and its documents, say AWS_REGION.
        session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
        client = session.client("bedrock-runtime", config=config)
        if _is_here(client.meta.endpoint_url):
            client.close()
            client = session.client("bedrock-runtime", config=config.merge(Config(proxies={})))
    except NoRegionError as error:
        raise _missing("AWS_REGION", f"bedrock:{model}") from error
    if session.get_credentials() is None and not os.environ.get("AWS_BEARER_TOKEN_BEDROCK"):
        raise _missing("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE", f"bedrock:{model}")

    async def close() -> None:
        client.close()

    proxy = _proxy(client.meta.endpoint_url)
    return Opened(BedrockConverseModel(model, provider=BedrockProvider(bedrock_client=client)), close, proxy)


def _anthropic(model: str, patience: Patience) -> Opened:
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    if not os.environ.get("ANTHROPIC_API_KEY"):
        raise _missing("ANTHROPIC_API_KEY", f"anthropic:{model}")
    address = os.environ.get("ANTHROPIC_BASE_URL") or "https://api.anthropic.com"
    client = AsyncAnthropic(max_retries=0, timeout=patience.request_seconds, http_client=_direct(address))
    return Opened(AnthropicModel(model, provider=AnthropicProvider(anthropic_client=client)), client.close, _proxy(address))


def _openai(model: str, patience: Patience) -> Opened:
    if not os.environ.get("OPENAI_API_KEY") and not os.environ.get("OPENAI_BASE_URL"):
        raise _missing("OPENAI_API_KEY (or OPENAI_BASE_URL, for a server of one's own)", f"openai:{model}")
    return _chat(model, patience, by_grammar=False)


def _local(model: str, patience: Patience) -> Opened:
    if not os.environ.get("OPENAI_BASE_URL"):
        raise _missing("OPENAI_BASE_URL", f"local:{model}")
    return _chat(model, patience, by_grammar=True)


def _chat(model: str, patience: Patience, *, by_grammar: bool) -> Opened:
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    # Servers of one's own rarely want a key, but the client will not start without one.
    key = os.environ.get("OPENAI_API_KEY")
    address = os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
    timeout, direct = patience.request_seconds, _direct(address)
    client = AsyncOpenAI(api_key=key or "none", max_retries=0, timeout=timeout, http_client=direct)
    chat = OpenAIChatModel(model, provider=OpenAIProvider(openai_client=client))
    return Opened(chat, client.close, _proxy(address), by_grammar)


def _direct(address: str) -> "httpx2.AsyncClient | None":
    """For this machine a client past the environment's proxies, of the kind that the libraries use themselves."""
    if not _is_here(address):
        return None
    import httpx2

    return httpx2.AsyncClient(trust_env=False, follow_redirects=True)


def _is_here(address: str) -> bool:
    """Whether it is one of this machine: a proxy of the environment has no business with those."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _proxy(address: str) -> str | None:
    """Where the clients would send what is meant for `address`, without the login that may stand in it."""
    parts, proxies = urlsplit(address), getproxies()
    wanted = proxies.get(parts.scheme) or proxies.get("all")
    if not wanted or _is_here(address) or proxy_bypass(parts.hostname or ""):
        return None
    known = urlsplit(wanted if "//" in wanted else f"//{wanted}")
    return f"{known.hostname}:{known.port}" if known.port else known.hostname


def _missing(setting: str, model: str) -> LlmUnavailable:
    return LlmUnavailable(
        f"{model} is not configured.", mend=f"set {setting} in the environment", reason="not_configured", model=model
    )
