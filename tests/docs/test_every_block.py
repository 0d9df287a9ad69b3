"""Every block of every page is run by a test, or says in its page why it is not."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.docs import blocks
from tests.docs.blocks import ELSEWHERE, PRINTED, TREES, Block, blocks_of, every_block, source

HERE = "tests/docs/"
TESTS = {
    "python": "test_python.py",
    **dict.fromkeys(("bash", "console"), "test_commands.py"),
    **dict.fromkeys(("ini", "json", "toml", "xml", "yaml"), "test_settings.py"),
}
NOT_RUN = {"CONTRIBUTING.md": 1, "docs/hooks.md": 2, "docs/served.md": 3, "docs/statistics.md": 1}


def test_a_test_knows_every_block():
    assert [f"{block} [{block.kind}]" for block in every_block() if not who_runs(block)] == []


def who_runs(block: Block) -> str:
    """Return the test that runs a block, or why none does; empty if nobody has thought of it."""
    if block.reason:
        return block.reason
    if elsewhere := next((one.test for one in ELSEWHERE if one.has(block)), ""):
        return elsewhere
    if block.kind == "text":
        known = block.page == TREES or blocks.printed_as(block)
        return HERE + "test_printed.py" if known else ""
    return HERE + TESTS[block.kind] if block.kind in TESTS else ""


def test_what_is_not_run_is_counted():
    found = Counter(block.page for block in every_block() if block.reason)
    assert found == NOT_RUN, "more than before: rather let the block run"


@pytest.mark.parametrize("one", ELSEWHERE, ids=lambda one: f"{one.pages}-{one.test}")
def test_the_other_tests_are_there_and_read_the_page(one):
    assert any(one.has(block) for block in every_block()), "no such block any more"
    if one.test != "tests/adopters/test_adopters.py":  # which runs what test_adopting.py compares
        name = one.pages.removesuffix("/*.md").rpartition("/")[2]
        assert name.removesuffix(".md") in source(one.test)


def test_what_is_printed_is_made_anew():
    made = re.findall(r'printed\("(\w+)"\)', source(HERE + "test_printed.py"))
    assert sorted(made) == sorted(PRINTED)
    assert {blocks.printed_as(block) for block in every_block()} >= {*PRINTED}


@pytest.mark.parametrize("kind", ["", "text", "sh", "python title='a.py'"])
def test_a_block_that_nobody_knows_is_seen(kind):
    [block] = blocks_of(f"A page.\n\n```{kind}\nx\n```\n")
    assert (block.line, block.kind, who_runs(block)) == (3, kind, "")


def test_a_reason_is_read_and_the_rest_of_the_page_too():
    page = (
        "<!-- not run: it needs a server -->\n```bash\nx\n```\n\n- a\n\n  ```python\n  y\n  ```\n"
    )
    first, second = blocks_of(page)
    assert (first.reason, second.reason) == ("it needs a server", "")
    assert second.text == "  y\n"


def test_no_fence_escapes():
    fences = sum(
        len(re.findall(r"^\s*(?:```|~~~)", source(page), re.MULTILINE))
        for page in {block.page for block in every_block()}
    )
    assert fences == 2 * len(every_block())
