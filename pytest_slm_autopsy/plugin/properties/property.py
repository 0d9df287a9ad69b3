"""Hypothesis over a slow model: its questions are asked in batches, then it runs on the answers.

Hypothesis asks for one example after the other, and which one comes next depends on how the last
went. So a run goes over answers that are known, takes every other example to pass, and notes it;
what was noted is asked at once, and the run begins anew with the same seed. The first run notes
every example of the test, later ones what shrinking tries next, most of which passes indeed. The
run that notes nothing is the very run of Hypothesis over this model, and its outcome is the test's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, Signature, isclass, iscoroutinefunction, signature
from secrets import randbits
from typing import Any, Final

from hypothesis import Phase, core, given
from hypothesis import settings as Settings  # noqa: N812
from hypothesis.errors import Flaky
from hypothesis.reporting import report, with_reporter
from hypothesis.strategies import SearchStrategy

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.plugin.properties.oracle import FAILURES, Enough, Oracle
from pytest_slm_autopsy.plugin.properties.overlay import Overlay
from pytest_slm_autopsy.records import Case, Prediction

Test = Callable[..., None]
OWN: Final = ("prediction", "case")
"""The parameters that are no fixtures."""
MOST_RUNS: Final = 1_000
_INTERNAL: Final = ("_hypothesis", "hypothesis_explicit")


@dataclass(frozen=True, slots=True)
class _How:
    max_examples: int | None
    model: str
    batch_size: int

    def __post_init__(self) -> None:
        for name in ("max_examples", "batch_size"):
            number = getattr(self, name)
            if number is not None and number < 1:
                raise ConfigError(f"{name} is {number}; it must be at least 1")


def shift_property(
    *,
    cases: SearchStrategy[Case],
    max_examples: int | None = None,
    model: str = "slm",
    batch_size: int = 64,
) -> Callable[[Test], Test]:
    """What must hold of the answer to every case that ``cases`` draws.

    The test takes ``prediction``, and where it likes ``case`` and fixtures. It finds what
    ``@given`` finds with the same seed, heeds what it heeds, and asks in batches. A failure shows
    the smallest shift that breaks it, in words, with document and answer. docs/cases.md says more.

    Args:
        cases: a strategy, such as ``shifted_invoices()``.
        max_examples: instead of the setting of that name.
        model: the fixture of the model that is asked.
        batch_size: cases asked at once while a failure is shrunk.

    Raises:
        ConfigError: something that cannot be a property of this kind.

    Example::

        @shift_property(cases=shifted_invoices(axes=["order", "missing"]), max_examples=200)
        def test_reads_any_order(prediction):
            assert prediction.correct
    """
    if not isinstance(cases, SearchStrategy):
        raise ConfigError(
            f"cases is a {type(cases).__name__}; it must be a strategy, such as shifted_invoices()"
        )
    how = _How(max_examples, model, batch_size)

    def decorate(test: Test) -> Test:
        _refuse(test)
        return _Property(test, cases, how).outer

    return decorate


def _refuse(test: Any) -> None:
    name = getattr(test, "__name__", repr(test))
    if isclass(test):
        raise ConfigError(
            f"{name} is a class; shift_property decorates a function, and cannot run stateful tests"
        )
    if getattr(test, "is_hypothesis_test", False):
        raise ConfigError(f"{name} has @given already; give its strategy as cases= and drop @given")
    if iscoroutinefunction(test):
        raise ConfigError(f"{name} is a coroutine; shift_property decorates plain functions")
    taken = signature(test).parameters
    plain = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    if odd := [p.name for p in taken.values() if p.default is not p.empty or p.kind not in plain]:
        raise ConfigError(
            f"{name} takes {odd[0]!r} with a default, or in a way that no fixture is given; take "
            "prediction, case and fixtures by their names"
        )
    if "prediction" not in taken:
        raise ConfigError(
            f"{name} takes no prediction, so it cannot look at the answer; write "
            f"def {name}(prediction)"
        )


class _Property:
    """A test, the test of Hypothesis that is run over and over, and the one that pytest sees."""

    def __init__(self, test: Test, cases: SearchStrategy[Case], how: _How) -> None:
        self._test, self._how = test, how
        self._takes = signature(test).parameters
        self._oracle: Oracle | None = None
        self._inner = given(case=cases)(self._body())
        self.outer = self._outer()

    def _body(self) -> Test:
        """What Hypothesis calls with a case: the test, where the answer is known."""

        @wraps(self._test)
        def body(*args: Any, case: Case, **fixtures: Any) -> None:
            oracle = self._oracle
            assert oracle is not None
            if (prediction := oracle.look(case)) is not None:
                oracle.judge(prediction, lambda: self._tested(prediction, args, fixtures))

        mine = [part for name, part in self._takes.items() if name not in OWN]
        taken = {part.name for part in mine}
        more = [name for name in (self._how.model, "autopsy", "case") if name not in taken]
        named = [Parameter(name, Parameter.KEYWORD_ONLY) for name in more]
        vars(body)["__signature__"] = Signature([*mine, *named])
        return body

    def _outer(self) -> Test:
        @wraps(self._test)
        def outer(*args: Any, **fixtures: Any) -> None:
            __tracebackhide__ = True
            # Decorators above this one, and pytest's plugin, leave their marks here.
            marks = {k: v for k, v in vars(outer).items() if k.startswith(_INTERNAL)}
            vars(self._inner).update(marks)
            oracle = Oracle(fixtures["autopsy"], fixtures[self._how.model], self._how.batch_size)
            self._oracle = oracle
            try:
                self._run(oracle, args, fixtures)
            except KeyboardInterrupt:
                oracle.tell_best()
                raise

        vars(outer).update(vars(self._inner))
        vars(outer)["__signature__"] = signature(self._inner)
        return outer

    def _tested(
        self, prediction: Prediction, args: Sequence[Any], fixtures: Mapping[str, Any]
    ) -> None:
        given = {**fixtures, "case": prediction.case, "prediction": prediction}
        self._test(*args, **{name: given[name] for name in self._takes if name in given})

    def _run(self, oracle: Oracle, args: Sequence[Any], fixtures: Mapping[str, Any]) -> None:
        """Run until nothing is unknown; that run's outcome is raised, and its report made."""
        __tracebackhide__ = True
        inner = vars(self._inner)
        chosen: Settings = inner["_hypothesis_internal_use_settings"]
        _seed_once(inner, chosen)
        for number in range(MOST_RUNS):
            overlay = None if chosen.database is None else Overlay(chosen.database)
            inner["_hypothesis_internal_use_settings"] = self._settings(chosen, overlay)
            outcome, said = _ran(lambda: self._inner(*args, **fixtures), oracle)
            if oracle.unknown:
                oracle.ask()
                # Where all pass, as the first run took it, that was the run.
                if number or outcome or not self._all_pass(oracle, args, fixtures):
                    continue
            for message in said:
                report(str(message))
            if overlay is not None:
                overlay.commit()
            if outcome is not None:
                raise outcome
            return
        raise Flaky(
            f"{self._test.__name__}: after {MOST_RUNS} runs there are still new cases; what is "
            "drawn hangs on something else than the seed"
        )

    def _settings(self, chosen: Settings, overlay: Overlay | None) -> Settings:
        most = self._how.max_examples
        return Settings(
            parent=chosen,
            database=overlay,
            deadline=None,
            phases=[phase for phase in chosen.phases if phase != Phase.explain],
            max_examples=chosen.max_examples if most is None else most,
        )

    def _all_pass(self, oracle: Oracle, args: Sequence[Any], fixtures: Mapping[str, Any]) -> bool:
        """Whether the test passes on all that was asked last; what needs Hypothesis does not."""
        try:
            for prediction in oracle.last:
                self._tested(prediction, args, fixtures)
        except FAILURES:  # whatever it is, Hypothesis meets it in the next run
            return False
        return True


def _seed_once(inner: dict[str, Any], chosen: Settings) -> None:
    """Every run begins with the same seed: the user's, the profile's, or one drawn now."""
    forced: int | None = vars(core)["global_force_seed"]
    if forced is None and not chosen.derandomize:
        seed = inner["_hypothesis_internal_use_seed"]
        inner["_hypothesis_internal_use_seed"] = randbits(128) if seed is None else seed


def _ran(call: Callable[[], None], oracle: Oracle) -> tuple[BaseException | None, list[object]]:
    """One run of Hypothesis: how it ended, and what it reported."""
    said: list[object] = []
    oracle.begin()
    try:
        with with_reporter(said.append):
            call()
    except Enough:
        return None, said
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - raised again once it is known to be the outcome
        return error, said
    return None, said
