"""Rewrites of lines: marks, white space, and added lines that state nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, pick, share, weighted
from pytest_slm_autopsy.cases.drawn.axes.marks import DELIMITERS, drawn_space
from pytest_slm_autopsy.cases.rewritten.axes.meanings import spoken_in
from pytest_slm_autopsy.cases.rewritten.page import Edit, Page, Refused, some
from pytest_slm_autopsy.notation.lines import COLUMNS, Labelled

# They state nothing that a field could ask for: no number, name, term, or kind of document.
NOTES: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "en": (
        ("Welcome", "For your records", "Printed for you"),
        ("Thank you!", "Please keep this for your records.", "We look forward to hearing from you.",
         "Please think of the environment before you print this.", "Have a nice day."),
    ),
    "de": (
        ("Willkommen", "Für Ihre Unterlagen", "Für Sie gedruckt"),
        ("Vielen Dank!", "Bitte bewahren Sie dies auf.", "Wir freuen uns auf Ihre Nachricht.",
         "Bitte denken Sie an die Umwelt, bevor Sie dies drucken.", "Einen schönen Tag."),
    ),
    "fr": (
        ("Bienvenue", "Pour vos dossiers", "Imprimé pour vous"),
        ("Merci !", "Veuillez conserver ce papier.", "Au plaisir de vous lire.",
         "Pensez à la nature avant d'imprimer.", "Bonne journée."),
    ),
    "nl": (
        ("Welkom", "Voor uw archief", "Voor u afgedrukt"),
        ("Bedankt!", "Bewaar dit goed.", "Wij horen graag van u.",
         "Denk aan het milieu voordat u dit afdrukt.", "Een fijne dag."),
    ),
    "pl": (
        ("Witamy", "Do Państwa akt", "Wydrukowano dla Państwa"),
        ("Dziękujemy!", "Prosimy to zachować.", "Czekamy na wiadomość od Państwa.",
         "Przed wydrukiem prosimy pomyśleć o środowisku.", "Miłego dnia."),
    ),
    "es": (
        ("Bienvenido", "Para sus archivos", "Impreso para usted"),
        ("¡Gracias!", "Por favor, guarde este papel.", "Esperamos sus noticias.",
         "Piense en el medio ambiente antes de imprimir.", "Buenos días."),
    ),
    "it": (
        ("Benvenuto", "Per il Suo archivio", "Stampato per Lei"),
        ("Grazie!", "Si prega di conservare questo foglio.", "Restiamo a Sua disposizione.",
         "Pensi all'ambiente prima di stampare.", "Buona giornata."),
    ),
    "pt": (
        ("Bem-vindo", "Para o seu arquivo", "Impresso para si"),
        ("Obrigado!", "Por favor, guarde este papel.", "Aguardamos as suas notícias.",
         "Pense no ambiente antes de imprimir.", "Tenha um bom dia."),
    ),
    "sv": (
        ("Välkommen", "För ditt arkiv", "Utskrivet för dig"),
        ("Tack!", "Spara det här papperet.", "Vi ser fram emot att höra från dig.",
         "Tänk på miljön innan du skriver ut.", "Ha en bra dag."),
    ),
    "da": (
        ("Velkommen", "Til dit arkiv", "Udskrevet til dig"),
        ("Tak!", "Gem dette papir.", "Vi glæder os til at høre fra dig.",
         "Tænk på miljøet, før du printer.", "Hav en god dag."),
    ),
    "cs": (
        ("Vítejte", "Pro vaši evidenci", "Vytištěno pro vás"),
        ("Děkujeme!", "Uschovejte si tento list.", "Těšíme se na vaši zprávu.",
         "Před tiskem myslete na životní prostředí.", "Hezký den."),
    ),
    "": (("* * *", "- - -", "= = ="), ("* * *", "- - -", "= = =", "~ ~ ~", ". . .")),
}  # fmt: skip
"""Lines above and below, by the language of the page; words of none where it is not told."""
# Without the plain space, behind which a label goes on: Vitamin B 12.
MARKS: Final = tuple((mark, often) for mark, often in DELIMITERS if len(mark) > 1 or mark.strip())
_LINE: Final = re.compile(
    r"^\ufeff?(?P<indent>[^\S\n]*+)(?P<content>\S(?:[^\n]*\S)?+)", re.MULTILINE
)
_SPACE: Final = re.compile(r"\s*+")
_DIGIT: Final = re.compile(r"\d")
# Cells side by side: a wide gap, a tab, or a bar.
_COLUMNS: Final = re.compile(rf"{COLUMNS.pattern}|\S[^\S\n]*\|[^\S\n]*\S")


def delimiters(page: Page, severity: float, choices: Choices) -> Page:
    """Put other marks between labels and values, mixed within the document."""
    loose = _loose_values(page, list(_LINE.finditer(page.text)))
    fit = [line for line in page.labelled if page.free(*line.mark) and line.label[0] in loose]
    if not fit:
        raise Refused("no line has a mark between a label and a value that may change")
    return page.edited(
        (*line.mark, _mark(page, line, choices)) for line in some(choices, fit, severity)
    )


def whitespace(page: Page, severity: float, choices: Choices) -> Page:
    """Add indents, wider gaps, trailing spaces and blank lines; columns stay columns."""
    lines = list(_LINE.finditer(page.text))
    if not lines:
        raise Refused("it has no lines")
    edits: list[Edit] = []
    values = _loose_values(page, lines)
    indents = _loose_indents(page, lines)
    for line in some(choices, lines, severity):
        at = line.start("content")
        edits += _respaced(line, values.get(at), at in indents, choices)
    return page.edited([edit for edit in edits if page.free(edit[0], edit[1])])


def boilerplate(page: Page, severity: float, choices: Choices) -> Page:
    """Add a line above and notes below that state nothing."""
    taken = page.text.casefold()
    heads, feet = (
        [line for line in lines if page.silent(line) and line.casefold() not in taken]
        for lines in NOTES[spoken_in(page)]
    )
    if not heads or not feet:
        raise Refused("every line that could be added states one of its values, or stands there")
    end = "\r\n" if "\r\n" in page.text else "\n"
    start, last = page.text.startswith("\ufeff"), len(page.text)
    head = f"{pick(choices, heads)}{end}"
    notes = choices.subset(feet, min(len(feet), share(severity, 4)))
    # A label at the end waits for its value, which a note would seem to be.
    waits = page.text.rstrip().endswith((":", "="))
    foot = "" if waits else "".join(f"{end}{note}" for note in notes)
    return page.edited([(start, start, head), (last, last, foot)])


def _mark(page: Page, line: Labelled, choices: Choices) -> str:
    """Return another mark, but no dash that reads as a sign and no space that joins two numbers."""
    now, value = page.text[slice(*line.mark)], page.text[slice(*line.value)]
    mark = weighted(choices, MARKS)
    signs = mark == " - " and _DIGIT.search(value)
    numbers = page.text[line.label[1] - 1].isdigit() and not value[0].isalpha()
    joins = numbers and (mark == mark.strip() or not mark.strip())
    if mark == now or not page.silent(mark) or signs or joins:
        return " : " if now != " : " else ": "
    return mark


def _loose_indents(page: Page, lines: Sequence[re.Match[str]]) -> Set[int]:
    """Return the starts of lines whose indent tells nothing, so that it may grow.

    An indent places a value under a heading, be it several lines above, or in a column that lines
    share. It is loose at the left edge of the page alone: of lines with a label above every row of
    columns, and of others where the page has neither columns nor indents.
    """
    labels = {line.label[0] for line in page.labelled if not line.tabular}
    widths = [len(line["indent"].expandtabs()) for line in lines]
    edge, loose = min(widths), set[int]()
    for line, width in zip(lines, widths, strict=True):
        if line.start("content") not in labels and _COLUMNS.search(line["content"]):
            return loose & labels
        if width == edge:
            loose.add(line.start("content"))
    return loose if max(widths) == edge else loose & labels


def _loose_values(page: Page, lines: Sequence[re.Match[str]]) -> Mapping[int, int]:
    """Map starts of labels to those of values that no heading or neighbour holds in a column."""
    loose = {line.label[0]: line.value[0] for line in page.labelled if not line.tabular}
    found: dict[int, int] = {}
    heading = False
    for block in _blocks(page.text, lines):
        starts = [line.start("content") for line in block]
        rows = [line for line in block if line.start("content") not in loose]
        columns = any(_COLUMNS.search(line["content"]) for line in rows)
        if not (columns or heading):
            found |= {start: loose[start] for start in starts if start in loose}
        heading = columns and len(block) == 1
    return found


def _blocks(text: str, lines: Sequence[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """Yield the lines between blank lines."""
    block: list[re.Match[str]] = []
    for line in lines:
        if block and text.find("\n", block[-1].end(), line.start() - 1) >= 0:
            yield block
            block = []
        block.append(line)
    yield block


def _respaced(
    line: re.Match[str], value: int | None, loose: bool, choices: Choices
) -> Iterator[Edit]:
    """Yield edits that add white space to a line; before it only where its indent is loose."""
    start, end = line.start("indent"), line.end("content")
    if value is None:
        size = 1 + choices.below(6)
        at = start if size % 2 and loose else end
        yield at, at, " " * size
        return
    space = drawn_space(choices)
    newline = "\r\n" if line.string.startswith("\r", end) else "\n"
    yield start, start, newline * space.above + space.mark * space.indent * loose
    if space.inside:
        yield value, value, space.mark * space.inside
    trailing = max(space.trailing, int(not loose))
    if trailing:
        yield end, end, space.mark * trailing
