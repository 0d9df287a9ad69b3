"""The source under test, as text, and its doors, which import nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_slm_autopsy import _door

ROOT = Path(__file__).parents[2]
HEAVY = frozenset({"torch", "transformers", "numpy", "hypothesis", "plotly"})


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def heavy() -> frozenset[str]:
    """The libraries that nobody pays for without asking for them."""
    return HEAVY


@pytest.fixture(scope="session")
def package() -> dict[str, str]:
    """Every module of the package: dotted name to source."""
    return _modules("pytest_slm_autopsy")


@pytest.fixture(scope="session")
def experiment() -> dict[str, str]:
    """Every module of the reference experiment."""
    return _modules("reference_experiment")


@pytest.fixture(scope="session")
def doors() -> dict[str, list[str]]:
    """The public names of the top and of each room."""
    return _door.doors()


def _modules(folder: str) -> dict[str, str]:
    paths = sorted((ROOT / folder).rglob("*.py"))
    assert paths, f"no module in {folder}: a rule over nothing would pass"
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths)
    texts = (path.read_text(encoding="utf-8") for path in paths)
    return dict(zip((name.removesuffix(".__init__") for name in names), texts, strict=True))
