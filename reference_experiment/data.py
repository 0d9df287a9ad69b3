"""Invoices to train on and invoices to be asked, never the same records."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from pytest_slm_autopsy import INVOICE, Case
from pytest_slm_autopsy.cases import PRODUCTION, Conditions, Mixture, applicable, stream_cases
from reference_experiment.config import AdapterPlan, Config

# The keys are the user's own and are printed nowhere: "Vendor: ..." is asked for as "seller". So
# the model has something to learn, and can learn it by label or by position.
SCHEMA = INVOICE.select(
    invoice_number="id",
    issue_date="issued",
    due_date="deadline",
    vendor="seller",
    customer="buyer",
    currency="iso",
    total="payable",
    purchase_order="reference",
)
# The axes of the story, each alone and all together; hardened has seen them in training.
STORY = ("missing", "order", "delimiters", "whitespace")
ALL_FOUR = "all four"
CONDITIONS: Conditions = {
    "canonical": {},
    **{axis: {axis: 1.0} for axis in STORY},
    ALL_FOUR: dict.fromkeys(STORY, 1.0),
}
# Production's mixture of all axes, at the rates that real documents have them.
ALL_AXES: Conditions = {PRODUCTION: Mixture()}
# The story's axes at half and less of their strength; the whole is in the story.
LADDER: Conditions = {
    f"{name} {severity:g}": dict.fromkeys(axes, severity)
    for name, axes in (*((axis, [axis]) for axis in STORY), (ALL_FOUR, STORY))
    for severity in (0.25, 0.5)
}
# Every other axis: neither the narrow nor the hardened adapter has seen these.
UNSEEN: Conditions = {axis: {axis: 1.0} for axis in applicable(SCHEMA) if axis not in STORY}
KINDS: Mapping[str, Conditions] = {
    "story": CONDITIONS,
    "production": ALL_AXES,
    "ladder": LADDER,
    "unseen": UNSEEN,
}
MIXED = Mixture(dict.fromkeys(STORY, 2 / 3))
LAYOUTS = {"mixed": MIXED, "production": Mixture()}
CANONICAL_SHARE = 8  # one in eight of hardened's training documents has the canonical layout
TRAINING_SEEDS = 1_000_000


def training_cases(config: Config, plan: AdapterPlan) -> list[Case]:
    """Return one case for each training example of the whole run: no document is seen twice."""
    n = plan.steps * config.training.documents_a_step
    seed = TRAINING_SEEDS + config.seed
    if plan.layouts == "one":
        return list(stream_cases(SCHEMA, n, seed, {"canonical": {}}))
    return mixed_cases(n, n - n // CANONICAL_SHARE, seed, LAYOUTS[plan.layouts])


def mixed_cases(n: int, mixed: int, seed: int, mixture: Mixture) -> list[Case]:
    """Return ``n`` cases in mixed order, of which ``mixed`` are written by the mixture."""
    cases = list(stream_cases(SCHEMA, mixed, seed, {"mixed": mixture})) if mixed else []
    if plain := n - mixed:
        cases += stream_cases(SCHEMA, plain, seed + 1, {"canonical": {}})
    random.Random(seed).shuffle(cases)
    return cases


def conditions(config: Config) -> dict[str, str]:
    """Return the conditions that are asked, each with its kind."""
    return {
        name: kind
        for kind, those in KINDS.items()
        if getattr(config.records, kind)
        for name in those
    }


def evaluation_cases(config: Config) -> Iterator[Case]:
    """Yield held-out records, each written under the conditions of every kind that is asked."""
    for kind, those in KINDS.items():
        if records := getattr(config.records, kind):
            yield from stream_cases(SCHEMA, records, config.seed, those)
