"""A batch and the model that it is for: answered here, or by a worker elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_slm_autopsy.errors import ModelError, SlmAutopsyError
from pytest_slm_autopsy.predictions.predictor import predict
from pytest_slm_autopsy.records import Prediction

if TYPE_CHECKING:
    from pytest_slm_autopsy.models.interface import ModelUnderTest
    from pytest_slm_autopsy.sweep.questions import Batch
    from pytest_slm_autopsy.sweep.subjects import Subject


class Asker:
    """Answers batches, and holds the model of the last one: batches come model by model."""

    def __init__(self) -> None:
        self._held: Subject | None = None
        self._model: ModelUnderTest | ModelError | None = None

    def answer(self, batch: Batch) -> list[Prediction]:
        """Return a prediction for each case, under the name of the subject.

        Raises:
            SlmAutopsyError: the model cannot be loaded, or asked, or the cases cannot be drawn. A
                model that cannot be loaded is not tried again for the next batch.
        """
        if batch.subject != self._held:
            self._held, self._model = batch.subject, None  # two models need not fit
            self._model = _loaded(batch.subject)
        if self._model is None or isinstance(self._model, ModelError):
            raise self._model or ModelError(f"{batch.subject.name} cannot be loaded")
        try:
            found = predict(self._model, batch.cases())
        except SlmAutopsyError:
            raise
        except Exception as error:  # the user's code may raise anything
            raise ModelError(f"{type(error).__name__}: {error}") from error
        return [replace(one, model=batch.subject.name) for one in found]


def _loaded(subject: Subject) -> ModelUnderTest | ModelError:
    try:
        return subject.load()
    except SlmAutopsyError as error:
        return ModelError(str(error))
