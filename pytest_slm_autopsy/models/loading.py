"""Base, tokenizer and device from a specification; each failure is one sentence."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_slm_autopsy.errors import MissingExtraError, ModelError
from pytest_slm_autopsy.models.interface import SHARD, ModelSpec
from pytest_slm_autopsy.models.quiet import quiet
from pytest_slm_autopsy.models.tokenizers import tokenizer_class

try:
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import StrictDataclassError
    from safetensors import SafetensorError
except ImportError as error:
    raise MissingExtraError(error.name or "huggingface_hub", "hf") from error

# Both take seconds to import, and many checks need neither: functions import them.
for needed in ("torch", "transformers"):
    if find_spec(needed) is None:
        raise MissingExtraError(needed, "hf")

if TYPE_CHECKING:
    from transformers import BitsAndBytesConfig

ADAPTER_CONFIG, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PICKLED = "adapter_model.bin"
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")
TEMPLATE = "chat_template.jinja"
PATIENCE = 10
"""Seconds that the hub has to answer."""
LONGEST_REASON = 1_000
"""Characters of what another library says of a fault."""
# Errors of transformers for files that are missing, cut short, or JSON of another kind.
_UNREADABLE = (
    *(OSError, ValueError, TypeError, KeyError, AttributeError, ImportError),
    *(RecursionError, ArithmeticError, StrictDataclassError),
)


def load_tokenizer(spec: ModelSpec) -> Any:
    """Return the tokenizer that training used, which must have a chat template.

    Raises:
        ModelError: the tokenizer is missing, or has no chat template.
    """
    tokenizer = read_tokenizer(spec)
    if not tokenizer.chat_template:
        raise ModelError(no_template(spec.base))
    return tokenizer


def no_template(base: str) -> str:
    """Return the error message for a base without a chat template."""
    return (
        f"the tokenizer of {base} has no chat template, so prompts would differ from "
        "training; add chat_template.jinja to the folder, or use the instruct variant"
    )


def read_tokenizer(spec: ModelSpec) -> Any:
    """Return the tokenizer that training used, with or without a chat template.

    Training often saves it beside the adapter. What is missing there is the base's: the whole
    tokenizer, or the chat template.

    Raises:
        ModelError: the tokenizer is missing or cannot be read.
    """
    find_base(spec)
    beside = own_tokenizer(spec)
    if beside is None:
        tokenizer = _tokenizer_at(spec.base, spec)
    else:
        tokenizer = _tokenizer_at(str(beside), replace(spec, revision=None))
        if not tokenizer.chat_template and base_folder(spec) is not None:
            with suppress(ModelError):
                tokenizer.chat_template = _tokenizer_at(spec.base, spec).chat_template
    if template := own_template(spec):
        tokenizer.chat_template = template
    return tokenizer


def own_tokenizer(spec: ModelSpec) -> Path | None:
    """Return the adapter's folder where it holds a tokenizer of its own."""
    folder = local_adapter(spec)
    return folder if folder and any((folder / name).is_file() for name in TOKENIZERS) else None


def own_template(spec: ModelSpec) -> str:
    """Return the chat template beside the adapter; empty where it has none."""
    folder = local_adapter(spec)
    try:
        return (folder / TEMPLATE).read_text(encoding="utf-8") if folder else ""
    except (OSError, ValueError):
        return ""


def _tokenizer_at(place: str, spec: ModelSpec) -> Any:
    """Return the tokenizer of a folder, or of a hub name."""
    chosen: dict[str, Any] = {
        "revision": spec.revision,
        "trust_remote_code": spec.trust_remote_code,
    }
    try:
        return tokenizer_class(place, spec.revision).from_pretrained(place, **chosen)
    except _UNREADABLE as error:
        raise unfound(place, "tokenizer", error) from error


def load_base(spec: ModelSpec) -> Any:
    """Return the base model alone, quantised as the specification says; from safetensors only.

    Raises:
        ModelError: the base or the requested GPU is missing, the network fails, or a file is
            broken.
    """
    from transformers import AutoModelForCausalLM

    find_base(spec)
    device = resolve_device(spec.device)
    dtype = _dtype(spec, device)
    chosen: dict[str, Any] = (
        {} if spec.attention is None else {"attn_implementation": spec.attention}
    )
    try:
        with quiet():
            return AutoModelForCausalLM.from_pretrained(
                spec.base,
                revision=spec.revision,
                trust_remote_code=spec.trust_remote_code,
                quantization_config=_quantization(spec.quantization, dtype),
                dtype=dtype,
                device_map="auto" if device == SHARD else {"": device},
                use_safetensors=True,
                **chosen,
            )
    except (*_UNREADABLE, RuntimeError, SafetensorError) as error:
        raise unfound(spec.base, "model", error) from error


def base_config(spec: ModelSpec) -> Any:
    """Return the base's config.

    Raises:
        ModelError: the config is missing, or unknown to transformers.
    """
    from transformers import AutoConfig

    chosen = {"revision": spec.revision, "trust_remote_code": spec.trust_remote_code}
    try:
        return AutoConfig.from_pretrained(spec.base, **chosen)
    except _UNREADABLE as error:
        raise unfound(spec.base, "model", error) from error


def _dtype(spec: ModelSpec, device: str) -> Any:
    import torch

    if spec.dtype == "auto":
        return torch.float32 if device == "cpu" else torch.bfloat16
    return getattr(torch, spec.dtype)


