"""The two models of the story, and the invoices they are asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reference_experiment.data import CONDITIONS, SCHEMA

if TYPE_CHECKING:
    from pytest_slm_autopsy import ModelUnderTest, Settings, Suite

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the folder of the adapters."""
    parser.addoption(
        "--adapters",
        type=Path,
        default=HERE / "adapters",
        metavar="DIR",
        help="folder with the adapters narrow and hardened; default: the committed ones",
    )


@pytest.fixture(scope="session")
def slm_cases(slm_settings: Settings) -> Suite:
    """Return held-out invoices in the experiment's schema, canonical and under its four axes."""
    from pytest_slm_autopsy import draw_suite

    return draw_suite(SCHEMA, slm_settings.n, slm_settings.seed, CONDITIONS)


@pytest.fixture(scope="session")
def narrow(request: pytest.FixtureRequest) -> ModelUnderTest:
    """Return the model that was trained on one layout."""
    return _load(request, "narrow")


@pytest.fixture(scope="session")
def hardened(request: pytest.FixtureRequest) -> ModelUnderTest:
    """Return the model that was trained on mixed layouts."""
    return _load(request, "hardened")


def _load(request: pytest.FixtureRequest, name: str) -> ModelUnderTest:
    from pytest_slm_autopsy import ModelSpec, load_model

    settings = request.getfixturevalue("slm_settings")
    return load_model(
        ModelSpec(
            base=settings.base or str(HERE / "base"),
            adapter=str(request.config.getoption("adapters") / name),
            quantization=settings.quantization,
            device=settings.device,
            max_new_tokens=320,
        )
    )
