"""One run: what was asked and judged, gathered from all workers, and reported at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from pytest_slm_autopsy.plugin.options import Settings

if TYPE_CHECKING:
    from pytest_slm_autopsy.models.interface import ModelUnderTest
    from pytest_slm_autopsy.records import Case, Prediction, Verdict
    from pytest_slm_autopsy.report.data import ReportData


class Autopsy:
    """Collects predictions and verdicts of a session; built once, in ``pytest_configure``."""

    def __init__(self, settings: Settings, config: pytest.Config) -> None:
        self.settings = settings
        self._config = config
        self._predictions: dict[tuple[str, str], Prediction] = {}
        self._verdicts: list[tuple[str, Verdict]] = []
        self._outcomes: dict[str, str] = {}

    def predict(self, model: ModelUnderTest, cases: Sequence[Case]) -> list[Prediction]:
        """One prediction a case, in order; what ``model`` answered before is not asked again."""
        from pytest_slm_autopsy.predictions.predict import predict

        known = self._predictions
        new = [case for case in cases if (model.name, case.id) not in known]
        if new or not cases:
            for prediction in predict(model, new, progress=self._progress(model.name)):
                known[model.name, prediction.case.id] = prediction
        return [known[model.name, case.id] for case in cases]

    def note(self, test: str, verdict: Verdict) -> None:
        """Remember a verdict reached in ``test``."""
        self._verdicts.append((test, verdict))

    def saw(self, report: pytest.TestReport) -> None:
        """Remember how a test ended, xfail counted as what it is."""
        if report.when == "call":
            expected = hasattr(report, "wasxfail")
            names = {"skipped": "xfailed", "passed": "xpassed"} if expected else {}
            self._outcomes[report.nodeid] = names.get(report.outcome, report.outcome)

    def export(self) -> dict[str, Any]:
        """All of a worker's findings, as plain data for the wire."""
        return {
            "predictions": [prediction.to_dict() for prediction in self._predictions.values()],
            "verdicts": [(test, verdict.to_dict()) for test, verdict in self._verdicts],
            "outcomes": self._outcomes,
        }

    def merge(self, data: dict[str, Any]) -> None:
        """Add what a worker exported."""
        from pytest_slm_autopsy.records import Prediction, Verdict

        for plain in data["predictions"]:
            prediction = Prediction.from_dict(plain)
            self._predictions[prediction.model, prediction.case.id] = prediction
        self._verdicts += [(test, Verdict.from_dict(plain)) for test, plain in data["verdicts"]]
        self._outcomes |= data["outcomes"]

    def report(self) -> ReportData | None:
        """The run as one document, or ``None`` when no model was asked and nothing was judged."""
        if not self._predictions and not self._verdicts:
            return None
        from pytest_slm_autopsy.plugin.findings import gather

        facts = {"seed": str(self.settings.seed), "records": str(self.settings.n)}
        return gather(self._predictions.values(), self._verdicts, self._outcomes, facts=facts)

    def _progress(self, model: str) -> Any:
        capture = self._config.pluginmanager.getplugin("capturemanager")
        if (
            hasattr(self._config, "workerinput")
            or not sys.__stderr__
            or not sys.__stderr__.isatty()
        ):
            return None

        def show(done: int, total: int) -> None:
            with capture.global_and_fixture_disabled():
                end = "\r" if done < total else "\r\033[K"
                print(f"  {model}: {done}/{total} cases", end=end, file=sys.stderr, flush=True)

        return show


AUTOPSY = pytest.StashKey[Autopsy]()


def summary_lines(autopsy: Autopsy, width: int) -> Iterator[str]:
    """The terminal summary, and where the page was written."""
    data = autopsy.report()
    if data is None:
        return
    from pytest_slm_autopsy.report.summary import lines

    yield from lines(data, min(width, 100))
    if path := autopsy.settings.report:
        from pytest_slm_autopsy.report.page import write_report

        write_report(data, path)
        yield f"report: {path}"
