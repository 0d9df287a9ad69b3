"""A server on loopback that answers in OpenAI's form, and misbehaves when told to."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import torch
from transformers.convert_slow_tokenizer import bytes_to_unicode

END = "<|im_end|>"
FIELDS = '{"total":"9"}'


@dataclass
class Reply:
    """What the server sends: JSON, unless ``raw`` says otherwise."""

    body: object = None
    status: int = 200
    headers: dict = field(default_factory=dict)
    raw: bytes | None = None
    promised: int = 0
    seconds: float = 0.0


def completion(tokens, *, chat=True, finish="stop", logprobs=True, cut_bytes=False):
    """OpenAI's JSON for tokens of (bytes, log-probability, whether it ends the turn)."""
    text = b"".join(said for said, _, end in tokens if not end).decode("utf-8", "replace")
    shown = [said.decode("utf-8", "replace") for said, _, _ in tokens]
    numbers = [number for _, number, _ in tokens]
    if chat:
        content = [
            {"token": token, "logprob": number, "bytes": None if cut_bytes else list(said)}
            for token, number, (said, _, _) in zip(shown, numbers, tokens, strict=True)
        ]
        choice = {"message": {"role": "assistant", "content": text}}
        given = {"content": content}
    else:
        choice = {"text": text}
        given = {"tokens": shown, "token_logprobs": numbers}
    choice |= {"index": 0, "finish_reason": finish, "logprobs": given if logprobs else None}
    return {"object": "completion", "choices": [choice]}


def characters(text, logprob=-0.1):
    """A token a character, and the end of the turn."""
    return [*((one.encode(), logprob, False) for one in text), (END.encode(), logprob, True)]


def plain(body, **form):
    """The same two fields to every question."""
    return Reply(completion(characters(FIELDS), chat="messages" in body, **form))


class Writer:
    """Serves a loaded model: transformers' own greedy decoding, a prompt at a time."""

    def __init__(self, local):
        self.model, self.tokenizer = local.model, local.tokenizer
        self.form = {}
        self._written = {}
        self._bytes = {sign: byte for byte, sign in bytes_to_unicode().items()}

    def __call__(self, body):
        chat = "messages" in body
        prompt = body.get("prompt") or self.tokenizer.apply_chat_template(
            body["messages"], tokenize=False, add_generation_prompt=True
        )
        if prompt not in self._written:
            self._written[prompt] = self._write(prompt, body["max_tokens"])
        tokens, finish = self._written[prompt]
        return Reply(completion(tokens, chat=chat, finish=finish, **self.form))

    def _write(self, prompt, most):
        ids = self.tokenizer(prompt, add_special_tokens=False, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            made = self.model.generate(
                input_ids=ids,
                max_new_tokens=most,
                do_sample=False,
                return_dict_in_generate=True,
                output_logits=True,
            )
        said = made.sequences[0, ids.shape[1] :].tolist()
        rows = torch.cat(made.logits).float().log_softmax(-1)
        numbers = rows[range(len(said)), said].tolist()
        end = self.tokenizer.eos_token_id
        signs = self.tokenizer.convert_ids_to_tokens(said)
        tokens = [
            (END.encode() if one == end else bytes(map(self._bytes.get, sign)), number, one == end)
            for one, sign, number in zip(said, signs, numbers, strict=True)
        ]
        return tokens, "stop" if said[-1] == end else "length"


class Stub:
    """The server; ``reply`` maps a request's body to a ``Reply``, ``seen`` is what was asked."""

    def __init__(self, reply=plain):
        self.reply = reply
        self.models = ["tiny"]
        self.listing = None
        self.seen = []
        self.most_at_once = self._now = 0
        self._lock = threading.Lock()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                stub.seen.append((self.path, dict(self.headers), None))
                listed = [{"id": name, "object": "model"} for name in stub.models]
                stub.send(self, stub.listing or Reply({"object": "list", "data": listed}))

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with stub._lock:
                    stub.seen.append((self.path, dict(self.headers), body))
                    stub._now += 1
                    stub.most_at_once = max(stub.most_at_once, stub._now)
                reply = stub.reply(body)
                time.sleep(reply.seconds)
                with stub._lock:
                    stub._now -= 1
                stub.send(self, reply)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def bodies(self):
        """What was posted, in the order of arrival."""
        return [body for _, _, body in self.seen if body]

    @staticmethod
    def send(handler, reply):
        data = json.dumps(reply.body).encode() if reply.raw is None else reply.raw
        handler.send_response(reply.status)
        headers = {"content-type": "application/json"} | reply.headers
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(data) + reply.promised))
        handler.end_headers()
        handler.wfile.write(data)
        handler.close_connection = bool(reply.promised)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def in_turn(*replies, then=plain):
    """A reply that changes from request to request."""
    left = list(replies)
    lock = threading.Lock()

    def reply(body):
        with lock:
            one = left.pop(0) if left else then
        return one(body) if callable(one) else one

    return reply
