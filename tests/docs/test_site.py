"""The site of the pages is built, and a link that leads nowhere stops it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.docs.blocks import ROOT
from tests.report.test_report_browser import BROWSER, FLAGS

pytestmark = pytest.mark.slow


@pytest.fixture
def build(tmp_path):
    """Build the site of a copy of the pages, into which a fault may be planted."""
    config = pytest.importorskip("mkdocs.config")
    pytest.importorskip("material")
    from mkdocs.commands.build import build

    for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "mkdocs.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("docs", "reference_experiment", "benchmarks"):
        ignored = shutil.ignore_patterns("__pycache__", "runs")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)

    def built(page="", old="", new=""):
        if page:
            text = (tmp_path / page).read_text("utf-8")
            assert old in text
            (tmp_path / page).write_text(text.replace(old, new, 1), "utf-8")
        build(config.load_config(str(tmp_path / "mkdocs.yml")))
        return tmp_path / "build" / "site"

    return built


def test_the_site_opens_from_disk(build):
    site = build()
    start = (site / "index.html").read_text("utf-8")
    assert "A pytest plugin that tells" in start
    assert 'href="pages.html"' in start
    assert "Keep a" in (site / "CHANGELOG.html").read_text("utf-8")
    page = (site / "profiles.html").read_text("utf-8")
    assert "<code>benchmarks/made_receipts.py</code> in the repository" in page
    for path in site.rglob("*.html"):
        text = path.read_text("utf-8")
        for begun in ('src="http', 'src="//', 'rel="stylesheet" href="http', 'rel="preconnect'):
            assert begun not in text, path
    assert (site / "search" / "search_index.js").is_file()
    assert not [*site.rglob("*.py")]


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
def test_it_is_searched_without_a_server(build, tmp_path):
    address = (build() / "index.html").as_uri() + "?q=calibration"
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [str(BROWSER), *FLAGS, profile, "--virtual-time-budget=8000", "--dump-dom", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "matching documents" in done.stdout
    assert "statistics.html?h=calibration" in done.stdout


@pytest.mark.parametrize(
    ("page", "old", "new"),
    [
        ("docs/index.md", "(glossary.md)", "(glosary.md)"),
        ("README.md", "(CONTRIBUTING.md)", "(CONTRIBUTE.md)"),
        ("README.md", "cases.md#hypothesis", "cases.md#hypothese"),
        ("docs/profiles.md", "made_receipts.py)", "made_receipt.py)"),
        ("docs/diagnostics.md", "reference_experiment/README.md)", "reference_experiment/R.md)"),
        ("mkdocs.yml", "      - Glossary: glossary.md\n", ""),
        ("mkdocs.yml", "Glossary: glossary.md", "Glossary: glosary.md"),
    ],
)
def test_a_link_that_leads_nowhere_is_seen(build, page, old, new):
    from mkdocs.exceptions import Abort

    with pytest.raises(Abort):
        build(page, old, new)
