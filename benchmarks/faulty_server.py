"""A server in OpenAI's form that fails in every way that servers fail, by a seed.

``python -m benchmarks.faulty_server SEED`` prints its address, and serves until its input ends.
What it does to a request hangs on the document and on how often it was asked.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FAULTS = {"429": 0.03, "500": 0.03, "reset": 0.02, "half": 0.02, "garbage": 0.01, "stall": 0.002}
"""Share of requests that meet each fault. Every fault but a refusal passes when asked again."""
REFUSED = 0.005
"""Share of documents that are refused however often they are asked."""
SILENT = 0.2
"""Share of answers without log-probabilities."""
STALL = 6.0
RESTARTS = 2_000
"""Requests after which the server is away for a second."""


class Faulty:
    """Decides what happens to each request, and counts it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.asked: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.total = 0
        self.lock = threading.Lock()
        self.away_until = 0.0

    def fate(self, name: str) -> str:
        """Return what happens to this request for a document."""
        with self.lock:
            self.asked[name] += 1
            self.total += 1
            if self.total % RESTARTS == 0:
                self.away_until = time.monotonic() + 1.0
            if time.monotonic() < self.away_until:
                return self._counted("reset")
            if random.Random(f"{self.seed}/{name}").random() < REFUSED:
                return self._counted("refused")
            draw = random.Random(f"{self.seed}/{name}/{self.asked[name]}").random()
            for fault, share in FAULTS.items():
                if draw < share:
                    return self._counted(fault)
                draw -= share
            return self._counted("answered")

    def _counted(self, fate: str) -> str:
        self.done[fate] += 1
        return fate


def completion(seed: int, name: str, text: str) -> dict[str, Any]:
    """Return an answer in OpenAI's form, now and then without log-probabilities."""
    content = [{"token": one, "logprob": -0.01, "bytes": [*one.encode()]} for one in text]
    content.append({"token": "<end>", "logprob": -0.01, "bytes": [*b"<end>"]})
    silent = random.Random(f"{seed}/{name}/silent").random() < SILENT
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop",
              "logprobs": None if silent else {"content": content}}  # fmt: skip
    return {"object": "chat.completion", "choices": [choice]}


class Handler(BaseHTTPRequestHandler):
    """Meets each request with its fate."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        """Tell what happened so far."""
        faulty = self.server.faulty
        told = {"asked": faulty.total, **faulty.done, "most": max(faulty.asked.values(), default=0)}
        self._send(json.dumps({"object": "list", "data": [{"id": "m"}], **told}))

    def do_POST(self) -> None:
        """Answer, or fail."""
        faulty = self.server.faulty
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name = body["messages"][-1]["content"].partition("Total: ")[2].split()[0]
        fate = faulty.fate(name)
        whole = json.dumps(completion(faulty.seed, name, json.dumps({"total": name})))
        half = whole[: len(whole) // 2]
        if fate in ("429", "500", "refused"):
            self._send('{"error": "not now"}', 500 if fate == "refused" else int(fate))
        elif fate in ("half", "garbage"):
            self._send(half, promised=len(whole) if fate == "half" else 0)
        elif fate == "reset":
            self._reset()
        else:
            time.sleep(STALL if fate == "stall" else 0.002)
            self._send(whole)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _send(self, text: str, status: int = 200, promised: int = 0) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        if status == 429:
            self.send_header("retry-after", "0.05")
        self.send_header("content-length", str(promised or len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = bool(promised)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A server that says nothing of clients that went away."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.faulty = Faulty(seed)

    def handle_error(self, *_: Any) -> None:
        """Say nothing."""


def main() -> None:
    server = Server(int(sys.argv[1]))
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
