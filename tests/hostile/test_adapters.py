"""Hostile adapters and bases: pickles, lying headers, configs that ask for code."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pytest_slm_autopsy
from pytest_slm_autopsy.models.checks.files import _named, adapter_files
from pytest_slm_autopsy.models.checks.outline import plain_base, plain_settings
from pytest_slm_autopsy.models.checks.pair import Pair
from pytest_slm_autopsy.models.checks.stored import stored
from pytest_slm_autopsy.models.golden import adapter_settings
from pytest_slm_autopsy.models.interface import ModelSpec
from pytest_slm_autopsy.models.loading import _tokenizer_at, base_config
from tests.hostile.inputs import (
    HOW,
    HUGE,
    LEAVES,
    cut_or_flipped,
    hostile,
    refused,
    safetensors_file,
    values,
)

FEW = settings(max_examples=150, **HOW)
CONFIG = {
    "peft_type": "LORA",
    "r": 8,
    "lora_alpha": 16,
    "target_modules": ["q_proj", "v_proj"],
    "base_model_name_or_path": "org/base",
    "task_type": "CAUSAL_LM",
    "rank_pattern": {"layers.0": 4},
    "use_dora": False,
}
BASE = {
    "model_type": "llama",
    "tie_word_embeddings": True,
    "hidden_size": 8,
    "intermediate_size": 8,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "num_hidden_layers": 1,
    "vocab_size": 8,
    "layer_types": ["full_attention"],
    "rope_scaling": {"rope_type": "default"},
}
HEADER = {
    "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
    "b": {"dtype": "BF16", "shape": [2], "data_offsets": [16, 20]},
    "__metadata__": {"format": "pt"},
}
BODY = bytes(20)


def numbers(path):
    for tensor in stored(path).values():
        assert tensor.numbers().shape == tensor.shape
        tensor.norm()


@pytest.fixture
def weights(tmp_path):
    def written(data):
        path = tmp_path / "adapter_model.safetensors"
        path.write_bytes(data)
        return path

    return written


def test_sound_weights_are_read(weights):
    assert not refused(numbers, weights(safetensors_file(HEADER, BODY)))


def test_weights_of_any_kind_are_read_or_refused(weights):
    sound = safetensors_file(HEADER, BODY)
    headers = st.builds(safetensors_file, hostile(HEADER), st.just(BODY))
    lengths = st.integers(0, 2**64 - 1) | st.sampled_from([2**63, 2**64 - 1, 0, 1, 7])
    lying = st.builds(safetensors_file, st.just(HEADER), st.just(BODY), lengths)

    @FEW
    @given(headers | lying | cut_or_flipped(sound) | st.binary(max_size=40))
    def holds(data):
        refused(numbers, weights(data))

    holds()


def tensor(shape, first, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [first, end]}


LIES = {
    "a length of 2^63": safetensors_file(HEADER, BODY, 2**63),
    "a length beyond the file": safetensors_file(HEADER, BODY, 10**6),
    "offsets beyond the file": safetensors_file({"a": tensor([100], 0, 400)}, BODY),
    "overlapping": safetensors_file({"a": tensor([4], 0, 16), "b": tensor([4], 4, 20)}, BODY),
    "a hole": safetensors_file({"a": tensor([1], 0, 4), "b": tensor([1], 16, 20)}, BODY),
    "negative": safetensors_file({"a": tensor([-5], -20, 0)}, BODY),
    "end before start": safetensors_file({"a": tensor([5], 20, 0)}, BODY),
    "a huge count": safetensors_file({"a": tensor([2**62, 2**62], 0, 20)}, BODY),
    "a count that wraps around": safetensors_file({"a": tensor([2**32, 2**32], 0, 0)}, BODY),
    "not UTF-8": safetensors_file(b'{"\xff\xfe": 1}', BODY),
    "not JSON": safetensors_file(b"{" * 50, BODY),
    "nested": safetensors_file(b'{"a":' * 9_000, BODY),
    "a list": safetensors_file(b"[]", BODY),
    "another dtype": safetensors_file({"a": tensor([5], 0, 20, "OBJECT")}, BODY),
    "nothing": b"",
    "a pickle": pickle.dumps({"a": 1}),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lying_header_is_refused(weights, lie):
    assert refused(numbers, weights(LIES[lie]))


def test_of_a_name_that_stands_twice_one_tensor_is_read(weights):
    twice = b'{"a": %s, "a": %s}' % tuple(
        json.dumps(tensor([5], 0, 20, dtype)).encode() for dtype in ("F32", "I32")
    )
    refused(numbers, weights(safetensors_file(twice, BODY)))


@pytest.mark.parametrize("shape", [[0], [0, 2**40], [2**62, 0], [0] * 70])
def test_an_empty_tensor_of_a_huge_shape_takes_no_memory(weights, shape):
    file = weights(safetensors_file({"a": tensor(shape, 0, 0)}))
    assert refused(numbers, file) == (shape not in ([0], [0, 2**40]))


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.write_text, (self.path, "ran")


@pytest.fixture
def adapter(tmp_path):
    def written(config, **files):
        folder = tmp_path / "adapter"
        folder.mkdir(exist_ok=True)
        raw = config if isinstance(config, bytes) else json.dumps(config).encode()
        (folder / "adapter_config.json").write_bytes(raw)
        (folder / "adapter_model.safetensors").write_bytes(safetensors_file(HEADER, BODY))
        return folder

    return written


def pair_of(folder):
    return Pair(ModelSpec("no/base", str(folder)))


def looked_at(folder):
    adapter_settings(folder)
    stated = pair_of(folder).stated
    plain_settings(stated)


def test_a_config_of_any_kind_is_read_or_refused(adapter):
    @FEW
    @given(hostile(CONFIG))
    def holds(data):
        refused(looked_at, adapter(data))

    holds()


def test_a_config_of_a_base_is_plain_or_not(tmp_path):
    @FEW
    @given(hostile(BASE))
    def holds(data):
        (tmp_path / "config.json").write_bytes(data)
        plain_base(tmp_path, {})

    holds()


def transformers_refuses(tmp_path, examples):
    spec = ModelSpec(str(tmp_path))

    @settings(FEW, max_examples=examples)
    @given(hostile(BASE))
    def holds(data):
        for name in ("config.json", "tokenizer_config.json", "tokenizer.json"):
            (tmp_path / name).write_bytes(data)
        refused(base_config, spec)
        assert refused(_tokenizer_at, str(tmp_path), spec)

    holds()


def test_what_transformers_refuses_is_told_in_a_sentence(tmp_path):
    transformers_refuses(tmp_path, 5)


@pytest.mark.slow
def test_much_that_transformers_refuses_is_told_in_a_sentence(tmp_path):
    transformers_refuses(tmp_path, 300)


@pytest.mark.parametrize("value", [{"layer_types": []}, {"tie_word_embeddings": 5}])
def test_a_config_that_contradicts_itself_is_told_in_a_sentence(tmp_path, value):
    (tmp_path / "config.json").write_text(json.dumps({**BASE, **value}))
    assert refused(base_config, ModelSpec(str(tmp_path)))


@pytest.mark.parametrize("name", ["num_hidden_layers", "hidden_size", "vocab_size", "head_dim"])
@pytest.mark.parametrize("size", [HUGE, 10**12, -1, 1e300, float("inf"), float("nan"), 0, True])
def test_a_base_of_a_monstrous_size_takes_no_time(tmp_path, name, size):
    (tmp_path / "config.json").write_text(json.dumps({**BASE, name: size, "layer_types": None}))
    assert plain_base(tmp_path, {}) is None


@FEW
@given(st.dictionaries(st.sampled_from([*CONFIG, "bias", "x"]), LEAVES | values(), max_size=8))
def test_settings_are_plain_or_not(stated):
    plain_settings({**CONFIG, **stated})


def test_a_pickle_is_never_run(tmp_path, adapter):
    from pytest_slm_autopsy.models.checks.stored import unpickled

    trap = tmp_path / "ran"
    folder = adapter(CONFIG)
    (folder / "adapter_model.safetensors").unlink()
    for data in (pickle.dumps({"a": Trap(trap)}), pickle.dumps(Trap(trap), protocol=0)):
        (folder / "adapter_model.bin").write_bytes(data)
        assert refused(unpickled, folder / "adapter_model.bin")
        assert refused(lambda: pair_of(folder).tensors)
    assert not trap.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"megatron_config": {"a": 1}, "megatron_core": "antigravity"},
        {"target_modules": "(a+)+$"},
        {"target_modules": "((?:.*)*)*x"},
        {"exclude_modules": "(x+x+){2,}y"},
        {"rank_pattern": {"(.*?)*": 4}},
        {"target_modules": "a" * 5_000},
    ],
)
def test_a_config_that_asks_for_code_or_endless_matching_is_refused(adapter, more):
    check = adapter_files(pair_of(adapter({**CONFIG, **more})))
    assert check.outcome == "failed"
    assert "megatron" in check.evidence or "may never end" in check.evidence


@pytest.mark.parametrize(
    "pattern",
    [
        r".*\.(q|v)_proj",
        r"(?:.*?(?:a|b).*?(?:k_proj|v_proj).*?)|(?:model\.layers\.[\d]{1,}\.(?:q))",
    ],
)
def test_patterns_in_use_are_taken(adapter, pattern):
    check = adapter_files(pair_of(adapter({**CONFIG, "target_modules": pattern})))
    assert check.outcome == "passed"


@pytest.mark.parametrize("key", ["lora_alpha", "r"])
@pytest.mark.parametrize("value", [HUGE, float("nan"), float("inf"), -HUGE, "8"])
def test_a_monstrous_scale_is_refused(adapter, key, value):
    assert refused(lambda: pair_of(adapter({**CONFIG, key: value})).config)


@pytest.mark.parametrize(
    "index",
    [b"[" * 9_000, b"[]", b'{"weight_map": 5}', b'{"weight_map": {"a": [1]}}', b"\xff", b"{}"],
)
def test_an_index_of_any_kind_is_refused(tmp_path, index):
    (tmp_path / "model.safetensors.index.json").write_bytes(index)
    assert refused(_named, tmp_path / "model.safetensors.index.json")


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_a_base_that_asks_for_its_own_code_is_refused(tmp_path, name):
    trap = tmp_path / "ran"
    (tmp_path / "own.py").write_text(f"open({str(trap)!r}, 'w')\n")
    own = {"auto_map": {"AutoConfig": "own.C", "AutoTokenizer": ["own.T", None],
                        "AutoModelForCausalLM": "own.M"}, "tokenizer_class": "T"}  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "own", **own}))
    (tmp_path / name).write_text(json.dumps({"model_type": "own", **own}))
    spec = ModelSpec(str(tmp_path))
    assert not spec.trust_remote_code
    assert refused(base_config, spec)
    assert refused(_tokenizer_at, str(tmp_path), spec)
    assert not trap.exists()


def test_no_module_unpickles_or_trusts_by_default():
    """Only one place reads pickles of files, by torch with weights only.

    Batches of a sweep are pickled between the processes of one Ray.
    """
    package = Path(pytest_slm_autopsy.__file__).parent
    sources = {path.name: path.read_text("utf-8") for path in package.rglob("*.py")}
    words = "pickle.load joblib allow_pickle trust_remote_code=True yaml.load marshal shelve eval( "
    words += "exec( zipfile tarfile lzma gzip bz2"
    for word in words.split():
        found = re.compile(rf"(?<![.\w]){re.escape(word)}")
        held = [name for name, text in sources.items() if found.search(text)]
        assert held == (["ray.py"] if word == "pickle.load" else []), word
    loads = [text for text in sources.values() if "torch.load(" in text]
    assert len(loads) == 1
    assert "weights_only=True" in loads[0]
