"""Results that are kept in the repository: what was answered, and all that is told of it.

``publish`` copies a run's answers, diagnosis and cure; ``rebuild`` makes the numbers, tables and
figures from them, without a model. Cases are not kept: the seed draws them anew.
"""

from __future__ import annotations

import json
import lzma
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy import Case, Prediction, SlmAutopsyError
from reference_experiment.config import DEFAULT, HERE, Config
from reference_experiment.data import evaluation_cases
from reference_experiment.evaluate import found_predictions

DIGITS: Final = 5
"""Digits of a log-probability that are kept."""
ANSWERS, FACTS, DIAGNOSIS, CURE = "answers.jsonl.xz", "facts.json", "diagnosis.json", "cure.json"
STUDIES: Final = ("seeds", "scaling", "holding")
ADAPTERS: Final = ("narrow", "hardened")
"""Adapters that are kept; the others are trained anew."""


def committed(config: Config) -> Path:
    """Return the folder of the committed results of a configuration."""
    return HERE / "results" / config.name


def committed_adapter(config: Config, name: str) -> Path:
    """Return the folder of a committed adapter; those of the embedded default come first."""
    place = HERE / "adapters"
    return place / name if config.name == DEFAULT else place / config.name / name


def publish(config: Config) -> None:
    """Copy the adapters of a run, and what was found so far, to their committed places.

    Raises:
        SlmAutopsyError: the run has no answers, or not all adapters; nothing is touched then.
    """
    predictions = found_predictions(config)
    for name in ADAPTERS:
        if not config.adapter(name).is_dir():
            raise SlmAutopsyError(f"no adapter at {config.adapter(name)}; run the stage train")
    for name in ADAPTERS:
        target = committed_adapter(config, name)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(config.adapter(name), target)
    folder = committed(config)
    folder.mkdir(parents=True, exist_ok=True)
    write_answers(folder / ANSWERS, predictions)
    gather_facts(config, folder)
    rebuild(config)


def gather_facts(config: Config, folder: Path) -> None:
    """Copy what a run has beside its answers, as far as it is made."""
    runs = config.runs
    studies = [runs / study / f"{study}.json" for study in STUDIES]
    for path in (runs / "predictions" / FACTS, runs / DIAGNOSIS, runs / "cure" / CURE, *studies):
        if path.is_file():
            shutil.copy(path, folder / path.name)


def rebuild(config: Config) -> None:
    """Make the committed numbers, tables and figures anew from the committed answers.

    The notebook shows the embedded default, and is executed anew with it.
    """
    folder = committed(config)
    tell(config, read_answers(folder / ANSWERS, config), folder, folder)
    print(f"  results: {folder}")
    if config.name == DEFAULT:
        from reference_experiment.telling.notebook import NOTEBOOK, executed, write

        write(executed(NOTEBOOK), NOTEBOOK)
        print(f"  notebook: {NOTEBOOK}")


def tell(config: Config, predictions: Iterable[Prediction], source: Path, target: Path) -> str:
    """Write numbers, tables and figures of an experiment, and return the table.

    Args:
        config: the configuration.
        predictions: everybody's answers.
        source: a folder with the facts and, where they are made, the diagnosis and the cure.
        target: the folder to write into.
    """
    from reference_experiment.telling.figures import draw
    from reference_experiment.telling.tables import results, write_results

    found = results(predictions, json.loads((source / FACTS).read_text()))
    diagnoses, won_back = _made(source / DIAGNOSIS, "diagnoses"), _made(source / CURE, "won_back")
    told = write_results(found, _sections(source, won_back), target)
    draw(found["models"], diagnoses[0] if diagnoses else None, won_back, target / "figures")
    return told


def _sections(source: Path, won_back: Any) -> dict[str, str]:
    """Return the tables of what was made beside the answers, by title."""
    from reference_experiment import cure
    from reference_experiment.telling import studied

    made: dict[str, tuple[Callable[[Any], str], Any]] = {
        "What the cure wins back": (cure.in_markdown, won_back),
        "The same under other seeds": (studied.by_seed, _made(source / "seeds.json")),
        "How many mixed documents buy back how much, at the steps of narrow": (
            studied.by_documents, _made(source / "scaling.json")),
        "Training on the layouts of production": (
            studied.by_documents, _made(source / "holding.json")),
    }  # fmt: skip
    return {title: written(data) for title, (written, data) in made.items() if data}


def _made(path: Path, key: str = "") -> Any:
    """Return a file's data, or a part of them; ``None`` where nothing made it yet."""
    if not path.is_file():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    return data[key] if key else data


def write_answers(path: Path, predictions: Iterable[Prediction]) -> None:
    """Write answers without their cases, compressed."""
    with lzma.open(path, "wt", encoding="utf-8") as file:
        for one in predictions:
            file.write(json.dumps(_plain(one), ensure_ascii=False) + "\n")


def read_answers(path: Path, config: Config) -> Iterator[Prediction]:
    """Yield the predictions that were written, each with its case as the seed draws it.

    Raises:
        SlmAutopsyError: there is no such file, or a case is not drawn any more.
    """
    if not path.is_file():
        raise SlmAutopsyError(f"no answers at {path}; run the experiment, then its stage publish")
    cases = {case.id: case for case in evaluation_cases(config)}
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield _prediction(json.loads(line), cases, path)


def _plain(prediction: Prediction) -> dict[str, Any]:
    if prediction.logprobs is not None:
        shorter = tuple(float(f"{one:.{DIGITS}g}") for one in prediction.logprobs)
        prediction = replace(prediction, logprobs=shorter)
    plain = prediction.to_dict()
    return {**plain, "case": prediction.case.id}


def _prediction(data: Mapping[str, Any], cases: Mapping[str, Case], path: Path) -> Prediction:
    case = cases.get(data["case"])
    if case is None:
        raise SlmAutopsyError(
            f"{path} answers case {data['case']!r}, which the configuration does not draw; "
            "run the experiment again"
        )
    return Prediction.from_dict({**data, "case": case.to_dict()})
