"""Patients: a model with one planted fault, the suite it is examined with, and the true cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from benchmarks.planted import folders
from benchmarks.planted.folders import adapter_folder, base_folder, with_tensors
from benchmarks.planted.plans import ACCENTED, ADAPTERS, BRITTLE, PLANS, STORY, trained
from benchmarks.planted.training import BASE
from pytest_slm_autopsy import (
    Case,
    DocumentSchema,
    ModelSpec,
    PromptFormat,
    Suite,
    draw_suite,
    predict,
)
from pytest_slm_autopsy.cases import PRODUCTION, Mixture
from pytest_slm_autopsy.cases.drawn.variants import DrawnVariants
from pytest_slm_autopsy.diagnostics.causes.parts import setup
from pytest_slm_autopsy.diagnostics.causes.rulings import Named
from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis, Known, diagnosed
from pytest_slm_autopsy.diagnostics.edits import plain_letters
from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.adapter import load_unjudged
from pytest_slm_autopsy.models.checks.check import CHECKS, NEEDED, Check
from pytest_slm_autopsy.models.checks.compatibility import check_files
from pytest_slm_autopsy.models.interface import Answer
from reference_experiment.data import SCHEMA

RECORDS: Final = 128
ALLOWED: Final = tuple(name for name in CHECKS if name not in NEEDED)


class Piped:
    """A model behind a pipeline that edits each document first."""

    def __init__(self, model: Any, edit: Callable[[str], str]) -> None:
        self.name, self._model, self._edit = model.name, model, edit

    def answer(self, cases: Sequence[Case]) -> list[Answer]:
        """Return the answers to the edited documents."""
        edited = [replace(case, text=self._edit(case.text)) for case in cases]
        answers: list[Answer] = self._model.answer(edited)
        return answers


@dataclass(frozen=True)
class Fault:
    """A planted fault: its true causes, by their beginnings, and the model that has it.

    ``axes`` are those of its suite. ``pipe`` edits documents, ``training`` names the plan of its
    training, ``sharpen`` multiplies its logits. ``leak`` puts the suite into training.
    """

    name: str
    causes: tuple[str, ...]
    adapter: Path
    axes: tuple[str, ...] = STORY
    base: Path = BASE
    spec: Mapping[str, Any] | None = None
    pipe: Callable[[str], str] | None = None
    training: str = ""
    sharpen: float = 1.0
    leak: bool = False
    unquantised: bool = False
    schema: DocumentSchema = SCHEMA

    def suite(self, seed: int, records: int = RECORDS) -> Suite:
        """Return reference cases and a mixture of the fault's axes, drawn by a seed."""
        mixture = Mixture(dict.fromkeys(self.axes, 0.5), (1.0,))
        return draw_suite(self.schema, records, seed, {"canonical": {}, PRODUCTION: mixture})

    def examined(self, seed: int) -> list[str]:
        """Return the causes that a diagnosis names, the first the likeliest."""
        diagnosis = self.diagnosis(seed)
        if isinstance(diagnosis, list):
            return diagnosis
        return [finding.cause for finding in diagnosis.findings]

    def diagnosis(self, seed: int) -> Diagnosis | list[str]:
        """Return the diagnosis; the failed checks alone where the model cannot be loaded."""
        model, checks = _loaded(self._spec())
        if model is None:
            named = [one for one in setup(checks) if isinstance(one, Named)]
            return [one.finding.cause for one in named]
        if self.sharpen != 1:
            model = _sharpened(self._spec(), self.sharpen)
        asked = Piped(model, self.pipe) if self.pipe else model
        suite = self.suite(seed)
        training = list(_each_once(PLANS[self.training].cases())) if self.training else None
        if self.leak:
            training = [*(training or []), *suite.reference]
        known = Known(
            checks=checks,
            training=training,
            unquantised=partial(_plain, self._spec()) if self.unquantised else None,
            base=partial(_plain, replace(self._spec(), adapter=None)),
        )
        return diagnosed(
            partial(predict, asked),
            suite.reference,
            suite.production,
            DrawnVariants(self.schema),
            known=known,
        )

    def _spec(self) -> ModelSpec:
        given = {"max_new_tokens": 320, **(self.spec or {})}
        return ModelSpec(base=str(self.base), adapter=str(self.adapter), device="cpu", **given)


def _each_once(cases: Sequence[Case]) -> Sequence[Case]:
    return [*{case.id: case for case in cases}.values()]


@cache
def _loaded(spec: ModelSpec) -> tuple[Any, list[Check]]:
    """Return a model, or ``None`` where it cannot be loaded, and the checks; none is concluded."""
    checks = check_files(spec)
    try:
        model = load_unjudged(spec, allow=ALLOWED)
    except ModelError:
        return None, checks
    return model, [*checks, *model.checks]


