"""Models that die of one planted thing, and the suites they are examined with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from pytest_slm_autopsy import INVOICE, Case, Prediction, PromptFormat, ScriptedModel, draw_suite
from pytest_slm_autopsy import predict as ask_model
from pytest_slm_autopsy.cases import DrawnVariants, Mixture
from pytest_slm_autopsy.diagnostics import Examiner
from pytest_slm_autopsy.diagnostics.trials import Trial, trials_of

AXES = ("missing", "order", "delimiters", "whitespace")


def dying(dies: Callable[[Case], bool], *, confidence: float = 0.9) -> ScriptedModel:
    """Return a model that answers rightly, but for one field of the cases on which it dies."""

    def write(case: Case) -> str:
        fields = dict(case.truth)
        if dies(case):
            fields["vendor"] = "Nobody Ltd"
        return PromptFormat().expected(fields)

    return ScriptedModel(write, name="planted", confidence=confidence)


def asked(model: ScriptedModel) -> Callable[[Sequence[Case]], list[Prediction]]:
    """Return a function that asks a model."""
    return partial(ask_model, model)


def of_axes(*axes: str) -> Callable[[Case], bool]:
    """Return a rule: a case dies that is shifted by all of these axes."""
    return lambda case: {*axes} <= {*case.shift}


def trials(n: int = 32, rate: float = 0.5, seed: int = 3) -> list[Trial]:
    """Return trials of drawn invoices under a mixture of four axes."""
    suite = suite_of(n, rate, seed)
    return trials_of(suite.reference, suite.production)


def suite_of(n: int = 32, rate: float = 0.5, seed: int = 3):
    """Return canonical invoices, and the same under a mixture of four axes."""
    mixture = Mixture(dict.fromkeys(AXES, rate))
    return draw_suite(INVOICE, n, seed, {"canonical": {}, "production": mixture})


def examiner(model: ScriptedModel) -> Examiner:
    """Return an examiner of a model, with variants drawn from the invoice's schema."""
    return Examiner(asked(model), DrawnVariants(INVOICE))
