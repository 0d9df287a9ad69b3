"""The page in a browser: its figures are drawn, and what a model wrote does not run."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_slm_autopsy.report import figures, page
from pytest_slm_autopsy.report.data import ReportData

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
# In two parts, so that the mark is nowhere in the page itself.
SET_MARK = "document.body.className = 'mark-of-an' + '-answer-that-ran'"
MARK = "mark-of-an-answer-that-ran"
HOSTILE = f'</script><script>{SET_MARK}</script><img src=x onerror="{SET_MARK}">'

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")


def dom(path: Path, profile: Path) -> str:
    """The page after its scripts ran."""
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={profile}", "--dump-dom", path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def test_figures_are_drawn_and_answers_do_not_run(run: ReportData, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    wrong = replace(run.wrong[0], raw=HOSTILE, document=HOSTILE, truth={HOSTILE: HOSTILE})
    rows = [replace(row, model=row.model + HOSTILE) for row in run.rows]
    rows = [replace(row, condition=row.condition + HOSTILE) for row in rows]
    curves = [replace(curve, condition=curve.condition + HOSTILE) for curve in run.reliability]
    data = replace(run, rows=tuple(rows), reliability=tuple(curves), wrong=(wrong,))
    page.write_report(data, tmp_path / "report.html")
    found = dom(tmp_path / "report.html", tmp_path / "profile")
    assert found.count("js-plotly-plot") >= 1 + len({curve.condition for curve in curves})
    assert found.count('class="point"') > len(rows)
    assert "This figure is drawn by a script" not in found
    assert MARK not in found


@pytest.mark.parametrize("guarded", [True, False])
def test_the_policy_stops_what_escaping_would_miss(
    run: ReportData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    monkeypatch.setattr(figures, "plotly_js", lambda: "/* plotly */")
    text = page.render(run).replace("</main>", f"{HOSTILE}</main>")
    if not guarded:  # shows that the mark is seen where nothing stops it
        text = text.replace("Content-Security-Policy", "X-None")
    (tmp_path / "report.html").write_text(text, encoding="utf-8")
    assert (MARK in dom(tmp_path / "report.html", tmp_path / "profile")) is not guarded
