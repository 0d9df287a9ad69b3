"""A server of somebody else's, in a process of its own, on a free port of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

import pytest


@contextmanager
def serving(command, log, **environment):
    """Yield the address of a server that ``command`` starts; its output goes into ``log``."""
    with started(command, log, **environment) as (address, _):
        yield address


@contextmanager
def started(command, log, **environment):
    """Yield the address of a server as ``serving`` does, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = ["--host", "127.0.0.1", "--port", str(port)]
    with log.open("w") as written:
        process = subprocess.Popen(
            [*command, *place], env=os.environ | environment, stdout=written, stderr=written
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1", process
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address, process, log):
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")
