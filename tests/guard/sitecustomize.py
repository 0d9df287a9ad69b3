"""No test reaches beyond this machine: what tries is refused, and its address is written down.

Every Python that the tests start imports this file, since its folder stands in PYTHONPATH.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from functools import cache
from pathlib import Path
from typing import Any

ATTEMPTS = "SLM_TEST_NETWORK_ATTEMPTS"
"""Names the file that takes the address of each attempt."""
LOCAL = ("", "localhost", "ip6-localhost")
RAY_ASKS = ("169.254.169.254", "metadata.google.internal")
"""Where Ray asks in which cloud it runs, when it starts: addresses that no cloud lets out."""


@cache
def own_addresses() -> frozenset[str]:
    """Return the addresses of this machine: processes on it may find each other by them."""
    found = {socket.gethostname()}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))  # sends nothing: it only picks the way out
            found.add(one.getsockname()[0])
        except OSError:
            pass
    return frozenset(found)


def local(host: Any) -> bool:
    """Tell whether a name or an address is one of this machine."""
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return name in LOCAL or name in own_addresses()
    return address.is_loopback or address.is_unspecified or name in own_addresses()


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what leaves this machine: a connection, or the question for a name's address."""
    if event == "socket.connect":
        one, address = arguments
        if one.family not in (socket.AF_INET, socket.AF_INET6) or one.type & socket.SOCK_DGRAM:
            return
        host = address[0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if local(host) or ("ray" in sys.modules and host in RAY_ASKS):
        return
    with Path(os.environ[ATTEMPTS]).open("a", encoding="utf-8") as file:
        file.write(f"{event} {host}\n")
    raise ConnectionRefusedError(f"a test asked for {host}: no test leaves this machine")


if ATTEMPTS in os.environ:
    sys.addaudithook(refuse)
