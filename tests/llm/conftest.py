"""Models of the tests are local servers. A call to any other machine fails the test that made it."""

import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.llm.models import PROTOCOLS, FakeModel, fake_model

_LOCAL = ("127.0.0.1", "localhost", "::1", None, "")


@pytest.fixture(autouse=True)
def nobody_calls_a_live_model(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of other machines are not looked up, and whoever tried to is found out at the end."""
    strays: list[str] = []
    known = socket.getaddrinfo

    def local_only(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in _LOCAL:
            strays.append(str(name))
            raise socket.gaierror(f"the tests call no other machine: {name}")
        return known(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", local_only)
    for name in ("ASSAY_LLM", "ASSAY_LLM_FAST", "OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "AWS_REGION",
                 "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                 "AWS_BEARER_TOKEN_BEDROCK"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    yield strays
    assert not strays, f"a live call was tried: {strays}"


@pytest.fixture(params=PROTOCOLS)
async def model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeModel]:
    async with fake_model(request.param) as model:
        for name, value in model.environment.items():
            monkeypatch.setenv(name, value)
        yield model
