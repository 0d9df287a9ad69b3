"""The page in a browser: its figures are drawn, and what a model wrote does not run."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_slm_autopsy.report import page
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
    wrong = replace(run.wrong[0], raw=HOSTILE, document=HOSTILE, truth={HOSTILE: HOSTILE})
    rows = [replace(row, model=row.model + HOSTILE) for row in run.rows]
    rows = [replace(row, condition=row.condition + HOSTILE) for row in rows]
    curves = [replace(curve, condition=curve.condition + HOSTILE) for curve in run.reliability]
    data = replace(run, rows=tuple(rows), reliability=tuple(curves), wrong=(wrong,))
    page.write_report(data, tmp_path / "report.html")
    found = dom(tmp_path / "report.html", tmp_path / "profile")
    assert found.count("js-plotly-plot") >= 2
    assert found.count('class="point"') > len(rows)
    assert "This figure is drawn by a script" not in found
    assert MARK not in found


@pytest.mark.parametrize("guarded", [True, False])
def test_the_policy_stops_what_escaping_would_miss(
    run: ReportData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    monkeypatch.setattr(page, "_LIBRARY", Path(__file__).with_name("small_library.js"))
    text = page.render(run).replace("</main>", f"{HOSTILE}</main>")
    if not guarded:  # shows that the mark is seen where nothing stops it
        text = text.replace("Content-Security-Policy", "X-None")
    (tmp_path / "report.html").write_text(text, encoding="utf-8")
    assert (MARK in dom(tmp_path / "report.html", tmp_path / "profile")) is not guarded


def console(path: Path, profile: Path) -> list[str]:
    """What the browser writes to its console while it opens the page."""
    command = [str(BROWSER), *FLAGS, "--enable-logging=stderr", "--dump-dom"]
    command += [f"--user-data-dir={profile}", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_no_console_error_and_no_request(run: ReportData, tmp_path: Path) -> None:
    """A request would break the policy of the page, and the console says so."""
    page.write_report(run, tmp_path / "report.html")
    assert console(tmp_path / "report.html", tmp_path / "profile") == []
    text = (tmp_path / "report.html").read_text("utf-8")
    asking = text.replace("</main>", '<img src="https://example.org/x.png"></main>')
    (tmp_path / "asking.html").write_text(asking, encoding="utf-8")
    [said] = console(tmp_path / "asking.html", tmp_path / "profile")
    assert "example.org" in said


def acted(run: ReportData, folder: Path, script: str) -> str:
    """The page after somebody acted on it; a script of the test needs a page without policy."""
    text = page.render(run).replace("Content-Security-Policy", "X-None")
    text = text.replace("</body>", f"<script>{script}</script></body>")
    (folder / "report.html").write_text(text, encoding="utf-8")
    return dom(folder / "report.html", folder / "profile")


def shown(found: str) -> list[str]:
    """The conditions of the wrong answers that are not hidden."""
    articles = re.findall(r"<article [^>]*>", found)
    return [
        re.search(r'data-condition="([^"]*)"', one).group(1)  # type: ignore[union-attr]
        for one in articles
        if "hidden" not in one
    ]


CHOOSE = """
const select = document.querySelector('select[data-filter="{key}"]');
select.value = "{value}";
select.dispatchEvent(new Event("change"));
"""


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("condition", "dates", ["dates"]),
        ("model", "narrow", ["labels", "labels"]),
        ("field", "total", ["labels"]),
        ("kind", "swapped", ["labels"]),
    ],
)
def test_wrong_answers_are_filtered(
    run: ReportData, tmp_path: Path, key: str, value: str, kept: list[str]
) -> None:
    first, second, *others = run.wrong
    first = replace(first, kinds={"total": "swapped"}, kind="swapped")
    second = replace(second, kinds={"date": "omitted"}, kind="omitted")
    data = replace(run, wrong=(first, second, *others))
    found = acted(data, tmp_path, CHOOSE.format(key=key, value=value))
    assert shown(found) == kept
    assert f'<span id="shown">{len(kept)}</span>' in found


def test_a_failed_gate_leads_to_its_wrong_answers(run: ReportData, tmp_path: Path) -> None:
    click = "document.querySelector('a[data-filter-condition=\"labels\"]').click();"
    assert shown(acted(run, tmp_path, click)) == ["labels", "labels"]


def test_numbers_are_saved_as_csv_without_formulas(run: ReportData, tmp_path: Path) -> None:
    rows = (replace(run.rows[0], condition="=HYPERLINK(1)"), *run.rows[1:])
    script = """
    window.Blob = class { constructor(parts) {
        const told = document.body.appendChild(document.createElement("pre"));
        told.textContent = "RESULT:" + parts.join(""); } };
    URL.createObjectURL = () => "#";
    document.querySelector('button[aria-label="Save as CSV: accuracy"]').click();
    """
    found = acted(replace(run, rows=rows), tmp_path, script)
    told = found.rpartition("RESULT:")[2]
    assert told.startswith('"condition","model","accuracy","low","high","sure when wrong","n"')
    assert '"\'=HYPERLINK(1)"' in told


def test_without_scripts_the_page_still_reads(run: ReportData, tmp_path: Path) -> None:
    text = re.sub(r"<script>.*?</script>", "", page.render(run), flags=re.DOTALL)
    (tmp_path / "report.html").write_text(text, encoding="utf-8")
    found = dom(tmp_path / "report.html", tmp_path / "profile")
    assert len(shown(found)) == len(run.wrong)
    assert "its numbers stand below" in found
