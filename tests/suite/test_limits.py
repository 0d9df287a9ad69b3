"""Limits: defaults, TOML lines and files, and a sentence for each thing that is no limit."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.suite.limits import Limits

PAGE = Path(__file__).parents[2] / "docs" / "suite.md"


def test_what_is_not_named_has_its_default():
    limits = Limits.parse('gap = 0.2\nconditions = ["order", "missing"]\n[gaps]\norder = 0.3')
    assert limits.accuracy == Limits().accuracy
    assert (limits.gap_of("order"), limits.gap_of("missing")) == (0.3, 0.2)
    assert limits.conditions == ("order", "missing")
    assert Limits.parse("") == Limits()


def test_whole_numbers_are_numbers():
    assert Limits.parse("latency = 2").latency == 2.0
    assert Limits.parse("leakage = 0").leakage == 0.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("acuracy = 0.9", "there is no limit 'acuracy'; did you mean 'accuracy'?"),
        ("Gap = 0.1", "there is no limit 'Gap'; did you mean 'gap'?"),
        ("[gap]\norder = 0.1", "the limit gap is {'order': 0.1}; it must be a number"),
        ("gap = 10", "the limit gap is 10; it must be a share from 0 to 1"),
        ("gap = -0.1", "the limit gap is -0.1; it must be a share from 0 to 1"),
        ("gap = nan", "the limit gap is nan; it must be a share from 0 to 1"),
        ("latency = -1", "the limit latency is -1; it must be 0 or more"),
        ("gap = '0.1'", "the limit gap is '0.1'; it must be a number"),
        ("gap = true", "the limit gap is True; it must be a number"),
        ("gaps = 0.1", "gaps is a table of condition and limit: [gaps], then order = 0.2"),
        ("[gaps]\norder = 2", "the limit gaps.order is 2; it must be a share from 0 to 1"),
        ("conditions = 'order'", "conditions is a list of names, such as"),
        ("conditions = [1]", "conditions is a list of names, such as"),
        ("conditions = []", "conditions is empty, and nothing judged proves nothing; leave it out"),
        ("conditions = ['canonical']", "conditions names 'canonical', from which every gap"),
        ("gap = 0.1, 0.2", "limits are lines of TOML such as 'gap = 0.10'; this is none: "),
        ("gap = 0.1\ngap = 0.2", "limits are lines of TOML"),
        ("gap = 0.9", "gap = 0.9 lets a model lose all that accuracy = 0.9 asks for"),
        ("[gaps]\norder = 0.95", "gaps.order = 0.95 lets a model lose all that accuracy"),
        ("accuracy = 0", "gap = 0.1 lets a model lose all that accuracy = 0 asks for"),
        (
            "conditions = ['order']\n[gaps]\nmissing = 0.1",
            "gaps.missing limits a condition that conditions leaves out; add it there",
        ),
    ],
)
def test_what_is_no_limit_is_a_sentence(text, said):
    with pytest.raises(ConfigError, match=re.escape(said)):
        Limits.parse(text)


def test_a_file_is_named_in_the_sentence(tmp_path):
    path = tmp_path / "limits.toml"
    path.write_text("gap = 0.2")
    assert Limits.read(path) == Limits.parse("gap = 0.2")
    path.write_text("gep = 0.2")
    with pytest.raises(ConfigError, match=r"limits.toml: there is no limit 'gep'"):
        Limits.read(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        Limits.read(path)
    with pytest.raises(ConfigError, match=r"none.toml cannot be read \(No such file or directory"):
        Limits.read(tmp_path / "none.toml")


def test_the_page_argues_each_default():
    text = PAGE.read_text("utf-8")
    for one in fields(Limits):
        assert f"| `{one.name}` |" in text
        if isinstance(one.default, float):
            assert re.search(rf"\| `{one.name}` \| {one.default:.2f} \|", text), one.name


def test_the_file_that_init_writes_states_the_defaults():
    folder = Path(Limits.read.__code__.co_filename).parent / "templates"
    given = Limits.read(folder / "slm-limits.toml")
    plain = {one.name: getattr(given, one.name) for one in fields(Limits)}
    assert Limits(**{**plain, "conditions": ()}) == Limits()
