"""How far a training is, on the screen and in a file."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback


class ProgressFile(TrainerCallback):
    """Callback that shows a line of progress, and keeps ``progress.json`` for a reader outside."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loss: float | None = None
        self._started = time.monotonic()
        self._first: tuple[int, int] | None = None

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Remember the last loss."""
        self._loss = (logs or {}).get("loss", self._loss)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Rewrite the file, atomically."""
        if not state.is_world_process_zero:
            return
        done = (state.global_step, state.num_input_tokens_seen)
        if self._first is None:
            self._started, self._first = time.monotonic(), done
        steps, tokens = (now - then for now, then in zip(done, self._first, strict=True))
        seconds = time.monotonic() - self._started
        progress = {
            "step": state.global_step,
            "steps": state.max_steps,
            "loss": self._loss,
            "tokens_per_second": round(tokens / seconds) if steps else None,
            "eta_seconds": round((state.max_steps - done[0]) * seconds / steps) if steps else None,
        }
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(progress) + "\n")
        part.replace(self._path)
        print(f"\r{in_one_line(progress):<72}", end="", flush=True)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """End the line."""
        if state.is_world_process_zero:
            print(flush=True)


def in_one_line(progress: Mapping[str, Any]) -> str:
    """Return progress in words."""
    told = [f"  step {progress['step']}/{progress['steps']}"]
    if progress["loss"] is not None:
        told.append(f"loss {progress['loss']:.4f}")
    if (left := progress["eta_seconds"]) is not None:
        told.append(f"{progress['tokens_per_second']:,} tokens/s")
        told.append(f"{left // 60}:{left % 60:02} left")
    return ", ".join(told)
