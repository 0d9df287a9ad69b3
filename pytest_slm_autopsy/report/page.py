"""The report as one self-contained page. Text of a model is untrusted, so everything is escaped."""

from __future__ import annotations

import base64
import hashlib
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import jinja2

from pytest_slm_autopsy.records import Measurement, Verdict, legible
from pytest_slm_autopsy.report import figures, selection, verdict
from pytest_slm_autopsy.report.accuracy_figure import worst_conditions
from pytest_slm_autopsy.report.answers import (
    answer_runs,
    difference_runs,
    document_runs,
    plain_runs,
)
from pytest_slm_autopsy.report.data import ReportData, Why, WrongAnswer
from pytest_slm_autopsy.report.style import legend
from pytest_slm_autopsy.whole_files import write_whole

_HERE: Final = Path(__file__).parent
_LIBRARY: Final = _HERE / "vendor" / "plotly-basic.min.js"


@dataclass(frozen=True, slots=True)
class FieldPair:
    """One field of a wrong answer: the truth, the answer, and whether either states it."""

    name: str
    truth: str | None
    answer: str | None
    in_truth: bool
    in_answer: bool

    @property
    def differs(self) -> bool:
        """Tell whether truth and answer look different, or only one of them states the field."""
        return self.in_truth != self.in_answer or legible(self.truth) != legible(self.answer)


def render(data: ReportData) -> str:
    """Return the page as one HTML text that needs no network."""
    drawn = figures.figures(data)
    scripts = _scripts(library=bool(drawn))
    page = (
        environment()
        .get_template("page.jinja2")
        .render(
            data=data,
            scripts=scripts,
            script_hashes=[_csp_hash(script) for script in scripts],
            figures=drawn,
            marks=legend(data),
            first=verdict.first_screen(data),
            stories=verdict.stories(data),
            selection=selection,
            worst_conditions=worst_conditions(data),
            ranges=figures.ranges,
        )
    )
    # A lone surrogate, which JSON can carry, has no UTF-8 form.
    return page.encode("utf-8", "replace").decode("utf-8")


def write_report(data: ReportData, path: Path) -> None:
    """Write the page to ``path``, whole or not at all, and make the folders above it.

    Raises:
        ConfigError: the file cannot be written.
    """
    write_whole(path, render(data), "the report")


def field_pairs(answer: WrongAnswer) -> tuple[FieldPair, ...]:
    """Return the fields of truth and answer side by side, those of the truth first."""
    given = answer.answer or {}
    names = dict.fromkeys((*answer.truth, *given))
    return tuple(
        FieldPair(
            name, answer.truth.get(name), given.get(name), name in answer.truth, name in given
        )
        for name in names
    )


def waterfall(why: Why) -> Iterator[tuple[str, Measurement, float]]:
    """Yield each axis, its cost, and how much the axes before it have cost together."""
    start = 0.0
    for share in why.shares:
        yield share.name, share.measurement, start
        start += max(0.0, share.measurement.value)


def place(value: float, verdict: Verdict) -> float:
    """Return the place of a value on the line of a verdict, from 0 to 1.

    The line reaches from 0 to 1, and as far beyond as interval, value and limit do.
    """
    m = verdict.measurement
    finite = [one for one in (*m.interval, m.value, verdict.limit) if math.isfinite(one)]
    least, most = min(0.0, *finite), max(1.0, *finite)
    return min(max((value - least) / (most - least), 0.0), 1.0)


@cache
def environment() -> jinja2.Environment:
    """Return the environment of all templates: what is put into them is escaped."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(
        answer_runs=answer_runs,
        difference_runs=difference_runs,
        document_runs=document_runs,
        number=_number,
        odd=_visible,
        pairs=field_pairs,
        percent=_percent,
        plain_runs=plain_runs,
        place=place,
        point=_code_point,
        waterfall=waterfall,
        whole=_whole,
        zipped=zip,
    )
    return found


def _scripts(*, library: bool) -> list[str]:
    """Return the scripts of the page: plotly where a figure is drawn, and the page's own."""
    own = (_HERE / "templates" / "page.js").read_text("utf-8")
    taken = [_LIBRARY.read_text("utf-8").replace("</script", r"<\/script")] if library else []
    # The HTML parser reads a carriage return as a line feed: hash what it will read.
    return [source.replace("\r\n", "\n").replace("\r", "\n") for source in (*taken, own)]


def _csp_hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _number(value: float | None, digits: int = 3) -> str:
    return "\N{EN DASH}" if value is None or math.isnan(value) else f"{value:.{digits}f}"


def _code_point(text: str) -> str:
    return " ".join(
        f"U+{ord(letter):04X} {unicodedata.name(letter, '')}".strip() for letter in text
    )


def _percent(value: float) -> str:
    return f"{0 if math.isnan(value) else 100 * value:.1f}%"


def _whole(value: float) -> str:
    return f"{0 if math.isnan(value) else 100 * value:.0f} %"


def _visible(text: str) -> str:
    """Return text with control characters as their pictures: HTML would drop or change them."""
    return "".join(chr(0x2400 + ord(letter)) if letter < " " else letter for letter in text)
