"""The kinds of fields given to a measure, checked against the predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_slm_autopsy.errors import ConfigError, nearest
from pytest_slm_autopsy.notation.kinds import KINDS
from pytest_slm_autopsy.records import Prediction


def known_kinds(
    kinds: Mapping[str, str] | None, predictions: Sequence[Prediction]
) -> Mapping[str, str]:
    """Return ``kinds``, checked, or an empty mapping for ``None``.

    Raises:
        ConfigError: a kind that does not exist, or of a field that no case asks for.
    """
    if not kinds:
        return {}
    fields = {name for prediction in predictions for name in prediction.case.truth}
    for name, kind in kinds.items():
        if kind not in KINDS:
            raise ConfigError(
                f"field {name!r} is given the unknown kind {kind!r}; {nearest(kind, KINDS)}"
            )
        if name not in fields:
            raise ConfigError(f"no case asks for the field {name!r}; {nearest(name, fields)}")
    return kinds
