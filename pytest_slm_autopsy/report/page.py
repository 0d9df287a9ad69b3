"""The report as one self-contained page. Text of a model is untrusted, so everything is escaped."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from pytest_slm_autopsy.errors import MissingExtraError
from pytest_slm_autopsy.records import Measurement, legible
from pytest_slm_autopsy.report import figures, selection
from pytest_slm_autopsy.report.data import ReportData, Why, WrongAnswer
from pytest_slm_autopsy.report.style import legend
from pytest_slm_autopsy.whole_files import write_whole

_HERE = Path(__file__).parent
# Odd: white space other than plain spaces, and signs without width, which can reverse the text.
_ODD = r"[^\S \n\t]|[\x00-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
_SPACE = re.compile(
    rf"(?P<line>\n)|(?P<tab>\t)|(?P<spaces>^ +| +$| {{2,}})|(?P<odd>{_ODD})", re.MULTILINE
)


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
    """Return the page as one HTML text that needs no network; without plotly it has tables only."""
    environment = _environment()
    scripts, drawn, missing = _scripts(data)
    page = environment.get_template("page.jinja2").render(
        data=data,
        scripts=scripts,
        script_hashes=[_csp_hash(script) for script in scripts],
        figures=drawn,
        missing=missing,
        marks=legend(data),
        curve_conditions=selection.each_once(curve.condition for curve in data.reliability),
        answers=selection.shown_answers(data.wrong),
        selection=selection,
    )
    # A lone surrogate, which JSON can carry, has no UTF-8 form.
    return page.encode("utf-8", "replace").decode("utf-8")


def write_report(data: ReportData, path: Path) -> None:
    """Write the page to ``path``, whole or not at all, and make the folders above it.

    Raises:
        ConfigError: the file cannot be written.
    """
    write_whole(path, render(data), "the report")


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield a document as runs of ``(kind, text)``; misleading white space has runs of its own."""
    at = 0
    for found in _SPACE.finditer(text):
        if found.start() > at:
            yield "text", text[at : found.start()]
        yield found.lastgroup or "text", found.group()
        at = found.end()
    if at < len(text):
        yield "text", text[at:]


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


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=_number,
        percent=_percent,
        pieces=pieces,
        pairs=field_pairs,
        point=_code_point,
        odd=_visible,
        waterfall=waterfall,
        whole=_whole,
        zipped=zip,
    )
    return environment


def _scripts(data: ReportData) -> tuple[list[str], dict[str, Any], str]:
    """Return the page's scripts, its figures by element id, and why figures are missing."""
    if not data.rows and not data.reliability:
        return [], {}, ""
    try:
        drawn = _figures(data)
        library = figures.plotly_js()
    except MissingExtraError as error:
        return [], {}, str(error)
    sources = (library.replace("</script", r"<\/script"), (_HERE / "page.js").read_text("utf-8"))
    # The HTML parser reads a carriage return as a line feed: hash what it will read.
    read = [source.replace("\r\n", "\n").replace("\r", "\n") for source in sources]
    return read, drawn, ""


def _figures(data: ReportData) -> dict[str, Any]:
    found = {"figure-accuracy": figures.accuracy_figure(data)} if data.rows else {}
    for i, figure in enumerate(figures.reliability_figures(data).values()):
        found[f"figure-reliability-{i}"] = figure
    for figure in found.values():
        # The page has a legend of its own, which wraps and reads without a script.
        figure.update_layout(showlegend=False)
    return {name: json.loads(figure.to_json()) for name, figure in found.items()}


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
