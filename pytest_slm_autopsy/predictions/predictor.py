"""From a model and cases to predictions: in batches of like length, and nothing asked twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from pytest_slm_autopsy.answers.forms import AnswerForm, form_asked
from pytest_slm_autopsy.answers.parser import Parsed
from pytest_slm_autopsy.errors import ConfigError, ModelError, NoDataError
from pytest_slm_autopsy.models.interface import Answer, ModelUnderTest, ask, check_model, storable
from pytest_slm_autopsy.predictions.canary import believed, trust_or_forget
from pytest_slm_autopsy.records import Case, Prediction

if TYPE_CHECKING:
    from pytest_slm_autopsy.predictions.store import Store

BATCH: Final = 64


def predict(
    model: ModelUnderTest,
    cases: Sequence[Case],
    *,
    batch_size: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    store: Store | None = None,
    repeat: int = 0,
) -> list[Prediction]:
    """Return the predictions of ``model`` for ``cases``, in the order of the cases.

    Args:
        model: any model under test.
        cases: at least one.
        batch_size: number of cases asked at once; cases of like length go together. By default the
            ``batch_size`` of the model, or 64 where it has none.
        progress: called after each batch with the numbers of answers and of different questions.
        store: answers on disk, read first and added to, if ``model`` is ``Storable``.
        repeat: another number asks a stored question again, to see how answers vary.

    Raises:
        NoDataError: no cases.
        ConfigError: a batch size below 1, or a negative repeat.
        ModelError: the model cannot be asked, or does not give one answer a case.
    """
    check_model(model)
    if not cases:
        raise NoDataError("there are no cases to predict; draw or load at least one")
    size: int = getattr(model, "batch_size", BATCH) if batch_size is None else batch_size
    _check_numbers(batch_size=(size, 1), repeat=(repeat, 0))
    stored = _stored_keys(model, cases, store, repeat)
    keys = stored or [str(place) for place in range(len(cases))]
    questions = dict(zip(keys, cases, strict=True))
    answers = dict[str, Answer]()
    for batch in _batches(model, questions, size, store if stored else None):
        answers |= batch
        if progress:
            progress(len(answers), len(questions))
    read = partial(_prediction, model.name, form_asked(model))
    return [read(case, answers[key]) for key, case in zip(keys, cases, strict=True)]


def _check_numbers(**given: tuple[int, int]) -> None:
    for what, (number, least) in given.items():
        if number < least:
            raise ConfigError(f"{what} is {number}; it must be at least {least}")


def _batches(
    model: ModelUnderTest, questions: Mapping[str, Case], size: int, store: Store | None
) -> Iterator[Mapping[str, Answer]]:
    """Yield answers by key: the stored ones, then each batch of new ones, kept as it comes."""
    if store:
        trust_or_forget(model, questions, store)
    known = believed(model, store.get(list(questions)), store) if store else {}
    if known:
        yield known
    new = [key for key in questions if key not in known]
    new.sort(key=lambda key: len(questions[key].text))
    for start in range(0, len(new), size):
        batch = new[start : start + size]
        answers = dict(zip(batch, ask(model, [questions[key] for key in batch]), strict=True))
        if store:
            store.put(answers)
        yield answers


def _stored_keys(
    model: ModelUnderTest, cases: Sequence[Case], store: Store | None, repeat: int
) -> list[str]:
    """Return the key of each case in the store; an empty list where the store is not used."""
    if store is None or not storable(model):
        return []
    try:
        return [f"{key}/{repeat}" for key in model.question_keys(cases)]
    except ModelError as error:
        store.problem = store.problem or f"the run went on without the store: {error}"
        return []


def _prediction(model: str, form: AnswerForm, case: Case, answer: Answer) -> Prediction:
    parsed = Parsed(None, answer.problem, "failed") if answer.problem else form.read(answer.text)
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
        span=parsed.span,
    )
