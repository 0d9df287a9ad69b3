"""How far the log-probabilities of two models are apart, token by token."""

from __future__ import annotations


def differences(far, near):
    """Return the distance at each token of the answers, as far as both wrote the same tokens."""
    return [
        abs(mine - theirs)
        for one, other in zip(far, near, strict=True)
        for mine, theirs in _shared(one, other)
    ]


def _shared(one, other):
    """Yield the two log-probabilities of each token up to the first that differs."""
    ends = zip(one.token_ends or (), other.token_ends or (), strict=False)
    for at, (mine, theirs) in enumerate(ends):
        if mine != theirs or one.raw[:mine] != other.raw[:theirs]:
            return
        yield one.logprobs[at], other.logprobs[at]
