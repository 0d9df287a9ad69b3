"""Hypothesis over a slow model: ask its questions in batches, then run it on known answers.

Hypothesis draws one example after the other, and the outcome of one decides the next. So:

1. A run tests the examples with known answers; it notes every other example and lets it pass.
2. The noted examples are asked in one batch, and the run begins again with the same seed.
3. The first run notes every example; later runs note what shrinking tries next, and most of
   those examples really pass.
4. A run that notes nothing equals a plain run of Hypothesis over the model: its outcome counts.
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
"""The parameters that the property fills; all others are fixtures."""
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
    """Test a property of the answer to every case that ``cases`` draws.

    The test takes ``prediction``, and optionally ``case`` and fixtures. It finds the failures of
    ``@given`` with the same seed, follows the same settings, and asks the model in batches. A
    failure shows the smallest shift that breaks the test, in words, with document and answer.
    See docs/cases.md.

    Args:
        cases: a strategy, such as ``shifted_invoices()``.
        max_examples: replaces the Hypothesis setting of the same name.
        model: the name of the fixture with the model.
        batch_size: cases in one batch while a failure is shrunk.

    Raises:
        ConfigError: the strategy, a number or the test cannot make a property.

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
    """A user's test in two wrappers: the inner one is for Hypothesis, the outer one for pytest."""

    def __init__(self, test: Test, cases: SearchStrategy[Case], how: _How) -> None:
        self._test, self._how = test, how
        self._takes = signature(test).parameters
        self._oracle: Oracle | None = None
        self._inner = given(case=cases)(self._body())
        self.outer = self._outer()

    def _body(self) -> Test:
        """Return the function for Hypothesis: it runs the test on cases with known answers."""

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
            # Decorators above this one, and Hypothesis' pytest plugin, set attributes on outer.
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
        """Run until no case is unknown; then print the report and raise the outcome of that run."""
        __tracebackhide__ = True
        inner = vars(self._inner)
        chosen: Settings = inner["_hypothesis_internal_use_settings"]
        _seed_once(inner, chosen)
        redact = fixtures["autopsy"].settings.redact
        for number in range(MOST_RUNS):
            overlay = Overlay(chosen.database) if chosen.database and not redact else None
            inner["_hypothesis_internal_use_settings"] = self._settings(chosen, overlay)
            outcome, said = _ran(lambda: self._inner(*args, **fixtures), oracle)
            if oracle.unknown:
                oracle.ask()
                # The first run lets every case pass. If all really pass, that run counts.
                if number or outcome or not self._all_pass(oracle, args, fixtures):
                    continue
            for message in () if redact else said:
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
        """Tell whether the test passes on every answer of the last batch.

        A test that needs Hypothesis, such as one with ``assume``, counts as not passing.
        """
        try:
            for prediction in oracle.last:
                self._tested(prediction, args, fixtures)
        except FAILURES:  # Hypothesis meets the same failure in the next run
            return False
        return True


def _seed_once(inner: dict[str, Any], chosen: Settings) -> None:
    """Fix one seed for all runs: the user's, the profile's, or a seed drawn now."""
    forced: int | None = vars(core)["global_force_seed"]
    if forced is None and not chosen.derandomize:
        seed = inner["_hypothesis_internal_use_seed"]
        inner["_hypothesis_internal_use_seed"] = randbits(128) if seed is None else seed


def _ran(call: Callable[[], None], oracle: Oracle) -> tuple[BaseException | None, list[object]]:
    """Run Hypothesis once; return its error, if any, and its report."""
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
