"""Measure a diagnosis: seconds, predictions, width of shares, memory.

``python -m benchmarks.bench_diagnostics``: some ten minutes on two cores.
"""

from __future__ import annotations

import random
import resource
import time
from functools import partial

from pytest_slm_autopsy import (
    INVOICE,
    Case,
    ModelSpec,
    PromptFormat,
    ScriptedModel,
    diagnose,
    draw_suite,
    load_model,
    predict,
)
from pytest_slm_autopsy.cases import DrawnVariants, Mixture
from pytest_slm_autopsy.diagnostics import Examiner, causal_shares, trials_of
from pytest_slm_autopsy.diagnostics.inside.inner import inner_evidence
from reference_experiment.config import HERE
from reference_experiment.data import ALL_FOUR, CONDITIONS, SCHEMA

EIGHT = ("missing", "order", "delimiters", "whitespace", "case", "rules", "boilerplate", "times")


def main() -> None:
    """Print a table of figures and aims."""
    print("| what | figure | aim |\n|---|---|---|")
    width, asked = shares_of_eight()
    print(f"| causal shares of eight axes, widest interval | ±{width:.3f} in {asked} predictions "
          "| ±0.03 in 2,000 |")  # fmt: skip
    spec = ModelSpec(str(HERE / "base"), str(HERE / "adapters" / "narrow"), device="cpu")
    model = load_model(spec)
    suite = draw_suite(SCHEMA, 128, 21, CONDITIONS)
    start = time.monotonic()
    found = diagnose(model, suite.reference, suite[ALL_FOUR], schema=SCHEMA)
    print(f"| full diagnosis of the narrow adapter, {found.asked:,} predictions "
          f"| {time.monotonic() - start:.0f} s | 300 s |")  # fmt: skip
    before = predict(model, suite.reference[:32])
    after = predict(model, suite["order"][:32])
    inside, start = model.inside(), time.monotonic()
    inner_evidence(inside, before, after, lambda case: spec.prompt.expected(case.truth))
    print(f"| attention of 32 cases, attribution and patching of 12, residue "
          f"| {time.monotonic() - start:.0f} s | 60 s |")  # fmt: skip
    peaks = []
    for n in (8, 32):
        few = [predict(model, cases[:n]) for cases in (suite.reference, suite["order"])]
        inner_evidence(inside, *few, lambda case: spec.prompt.expected(case.truth))
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"| memory after 8 and after 32 cases | {peaks[0]:.0f} and {peaks[1]:.0f} MB | flat |")


def shares_of_eight(records: int = 440) -> tuple[float, int]:
    """Return the widest half of an interval of eight shares, and the number of predictions.

    Each record dies of two axes, which its name draws.
    """
    mixture = Mixture(dict.fromkeys(EIGHT, 1.0), (1.0,))
    suite = draw_suite(INVOICE, records, 5, {"canonical": {}, "all": mixture})
    deadly = {
        case.cluster: random.Random(case.cluster).sample(EIGHT, 2) for case in suite.reference
    }

    def write(case: Case) -> str:
        dies = {*deadly[case.cluster]} & {*case.shift}
        return "{}" if dies else PromptFormat().expected(case.truth)

    ask = partial(predict, ScriptedModel(write))
    examiner = Examiner(ask, DrawnVariants(INVOICE))
    examiner.know(ask(suite.reference))
    found = causal_shares(examiner, trials_of(suite.reference, suite["all"]))
    ends = [share.cost.interval for share in found.shares]
    return max(high - low for low, high in ends) / 2, examiner.asked


if __name__ == "__main__":
    main()
