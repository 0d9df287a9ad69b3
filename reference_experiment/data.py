"""Invoices to train on and invoices to be asked, never the same records."""

from __future__ import annotations

import random
from collections.abc import Iterator

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
# Every other axis, and production's mixture of all: neither adapter has seen these.
UNSEEN: Conditions = {
    **{axis: {axis: 1.0} for axis in applicable(SCHEMA) if axis not in STORY},
    PRODUCTION: Mixture(),
}
UNSEEN_SHARE = 4  # one record in four is written under the unseen conditions
MIXED = Mixture(dict.fromkeys(STORY, 2 / 3))
CANONICAL_SHARE = 8  # one in eight of hardened's training documents has the canonical layout
TRAINING_SEEDS = 1_000_000


def training_cases(config: Config, plan: AdapterPlan) -> list[Case]:
    """Return one case for each training example of the whole run: no document is seen twice."""
    training = config.training
    n = plan.steps * training.batch_size * training.gradient_accumulation
    seed = TRAINING_SEEDS + config.seed
    if plan.layouts == "one":
        return list(stream_cases(SCHEMA, n, seed, {"canonical": {}}))
    plain = n // CANONICAL_SHARE
    cases = list(stream_cases(SCHEMA, n - plain, seed, {"mixed": MIXED}))
    cases += stream_cases(SCHEMA, plain, seed + 1, {"canonical": {}}) if plain else []
    random.Random(seed).shuffle(cases)
    return cases


def evaluation_cases(config: Config) -> Iterator[Case]:
    """Yield held-out records, each written canonically and shifted.

    A quarter of them are also written under the unseen conditions.
    """
    records = config.evaluation_records
    yield from stream_cases(SCHEMA, records, config.seed, CONDITIONS)
    yield from stream_cases(SCHEMA, max(1, records // UNSEEN_SHARE), config.seed, UNSEEN)
