"""A 4-bit base with a LoRA adapter on it: load it, or say why not; then answer."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

from pytest_slm_autopsy.errors import MissingExtraError, ModelError
from pytest_slm_autopsy.models.interface import Answer, ModelSpec
from pytest_slm_autopsy.models.prompts import (
    MANIFEST_NAME,
    render,
    template_digest,
    tokenizer_digest,
    weights_digest,
)
from pytest_slm_autopsy.records import Case

# On a CPU it recommends another package at every import.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)

try:
    import torch
    from peft import PeftModel
    from safetensors import SafetensorError
    from transformers import (
        AutoModelForCausalLM,
        AutoTokenizer,
        BitsAndBytesConfig,
        PreTrainedTokenizerFast,
    )
    from transformers.models.auto.tokenization_auto import get_tokenizer_config
except ImportError as error:
    raise MissingExtraError(error.name or "torch", "hf") from error

from pytest_slm_autopsy.models.decoding import Decoded, decode  # noqa: E402


class AdapterModel:
    """A loaded model; ``answer`` decodes greedily."""

    def __init__(self, spec: ModelSpec, model: Any, tokenizer: Any) -> None:
        self.spec = spec
        self.name = spec.name
        self.model = model
        self.tokenizer = tokenizer

    def answer(self, cases: Sequence[Case]) -> list[Answer]:
        """One greedy answer a case, in the order of the cases."""
        prompt, tokenizer = self.spec.prompt, self.tokenizer
        eos, pad = tokenizer.eos_token_id, tokenizer.pad_token_id
        prompts = self._ids([render(tokenizer, prompt.messages(case)) for case in cases])
        expected = self._ids([prompt.expected(case.truth) for case in cases])
        decoded = decode(
            self.model,
            prompts,
            [[*row, eos] for row in expected],
            eos=eos,
            pad=eos if pad is None else pad,
            max_new_tokens=self.spec.max_new_tokens,
        )
        return [self._answer(row) for row in decoded]

    def _ids(self, texts: list[str]) -> list[list[int]]:
        ids: list[list[int]] = self.tokenizer(texts, add_special_tokens=False)["input_ids"]
        return ids

    def _answer(self, row: Decoded) -> Answer:
        said = row.ids[:-1] if row.finish == "stop" else row.ids
        text = self.tokenizer.decode(said)
        pieces = self.tokenizer.batch_decode([[token] for token in said])
        ends = list(accumulate(map(len, pieces)))
        if "".join(pieces) != text:  # a character spans tokens: measure growing prefixes
            ends = [len(self.tokenizer.decode(said[: i + 1])) for i in range(len(said))]
        ends += [len(text)] * (len(row.ids) - len(said))
        return Answer(text, row.logprobs, tuple(ends), row.finish)


def load_model(spec: ModelSpec) -> AdapterModel:
    """Load base, adapter and tokenizer, ready to answer.

    On a CPU a 4-bit base is turned back into plain matrices once, of the very values that its bits
    stand for, and the adapter is added to them: the same model, unpacked once.

    Raises:
        ModelError: something is missing, broken, or does not belong together; the text says what.
    """
    tokenizer = load_tokenizer(spec)
    if spec.adapter is None:
        return AdapterModel(spec, _plain_on_cpu(load_base(spec)).eval(), tokenizer)
    folder = _adapter_folder(spec.adapter)
    _check_manifest(folder, spec, tokenizer)
    base = _plain_on_cpu(load_base(spec))
    try:
        model = PeftModel.from_pretrained(base, str(folder))
    except (SafetensorError, RuntimeError, ValueError, OSError) as error:
        raise ModelError(
            f"adapter {folder} does not load onto base {spec.base}: {_first_line(error)}"
        ) from error
    if base.device.type == "cpu":
        model = model.merge_and_unload()
    return AdapterModel(spec, model.eval(), tokenizer)


def _plain_on_cpu(base: Any) -> Any:
    if base.device.type != "cpu" or not getattr(base, "is_loaded_in_4bit", False):
        return base
    with _quiet("transformers.integrations.bitsandbytes"):
        return base.dequantize(dtype=torch.float32)


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Without the warnings of one logger."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def load_tokenizer(spec: ModelSpec) -> Any:
    """The base's tokenizer; it must have a chat template.

    Raises:
        ModelError: no tokenizer, or none with a chat template.
    """
    try:
        # AutoTokenizer replaces the pre-tokenizer of some model types by that of the type's first
        # model; a tokenizer that declares itself complete is loaded as it was saved.
        declared = get_tokenizer_config(spec.base).get("tokenizer_class")
        complete = declared in ("TokenizersBackend", "PreTrainedTokenizerFast")
        kind = PreTrainedTokenizerFast if complete else AutoTokenizer
        tokenizer = kind.from_pretrained(spec.base)
    except (OSError, ValueError) as error:
        raise _unfound(spec.base, "tokenizer", error) from error
    if not tokenizer.chat_template:
        raise ModelError(
            f"the tokenizer of {spec.base} has no chat template, so prompts would differ from "
            "training; add chat_template.jinja to the folder, or use the instruct variant"
        )
    return tokenizer


def load_base(spec: ModelSpec) -> Any:
    """The base model alone, quantised as the specification says.

    Raises:
        ModelError: no such base, no network, or no GPU where one was asked for.
    """
    device = resolve_device(spec.device)
    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    quantization = None
    if spec.quantization == "nf4":
        quantization = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
        )
    try:
        return AutoModelForCausalLM.from_pretrained(
            spec.base,
            quantization_config=quantization,
            dtype=dtype,
            device_map={"": device},
            use_safetensors=True,
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise _unfound(spec.base, "model", error) from error


def resolve_device(device: str) -> str:
    """``auto`` becomes the first GPU or the CPU; a GPU that is not there is an error."""
    if device == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError(
            f"device {device!r} was asked for, but torch sees no GPU; use device cpu or auto, "
            "or install a CUDA build of torch"
        )
    return device


def _adapter_folder(adapter: str) -> Path:
    folder = Path(adapter)
    if not folder.is_dir():
        raise ModelError(
            f"no adapter at {folder}: there is no such folder; train one or mend the path"
        )
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        if not (folder / name).is_file():
            raise ModelError(
                f"{folder} is not a LoRA adapter: it holds no {name}; "
                "give the folder that peft's save_pretrained wrote"
            )
    return folder


def _check_manifest(folder: Path, spec: ModelSpec, tokenizer: Any) -> None:
    """Fail closed when the base is not the one the adapter's manifest names."""
    path = folder / MANIFEST_NAME
    if not path.is_file():
        return
    try:
        golden = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}; train the adapter again") from None
    found = {
        "chat_template": template_digest(tokenizer),
        "tokenizer": tokenizer_digest(tokenizer),
    }
    if Path(spec.base).is_dir():
        found["base_weights"] = weights_digest(Path(spec.base))
    for what, digest in found.items():
        if golden.get(what, digest) != digest:
            raise ModelError(
                f"adapter {folder} was trained with another {what.replace('_', ' ')} than that of "
                f"{spec.base}: {golden[what][:12]} then, {digest[:12]} now; "
                "load the base it was trained on, or train the adapter again"
            )


def _unfound(base: str, what: str, error: Exception) -> ModelError:
    if Path(base).is_dir():
        return ModelError(f"no {what} can be loaded from {base}: {_first_line(error)}")
    return ModelError(
        f"no base {base!r}: there is no such folder, and the hub gave none "
        f"({_first_line(error)}); mend the name, or download it and give the folder"
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
