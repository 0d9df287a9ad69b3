"""The fixtures of the plugin. Their docstrings are the manual: see ``pytest --fixtures``."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_slm_autopsy.plugin.session import AUTOPSY, Autopsy

if TYPE_CHECKING:
    from pytest_slm_autopsy.cases.drawn.shifts import Mixture
    from pytest_slm_autopsy.cases.drawn.suites import Suite
    from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
    from pytest_slm_autopsy.models.interface import ModelUnderTest
    from pytest_slm_autopsy.plugin.settings import Settings
    from pytest_slm_autopsy.records import Case
    from pytest_slm_autopsy.suite.limits import Limits


HANDFUL = 4


@pytest.fixture(scope="session")
def slm_settings(pytestconfig: pytest.Config) -> Settings:
    """Return the settings: what the --slm-* options and slm_* ini keys say.

    Frozen: base, adapter, quantization, device, seed, n, undecided, budget, report, allow, health,
    gate, store, cases, profile, schema, limits, training, redact. The command line wins over the
    ini file; an empty text stands for the default. With a budget, n is the budget.
    """
    return pytestconfig.stash[AUTOPSY].settings


@pytest.fixture(scope="session")
def slm(slm_settings: Settings, request: pytest.FixtureRequest) -> ModelUnderTest:
    """Return the model under test: the 4-bit base with its LoRA adapter, loaded once.

    Name them with --slm-base and --slm-adapter, or slm_base and slm_adapter in the ini file. A
    base that is an address, such as http://127.0.0.1:8000/v1, is an OpenAI-compatible server; the
    adapter is then the model's name on it, needed only where it has several. Its files cannot be
    checked, and the API key is in the environment variable OPENAI_API_KEY.

    The prompt is that of the manifest beside the adapter (prompt_manifest.json), if there is one.
    Loading fails, with the reason, where adapter, base or chat template do not belong together.
    It also fails where the model's first answers are all alike, are not JSON, or ignore the
    document. --slm-allow accepts a check's failure by its name (it stays a warning), and
    --slm-health=off asks no first cases. Override the fixture to test anything else that
    answers cases:

        @pytest.fixture(scope="session")
        def slm():
            return ScriptedModel(lambda case: my_extractor(case.text))
    """
    from pytest_slm_autopsy.errors import ConfigError

    config = request.config
    found: ModelUnderTest | None = config.hook.pytest_slm_model(
        settings=slm_settings, config=config
    )
    if found is not None:
        return found
    if slm_settings.base is None:
        raise ConfigError(
            "no base model is named; set slm_base in the ini file, pass --slm-base, "
            "or override the fixture slm"
        )
    from pytest_slm_autopsy.models.reached import Wanted, reached

    form = {"quantization": slm_settings.quantization, "device": slm_settings.device}
    wanted = Wanted(slm_settings.base, slm_settings.adapter, form)
    model = reached(wanted, allow=slm_settings.allow)
    if slm_settings.health:
        _healthy(model, slm_settings, request.getfixturevalue("slm_cases").reference[:HANDFUL])
    return model


def _healthy(model: ModelUnderTest, settings: Settings, first: Sequence[Case]) -> None:
    """Ask a fresh model its first cases, and raise where its answers show no life."""
    from pytest_slm_autopsy.models.checks.check import allowing, conclude
    from pytest_slm_autopsy.models.checks.health import check_health

    if said := _unlike(settings, first):
        warnings.warn(said, stacklevel=1)
    conclude(allowing(check_health(model, first), settings.allow), f"model {model.name}")


def _unlike(settings: Settings, cases: Sequence[Case]) -> str:
    """Return a sentence where cases ask an adapter for no field that it was trained on."""
    from pytest_slm_autopsy.models.golden import unlike_training
    from pytest_slm_autopsy.models.interface import is_address

    return "" if is_address(str(settings.base)) else unlike_training(settings.adapter, cases)


@pytest.fixture(scope="session")
def slm_cases(slm_settings: Settings) -> Suite:
    """Return invoices to ask the model, or your own documents; paired by record.

    --slm-n records are drawn from --slm-seed, each written canonically, along every shift axis
    alone, and mixed as real documents mix them. With --slm-profile the mixed ones are drawn in
    the formats of your own invoices: a folder of texts, JSON lines, or a saved profile. With
    --slm-cases the documents of that file are taken instead, as they are and rewritten so that
    every true value stays, or goes with its label; of a larger file, --slm-n documents are drawn.
    A warning counts the rewrites that were refused. --slm-schema names your own schema, to draw
    from or to rewrite by; without it invoices are drawn, and a file is rewritten by the schema that
    its documents show.

    `slm_cases.reference` is written like the training data, `slm_cases["order"]` along one axis,
    `slm_cases.production` mixed. Override it for conditions of your own (--slm-profile then has no
    effect: see docs/profiles.md):

        @pytest.fixture(scope="session")
        def slm_cases(slm_settings):
            return draw_suite(MY_SCHEMA, slm_settings.n, slm_settings.seed)
    """
    from pytest_slm_autopsy.cases.schemas.registry import schema_named

    schema = schema_named(slm_settings.schema) if slm_settings.schema else None
    if slm_settings.cases is not None:
        return _own_cases(slm_settings.cases, slm_settings, schema)
    from pytest_slm_autopsy.cases.drawn.suites import default_conditions, draw_suite
    from pytest_slm_autopsy.cases.schemas.builtin import INVOICE

    schema = schema or INVOICE
    production = _profiled(slm_settings.profile, schema) if slm_settings.profile else None
    conditions = default_conditions(schema, production)
    return draw_suite(schema, slm_settings.n, slm_settings.seed, conditions)


@pytest.fixture(scope="session")
def slm_limits(slm_settings: Settings) -> Limits:
    """Return the limits of the built-in suite: --slm-limits, or the defaults of docs/suite.md.

    Your own tests may take theirs from it: `assert_accuracy(..., at_least=slm_limits.accuracy)`.
    A test that takes `slm_condition` runs once for each shifted condition:

        def test_a_shift_costs_little(slm_condition, slm, slm_cases, slm_limits, autopsy):
            reference = autopsy.predict(slm, slm_cases.reference)
            shifted = autopsy.predict(slm, slm_cases[slm_condition])
            limit = slm_limits.gap_of(slm_condition)
            assert_accuracy_gap(reference=reference, shifted=shifted, at_most=limit)
    """
    from pytest_slm_autopsy.suite.limits import Limits

    return slm_settings.limits or Limits()


@pytest.fixture(scope="session")
def slm_training(slm_settings: Settings) -> Sequence[Case]:
    """Return the training data, as cases; none without the ini key slm_training."""
    if slm_settings.training is None:
        return ()
    from pytest_slm_autopsy.cases.files import read_cases

    pattern = slm_settings.document_pattern
    return tuple(read_cases(slm_settings.training, document_pattern=pattern))


@pytest.fixture(scope="session")
def autopsy(pytestconfig: pytest.Config) -> Autopsy:
    """Return the autopsy of this run: it asks models, and remembers for the report.

    `autopsy.predict(slm, slm_cases.reference)` gives one prediction a case, in order; the same
    question is never asked twice in a process, and a loaded model's answers are kept for the next
    run (--slm-store; pytest --cache-clear forgets them). Models are told apart by name. Verdicts of
    the assert_* helpers are recorded automatically; a gate that proves nothing fails, unless
    --slm-undecided says otherwise. With --slm-budget cases are asked in batches, and each gate
    stops as soon as it is proven. At the end of the run the terminal shows the summary, and
    --slm-report writes the page.
    """
    return pytestconfig.stash[AUTOPSY]


def _profiled(path: Path, schema: DocumentSchema) -> Mixture:
    from pytest_slm_autopsy.cases.profiles.profile import load_profile
    from pytest_slm_autopsy.errors import ConfigError

    profile = load_profile(path)
    if profile.schema != schema.name:
        raise ConfigError(
            f"{path.name} is a profile of the schema {profile.schema!r}, and slm_cases draws "
            f"{schema.name!r}; override slm_cases: "
            "draw_suite(SCHEMA, n, seed, default_conditions(SCHEMA, profile.mixture))"
        )
    return profile.mixture


def _own_cases(path: Path, settings: Settings, schema: DocumentSchema | None) -> Suite:
    from pytest_slm_autopsy.cases.rewritten.suite import read_suite, refusals
    from pytest_slm_autopsy.errors import CaseError

    try:
        suite = read_suite(
            path,
            settings.n,
            settings.seed,
            document_pattern=settings.document_pattern,
            schema=schema,
        )
    except CaseError as error:
        raise CaseError(f"{error}; slm-autopsy cases validate {path.name} says more") from None
    if said := refusals(suite):
        by = "by its schema" if schema else "by the schema that its documents show"
        hint = (
            "" if schema else "; slm-autopsy cases validate prints it, --slm-schema names another"
        )
        warnings.warn("\n".join([f"rewrites of {path.name}, {by}{hint}", *said]), stacklevel=1)
    return suite
