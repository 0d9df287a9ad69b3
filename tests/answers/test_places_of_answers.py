"""Which object of a text is the answer, where it stands, and how far a broken one is mended."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.answers.parser import MOST_BRACES, MOST_BROKEN, MOST_REPAIRED, parse


@pytest.mark.parametrize(
    ("raw", "fields", "place"),
    [
        ('[{"a": "1"}]', {"a": "1"}, None),
        ('[[{"a": "1"}]]', {"a": "1"}, None),
        ('[[[{"a": "1"}]]]', {"a": "1"}, None),
        ('"{\\"a\\": \\"1\\"}"', {"a": "1"}, None),
        ('["{\\"a\\": \\"1\\"}"]', {"a": "1"}, None),
        ("[{}]", {}, None),
        ('"```json\\n{\\"a\\": 1}\\n```"', {"a": "1"}, None),
        ('"`{\\"a\\": 1}`"', {"a": "1"}, None),
        ('"  {\\"a\\": 1} "', {"a": "1"}, None),
        ('x{\\"a\\": 1}{\\"a\\": 2}', {"a": "2"}, None),
        ('<think>x</think>{"a": "b </s> c"} y', {"a": "b </s> c"}, '{"a": "b </s> c"}'),
        ('[{"a": "1"} x', {"a": "1"}, '{"a": "1"}'),
        ('<think>x</think>{"a": "b </s> c"} or {"a": "2"}', {"a": "2"}, '{"a": "2"}'),
        ('x {"a": "1"} y', {"a": "1"}, '{"a": "1"}'),
        ('x [{"a": "1"}] y', {"a": "1"}, '[{"a": "1"}]'),
        ('x [[{"a": "1"}]]', {"a": "1"}, '[{"a": "1"}]'),
        ('x {"a": "1"} y {"a": "2"} z', {"a": "2"}, '{"a": "2"}'),
        ('{"a": "1"} {"a": "2"}', {"a": "1"}, '{"a": "1"}'),
        ('{"a": "1"} and {"a": "2"}', {"a": "2"}, '{"a": "2"}'),
        ('{"a": "1"} , {"a": "2"}', {"a": "1"}, '{"a": "1"}'),
        ('{"a": "1"} & a {"a": "2"}', {"a": "1"}, '{"a": "1"}'),
        ('{"a": "1", "b": "2"} so {"a": "3"}', {"a": "1", "b": "2"}, '{"a": "1", "b": "2"}'),
        (
            'so {"a": "1"} and {"b": "1", "c": "2"} and {"a": "3"}',
            {"b": "1", "c": "2"},
            '{"b": "1", "c": "2"}',
        ),
        ('so {"a": "1"} and {"b": "2"} and {"a": "3"}', {"a": "3"}, '{"a": "3"}'),
        ('so {"b": "1"} and {"a": "2"} and {"a": "3"}', {"a": "3"}, '{"a": "3"}'),
        ('{"a": null} and {"a": "2"} and {"a": null}', {"a": "2"}, '{"a": "2"}'),
        ('so {"a": "1"} and {"a": null}', {"a": "1"}, '{"a": "1"}'),
        ('so {"a": null}, {"a": null}', {"a": None}, '{"a": null}'),
        ('{"a": "1"} or {}', {"a": "1"}, '{"a": "1"}'),
        ('or {} or {"a": "1"}', {"a": "1"}, '{"a": "1"}'),
        ("{} or {}", {}, "{}"),
        ("x {} y", {}, "{}"),
        ('```\n{"a": "1"}\n```', {"a": "1"}, '{"a": "1"}'),
        ('```json\n{"a": "1"}\n```\n```json\n{"a": "2"}\n```', {"a": "2"}, '{"a": "2"}'),
        ('so {"a": "1"} and {"b": "2', {"a": "1"}, '{"a": "1"}'),
        ('{"a": "1"} , {"a": "2', {"a": "1"}, '{"a": "1"}'),
        ('x {} y {"a"', {}, "{}"),
        ('<think>{"b": 1}</think> so {"a": "1"} z', {"a": "1"}, '{"a": "1"}'),
        ('<think>x</think>{"a": "1"}<|im_end|>{"a": "2"}', {"a": "1"}, '{"a": "1"}'),
        ('{"a": "1"}<think>{"a": "2"}</think>', {"a": "1"}, '{"a": "1"}'),
        ('<think>{"a": "1"}</think>{"b": "2"} {"a"', {"b": "2"}, '{"b": "2"}'),
        ('x {note} {"a": "1"}', {"a": "1"}, '{"a": "1"}'),
        ('x "[a" {"b": "2"}', {"b": "2"}, '{"b": "2"}'),
        ('[x] {"a": "1"}', {"a": "1"}, '{"a": "1"}'),
        ('x [ {"a": "1", "b"} {"c": 1}', {"c": "1"}, '{"c": 1}'),
        ('{"a": "{"} x', {"a": "{"}, '{"a": "{"}'),
        ('x "{\\"a\\": 1" {"b": "2"}', {"b": "2"}, '{"b": "2"}'),
        ('Result: {\\"a\\": \\"1\\"} done', {"a": "1"}, None),
        ('{\\"a\\": 1}', {"a": "1"}, None),
        ('x {\\"a\\": \\"1\\"} and {\\"a\\": \\"2\\"}', {"a": "2"}, None),
        ('[{\\"a\\": \\"1\\"}]', {"a": "1"}, None),
        ('[NaN, {"a": 1}]', {"a": "1"}, '{"a": 1}'),
    ],
)
def test_the_answer_is_a_whole_object_and_has_its_place(raw, fields, place):
    found = parse(raw)
    assert (found.fields, found.problem, found.stage) == (fields, "", "extracted")
    assert (raw[slice(*found.span)] if found.span else None) == place


@pytest.mark.parametrize(
    ("raw", "fields", "place"),
    [
        ('so {"a": "1"}, {"a": "2', {"a": "2"}, '{"a": "2'),
        ('so {"a": "1"} and {"a": "2', {"a": "2"}, '{"a": "2'),
        ('{"a": "1"} and {"a": "2', {"a": "2"}, '{"a": "2'),
        ('{"a": "1"} and {a: 2}', {"a": "2"}, "{a: 2}"),
        ('{"a": "1"} and {“a”: “2”}', {"a": "2"}, "{“a”: “2”}"),
        ('so {"a": "1"} and {"a": "2"} and {"a": "3"', {"a": "3"}, '{"a": "3"'),
        ('{"a": "1"} and {"a": {"a": 2}, x} z', {"a": '{"a": "2"}'}, '{"a": {"a": 2}, x}'),
        ('x {} y {"a": 1,}', {"a": "1"}, '{"a": 1,}'),
        ('or [] or {"a": 1,}', {"a": "1"}, '{"a": 1,}'),
        ('<think>x</think>{"a": 1,}', {"a": "1"}, '{"a": 1,}'),
        ('<think>x</think> {"a": 1, } z', {"a": "1"}, '{"a": 1, }'),
        ('<think>xx</think>{"a": "1"} so {"a": "2', {"a": "2"}, '{"a": "2'),
        ('{"a": "}", "b": 1,} x', {"a": "}", "b": "1"}, '{"a": "}", "b": 1,}'),
        ('{"a": "x\\"}", b: 1} y', {"a": 'x"}', "b": "1"}, '{"a": "x\\"}", b: 1}'),
        ('{"a": "x} y', {"a": "x"}, '{"a": "x}'),
        ('{"a": "\\"} {"b": "2"}', {"a": '"} {"b": "2"'}, '{"a": "\\"} {"b": "2"}'),
        ('"a": "1", "b": 2', {"a": "1", "b": "2"}, '"a": "1", "b": 2'),
        ('"a": 1} x', {"a": "1"}, '"a": 1} x'),
        ('  "a": "1"', {"a": "1"}, '  "a": "1"'),
        ("{a: 1", {"a": "1"}, "{a: 1"),
        ("{a: 1}\nx", {"a": "1"}, "{a: 1}"),
        ("x\n{a: 1} y", {"a": "1"}, "{a: 1}"),
        ("x\n  {a: 1} y", {"a": "1"}, "{a: 1}"),
        ("```json\n{a: 1}", {"a": "1"}, "{a: 1}"),
        ('{"a": 1, "b": NaN}', {"a": "1", "b": "NaN"}, '{"a": 1, "b": NaN}'),
        ('[{"a": NaN}]', {"a": "NaN"}, '[{"a": NaN}]'),
        ('{"a": Infinity} x', {"a": "Infinity"}, '{"a": Infinity}'),
        (
            '{"a": [1, 2.50, -3], "b": x}',
            {"a": '["1", "2.50", "-3"]', "b": "x"},
            '{"a": [1, 2.50, -3], "b": x}',
        ),
        ('{"a": [007], "b": x}', {"a": '["007"]', "b": "x"}, '{"a": [007], "b": x}'),
        ('{"a": ["1, 2"], "b": x}', {"a": '["1, 2"]', "b": "x"}, '{"a": ["1, 2"], "b": x}'),
        ('{"a": true, "b": x}', {"a": "true", "b": "x"}, '{"a": true, "b": x}'),
        ('{"a": x y , "b": "z"}', {"a": "x y", "b": "z"}, '{"a": x y , "b": "z"}'),
        ('{"a": x', {"a": "x"}, '{"a": x'),
        ('{"a": 1 # c\n}', {"a": "1"}, '{"a": 1 # c\n}'),
        ('{"a": ä}', {"a": "ä"}, '{"a": ä}'),
        ('{"a": 1.50, "b": 1,}', {"a": "1.50", "b": "1"}, '{"a": 1.50, "b": 1,}'),
    ],
)
def test_the_answer_is_a_broken_object_and_has_its_place(raw, fields, place):
    found = parse(raw)
    assert (found.fields, found.problem, found.stage) == (fields, "", "repaired")
    assert (raw[slice(*found.span)] if found.span else None) == place


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        ('{"a": 1}', {"a": "1"}),
        ("{}", {}),
        ('{"a": {"ä": "é"}}', {"a": '{"ä": "é"}'}),
        ('{"a": [{"n": null}, {"n": 1}]}', {"a": [{"n": ""}, {"n": "1"}]}),
        ('{"a": [{"n": 1}, 2]}', {"a": '[{"n": "1"}, "2"]'}),
        ('{"a": [[1]]}', {"a": '[["1"]]'}),
        ('{"a": false}', {"a": "false"}),
        ('{"a": 1e5}', {"a": "1e5"}),
        ('{"a": [{"n": {"ä": 1}}]}', {"a": [{"n": '{"ä": "1"}'}]}),
        ('{"a": [{"n": true, "m": ""}]}', {"a": [{"n": "true", "m": ""}]}),
    ],
)
def test_a_text_is_its_answer(raw, fields):
    found = parse(raw)
    assert (found.fields, found.stage, found.span) == (fields, "strict", None)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ('[[[[{"a": "1"}]]]]', "JSON, but a list and not an object"),
        ('[{"a": "1"}, 2]', "JSON, but a list and not an object"),
        ("[1, 2]", "JSON, but a list and not an object"),
        ('[{"a": "1"}, {"b": "2"}]', "JSON, but a list of 2 objects and not one"),
        ('[{"a": "1"}, []]', "JSON, but a list and not an object"),
        ('"x {\\"a\\": 1}"', "JSON, but a str and not an object"),
        ("true", "JSON, but a bool and not an object"),
        ('{\\"a\\": \\"1\\"', "not JSON"),
        ('{\\"\\"}', "not JSON"),
        ('{\\"a\\"', "not JSON"),
        ('x "a": "1"', "not JSON"),
        ("a: 1", "not JSON"),
        ("x {a: 1}", "not JSON"),
        ("NaN", "not JSON: NaN is no JSON"),
        ("[1, NaN]", "not JSON: NaN is no JSON"),
    ],
)
def test_a_text_without_an_object_says_why(raw, problem):
    found = parse(raw)
    assert (found.fields, found.stage, found.span) == (None, "failed", None)
    assert found.problem.startswith(problem)


def padded(text, length):
    """Return a text that is as long as asked, by what stands within its first value."""
    return text.replace("~", "x" * (length - len(text) + 1))


@pytest.mark.parametrize("text", ['{"b": "~", "a": 1,}', '"b": "~", "a": 1', '{\\"b\\": \\"~\\"}'])
def test_a_text_is_not_mended_where_it_is_too_long(text):
    assert parse(padded(text, MOST_REPAIRED)).fields["b"].startswith("xxx")
    assert parse(padded(text, MOST_REPAIRED + 1)).fields is None
    assert MOST_REPAIRED == 8_000


def test_a_text_of_too_many_braces_is_not_mended():
    for braces, read in ((MOST_BRACES, True), (MOST_BRACES + 1, False)):
        raw = '{"a": 1, "b": "' + "{" * (braces - 1) + '",}'
        assert bool(parse(raw).fields) is read
    assert MOST_BRACES == 100


def test_an_object_behind_too_many_broken_ones_is_not_looked_for():
    for broken, stage in ((MOST_BROKEN - 1, "extracted"), (MOST_BROKEN, "repaired")):
        found = parse('x {"a" 1} ' * broken + '{"b": "2"}')
        assert (found.fields, found.stage) == ({"b": "2"}, stage)
    assert MOST_BROKEN == 50


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        ('"[[{\\"a\\": 1}]]"', {"a": "1"}),
        ('"[[[{\\"a\\": 1}]]]"', None),
        ('["[{\\"a\\": 1}]"]', {"a": "1"}),
        ('["[[{\\"a\\": 1}]]"]', None),
        ('[["{\\"a\\": 1}"]]', {"a": "1"}),
        ('[[["{\\"a\\": 1}"]]]', None),
    ],
)
def test_an_object_is_three_lists_and_texts_deep_at_most(raw, fields):
    assert parse(raw).fields == fields