def _quantization(name: str, dtype: Any) -> BitsAndBytesConfig | None:
    from transformers import BitsAndBytesConfig

    if name == "none":
        return None
    if name == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type=name,
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def resolve_device(device: str) -> str:
    """Return the device to load on: ``auto`` becomes a GPU, or the CPU without one.

    Workers of pytest-xdist, and processes launched together, are spread over the visible GPUs.
    ``shard`` takes all GPUs.

    Raises:
        ModelError: the requested GPU does not exist.
    """
    import torch

    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device == SHARD and gpus:
        return device
    if device in ("auto", "cuda"):
        if device == "auto" and not gpus:
            return "cpu"
        worker = os.environ.get("PYTEST_XDIST_WORKER", os.environ.get("LOCAL_RANK", "0"))
        worker = worker.removeprefix("gw")
        number = int(worker) % max(1, gpus) if worker.isdigit() else 0
        device = f"cuda:{number}"
    if device == SHARD or (device != "cpu" and int(device.partition(":")[2]) >= gpus):
        seen = f"torch sees {gpus}" if gpus else "torch sees no GPU"
        raise ModelError(
            f"device {device!r} was asked for, but {seen}; use device cpu or auto, "
            "or install a CUDA build of torch"
        )
    return device


def find_base(spec: ModelSpec) -> None:
    """Raise where the base does not exist, by one quick question to the hub.

    Without it, the libraries would try for minutes.

    Raises:
        ModelError: the base is neither a folder nor downloaded, and the hub lacks it.
    """
    if base_folder(spec) is None:
        try:
            _ask_hub(spec.base, spec.revision)
        except OSError as error:
            raise unfound(spec.base, "model", error) from error


def _ask_hub(name: str, revision: str | None = None) -> None:
    """Raise ``OSError`` unless the hub knows the name."""
    try:
        HfApi().model_info(name, revision=revision, timeout=PATIENCE)
    except Exception as error:  # the class differs between versions of the hub's client
        raise OSError(first_line(error)) from error


def base_folder(spec: ModelSpec) -> Path | None:
    """Return the folder of the base's files on this machine, or ``None``."""
    if Path(spec.base).is_dir():
        return Path(spec.base)
    try:
        found = snapshot_download(spec.base, revision=spec.revision, local_files_only=True)
    except (OSError, ValueError):
        return None
    return Path(found)


def local_adapter(spec: ModelSpec) -> Path | None:
    """Return the folder of the adapter's files on this machine, or ``None``."""
    return base_folder(ModelSpec(spec.adapter)) if spec.adapter else None


def adapter_folder(adapter: str) -> Path:
    """Return the folder of an adapter, by path or hub name; an adapter on the hub is downloaded.

    Raises:
        ModelError: the folder does not exist, or holds no adapter.
    """
    folder = Path(adapter)
    if not folder.is_dir():
        folder = _downloaded(adapter)
    weights = PICKLED if pickled(folder) else ADAPTER_WEIGHTS
    for name in (ADAPTER_CONFIG, weights):
        if not (folder / name).is_file():
            raise ModelError(
                f"{folder} is not a LoRA adapter: it holds no {name}; {_meant(folder)}"
            )
    return folder


def _meant(folder: Path) -> str:
    """Return what to give instead of a folder that holds no adapter, by what it holds."""
    inside = sorted(path.parent for path in folder.glob(f"*/{ADAPTER_CONFIG}"))
    if inside:
        return (
            "peft saves an adapter that has a name, and a trainer each checkpoint, in a folder "
            f"inside: give {' or '.join(map(str, inside))}"
        )
    if (folder / ADAPTER_CONFIG).is_file():
        return "its config is there and its weights are not: save or fetch the adapter again"
    if (folder / "config.json").is_file():
        return "it holds a whole model, merged perhaps: give that as the base, without an adapter"
    return "give the folder that peft's save_pretrained wrote"


def pickled(folder: Path) -> bool:
    """Tell whether an adapter's weights exist as a pickle only."""
    return not (folder / ADAPTER_WEIGHTS).is_file() and (folder / PICKLED).is_file()


def _downloaded(adapter: str) -> Path:
    missing = f"no adapter at {adapter}: there is no such folder"
    if adapter.count("/") != 1 or adapter.startswith((".", "/", "~")):
        raise ModelError(f"{missing}; train one or mend the path")
    try:
        _ask_hub(adapter)
        return Path(
            snapshot_download(adapter, allow_patterns=["adapter_*", "*.json", "*.jinja", "*.model"])
        )
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{missing}, and the hub gave none ({first_line(error)}); train one, mend the path, or "
            "download it and give the folder"
        ) from error


def unfound(base: str, what: str, error: Exception) -> ModelError:
    """Return the error that a part of a base is missing, with the reason."""
    if Path(base).is_dir():
        return ModelError(f"no {what} can be loaded from {base}: {first_line(error)}")
    return ModelError(
        f"no base {base!r}: there is no such folder, and the hub gave none "
        f"({first_line(error)}); mend the name, or download it and give the folder"
    )


def first_line(error: Exception) -> str:
    """Return the first line of an error's text, or the name of its class.

    A line that ends with a colon goes on in the next: torch lists there what does not fit. A long
    one is cut: others repeat whatever a file states.
    """
    lines = [line.strip() for line in str(error).strip().splitlines()]
    if not lines:
        return type(error).__name__
    told = " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]
    return f"{told:.{LONGEST_REASON}}"
