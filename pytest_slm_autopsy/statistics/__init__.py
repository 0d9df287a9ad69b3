"""Statistics: intervals, tests, sample sizes, and the verdict that an interval gives on a limit.

Nothing here knows a model, a field or a shift.
"""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "clustered": "clustered_rate",
        "intervals": "clopper_pearson mover_paired newcombe_paired tango_paired wilson",
        "planning": "required_n required_pairs",
        "resampling": "bootstrap",
        "sequential": "betting_interval",
        "significance": "holm mcnemar_exact",
        "listeners": "listening",
        "verdicts": "judge",
    },
)
