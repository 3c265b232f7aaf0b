"""Local servers that speak the protocols of Bedrock (Converse), Anthropic and OpenAI over real sockets, from a script."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

Protocol = Literal["bedrock", "anthropic", "openai"]
PROTOCOLS: tuple[Protocol, ...] = ("bedrock", "anthropic", "openai")


@dataclass(frozen=True)
class Step:
    """What the server does with one request."""

    kind: Literal["tool", "words", "filtered", "cut_off", "status", "page", "hang_up", "silence"]
    args: Any = None
    tool: str = "write_sql"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def replies(args: Any, tool: str = "write_sql") -> Step:
    return Step("tool", args, tool)


def says(args: Any) -> Step:
    """The arguments alone, as a server replies that binds its model by grammar."""
    return replies(args, tool="")


def writes(sql: str) -> Step:
    return replies({"sql": sql, "explanation": "Counts what is asked for."})


WORDS = Step("words")
FILTERED = Step("filtered")
CUT_OFF = Step("cut_off")
PAGE = Step("page")
HANG_UP = Step("hang_up")
SILENCE = Step("silence")


def fails(status: int, *headers: tuple[str, str]) -> Step:
    return Step("status", status=status, headers=headers)


@dataclass
class FakeModel:
    """Plays its script, one step a request, the last one for ever; keeps what it was asked."""

    protocol: Protocol
    port: int = 0
    script: list[Step] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    serving: dict[asyncio.Task[Any], asyncio.StreamWriter] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.protocol}:{'us.anthropic.claude-sonnet-4-6' if self.protocol == 'bedrock' else 'small-model'}"

    @property
    def environment(self) -> dict[str, str]:
        address = f"http://127.0.0.1:{self.port}"
        return {
            "bedrock": {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": address, "AWS_DEFAULT_REGION": "us-east-1",
                        "AWS_ACCESS_KEY_ID": "key-of-the-tests", "AWS_SECRET_ACCESS_KEY": "secret-of-the-tests"},
            "anthropic": {"ANTHROPIC_BASE_URL": address, "ANTHROPIC_API_KEY": "secret-of-the-tests"},
            "openai": {"OPENAI_BASE_URL": f"{address}/v1", "OPENAI_API_KEY": "secret-of-the-tests"},
        }[self.protocol]  # fmt: skip

    def plays(self, *script: Step) -> None:
        self.script[:] = script
        self.asked.clear()

    def prompts(self) -> list[str]:
        """All that a model read, request by request."""
        return [json.dumps(each, ensure_ascii=False) for each in self.asked]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.serving[task] = writer
        try:
            while body := await _request(reader):
                self.asked.append(json.loads(body))
                step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                if step.kind == "silence":
                    await reader.read()  # until the client leaves
                    return
                if step.kind == "hang_up":
                    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{")
                    await writer.drain()
                    return
                writer.write(self._response(step))
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            del self.serving[task]
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def _response(self, step: Step) -> bytes:
        kind, headers = "application/json", list(step.headers)
        if step.kind == "page":
            kind, text = "text/html", "<html><body>Please sign in to the hotel's network</body></html>"
        elif step.kind == "status":
            text, more = _failure(self.protocol, step.status)
            headers += more
        else:
            text = json.dumps(_BODIES[self.protocol](step))
        lines = [f"HTTP/1.1 {step.status} X", f"content-type: {kind}", f"content-length: {len(text.encode())}"]
        lines += [f"{name}: {value}" for name, value in headers]
        return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


@asynccontextmanager
async def fake_model(protocol: Protocol) -> AsyncIterator[FakeModel]:
    model = FakeModel(protocol)
    server = await asyncio.start_server(model.serve, "127.0.0.1", 0)
    model.port = server.sockets[0].getsockname()[1]
    yield model
    server.close()
    for writer in model.serving.values():
        writer.close()
    await asyncio.gather(*model.serving, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> bytes:
    """The body of the next request on the connection; empty where there is none."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
    length = next((line.partition(":")[2] for line in head.split("\r\n") if line.startswith("content-length:")), "0")
    return await reader.readexactly(int(length))


def _failure(protocol: Protocol, status: int) -> tuple[str, list[tuple[str, str]]]:
    said = "no, and your key secret-of-the-tests is on the list"
    if protocol == "bedrock":
        names = {400: "ValidationException", 403: "AccessDeniedException", 404: "ResourceNotFoundException",
                 429: "ThrottlingException", 503: "ServiceUnavailableException"}  # fmt: skip
        return json.dumps({"message": said}), [("x-amzn-errortype", names.get(status, "InternalServerException"))]
    names = {429: "rate_limit_error", 503: "api_error"}
    return json.dumps({"type": "error", "error": {"type": names.get(status, "invalid_request_error"), "message": said}}), []


def _converse(step: Step) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"text": "I would rather not."}]
    if step.kind in ("tool", "cut_off"):
        content = [{"toolUse": {"toolUseId": "call-1", "name": step.tool, "input": step.args or {}}}]
    ending = {"tool": "tool_use", "words": "end_turn", "filtered": "guardrail_intervened", "cut_off": "max_tokens"}[
        step.kind
    ]
    return {
        "output": {"message": {"role": "assistant", "content": content}}, "stopReason": ending,
        "usage": {"inputTokens": 1000, "outputTokens": 50, "totalTokens": 1050}, "metrics": {"latencyMs": 5},
    }  # fmt: skip


def _messages(step: Step) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": "I would rather not."}]
    if step.kind in ("tool", "cut_off"):
        content = [{"type": "tool_use", "id": "call-1", "name": step.tool, "input": step.args or {}}]
    ending = {"tool": "tool_use", "words": "end_turn", "filtered": "refusal", "cut_off": "max_tokens"}[step.kind]
    return {
        "id": "msg-1", "type": "message", "role": "assistant", "model": "small-model", "content": content,
        "stop_reason": ending, "stop_sequence": None, "usage": {"input_tokens": 1000, "output_tokens": 50},
    }  # fmt: skip


def _completion(step: Step) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": "I would rather not."}
    if step.kind == "tool" and step.tool == "":
        message["content"] = json.dumps(step.args)
    elif step.kind in ("tool", "cut_off"):
        given = step.args if isinstance(step.args, str) else json.dumps(step.args or {})
        call = {"id": "call-1", "type": "function", "function": {"name": step.tool, "arguments": given}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    ending = {"tool": "tool_calls", "words": "stop", "filtered": "content_filter", "cut_off": "length"}[step.kind]
    return {
        "id": "chat-1", "object": "chat.completion", "created": 1_770_000_000, "model": "small-model",
        "choices": [{"index": 0, "message": message, "finish_reason": ending}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050},
    }  # fmt: skip


_BODIES: dict[Protocol, Callable[[Step], dict[str, Any]]] = {
    "bedrock": _converse, "anthropic": _messages, "openai": _completion,
}  # fmt: skip
