# ruff: noqa: RUF001
"""Nothing that names somebody in a pile is printed, and no drawn case has a second candidate."""

from __future__ import annotations

import json
import re

import pytest

from pytest_slm_autopsy import DocumentSchema, Field, values
from pytest_slm_autopsy.cases.drawn.shifts import Mixture
from pytest_slm_autopsy.cases.drawn.suites import default_conditions, stream_cases
from pytest_slm_autopsy.cases.profiles.line_forms import masked, pattern_of
from pytest_slm_autopsy.cases.profiles.profile import learn_profile
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, ITEMISED_INVOICE, RECEIPT
from pytest_slm_autopsy.errors import CaseError
from tests.cases.profiles.made_piles import PILES, nine_shops

SCANNED = DocumentSchema(
    "scanned receipt",
    (
        Field("company", "Company", values.company, kind="company"),
        Field("date", "Date", values.day, kind="date"),
        Field("address", "Address", values.address, kind="address"),
        Field("total", "Total", values.amount, kind="money",
              synonyms={"en": ("Grand Total", "Total Amount", "Total incl. GST")}),
    ),
)  # fmt: skip
SCHEMAS = {one.name: one for one in (INVOICE, ITEMISED_INVOICE, RECEIPT, SCANNED)}
LEARNT = {
    (pile.__name__, name): (*pile(), schema) for pile in PILES for name, schema in SCHEMAS.items()
}


@pytest.fixture(scope="module", params=[*LEARNT], ids="-".join)
def learnt(request):
    texts, secrets, schema = LEARNT[request.param]
    try:
        return learn_profile(texts, schema=schema), secrets, schema
    except CaseError:  # the labels of this pile are none of the schema's
        pytest.skip("the pile does not show the schema")


def drawn(profile, schema, n=30):
    habits = profile.habits
    conditions = {
        "pile": profile.mixture,
        "lines": Mixture({"boilerplate": 1.0, "distractors": 1.0, "rules": 0.5}, habits=habits),
        "axes": Mixture(profile.mixture.rates, habits=habits, least=0),
    }
    return list(stream_cases(schema, n, 3, conditions))


def pieces(secrets):
    """What would tell somebody: the whole of each secret, and its telling parts."""
    for secret in secrets:
        yield secret.casefold()
        yield from (part.casefold() for part in re.findall(r"[^\W\d_]{6,}|\d{5,}", secret))


OURS = {  # words of the package's own tables that name shops of the piles as well
    "thank", "company", "street", "stationers", "hardware", "pharmacy", "bakery", "harbour",
}  # fmt: skip


def printed(text, secrets):
    low = text.casefold()
    words = {*re.findall(r"\w+", low)}
    return {
        piece
        for piece in pieces(secrets)
        if piece not in OURS and (piece in words if piece.isalnum() else piece in low)
    }


def test_no_name_address_number_or_mail_is_printed(learnt):
    profile, secrets, schema = learnt
    outside = "\n".join(_outside(case) for case in drawn(profile, schema))
    assert printed(outside, secrets) == set()
    assert printed(json.dumps(profile.to_dict(), ensure_ascii=False), secrets) == set()
    assert printed(str(profile), secrets) == set()


def test_the_count_of_what_is_printed_can_fail():
    texts, secrets = nine_shops()
    assert len(printed("\n".join(texts), secrets)) > 50
    assert "blue harbour bakery" in printed("at Blue Harbour Bakery!", secrets)


def test_an_error_prints_none_either():
    with pytest.raises(CaseError) as told:
        learn_profile(["Blue Harbour Bakery, 14 Quayside Walk\n hello@shop.test"] * 3)
    assert printed(str(told.value), nine_shops()[1]) == set()
    assert "Xxxx Xxxxxxx Xxxxxx" in str(told.value)


# An independent judge: what a reader might take for a value that stands elsewhere.
FORMS = r"Ltd|Limited|Inc|GmbH|LLC|BV|B\.V|SARL|SAS|Sdn|Bhd|Sp\. z|e\.K|Pte|Pty|Corp"
LOOKS = {
    "company": re.compile(rf"\w[\w&. ]* (?:(?i:{FORMS})|AG|KG|S\.A)(?!\w)"),
    "address": re.compile(
        r"(?i)(?<![\d,.])\d{4,6} [^\W\d_]{3,}|(?:straße|strasse|str\.|gasse|weg) \d"
        r"|\d+,? (?:\w+ )?(?:street|road|lane|avenue|rue|quai|jalan)|\b(?:jalan|jln|ul\.|calle) \w"
    ),
    "date": re.compile(
        r"(?<![\w./-])(?:\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\.? [^\W\d_]{3,9} \d{4})(?![\w/-])"
    ),
    "code": re.compile(r"(?<![\w.,])[A-Z]{0,4}[-/]?\d{5,}(?![\w%])"),
}
LABEL = r"^[^\d:=]*[^\W\d_][^:=]{0,40}?(?:\.{3,}| *[:=#]"
FOREIGN = {"date": re.compile(f"{LABEL})"), "code": re.compile(rf"{LABEL}| (?=[+A-Z]{{0,3}}\d))")}