def _plain(spec: ModelSpec, cases: Sequence[Case]) -> list[Any]:
    """Ask the model as ``spec`` has it, or unquantised where it has an adapter."""
    from pytest_slm_autopsy.models.adapter import load_model

    other = replace(spec, quantization="none") if spec.adapter else spec
    model = _loaded(other)[0] if spec.adapter else load_model(other)
    return predict(model, cases)


@cache
def _sharpened(spec: ModelSpec, factor: float) -> Any:
    """Return a model whose logits are multiplied: the same answers, too sure."""
    model = load_unjudged(spec, allow=ALLOWED)
    norm = next(m for n, m in model.model.named_modules() if n.endswith("model.norm"))
    norm.weight.data.mul_(factor)
    return model


def _continuation(text: str) -> str:
    """Drop lines that look like continuations: indented, and without a colon."""
    lines = text.splitlines()
    kept = [line for line in lines if not line[:1].isspace() or ":" in line]
    return "\n".join(kept)


def _first_page(text: str) -> str:
    return text[:140]


def faults() -> dict[str, Fault]:
    """Return every planted fault by its name."""
    healthy = ADAPTERS / "hardened"
    twice = PromptFormat(user="<|im_start|>user\nFields: {fields}\n\n{text}<|im_end|>")
    found = [
        *(
            Fault(f"brittle to {axis}", (f"shift: {axis}",), trained(f"brittle-{axis}"),
                  (*seen, axis))
            for axis, seen in BRITTLE.items()
        ),
        Fault("brittle to one field", ("shift: missing: deadline",), trained("one-field"),
              ("missing", "order")),
        Fault("brittle to two axes together", ("shift: delimiters and whitespace together",
              "shift: whitespace and delimiters together"), healthy, pipe=_continuation),
        Fault("copies positions", ("shift: order",), ADAPTERS / "narrow",
              ("order",)),
        Fault("wrong base of equal shapes", ("set-up: base_weights", "set-up: base_name"), healthy,
              base=base_folder("other-base", with_tensors(folders.reversed_layers,
                                                          "model.safetensors"))),
        Fault("untrained", ("set-up: adapter_norm", "the adapter does nothing"),
              adapter_folder("untrained", with_tensors(folders.untrained))),
        Fault("zeroed", ("set-up: adapter_norm", "the adapter does nothing"),
              adapter_folder("zeroed", with_tensors(folders.zeroed))),
        Fault("not attached", ("set-up: tensor_names", "the adapter does nothing"),
              adapter_folder("unattached", with_tensors(folders.unattached))),
        Fault("transposed", ("set-up: tensor_shapes",),
              adapter_folder("transposed", with_tensors(folders.transposed))),
        Fault("half the layers missing", ("set-up: tensor_names",),
              adapter_folder("half", with_tensors(folders.half))),
        Fault("template missing", ("set-up: chat_template",), healthy,
              base=base_folder("no-template", folders.with_template(None))),
        Fault("template twice", ("set-up: prompts",), healthy, spec={"prompt": twice}),
        Fault("other system prompt", ("set-up: prompts",), healthy,
              spec={"prompt": PromptFormat(system="You are a helpful assistant.")}),
        Fault("thinking block left out", ("set-up: chat_template", "set-up: prompts"),
              trained("thinker")),
        Fault("end of turn not seen", ("set-up: special_tokens", "the end of turn is not seen"),
              healthy, base=base_folder("other-end", folders.ends_elsewhere)),
        Fault("tokenizer moved", ("set-up: tokenizer",), healthy,
              base=base_folder("moved-tokens", folders.moved_tokens)),
        Fault("one answer", ("collapsed",), trained("one-answer")),
        Fault("training by heart", ("it answers training documents by heart",), trained("by-heart"),
              training="by-heart"),
        Fault("over-confident", ("over-confident",), trained("unripe"), ("case",), sharpen=6.0),
        Fault("leaked evaluation", ("the evaluation leaked",), healthy, training="unripe",
              leak=True),
        Fault("quantisation damage", ("quantisation damage",),
              adapter_folder("outliers", folders.outliers),
              base=base_folder("outlier-base", with_tensors(folders.outlier_base,
                                                            "model.safetensors")),
              unquantised=True),
        Fault("output cut off", ("answers are cut off",), healthy, spec={"max_new_tokens": 60}),
        Fault("accents stripped", ("accents are stripped",), trained("accented"),
              ("missing", "order"), pipe=plain_letters, schema=ACCENTED),
        Fault("lines joined", ("lines are joined",), healthy,
              pipe=lambda text: " ".join(text.splitlines())),
        Fault("letters lowered", ("letters are lowered",), healthy, pipe=str.lower),
        Fault("documents cut", ("documents are cut",), healthy, pipe=_first_page),
    ]  # fmt: skip
    return {fault.name: fault for fault in found}


def well() -> dict[str, Fault]:
    """Return the healthy models by name."""
    adapters = {"hardened": ADAPTERS / "hardened", "healthy": trained("healthy")}
    return {name: Fault(name, (), adapter) for name, adapter in adapters.items()}
