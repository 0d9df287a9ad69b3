"""A reader of the order of lines that knows nothing of how it is changed.

It lays the document as it was beside the document as it is, finds where lines were parted that
stood under each other, and names each place at which a careful person would object.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise

MONEY = re.compile(r"\d[.,]\d\d(?!\d)")
COMPANY = re.compile(
    r"\b(?:G[Mm][Bb]H|AG|KG|UG|OHG|L[Tt][Dd]|LLC|PLC|I[Nn][Cc]|SARL|SAS|SA|B\.?V\.?|N\.?V\.?"
    r"|S[Dd][Nn]\.? ?B[Hh][Dd]|Sp\. z o\.o\.|S\.[AL]\.|eG)(?!\w)"
)
PLACE = re.compile(
    r"\b(?:above|below|overleaf|following|siehe|oben|unten|umseitig|nachstehend\w*|folgend\w*"
    r"|übertrag|ci-dessus|ci-dessous|suivant\w*|hierboven|hieronder|onderstaand\w*|poniżej|powyżej"
    r"|arriba|abajo|siguiente|carried|brought forward)\b",
    re.IGNORECASE,
)
PAGE = re.compile(r"\b(?:page|seite|blatt|pagina|strona)\s*\d", re.IGNORECASE)


def order_faults(before, after):
    """What the new order of lines may have broken, in words; nothing where it broke nothing."""
    old, new = lines(before.text), lines(after.text)
    faults = torn_tables(before.text, after.text)
    old, new = [unsorted(line) for line in old], [unsorted(line) for line in new]
    faults += [
        f"{line!r} stood {count} times and stands {Counter(new)[line]} times"
        for line, count in Counter(old).items()
        if Counter(new)[line] != count
    ] + [f"{line!r} is new" for line in set(new) - set(old)]
    if faults:
        return faults
    swapped = swaps(old, new)
    for above, below in parted(old, new):
        if above in swapped or below in swapped:
            continue
        faults += [f"{what}: {above!r} / {below!r}" for what in objections(above, below)]
    return faults + moved_names(old, new, before) + moved_rows(old, new, swapped)


def lines(text):
    """The lines that are not blank, without the space around them."""
    return [line.strip() for line in text.lstrip("\ufeff").split("\n") if line.strip()]


def parted(old, new):
    """Pairs of lines that stood under each other and no longer do."""
    together = Counter(pairwise(new))
    for pair in pairwise(old):
        if together[pair]:
            together[pair] -= 1
        else:
            yield pair


def cells(line):
    """The start, end and text of each cell between wide gaps."""
    return [(at.start(), at.end(), at.group()) for at in re.finditer(r"\S+(?: \S+)*", line)]


def unsorted(line):
    """A row of three cells or more, whatever the order of its cells."""
    found = sorted(text for _, _, text in cells(line))
    return "  ".join(found) if len(found) > 2 else line


def torn_tables(before, after):
    """Rows of which a cell stands under another heading now."""
    was, now = tables(before), tables(after)
    return [f"{row} became a row of {now}" for row in was if row not in now]


def tables(text):
    """Each row below a heading row, as pairs of heading and cell; the nearest heading counts."""
    found, heads = [], []
    for line in text.split("\n"):
        row = cells(line)
        if len(row) > 2 and not re.search(r"\d", line):
            heads = row
        elif heads and len(row) == len(heads):
            pairs = {min(heads, key=lambda head: gap(head, cell))[2]: cell[2] for cell in row}
            found.append(pairs)
        elif not line.strip():
            heads = []
    return found


def gap(head, cell):
    """How far a cell stands from a heading; overlapping ones are nearest by their ends."""
    apart = max(head[0] - cell[1], cell[0] - head[1], 0)
    return apart, min(abs(head[0] - cell[0]), abs(head[1] - cell[1]))


def swaps(old, new):
    """Lines with a mark and a value of their own that changed places within one block."""
    own = re.compile(r"[^\W\d_][^:=|]*(?:[:=|]|\s{2,}).*\d|[^:=|]+:\s*[A-Z]{3}$")
    places = defaultdict(list)
    for number, line in enumerate(old):
        places[line].append(number)
    found = set()
    for number, line in enumerate(new):
        was = places[line].pop(0)
        if was != number and own.match(line) and own.match(old[number]):
            found.add(line)
    return found


def objections(above, below):
    """Why two lines may belong under each other."""
    if re.search(r",$|[^\W\d]\s*[-\u2013]$", above) or (
        re.search(r"[^.!?:]\s*$", above) and below[0].islower()
    ):
        yield "a sentence goes on"
    if above.endswith(":") and not below.endswith(":"):
        yield "a label lost its value"
    if PLACE.search(above) or PLACE.search(below):
        yield "it refers to a place"
    values = re.fullmatch(r"[\d\s.,:/€$%-]+(?:AM|PM)?", below)
    if values and re.search(r"\b(?:date|datum|data|fecha|time|zeit|no|nr|num)\b", above.lower()):
        yield "values lost their heading"
    if MONEY.search(above) and MONEY.search(below) and not re.match(r"[^\W\d_]{3}", below):
        yield "rows were parted"


def moved_names(old, new, case):
    """Parties that stand in another order now, where none has a heading that says which it is."""
    known = {value for value in case.truth.values() if isinstance(value, str)}
    heads = re.compile(
        r"(?:verkäufer|käufer|lieferant|kunde|seller|buyer|bill|ship|sold|vendor|supplier|customer"
        r"|vendeur|client|fournisseur|acheteur|verkoper|koper|klant|sprzedawca|nabywca|vendedor"
        r"|cliente|emisor|rechnungsempf|abweichend)",
        re.IGNORECASE,
    )
    if sum(1 for line in old if heads.match(line)) >= 2:
        return []
    names = [line for line in old if COMPANY.search(line) or line in known]
    names = [line for line in names if old.count(line) == 1 and not re.search(r"[:=]", line)]
    return [] if sorted(names, key=new.index) == names else [f"parties changed places: {names}"]


def moved_rows(old, new, swapped):
    """Rows of amounts in another order now, apart from blocks with headings."""
    rows = [line for line in old if len(MONEY.findall(line)) >= 2 and line not in swapped]
    rows = [line for line in rows if old.count(line) == 1]
    places = [new.index(line) for line in rows]
    turns = sum(one > other for one, other in pairwise(places))
    headings = sum(1 for line in old if line.endswith(":"))
    return [] if turns == 0 or headings >= 2 else [f"rows changed places: {rows}"]