def _outside(case):
    """The text without its values: copies and titles included."""
    text = case.text
    for start, end in sorted(case.spans.values(), reverse=True):
        text = text[:start] + "\0" + text[end:]
    for value in case.truth.values():
        text = text.replace(value, "\0") if isinstance(value, str) and value else text
    return text


def second_candidates(case, schema):
    """Kind and line of everything that reads like a value of a field of the schema."""
    kinds = {field.kind for field in schema.fields}
    bare = {schema.by_name[name].kind for name in case.spans if _bare(case, schema.by_name[name])}
    for line in _outside(case).splitlines():
        for kind in kinds & LOOKS.keys():
            for part in re.split(r" {2,}|\t|\0", re.sub(r" *([:=]) *", r"\1 ", line)):
                told = kind in FOREIGN and FOREIGN[kind].match(part) and kind not in bare
                postal = kind == "code" and LOOKS["address"].search(part) and kind not in bare
                if LOOKS[kind].search(part) and not told and not postal:
                    yield kind, line
        if "money" in kinds and re.fullmatch(r"[\s\d.,’' -]*\d[.,]\d\d[\s\d.,’' -]*", line):
            yield "money", line


def _bare(case, field):
    """Whether no words stand before a value, and no label of its field on the line above."""
    *_, above, before = ("\n" + case.text[: case.spans[field.name][0]]).split("\n")
    labels = [field.label, *(label for known in field.synonyms.values() for label in known)]
    above = above.casefold().replace(" ", "")
    return not re.search(r"\w", before) and not any(
        label.casefold().replace(" ", "") in above for label in labels
    )


def test_no_drawn_case_has_a_second_candidate(learnt):
    profile, _, schema = learnt
    pile = stream_cases(schema, 60, 5, {"pile": profile.mixture})
    found = [(*one, case.text) for case in pile for one in second_candidates(case, schema)]
    assert found == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Blue Harbour Bakery Ltd", "company"),
        ("Kranichhof GmbH", "company"),
        ("41200 Klang Lama", "address"),
        ("Hauptstraße 12", "address"),
        ("am 12.03.2025", "date"),
        ("4012345001235", "code"),
        ("  12.00   1.90", "money"),
    ],
)
def test_the_judge_of_second_candidates_can_fail(line, kind):
    [case] = stream_cases(RECEIPT, 1, 1, {"plain": {}})
    spoilt = type(case)(**{**vars_of(case), "text": f"{case.text}\n{line}"})
    assert (kind, line) in list(second_candidates(spoilt, RECEIPT))
    assert list(second_candidates(case, RECEIPT)) == []


def vars_of(case):
    return {name: getattr(case, name) for name in case.__slots__}


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("Blue Harbour Bakery", "{words:Aa:3:19}"),
        ("BLUE HARBOUR BAKERY", "{words:A:3:19}"),
        ("TEL: 05-555 7710", "{label phone:A:1:3}: {code:99-999:1:6} {code:9999:1:4}"),
        ("Able Ltd", "{party:Aa:2:8}"),
        ("  TAX INVOICE", "  {heading:A:2:11}"),
        ("Thank you for shopping at Blue Harbour Bakery", "{note:Aa:8:45}"),
        ("hello@shop.test", "{mail:a:1:15}"),
        ("2 X 6.45 12.90", "{number:9:1:1} {letter:A:1:1} {amount:9.99:1:4} {amount:99.99:1:5}"),
        ("Бухта: 12,00", "{label amount:Aa:1:5}: {amount:99,99:1:5}"),
        ("------", "------"),
        ("Seite 3 von 4", "{page:Aa:4:13}"),
        ("Merci de votre visite", "{note:Aa:4:21}"),
    ],
)
def test_a_line_is_classed_by_what_it_is(line, pattern):
    assert pattern_of(line) == pattern


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Datum : 21.04.2025", "Datum : 99.99.9999"),
        ("Date Palm Cafe", "Xxxx Xxxx Xxxx"),
        ("Total Office Supplies Ltd", "Xxxxx Xxxxxx Xxxxxxxx Xxx"),
        ("Total: 1.00    Blue Harbour", "Total: 9.99    Xxxx Xxxxxxx"),
        ("care@shop.my", "xxxx@xxxx.xx"),
        ("Invoice No: A-7", "Invoice No: X-9"),
    ],
)
def test_excerpts_keep_labels_and_looks(text, shown):
    assert masked(text) == shown


def test_a_production_suite_is_judged_too():
    texts, secrets = nine_shops()
    conditions = default_conditions(INVOICE, learn_profile(texts).mixture)
    for case in stream_cases(INVOICE, 20, 1, conditions):
        assert printed(_outside(case), secrets) == set()
