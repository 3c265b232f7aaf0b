"""The door: one question to a model, one typed reply, or LlmUnavailable with the reason.

The libraries behind it are loaded at the first question: that takes seconds, and most processes never ask.
"""

import asyncio
import contextlib
import importlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from pydantic import BaseModel

from assay.errors import LlmUnavailable
from assay.llm.patience import Circuit, Patience

if TYPE_CHECKING:
    from assay.llm.calling import Caller

Tier = Literal["reasoning", "fast"]
PROVIDERS = ("bedrock", "anthropic", "openai", "local")
"""`local` is a server of one's own that speaks the OpenAI protocol and binds its replies to a schema by grammar."""
T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a reply has cost, all requests together. The cost is None where the model's price is not known."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    latency_ms: float = 0.0
    cost_usd: float | None = None

    def __add__(self, other: "Spent") -> "Spent":
        costs = [each.cost_usd for each in (self, other) if each.requests]
        cost = None if None in costs or not costs else sum(each for each in costs if each is not None)
        return Spent(
            self.requests + other.requests, self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens, self.latency_ms + other.latency_ms, cost,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    output: T
    model: str
    """`provider:model`, as it was chosen."""
    spent: Spent


class Door:
    """Two tiers, each `provider:model`; the fast one is the reasoning one where nothing else is said."""

    def __init__(
        self, reasoning: str | None, fast: str | None = None, patience: Patience | None = None, *,
        clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._names: dict[Tier, str | None] = {"reasoning": reasoning, "fast": fast or reasoning}
        self._patience = patience or Patience()
        self._clock = clock
        self._sleep = sleep
        self._callers: dict[str, Caller] = {}
        self._opening = asyncio.Lock()

    def model(self, tier: Tier = "reasoning") -> str | None:
        return self._names[tier]

    async def prepare(self, tier: Tier) -> None:
        """Load what is behind the door ahead of the first question; what is missing is said when it is asked."""
        with contextlib.suppress(LlmUnavailable):
            await self._caller(tier)

    async def ask(self, instructions: str, prompt: str, output: type[T], *, tool: str, tier: Tier = "reasoning") -> Reply[T]:
        """The model's reply as arguments of `tool`, checked against `output`; a malformed one is asked for once more.
        A local model replies with the arguments alone.

        Raises LlmUnavailable. Its extra says `reason` (not_configured, throttled, timed_out, unreachable, rejected,
        circuit_open, refused or malformed) and `model`; its `spent` what was spent in vain.
        """
        caller = await self._caller(tier)
        return await caller.ask(instructions, prompt, output, tool)

    async def _caller(self, tier: Tier) -> "Caller":
        name = self._names[tier]
        if not name:
            raise LlmUnavailable(
                "No model is configured.", mend="set ASSAY_LLM=provider:model, for instance bedrock:MODEL_ID",
                reason="not_configured", model=None,
            )  # fmt: skip
        async with self._opening:
            if name not in self._callers:
                self._callers[name] = await asyncio.to_thread(self._open, name)
        return self._callers[name]

    def _open(self, name: str) -> "Caller":
        provider, colon, model = name.partition(":")
        if not colon or not model or provider not in PROVIDERS:
            raise LlmUnavailable(
                f"ASSAY_LLM is {name!r}, which names no model.",
                mend=f"write provider:model, with one of {', '.join(PROVIDERS)}", reason="not_configured", model=name,
            )  # fmt: skip
        try:
            calling = importlib.import_module("assay.llm.calling")
            providers = importlib.import_module("assay.llm.providers")
        except ImportError as error:
            raise LlmUnavailable(
                f"The library that speaks to models is not installed: {error.name}.", mend="pip install 'assay[llm]'",
                reason="not_configured", model=name,
            ) from error  # fmt: skip
        opened = providers.open_model(provider, model, self._patience)
        return calling.Caller(name, opened, self._patience, Circuit(name, self._patience, self._clock), self._sleep)

    async def close(self) -> None:
        for caller in self._callers.values():
            await caller.close()
        self._callers.clear()
