"""Invoices to train on and invoices to be asked, never the same records."""

from __future__ import annotations

import random

from pytest_slm_autopsy import AXES, INVOICE, Case, Suite, draw_suite
from reference_experiment.config import AdapterPlan, Config

# The user's own keys, none of which is printed: "Vendor: ..." is asked for as "seller". So there
# is something to learn, and it can be learnt by label or by position.
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
TRAINING_SEEDS = 1_000_000
MIXTURES = 12


def training_cases(config: Config, plan: AdapterPlan) -> list[Case]:
    """One case a training example of the whole run: no document is seen twice."""
    training = config.training
    n = plan.steps * training.batch_size * training.gradient_accumulation
    seed = TRAINING_SEEDS + config.seed
    if plan.layouts == "one":
        return list(draw_suite(SCHEMA, n, seed, {"canonical": {}}).reference)
    mixtures = {f"mixture {i}": mixture(config.seed, i) for i in range(MIXTURES)}
    drawn = draw_suite(SCHEMA, -(-n // MIXTURES), seed, mixtures)
    cases = [case for cases in drawn.conditions.values() for case in cases]
    random.Random(seed).shuffle(cases)
    return cases[:n]


def mixture(seed: int, number: int) -> dict[str, float]:
    """The axes of one mixture of layouts: each in two of three, at a severity of its own."""
    rng = random.Random(f"mixture {seed} {number}")
    return {name: rng.choice((0.25, 0.5, 1.0)) for name in AXES if rng.random() < 2 / 3}


def evaluation_suite(config: Config) -> Suite:
    """Held-out records, each written canonically and under every shift."""
    return draw_suite(SCHEMA, config.evaluation_records, config.seed)
