"""Settings on the pages are read by those who will read them."""

from __future__ import annotations

import json
import tomllib
from xml.etree import ElementTree

import pytest

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.suite.limits import Limits
from tests.docs.blocks import run_here


def yaml(text):
    return pytest.importorskip("yaml").safe_load(text)


READERS = {"json": json.loads, "toml": Limits.parse, "xml": ElementTree.fromstring, "yaml": yaml}
BLOCKS = [block for found in run_here(*READERS, "ini").values() for block in found]
COLLECTED_NOTHING = pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_settings_are_read(block, pytester):
    if block.kind == "ini":
        assert used(pytester, block.text) == COLLECTED_NOTHING
    else:
        READERS[block.kind](block.text)


def used(pytester, ini):
    """Return what pytest says to an ini file: it and the plugin read each key and its value."""
    pytester.makeini(ini)
    return pytester.runpytest_inprocess("--strict-config").ret


@pytest.mark.parametrize("line", ["slm_adaptor = a", "slm_n = many", "slm_limits = gab = 0.2"])
def test_a_setting_that_does_not_exist_is_seen(pytester, line):
    assert used(pytester, f"[pytest]\n{line}\n") == pytest.ExitCode.USAGE_ERROR


def test_a_limit_that_does_not_exist_is_seen():
    with pytest.raises(ConfigError, match="gab"):
        READERS["toml"]("gab = 0.2")


def test_tables_of_other_tools_are_toml_too():
    assert tomllib.loads("[tool.pytest.ini_options]\nslm_n = 64")
