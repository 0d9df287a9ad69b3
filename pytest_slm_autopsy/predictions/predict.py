"""Model and cases to predictions: in batches of like length, order kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pytest_slm_autopsy.errors import ConfigError, ModelError, NoDataError
from pytest_slm_autopsy.models.interface import Answer, ModelUnderTest
from pytest_slm_autopsy.predictions.parse import Parsed, parse
from pytest_slm_autopsy.records import Case, Prediction


def predict(
    model: ModelUnderTest,
    cases: Sequence[Case],
    *,
    batch_size: int = 64,
    progress: Callable[[int, int], None] | None = None,
) -> list[Prediction]:
    """Ask ``model`` every case; predictions come in the order of ``cases``.

    Args:
        model: anything that answers cases.
        cases: at least one.
        batch_size: cases asked at once; those of like length go together.
        progress: called after each batch with (done, all).
    """
    if not cases:
        raise NoDataError("there are no cases to predict; draw or load at least one")
    if batch_size < 1:
        raise ConfigError(f"batch_size is {batch_size}; it must be at least 1")
    by_length = sorted(range(len(cases)), key=lambda i: len(cases[i].text))
    predictions: dict[int, Prediction] = {}
    for start in range(0, len(cases), batch_size):
        places = by_length[start : start + batch_size]
        answers = model.answer([cases[i] for i in places])
        if len(answers) != len(places):
            raise ModelError(
                f"model {model.name!r} gave {len(answers)} answers to {len(places)} cases; "
                "answer() must give one a case, in order"
            )
        for place, answer in zip(places, answers, strict=True):
            predictions[place] = _prediction(model.name, cases[place], answer)
        if progress:
            progress(len(predictions), len(cases))
    return [predictions[i] for i in range(len(cases))]


def _prediction(model: str, case: Case, answer: Answer) -> Prediction:
    parsed = Parsed(None, answer.problem, "failed") if answer.problem else parse(answer.text)
    return Prediction(
        case=case,
        model=model,
        raw=answer.text,
        fields=parsed.fields,
        problem=parsed.problem,
        logprobs=answer.logprobs,
        token_ends=answer.token_ends,
        finish=answer.finish,
        stage=parsed.stage,
        near_ties=answer.near_ties,
        how=answer.how,
    )
