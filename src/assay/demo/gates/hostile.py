"""A hostile model: a server of the OpenAI protocol on a local port that answers every request with the SQL it is told to.

It plays no model that Assay needs. It is the adversary of gate 6: what it writes must never run, whoever asked for it.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NAME = "openai:hostile-model"
_TOOL = "write_sql"


@dataclass
class HostileModel:
    port: int
    sql: str = "SELECT 1"
    asked: list[Any] = field(default_factory=list)
    """What it was sent, newest last."""

    @property
    def environment(self) -> dict[str, str]:
        address = f"http://127.0.0.1:{self.port}/v1"
        return {"ASSAY_LLM": NAME, "OPENAI_BASE_URL": address, "OPENAI_API_KEY": "key-of-nobody"}

    def reply(self) -> dict[str, Any]:
        written = json.dumps({"sql": self.sql, "explanation": "Counts what is asked for."})
        call = {"id": "call-1", "type": "function", "function": {"name": _TOOL, "arguments": written}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        return {
            "id": "chat-1", "object": "chat.completion", "created": 1_770_000_000, "model": "hostile-model",
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }  # fmt: skip


@contextmanager
def hostile_model() -> Iterator[HostileModel]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            model.asked.append(json.loads(self.rfile.read(length)))
            body = json.dumps(model.reply()).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Kept in `asked` instead."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    model = HostileModel(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
