"""The examination of a model: predictions, variants of documents and other forms of the model.

It brings together what a diagnosis needs, in a test, a notebook or a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pytest_slm_autopsy.cases.drawn.variants import DrawnVariants
from pytest_slm_autopsy.cases.rewritten.variants import RewrittenVariants
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis, Known, diagnosed
from pytest_slm_autopsy.diagnostics.inside.inner import Expected
from pytest_slm_autopsy.diagnostics.trials import Ask, Variants
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.models.inside import Inspectable
from pytest_slm_autopsy.models.interface import ModelUnderTest, Reloadable
from pytest_slm_autopsy.predictions.predictor import predict
from pytest_slm_autopsy.records import Case, Prediction


def diagnose(
    model: ModelUnderTest,
    reference: Sequence[Case],
    shifted: Sequence[Case],
    *,
    schema: DocumentSchema | None = None,
    training: Sequence[Case] | None = None,
    limit: float = 0.1,
    ask: Ask | None = None,
) -> Diagnosis:
    """Return why a model loses accuracy from reference to shifted cases: causes, ranked.

    Args:
        model: any model under test.
        reference: cases distributed like training.
        shifted: their twins under a shift, such as ``suite.production``.
        schema: the schema that drew the cases. Without it, the documents are rewritten.
        training: cases that the model was trained on, to see leaks and answers by heart.
        limit: the loss of accuracy that is tolerated.
        ask: asks the model, such as with a store; ``predict`` without it.

    Raises:
        NoDataError: no case on a side.

    Example:
        >>> from pytest_slm_autopsy import INVOICE, PromptFormat, ScriptedModel, draw_suite
        >>> model = ScriptedModel(lambda case: PromptFormat().expected(case.truth), name="perfect")
        >>> suite = draw_suite(INVOICE, 16, 3)
        >>> diagnose(model, suite.reference, suite.production, schema=INVOICE).findings
        ()
    """
    if not reference or not shifted:
        side = "shifted" if reference else "reference"
        raise NoDataError(f"there are no {side} cases, so nothing can be compared; give some")
    put = ask or partial(predict, model)
    variants: Variants = DrawnVariants(schema) if schema else RewrittenVariants(reference)
    return diagnosed(put, reference, shifted, variants, known=_known(model, training), limit=limit)


def _known(model: ModelUnderTest, training: Sequence[Case] | None) -> Known:
    """Return what is known of a model, and its other forms, each loaded when it is asked."""
    checks = getattr(model, "checks", None)
    if not isinstance(model, Reloadable):
        return Known(checks, training)
    quantised = model.spec.quantization != "none"
    return Known(
        checks,
        training,
        unquantised=_later(model, quantization="none") if quantised else None,
        base=_later(model, adapted=False) if model.spec.adapter else None,
        inside=model.inside if isinstance(model, Inspectable) else None,
        expected=_expected(model),
    )


def _expected(model: Reloadable) -> Expected:
    """Return a function that writes the right answer to a case in the model's form."""
    return lambda case: model.spec.prompt.expected(case.truth)


def _later(model: Reloadable, *, adapted: bool = True, quantization: str = "") -> Ask:
    """Return a function that loads the model in another form and asks it once."""

    def ask(cases: Sequence[Case]) -> Sequence[Prediction]:
        return predict(model.reloaded(adapted=adapted, quantization=quantization), cases)

    return ask
