"""The files of a run: page, JSON, Markdown, and a table of predictions, by the ending of a name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_slm_autopsy.errors import SlmAutopsyError

if TYPE_CHECKING:
    from pytest_slm_autopsy.records import Prediction
    from pytest_slm_autopsy.report.data import ReportData

    Writer = Callable[[Path, ReportData, Sequence[Prediction]], None]


def paths(text: str) -> tuple[Path, ...]:
    """Return the files that a list with commas names.

    Raises:
        ValueError: an ending that is not known.
    """
    found = tuple(Path(part.strip()) for part in text.split(",") if part.strip())
    if unknown := next(
        (one for one in found if one.name and one.suffix.lower() not in WRITERS), None
    ):
        raise ValueError(f"{unknown.name!r} must end with {', '.join(WRITERS)}")
    return found


def write_all(
    files: Iterable[Path], data: ReportData, predictions: Sequence[Prediction]
) -> tuple[list[Path], list[str]]:
    """Write each file, and return those that were written, and a sentence for each that was not."""
    written, problems = [], []
    for path in files:
        try:
            WRITERS[path.suffix.lower()](path, data, predictions)
            written.append(path)
        except SlmAutopsyError as error:  # the verdicts are printed all the same
            problems.append(f"{type(error).__name__}: {error}")
    return written, problems


def _page(path: Path, data: ReportData, predictions: Sequence[Prediction]) -> None:
    from pytest_slm_autopsy.report.page import write_report

    write_report(data, path)


def _json(path: Path, data: ReportData, predictions: Sequence[Prediction]) -> None:
    from pytest_slm_autopsy.whole_files import write_whole

    write_whole(path, data.to_json(), "the report")


def _markdown(path: Path, data: ReportData, predictions: Sequence[Prediction]) -> None:
    from pytest_slm_autopsy.report.summary import markdown
    from pytest_slm_autopsy.whole_files import write_whole

    write_whole(path, markdown(data), "the summary")


def _parquet(path: Path, data: ReportData, predictions: Sequence[Prediction]) -> None:
    from pytest_slm_autopsy.predictions.table import write_parquet

    write_parquet(path, predictions)


WRITERS: Final[Mapping[str, Writer]] = {
    ".html": _page,
    ".json": _json,
    ".md": _markdown,
    ".parquet": _parquet,
}
