"""One model behind the door: what is sent, what is tried again, and what each failure is called.

The only file that knows the library's errors. Their texts are not passed on: a provider may repeat a key in them.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai import exceptions as failures
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from assay.errors import LlmUnavailable
from assay.llm.door import Reply, Spent
from assay.llm.patience import Circuit, Patience
from assay.llm.providers import Opened
from assay.work.hosts import unknown_host

try:
    from botocore.exceptions import BotoCoreError
except ImportError:  # installed for other providers only
    _CLIENT_REFUSED: tuple[type[Exception], ...] = ()
else:
    _CLIENT_REFUSED = (BotoCoreError,)

Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T", bound=BaseModel)

_NOT_AGAIN = (
    failures.ModelRequestRejectedError, failures.ModelQuotaExceededError, failures.ModelRequestTimeout,
    failures.ModelTimeoutError,
)  # fmt: skip
"""After a timeout the model may still be at work, and would be paid twice; the others would say the same again."""


class Caller:
    def __init__(self, name: str, opened: Opened, patience: Patience, circuit: Circuit, sleep: Sleep) -> None:
        self._name = name
        self._opened = opened
        self._patience = patience
        self._circuit = circuit
        self._sleep = sleep

    async def ask(self, instructions: str, prompt: str, output: type[T], tool: str) -> Reply[T]:
        line = _Line(self._name, self._opened, self._patience, self._circuit, self._sleep)
        started = time.perf_counter()
        bound = NativeOutput(output, name=tool) if self._opened.by_grammar else ToolOutput(output, name=tool, max_retries=1)
        agent = Agent(
            line, output_type=bound, instructions=instructions, retries=1,
            model_settings=ModelSettings(max_tokens=self._patience.most_output_tokens),
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._patience.total_seconds):
                found = (await agent.run(prompt)).output
        except TimeoutError as error:
            self._circuit.failed()
            failure = line.away("timed_out", f"did not answer within {self._patience.total_seconds:g} s")
            raise _with(failure, line.spent(started)) from error
        except failures.UnexpectedModelBehavior as error:
            raise _with(line.misbehaved(error), line.spent(started)) from error
        except LlmUnavailable as failure:
            raise _with(failure, line.spent(started)) from failure.__cause__
        return Reply(found, self._name, line.spent(started))

    async def close(self) -> None:
        await self._opened.close()


class _Line(WrapperModel):
    """The model for the length of one question: asks again where it was busy, and remembers what it replied."""

    def __init__(self, name: str, opened: Opened, patience: Patience, circuit: Circuit, sleep: Sleep) -> None:
        super().__init__(opened.model)
        self._name = name
        self._patience = patience
        self._circuit = circuit
        self._sleep = sleep
        self._by_grammar = opened.by_grammar
        self._proxy = opened.proxy
        self._replies: list[ModelResponse] = []

    async def request(
        self, messages: list[ModelMessage], model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:  # fmt: skip
        for attempt in itertools.count(1):
            self._circuit.enter()
            try:
                async with asyncio.timeout(self._patience.request_seconds):
                    reply = await super().request(messages, model_settings, model_request_parameters)
            except TimeoutError as error:
                self._circuit.failed()
                raise self.away("timed_out", f"did not answer within {self._patience.request_seconds:g} s") from error
            except _CLIENT_REFUSED as error:
                # The library's own client, before anything was sent: its text may hold a key, so it is not told.
                raise self.away(
                    "rejected", "cannot be asked with these settings: check the login and the address"
                ) from error
            except failures.ModelAPIError as error:
                wait = self._wait_seconds(error, attempt)
                if wait is None:
                    raise self._gave_up(error, attempt) from error
                await self._sleep(wait)
            else:
                self._circuit.succeeded()
                self._replies.append(reply)
                self._check_ending(reply)
                return reply
        raise AssertionError

    def _wait_seconds(self, error: failures.ModelAPIError, attempt: int) -> float | None:
        """Until the next attempt; None where there is to be none."""
        if attempt >= self._patience.attempts or isinstance(error, _NOT_AGAIN):
            return None
        return self._patience.wait_seconds(attempt, error.retry_after)

    def _gave_up(self, error: failures.ModelAPIError, attempts: int) -> LlmUnavailable:
        times = "once" if attempts == 1 else f"{attempts} times"
        status = f" (HTTP {error.status_code})" if isinstance(error, failures.ModelHTTPError) else ""
        match error:
            case failures.ModelRequestRejectedError():
                # The model is there, and would say the same again: no reason to leave it alone.
                return self.away(
                    "rejected", f"does not take the request{status}: check the key, the rights and the model's id"
                )
            case failures.ModelQuotaExceededError():
                reason, said = "throttled", f"has no quota left{status}"
            case failures.ModelRateLimitError():
                reason, said = "throttled", f"was too busy, asked {times}{status}"
            case failures.ModelRequestTimeout() | failures.ModelTimeoutError():
                reason, said = "timed_out", f"did not answer within {self._patience.request_seconds:g} s"
            case failures.ModelUnavailableError() | failures.ModelServerError() | failures.ModelConnectionError():
                unknown = unknown_host(error, "")
                reason, said = "unreachable", f"did not answer, asked {times}{status}" + (f": {unknown}" if unknown else "")
            case _:
                reason, said = "unreachable", f"gave an answer that is none of its protocol{status}"
        self._circuit.failed()
        return self.away(reason, said)

    def _check_ending(self, reply: ModelResponse) -> None:
        """The library would ask again after a guardrail or a reply that was cut off; neither gets better by it."""
        ending = (reply.provider_details or {}).get("finish_reason") or reply.finish_reason
        if reply.finish_reason == "content_filter":
            raise self.away("refused", f"refused: its filter stepped in ({ending})")
        if reply.finish_reason == "length":
            raise self.away("malformed", f"did not come to an end within {self._patience.most_output_tokens} tokens")

    def misbehaved(self, error: failures.UnexpectedModelBehavior) -> LlmUnavailable:
        """Two replies, and neither could be read."""
        if isinstance(error, failures.ContentFilterError):
            return self.away("refused", "refused: its filter stepped in")
        has_called = self._replies and any(isinstance(part, ToolCallPart) for part in self._replies[-1].parts)
        if self._replies and not has_called and not self._by_grammar:
            return self.away("refused", "answered in words instead of what was asked for")
        if not self._replies:
            self._circuit.failed()
            return self.away("unreachable", "gave an answer that is none of its protocol")
        return self.away("malformed", f"gave a malformed reply {len(self._replies)} times")

    def away(self, reason: str, said: str) -> LlmUnavailable:
        over = f"; it was asked over the proxy {self._proxy}" if self._proxy else ""
        return LlmUnavailable(f"{self._name} {said}{over}.", reason=reason, model=self._name)

    def spent(self, started: float) -> Spent:
        usage = [reply.usage for reply in self._replies]
        return Spent(
            len(usage), sum(each.input_tokens for each in usage), sum(each.output_tokens for each in usage),
            round((time.perf_counter() - started) * 1e3, 1), self._cost(),
        )  # fmt: skip

    def _cost(self) -> float | None:
        try:
            return float(sum(reply.cost().total_price for reply in self._replies))
        except (LookupError, ValueError, AssertionError):
            return None


def _with(failure: LlmUnavailable, spent: Spent) -> LlmUnavailable:
    failure.spent = spent
    return failure
