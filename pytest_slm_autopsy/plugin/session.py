"""The session: predictions and verdicts of a run, gathered from all workers and reported."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pytest

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.plugin.autopsies import Autopsies
from pytest_slm_autopsy.plugin.memory.asked import Asked
from pytest_slm_autopsy.plugin.memory.budget import AskedInBatches
from pytest_slm_autopsy.plugin.memory.ledger import Ledger
from pytest_slm_autopsy.plugin.memory.storage import Keeping
from pytest_slm_autopsy.plugin.output.progress import progress
from pytest_slm_autopsy.plugin.output.provenance import described, facts
from pytest_slm_autopsy.plugin.privacy import key_of, page_of
from pytest_slm_autopsy.plugin.settings import Settings
from pytest_slm_autopsy.statistics.listeners import listening

if TYPE_CHECKING:
    from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
    from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis
    from pytest_slm_autopsy.models.interface import ModelSpec, ModelUnderTest
    from pytest_slm_autopsy.records import Case, Measurement, Prediction, Verdict
    from pytest_slm_autopsy.redaction import Redaction
    from pytest_slm_autopsy.report.data import ReportData

T = TypeVar("T")
WIRE: Final = "slm_autopsy"
"""Attribute of a test report that carries a worker's findings."""


class Autopsy:
    """The predictions and verdicts of a session; the fixture ``autopsy`` gives it.

    In a notebook, ``Autopsy()`` works without pytest, and shows itself as the page.

    Args:
        settings: as the options of pytest; the defaults without them.
        config: pytest's configuration, where there is one.

    Example:
        >>> from pytest_slm_autopsy import INVOICE, CallableModel, draw_suite
        >>> autopsy, suite = Autopsy(), draw_suite(INVOICE, 4, 1)
        >>> model = CallableModel(lambda text: {"total": "9"})
        >>> [one.correct for one in autopsy.predict(model, suite.reference)]
        [False, False, False, False]
    """

    def __init__(
        self, settings: Settings | None = None, config: pytest.Config | None = None
    ) -> None:
        self.settings = settings or Settings()
        self.keeping = Keeping(self.settings, config)
        self.config = config
        self.key = key_of(config)
        self._item: pytest.Item | None = None
        self._count = count()
        self._asked = Asked()
        self._ledger = Ledger()
        self._outcomes: dict[str, str] = {}
        self._specs: dict[str, ModelSpec | None] = {}
        self._described: dict[str, str] = {}
        self.autopsies = Autopsies()

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, for a notebook."""
        from html import escape

        data = self.report()
        if data is None:
            return escape(repr(self))
        from pytest_slm_autopsy.report.page import render

        page = escape(render(data))
        return f'<iframe srcdoc="{page}" style="width: 100%; height: 48rem; border: 0"></iframe>'

    def __repr__(self) -> str:
        verdicts = len(list(self._ledger))
        return f"<Autopsy: {len(self._asked)} predictions, {verdicts} verdicts>"

    @property
    def asked(self) -> bool:
        """Tell whether a model was asked, by this process or a worker."""
        return bool(self._asked)

    def predict(
        self, model: ModelUnderTest, cases: Sequence[Case], *, repeat: int = 0
    ) -> Sequence[Prediction]:
        """Return one prediction for each case, in order; no question is asked twice.

        Loaded models are told apart by name, test doubles by identity. With --slm-budget cases are
        asked when their predictions are looked at, and a gate looks no further than it needs.
        ``repeat=1`` asks once more, to see how answers vary; such answers are not in the report.

        Raises:
            ConfigError: another loaded model was asked under the same name.
        """
        self._check_name(model)
        ask = partial(self._predict, model, repeat=repeat)
        return (
            AskedInBatches(ask, cases) if self.settings.budget is not None and cases else ask(cases)
        )

    def ask(
        self,
        model: ModelUnderTest,
        cases: Sequence[Case],
        *,
        repeat: int = 0,
        alone: bool = False,
    ) -> list[Prediction]:
        """Return one prediction for each case, in order, none of them for the report.

        Stored answers are read and kept. ``alone`` asks one case at a time and uses no stored
        answers, since an answer may come out otherwise in a batch.
        """
        from pytest_slm_autopsy.predictions.predictor import predict

        with progress(self.config, model.name, len(cases)) as show:
            return predict(
                model,
                cases,
                batch_size=1 if alone else None,
                progress=show,
                store=None if alone else self.keeping.store_for(model),
                repeat=repeat,
            )

    def noise(
        self, model: ModelUnderTest, cases: Sequence[Case], *, sample: int = 64
    ) -> Measurement:
        """Return the share of cases that are right or wrong by their batch, for a gate's ``noise``.

        An evenly spaced sample of the cases, at most ``sample``, is asked once more, one by one.

        Raises:
            NoDataError: no cases.
        """
        from pytest_slm_autopsy.measures.noise import answer_noise

        few = cases[:: max(1, -(-len(cases) // sample))]
        together = list(self.predict(model, few))
        return answer_noise(together, self.ask(model, few, alone=True))

    def diagnose(
        self,
        model: ModelUnderTest,
        reference: Sequence[Case],
        shifted: Sequence[Case],
        *,
        schema: DocumentSchema | None = None,
        training: Sequence[Case] | None = None,
        limit: float = 0.1,
    ) -> Diagnosis:
        """Return why a model loses accuracy from reference to shifted cases; the report shows it.

        Args:
            model: any model under test.
            reference: cases distributed like training.
            shifted: their twins under a shift.
            schema: the schema that drew them; that of a suite of the running test is known.
            training: cases that the model was trained on.
            limit: the loss of accuracy that is tolerated.

        Raises:
            NoDataError: no case on a side.
        """
        from pytest_slm_autopsy.examination import diagnose

        self._check_name(model)
        diagnosis = diagnose(
            model,
            reference,
            shifted,
            schema=schema or self.autopsies.schema_of(reference),
            training=training,
            limit=limit,
            ask=partial(self.ask, model),
        )
        self.autopsies.add(diagnosis)
        return diagnosis

    def diagnose_failures(self) -> None:
        """Diagnose each model of which a gate failed, on the cases that it was asked, once."""
        failed: dict[str, set[str]] = {}
        for _, _, verdict in self._ledger:
            if verdict.outcome == "failed":
                found = verdict.measurement
                failed.setdefault(found.model, set()).add(found.condition)
        for name, model in self.autopsies.models.items():
            if name not in failed or name in self.autopsies.known:
                continue
            cases = [one.case for one in self._asked.of(name)]
            shifted = [case for case in cases if case.shift]
            hit = [case for case in shifted if case.condition in failed[name]]
            reference = [case for case in cases if not case.shift]
            if reference and shifted:
                self.diagnose(model, reference, hit or shifted)

    def _predict(
        self, model: ModelUnderTest, cases: Sequence[Case], *, repeat: int
    ) -> list[Prediction]:
        test = self._test_number()
        ask = partial(self.ask, model, repeat=repeat)
        return self._asked.predict(model, cases, ask, lambda: (test, next(self._count)), repeat)

    def _check_name(self, model: ModelUnderTest) -> None:
        from pytest_slm_autopsy.models.interface import check_model

        check_model(model)
        spec = getattr(model, "spec", None)
        self.autopsies.see(model, self._item)
        if self._specs.setdefault(model.name, spec) != spec:
            raise ConfigError(
                f"two models are called {model.name!r}, and would share their answers; give one "
                "another name: model.name = ..."
            )

    @contextmanager
    def watching(self, item: pytest.Item | None = None) -> Iterator[None]:
        """Note the verdicts that are reached inside the block, as reached in ``item``."""
        self._item = item
        try:
            with listening(self.note, undecided=self.settings.undecided):
                yield
        finally:
            self._item = None

    def note(self, verdict: Verdict) -> None:
        """Remember a verdict reached in the running test."""
        name = self._item.nodeid if self._item else ""
        self._ledger.note(name, (self._test_number(), next(self._count)), verdict)

    def begin_attempt(self, item: pytest.Item) -> None:
        """Forget the verdicts of a test's earlier attempts, such as those of ``--reruns``."""
        self._ledger.begin_attempt(item.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over the diagnoses of a worker that has ended."""
        self.autopsies.take_over(getattr(node, "workeroutput", {}).get(WIRE, "[]"))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take over a worker's findings, and remember the outcome of the test.

        An expected failure is remembered as ``xfailed`` or ``xpassed``.
        """
        if found := vars(report).pop(WIRE, ""):
            self.take_over(found)
        if report.when == "call" or (report.when == "setup" and not report.passed):
            expected = hasattr(report, "wasxfail")
            names = {"skipped": "xfailed", "passed": "xpassed"} if expected else {}
            self._outcomes[report.nodeid] = names.get(report.outcome, report.outcome)

    def hand_over(self) -> str:
        """Return the findings since the last call, as JSON for the main process.

        The text is empty without new findings.
        """
        predictions, judged = self._asked.hand_over(), self._ledger.hand_over()
        stored = self.keeping.hand_over()
        if not predictions and not judged and not stored:
            return ""
        found = {
            "predictions": predictions,
            "verdicts": judged,
            "stored": stored,
            "models": self.models_described(),
        }
        return json.dumps(found, default=float)

    def take_over(self, found: str) -> None:
        """Add the findings that a worker handed over."""
        data = json.loads(found)
        self.keeping.take_over(data["stored"])
        self._described |= data["models"]
        self._asked.take_over(data["predictions"])
        self._ledger.take_over(data["verdicts"])

    def predictions(self) -> list[Prediction]:
        """Return everything that was asked for the report, in the order of one run."""
        return self._asked.in_order()

    def verdicts_of(self, test: str) -> list[Verdict]:
        """Return the verdicts that were reached in a test, for the reports of others."""
        return self.redacted(self._ledger.of(test))

    def redacted(self, record: T) -> T:
        """Return a record, or a list, without texts and values where --slm-redact asks for it.

        Whatever leaves the run passes here.
        """
        return self.redaction().of(record) if self.settings.redact else record

    def redaction(self, names: Iterable[str] = ()) -> Redaction:
        """Return the redaction of this run; it knows the names of what was asked, and ``names``."""
        from pytest_slm_autopsy.redaction import Redaction

        return Redaction(self.key, self._asked.names() | {*names})

    def report(self) -> ReportData | None:
        """Return the data of the report, or ``None`` where nothing was asked or judged."""
        judged = [(test, verdict) for _, test, verdict in self._ledger]
        if not self._asked and not judged:
            return None
        from pytest_slm_autopsy.gathering.document import gather

        data = gather(
            self.predictions(),
            judged,
            self._outcomes,
            facts={
                **facts(self.settings, self.config),
                **{f"model {name}": told for name, told in self.models_described().items()},
            },
            diagnoses=self.autopsies.known.values(),
        )
        return page_of(self.redacted(data)) if self.settings.redact else data

    def models_described(self) -> dict[str, str]:
        """Return the files and settings of each loaded model that was asked, by its name."""
        told = {name: described(spec) for name, spec in self._specs.items()}
        return {**self._described, **{name: text for name, text in told.items() if text}}

    def _test_number(self) -> int:
        if self._item is None or self._item not in self._item.session.items:
            return 0
        return self._item.session.items.index(self._item)


AUTOPSY = pytest.StashKey[Autopsy]()
