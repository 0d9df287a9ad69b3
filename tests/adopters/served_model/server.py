"""Stands for vLLM, llama.cpp or TGI: an OpenAI-compatible server with one model.

``python server.py PORT``. The model takes the first eight values in the order in which they stand.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODEL = "invoices-1.5b-lora"


def answer(prompt):
    keys, _, text = prompt.partition("\n\n")
    names = json.loads(keys.partition(": ")[2])
    values = [line.partition(": ")[2] for line in text.splitlines() if ": " in line]
    values += [None] * len(names)
    return json.dumps(dict(zip(names, values, strict=False)))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._say({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = answer(asked["messages"][-1]["content"])
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        self._say({"object": "chat.completion", "model": MODEL, "choices": [choice]})

    def _say(self, document):
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
