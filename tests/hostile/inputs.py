"""Hostile input, drawn: JSON of any shape, documents broken in one place, and bytes of no form."""

from __future__ import annotations

import json
import os
import struct

from hypothesis import HealthCheck
from hypothesis import strategies as st

from pytest_slm_autopsy.errors import SlmAutopsyError

HOW = {
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "derandomize": "SLM_FUZZ" not in os.environ,
}
"""The same examples in every run; with SLM_FUZZ set, new ones: a find is a test to be added."""

NASTY_TEXT = (
    "\x00",
    "\ud800",
    "\u202e",
    "\x1b]0;x\x07",
    "</script>",
    "=1+1",
    "../../../../etc/passwd",
    "a" * 5_000,
    "\N{COMBINING ACUTE ACCENT}" * 50,
)
HUGE = 10**400
NUMBERS = (
    st.integers()
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.sampled_from([HUGE, -HUGE, 2**63, 1e308, -1, 0])
)
TEXTS = st.text(max_size=12) | st.sampled_from(NASTY_TEXT)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS


def values(names=()):
    """JSON values, whose objects use some of the ``names`` as keys."""
    keys = TEXTS | st.sampled_from(sorted(names)) if names else TEXTS
    return st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    )


def places(value, at=()):
    """The paths of all parts of a JSON value, itself included."""
    yield at
    if isinstance(value, dict | list):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*at, name))


def replaced(value, at, part):
    """A copy with one part exchanged; ``...`` takes it away."""
    if not at:
        return part
    copy = value.copy()
    inner = replaced(copy[at[0]], at[1:], part)
    if inner is ...:
        del copy[at[0]]
    else:
        copy[at[0]] = inner
    return copy


@st.composite
def broken(draw, sound):
    """A sound document with one or two parts exchanged or taken away."""
    found = sound
    names = {at[-1] for at in places(sound) if at and isinstance(at[-1], str)}
    for _ in range(draw(st.integers(1, 2))):
        spots = [at for at in places(found) if at]
        if not spots:
            break
        found = replaced(found, draw(st.sampled_from(spots)), draw(st.just(...) | values(names)))
    return found


def dumped(value):
    """JSON as bytes, lone surrogates as they are."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


DEEP = st.integers(400, 1_200).flatmap(
    lambda depth: st.sampled_from(
        [
            b"[" * depth + b"]" * depth,
            b'{"a":' * depth + b"1" + b"}" * depth,
            b"[" * 100_000,
            b'{"a":' * 100_000,
        ]
    )
)
"""Nesting about the depth at which the interpreter gives up, and far beyond."""

LONG_NUMBER = b"9" * 5_000
"""More digits than ``int`` takes from a text."""


def within(value):
    """Bytes of a sound document in which one part is nesting or a number without end."""
    spots = [at for at in places(value) if at]
    mark = "mark-of-a-place"

    def at_place(pair):
        place, inside = pair
        return dumped(replaced(value, place, mark)).replace(f'"{mark}"'.encode(), inside)

    return st.tuples(st.sampled_from(spots), DEEP | st.just(LONG_NUMBER)).map(at_place)


@st.composite
def cut_or_flipped(draw, data):
    """Sound bytes, cut short, lengthened, or with a few of them changed."""
    found = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        if found:
            found[draw(st.integers(0, len(found) - 1))] = draw(st.integers(0, 255))
    end = draw(st.integers(0, len(found)))
    tail = draw(st.binary(max_size=20))
    return bytes(found[:end]) + tail if draw(st.booleans()) else bytes(found)


def hostile(sound):
    """Bytes in place of a sound JSON document: of any kind that this module knows."""
    return st.one_of(
        broken(sound).map(dumped),
        within(sound),
        values(at[-1] for at in places(sound) if at and isinstance(at[-1], str)).map(dumped),
        cut_or_flipped(dumped(sound)),
        st.binary(max_size=60),
        DEEP,
    )


def safetensors_file(header, body=b"", length=None):
    """A safetensors file of a header, as bytes or as JSON, and of what it says of its length."""
    raw = header if isinstance(header, bytes) else dumped(header)
    return struct.pack("<Q", len(raw) if length is None else length) + raw + body


def refused(read, *arguments):
    """Whether input was refused in a sentence; any other error is raised."""
    try:
        read(*arguments)
    except SlmAutopsyError as error:
        said = str(error)
    else:
        return False
    assert 10 < len(said) < 6_000
    return True
