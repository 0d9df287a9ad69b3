"""Probes: what else moves a model's answers, each one change on the same cases.

Every probe returns measurements with intervals clustered by record. A change that costs accuracy
is positive, as a gap is.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from scipy.stats import binom

from pytest_slm_autopsy.diagnostics.trials import Ask, paired
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.measures.error_categories import field_categories
from pytest_slm_autopsy.measures.noise import answers_changed
from pytest_slm_autopsy.measures.token_confidence import confidence
from pytest_slm_autopsy.records import DOCUMENT, Case, Measurement, Prediction, Turn
from pytest_slm_autopsy.statistics.resampling import bootstrap

PLAIN: Final = "Extract the fields as JSON."
SYSTEMS: Final[Mapping[str, str]] = {
    "no system prompt": "",
    "another system prompt": "You are a helpful assistant.",
}
INSTRUCTIONS: Final[Mapping[str, str]] = {
    "paraphrased": "Read these fields from the document: {fields}\n\n{text}",
    "document first": "{text}\n\nFields: {fields}",
}
DISTRACTION: Final = "This page was left blank on purpose. It states nothing that is asked for."
MARGIN: Final = math.log(0.9)
"""Log-probability of the least sure token below which an answer has a low margin."""

Slice = Callable[[Prediction], bool]
SLICES: Final[Mapping[str, Slice]] = {
    "all": lambda p: True,
    "long documents": lambda p: len(p.case.text) > 600,
    "other languages": lambda p: "language" in p.case.shift,
    "rare labels": lambda p: bool({"synonyms", "misspelt", "homoglyphs"} & {*p.case.shift}),
    "many digits": lambda p: sum(c.isdigit() for c in p.case.text) * 4 > len(p.case.text),
    "low margin": lambda p: p.logprobs is not None and min(p.logprobs, default=0.0) < MARGIN,
}
"""Slices of the tail, on which damage shows first."""


def costs(
    name: str, before: Sequence[Prediction], after: Sequence[Prediction], slice_of: Slice
) -> Measurement | None:
    """Return what a change costs on a slice: right before minus right after, by record."""
    pairs = [(a, b) for a, b in zip(before, after, strict=True) if slice_of(a)]
    if not pairs:
        return None
    changes = [int(a.correct) - int(b.correct) for a, b in pairs]
    return paired(name, changes, [a.case.cluster for a, _ in pairs])


def quantisation(
    reloaded: Callable[[str], Ask], cases: Sequence[Case], *, forms: Sequence[str] = ("nf4", "fp4")
) -> list[Measurement]:
    """Return what each quantised form costs against none, on all cases and on each tail.

    ``reloaded`` loads the model in a form and returns what asks it.
    """
    plain = reloaded("none")(_cases(cases))
    found = []
    for form in forms:
        after = reloaded(form)(cases)
        for name, slice_of in SLICES.items():
            cost = costs(f"cost of {form}, {name}", plain, after, slice_of)
            found += [cost] if cost else []
    return found


def prompts(ask: Ask, cases: Sequence[Case]) -> list[Measurement]:
    """Return what other system prompts, instructions and two examples before cost.

    Cases that brought their own turns are left as they are, and tell nothing.
    """
    cases = [case for case in _cases(cases) if not case.turns]
    plain = ask([_turned(case) for case in cases])
    others: dict[str, list[Case]] = {
        name: [_turned(case, system=words) for case in cases] for name, words in SYSTEMS.items()
    }
    others |= {
        name: [_turned(case, user=words) for case in cases] for name, words in INSTRUCTIONS.items()
    }
    others["two examples before"] = [
        _turned(case, shots=[one for one in cases[:3] if one.cluster != case.cluster][:2])
        for case in cases
    ]
    return [_change(name, plain, ask(changed)) for name, changed in others.items()]


def context_length(
    ask: Ask, cases: Sequence[Case], *, times: Sequence[int] = (2, 4)
) -> list[Measurement]:
    """Return what lines that state nothing cost, when a document grows so many times longer."""
    plain = ask(_cases(cases))
    found = []
    for factor in times:
        longer = [_longer(case, factor) for case in cases]
        found.append(_change(f"{factor} times as long", plain, ask(longer)))
    return found


def order_bias(predictions: Sequence[Prediction]) -> Measurement:
    """Return how often a value of another field, wrongly taken, stands before the true one.

    One half is no bias; near 1 the first candidate wins.

    Raises:
        NoDataError: no answer takes the value of another field.
    """
    firsts, records = [], []
    for p in predictions:
        for name, kind in field_categories(p).items():
            taken, true = (p.fields or {}).get(name), p.case.truth[name]
            if kind != "swapped" or not isinstance(taken, str) or not isinstance(true, str):
                continue
            places = (p.case.text.find(taken), p.case.text.find(true))
            if min(places) >= 0:
                firsts.append(int(places[0] < places[1]))
                records.append(p.case.cluster)
    if not firsts:
        raise NoDataError(
            "no answer takes the value of another field, so no candidate can be seen to win; ask "
            "cases in another order"
        )
    return paired("first candidate wins", firsts, records)


def determinism(ask: Ask, cases: Sequence[Case]) -> Measurement:
    """Return the share of cases whose answer is another text when they are asked again, alone."""
    together = ask(_cases(cases))
    alone = [ask([case])[0] for case in cases]
    return answers_changed(together, alone)


def sampling(predictions: Sequence[Prediction]) -> Measurement:
    """Return the mean chance that sampling at temperature 1 writes the greedy answer.

    It is the product of the tokens' probabilities; no answer is sampled.

    Raises:
        NoDataError: the model gives no probabilities, or an invalid one.
    """
    chances = [_chance(p) for p in predictions if p.logprobs]
    if not chances:
        raise NoDataError("the model gives no probabilities, so no chance can be told")
    values = np.array(chances)
    resampled = bootstrap(lambda w: w @ values / w.sum(1), len(values), bounds=(0.0, 1.0))
    return Measurement(
        "greedy answer sampled", float(values.mean()), resampled.interval(), len(values)
    )


def _chance(prediction: Prediction) -> float:
    confidence(prediction)  # refuses what is no probability
    return math.exp(sum(min(one, 0.0) for one in prediction.logprobs or ()))


def latency(ask: Ask, cases: Sequence[Case], *, load: int = 8) -> list[Measurement]:
    """Return the median and the 99th percentile of the seconds a case takes, alone and under load.

    Alone a case is asked by itself. Under load ``load`` cases are asked at once, and each waits for
    all. Intervals are exact, from order statistics; a percentile beyond the largest time seen has
    no upper end.
    """
    alone = [_seconds(ask, [case]) for case in _cases(cases)]
    groups = [cases[start : start + load] for start in range(0, len(cases), load)]
    loaded = [seconds for group in groups for seconds in [_seconds(ask, group)] * len(group)]
    return [
        _quantile(f"seconds {where}, p{share * 100:.0f}", times, share)
        for where, times in (("alone", alone), (f"with {load} at once", loaded))
        for share in (0.5, 0.99)
    ]


def _quantile(name: str, times: Sequence[float], share: float) -> Measurement:
    ordered, n = sorted(times), len(times)
    low, high = (int(binom.ppf(tail, n, share)) for tail in (0.025, 0.975))
    ends = (ordered[max(0, low - 1)], ordered[high] if high < n else math.inf)
    value = ordered[min(n - 1, math.ceil(share * n) - 1)]
    return Measurement(name, value, ends, n, bounds=(0.0, math.inf))


def _seconds(ask: Ask, cases: Sequence[Case]) -> float:
    start = time.perf_counter()
    ask(cases)
    return time.perf_counter() - start


def _change(name: str, before: Sequence[Prediction], after: Sequence[Prediction]) -> Measurement:
    changes = [int(a.correct) - int(b.correct) for a, b in zip(before, after, strict=True)]
    return paired(f"cost of {name}", changes, [p.case.cluster for p in before])


def _turned(
    case: Case,
    *,
    system: str = PLAIN,
    user: str = "Fields: {fields}\n\n{text}",
    shots: Sequence[Case] = (),
) -> Case:
    """Return a case that is asked by turns of its own."""
    turns: list[Turn] = [("system", system)] if system else []
    for shot in shots:
        turns.append(("user", _filled(user, shot, shot.text)))
        answer = json.dumps(dict(shot.truth), ensure_ascii=False, separators=(",", ":"))
        turns.append(("assistant", answer))
    turns.append(("user", _filled(user, case, DOCUMENT)))
    return replace(case, turns=tuple(turns))


def _filled(user: str, case: Case, text: str) -> str:
    names = json.dumps(list(case.truth), ensure_ascii=False, separators=(",", ":"))
    return user.replace("{fields}", names).replace("{text}", text)


def _longer(case: Case, factor: int) -> Case:
    missing = (factor - 1) * len(case.text)
    lines = [DISTRACTION] * max(1, missing // len(DISTRACTION))
    return replace(case, id=f"{case.id}/{factor} times", text="\n".join([case.text, *lines]))


def _cases(cases: Sequence[Case]) -> Sequence[Case]:
    if not cases:
        raise NoDataError("there are no cases to probe with; give at least one")
    return cases
