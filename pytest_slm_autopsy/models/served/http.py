"""Requests to a server: with retries, and without its secrets in any text."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from hashlib import sha256
from ipaddress import ip_address
from os.path import commonprefix
from ssl import SSLContext
from typing import Any, Final, TypeVar
from urllib.parse import quote

from pytest_slm_autopsy.errors import ConfigError, MissingExtraError

try:
    import httpx2 as httpx
    from anyio.from_thread import start_blocking_portal
except ImportError as error:
    raise MissingExtraError("httpx2", "served") from error

T = TypeVar("T")

LONGEST_PAUSE: Final = 60.0
"""Longest pause in seconds, even where a server asks for a longer one."""
SHOWN: Final = 300
"""Largest number of characters of a server's message that a sentence repeats."""
SECRET: Final = 4
"""Shortest length, in characters, of a text that is hidden as a secret.

A shorter one may stand in any sentence by chance."""
BEGINNING: Final = 8
"""Characters of a secret's beginning that are hidden too: a sentence may repeat a part only."""
_SECRET: Final = re.compile("key|token|secret|sig|pass|auth|code", re.IGNORECASE)
_CLIENT: Final = ("httpx2", "httpcore2")
_OWN_FAULT: Final = re.compile(
    r"""
    context.?(?:length|window|size) | too[ ](?:long|many[ ]tokens) | longer[ ]than
    | must[ ]have[ ]less[ ]than | max_new_tokens.{,2}[ ]must[ ]be
    | content.?(?:filter|management)
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Trouble(Exception):
    """A request got no answer; holds the message, and whether asking again may help."""

    def __init__(
        self,
        said: str,
        *,
        again: bool = True,
        pause: float | None = None,
        own: bool = False,
        crowded: bool = False,
    ) -> None:
        super().__init__(said)
        self.again = again
        self.pause = pause
        self.own = own
        """True where only this request is at fault: the server may well take others."""
        self.crowded = crowded
        """True where requests at the same time may be at fault: alone it may be answered."""


class Server:
    """A server's address and its key; neither the key nor other secrets are ever shown.

    Raises:
        ConfigError: the address is not an http(s) address.
    """

    def __init__(self, url: str, *, key_variable: str, timeout: float, retries: int) -> None:
        try:
            self._url = httpx.URL(url)
        except (httpx.InvalidURL, TypeError):
            self._url = httpx.URL("")
        if self._url.scheme not in ("http", "https") or not self._url.host:
            raise ConfigError(
                "the address of the server cannot be read; it looks like http://127.0.0.1:8000/v1"
            )
        self._key_variable = key_variable
        self._timeout = timeout
        self._retries = retries
        self._down, self._given = False, 0
        self.shown = str(self._url.copy_with(userinfo=b"", query=None, fragment=None))
        telling = [pair for pair in self._url.params.multi_items() if not _SECRET.search(pair[0])]
        self.place = sha256(repr((self.shown, telling)).encode()).hexdigest()

    def __repr__(self) -> str:
        return f"<Server {self.shown}>"

    def client(self) -> httpx.AsyncClient:
        """Return a client that sends the key; the client itself has no time limit.

        Raises:
            ConfigError: the key has characters that a header cannot hold.
        """
        # A proxy of the environment is for other machines: it cannot reach this one.
        direct = {f"all://{self._url.host}": None} if _is_here(self._url.host) else {}
        return httpx.AsyncClient(
            headers=self._authorization(), timeout=None, verify=_tls(), mounts=direct
        )

    async def ask(
        self,
        client: httpx.AsyncClient,
        path: str,
        read: Callable[[Any], T],
        body: dict[str, Any] | None = None,
    ) -> T:
        """Return what ``read`` makes of the server's JSON; a ``body`` is posted.

        The request is repeated after a pause where that may help. A server that failed all tries,
        and answered nobody meanwhile, is asked only once from then on, until it answers.

        Raises:
            Trouble: no answer; the sentence says why, without secrets.
        """
        tries, before = 1 if self._down else self._retries + 1, self._given
        for number in range(1, tries + 1):
            try:
                found = read(await self._json(client, path, body))
            except (Trouble, ValueError) as error:
                trouble = error if isinstance(error, Trouble) else Trouble(f"answered {error}")
                if not trouble.again:
                    raise self._told(trouble) from None
                if number == tries:
                    self._down = self._given == before
                    raise self._told(trouble, f" ({tries} times)" * (tries > 1)) from None
                await pause(_pause(number) if trouble.pause is None else trouble.pause)
            else:
                self._down = False
                self._given += 1
                return found
        raise AssertionError("there is at least one try")

    def run(self, work: Callable[..., Awaitable[T]], *args: Any) -> T:
        """Return the result of the asynchronous ``work``; Ctrl-C ends all requests under way."""
        # The event loop gets a thread of its own: the caller's thread may be running one already.
        with self._discreet(), start_blocking_portal() as portal:
            return portal.call(work, *args)

    @contextmanager
    def _discreet(self) -> Iterator[None]:
        """Keep secrets out of the log records of the client inside the block."""

        def discreet(record: logging.LogRecord) -> bool:
            record.msg, record.args = self.clean(record.getMessage()), ()
            return True

        names = [one for one in logging.root.manager.loggerDict if one.startswith(_CLIENT)]
        loggers = [logging.getLogger(name) for name in names]
        for logger in loggers:
            logger.addFilter(discreet)
        try:
            yield
        finally:
            for logger in loggers:
                logger.removeFilter(discreet)

    async def _json(self, client: httpx.AsyncClient, path: str, body: dict[str, Any] | None) -> Any:
        url = self._url.copy_with(path=f"{self._url.path.rstrip('/')}/{path}")
        try:
            async with asyncio.timeout(self._timeout):
                response = await client.request("POST" if body else "GET", url, json=body)
        except TimeoutError:
            raise Trouble(
                f"gave no answer within {self._timeout:g} s; is it overloaded? Allow a longer "
                "timeout, or ask less at once (concurrency)"
            ) from None
        except httpx.RequestError as error:
            raise Trouble(
                f"cannot be reached ({type(error).__name__}: {error}); is it running, and is the "
                "address right?"
            ) from None
        if not response.is_success:
            raise self._refusal(response)
        try:
            return response.json()
        except (ValueError, RecursionError):
            kind = response.headers.get("content-type", "something")
            raise Trouble(
                f"answered no JSON but {kind}, {self.clean(response.text)[:60]!r}; is the "
                "address right? It usually ends in /v1"
            ) from None

    def _refusal(self, response: httpx.Response) -> Trouble:
        status, said = response.status_code, self.clean(_message(response))[:SHOWN]
        own = status not in (401, 403, 404, 429) and bool(_OWN_FAULT.search(said))
        own = own or status == 413
        again = (status in (408, 429) or status >= 500) and not own
        # A server whose requests share one context calls a full one its own fault, with a 500.
        crowded = own and status >= 500
        if status in (401, 403):
            remedy = f"; put a key that may ask into the environment variable {self._key_variable}"
        elif status == 404:
            remedy = "; is the address right (it usually ends in /v1), and the model's name?"
        else:
            remedy = ""
        asked = _retry_after(response.headers.get("retry-after", ""))
        return Trouble(
            f"answered {status}: {said}{remedy}", again=again, pause=asked, own=own, crowded=crowded
        )

    def _told(self, trouble: Trouble, more: str = "") -> Trouble:
        sentence = f"the server {self.shown} {self.clean(str(trouble))}{more}"
        return Trouble(sentence, again=trouble.again, own=trouble.own, crowded=trouble.crowded)

    def _authorization(self) -> dict[str, str]:
        # No variable holds the key, since pytest --showlocals prints variables.
        if not self._key():
            return {}
        if not (self._key().isascii() and self._key().isprintable()):
            raise ConfigError(
                f"the environment variable {self._key_variable} holds no key: it has characters "
                "that no header can hold"
            )
        return {"Authorization": f"Bearer {self._key()}"}

    def _key(self) -> str:
        return os.environ.get(self._key_variable, "").strip()

    def clean(self, text: str) -> str:
        """Return ``text`` without secrets."""
        secrets = [self._key(), *self._url.params.values()]
        secrets += [self._url.username, self._url.password]
        secrets.append(b64encode(self._url.userinfo).decode())
        known = {form for one in secrets for form in (one, quote(one, safe=""))}
        for secret in sorted(known, key=len, reverse=True):
            if len(secret) >= SECRET:
                text = text.replace(secret, "***")
            if len(secret) > BEGINNING:
                text = _without_beginnings(text, secret)
        return text


def _without_beginnings(text: str, secret: str) -> str:
    """Return ``text`` without pieces of a secret that was cut off before it was hidden."""
    at = text.find(secret[:BEGINNING])
    while at >= 0:
        end = at + len(commonprefix([text[at : at + len(secret)], secret]))  # noqa: RUF071
        text = f"{text[:at]}***{text[end:]}"
        at = text.find(secret[:BEGINNING], at + 3)
    return text


async def pause(seconds: float) -> None:
    """Wait before a server is asked again."""
    await asyncio.sleep(seconds)


@cache
def _tls() -> SSLContext:
    return httpx.create_ssl_context()  # cached: making it takes longer than a short answer


def _pause(number: int) -> float:
    """Return the seconds to wait before try ``number`` + 1: twice as long each time.

    A random factor keeps many requests from asking at once.
    """
    return min(LONGEST_PAUSE, 2.0 ** (number - 1)) * random.uniform(0.5, 1)


def _retry_after(header: str) -> float | None:
    """Return the seconds that a header of seconds or a date asks for, at most the longest pause."""
    if re.fullmatch(r"\d+(\.\d+)?", header):
        return min(float(header), LONGEST_PAUSE)
    try:
        wait = (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    return max(0.0, min(wait, LONGEST_PAUSE))


def _message(response: httpx.Response) -> str:
    """Return a server's message on its refusal, in one line, whatever form the server gives it."""
    try:
        found = response.json()
        for name in ("error", "detail", "message"):
            found = found.get(name, found) if isinstance(found, dict) else found
    except (ValueError, RecursionError):
        found = response.text
    return " ".join(str(found).split()) or response.reason_phrase


def _is_here(host: str) -> bool:
    """Tell whether a host is this machine: ``localhost``, or a loopback address."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
