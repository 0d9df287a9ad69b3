"""QLoRA training: a LoRA adapter on a 4-bit base, with the loss on the answer only.

On a CPU the 4-bit matrices are unpacked once: the same numbers, and no step unpacks them anew. The
adapter appears in its folder only when it is complete; an interrupted run goes on from its last
whole checkpoint.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from safetensors import SafetensorError
from transformers import PrinterCallback, TrainingArguments, set_seed

from pytest_slm_autopsy import read_cases
from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.models import (
    adapter_settings,
    load_base,
    load_tokenizer,
    manifest,
    weights_digest,
)
from reference_experiment.config import AdapterPlan, Config
from reference_experiment.training.answer_loss import AnswerTrainer
from reference_experiment.training.examples import PROMPT, collate, encode, turn_end
from reference_experiment.training.progress import ProgressFile

# Texts of errors by torch and safetensors for a full or failing disk.
_CANNOT_WRITE = (
    "no space left",
    "file write failed",
    "failed writing",
    "file too large",
    "i/o error",
)


def train_adapter(config: Config, name: str, documents: Path) -> Path:
    """Train one adapter of the configuration on a file of cases, and return its folder.

    One that was trained on the same, by the same code, is left as it is. Under ``accelerate
    launch`` each process takes its part of every batch, and the first writes.
    """
    plan, final = config.adapters[name], config.adapter(name)
    work = config.runs / "training" / name
    done, meant = work.with_suffix(".done"), _meaning(config, documents)
    if final.is_dir() and done.is_file() and done.read_text() == meant:
        print("  trained already")
        return final
    set_seed(config.seed)
    tokenizer = load_tokenizer(config.spec())
    cases = list(read_cases(documents))
    base = load_base(config.spec())
    end = turn_end(tokenizer, base.generation_config.eos_token_id)
    rows = [encode(tokenizer, case, config.training.max_tokens, end) for case in cases]
    settings = arguments(config, plan, work)
    with settings.main_process_first():
        _same_run(work, meant)
        checkpoint = last_checkpoint(work)
    trainer = AnswerTrainer(
        model=with_lora(unpacked(base), config),
        args=settings,
        train_dataset=rows,
        data_collator=lambda batch: collate(batch, tokenizer.pad_token_id),
        callbacks=[ProgressFile(work / "progress.json")],
    )
    trainer.remove_callback(PrinterCallback)
    facts = {"prompt": asdict(PROMPT), **provenance(config)}
    golden = manifest(tokenizer, PROMPT, cases[:3], facts)
    with _failing_disk_named(config):
        trainer.train(resume_from_checkpoint=checkpoint)
        with settings.main_process_first():
            if trainer.is_world_process_zero():
                publish(trainer.model, golden, final)
                shutil.rmtree(work)
                done.write_text(meant)
    return final


@contextmanager
def _failing_disk_named(config: Config) -> Iterator[None]:
    """Turn the errors of torch and safetensors for a full or failing disk into ``OSError``."""
    try:
        yield
    except (SafetensorError, RuntimeError) as error:
        if not any(sign in str(error).lower() for sign in _CANNOT_WRITE):
            raise
        raise OSError(
            f"cannot write below {config.runs}: {str(error).splitlines()[0]}; make room on the "
            "disk and run the same command to go on"
        ) from error


def unpacked(base: Any) -> Any:
    """Return a base with the float32 matrices that its 4 bits stand for; on a GPU, as it is."""
    if base.device.type == "cpu" and getattr(base, "is_quantized", False):
        return base.dequantize(dtype=torch.float32)
    return base


def with_lora(base: Any, config: Config) -> Any:
    """Return the frozen base with fresh LoRA matrices on all its linear layers."""
    recomputed = config.training.gradient_checkpointing
    base = prepare_model_for_kbit_training(base, use_gradient_checkpointing=recomputed)
    lora = LoraConfig(
        r=config.lora.r,
        lora_alpha=config.lora.alpha,
        lora_dropout=config.lora.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(base, lora)


def arguments(config: Config, plan: AdapterPlan, work: Path) -> TrainingArguments:
    """Return the Trainer's settings.

    Raises:
        ConfigError: a batch that the processes launched together cannot share.
    """
    training = config.training
    settings = TrainingArguments(
        output_dir=str(work),
        max_steps=plan.steps,
        per_device_train_batch_size=training.batch_size,
        gradient_accumulation_steps=training.gradient_accumulation,
        learning_rate=training.learning_rate,
        lr_scheduler_type="cosine",
        optim=training.optimizer,
        gradient_checkpointing=training.gradient_checkpointing,
        warmup_steps=training.warmup_steps,
        bf16=config.device != "cpu" and torch.cuda.is_available(),
        use_cpu=config.device == "cpu",
        seed=config.seed,
        logging_steps=1,
        disable_tqdm=True,
        save_steps=training.checkpoint_every,
        save_total_limit=2,
        include_num_input_tokens_seen="all",
        remove_unused_columns=False,
        accelerator_config={"split_batches": True},  # the same batch for any number of processes
        ddp_find_unused_parameters=False,
        dataloader_pin_memory=False,
        report_to="none",
    )
    if training.batch_size % settings.world_size:
        raise ConfigError(
            f"training.batch_size is {training.batch_size}, which {settings.world_size} processes "
            "cannot share; launch a number that divides it"
        )
    return settings


def _meaning(config: Config, documents: Path) -> str:
    """Return a digest of everything that decides an adapter: settings, documents, code."""
    code = sorted(Path(__file__).parent.glob("*.py"))
    texts = (path.read_bytes() for path in (*code, documents))
    return sha256(config.identity + b"".join(texts)).hexdigest()


def _same_run(work: Path, meant: str) -> None:
    """Drop the leftovers of an interrupted training of something else."""
    mark = work / "configuration"
    if work.is_dir() and not (mark.is_file() and mark.read_text() == meant):
        shutil.rmtree(work)
    work.mkdir(parents=True, exist_ok=True)
    mark.write_text(meant)


def last_checkpoint(work: Path) -> str | None:
    """Return the newest checkpoint that was written to its end, or ``None``."""
    found = sorted(work.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
    # The Trainer writes its state last: without it, the folder was cut off.
    whole = [path for path in found if (path / "trainer_state.json").is_file()]
    for path in found:
        if path not in whole:
            shutil.rmtree(path)
    return str(whole[-1]) if whole else None


def provenance(config: Config) -> dict[str, Any]:
    """Return the base, seed and library versions of a training, for later comparison."""
    base = Path(config.base_place)
    packages = ("torch", "transformers", "peft", "bitsandbytes", "accelerate", "tokenizers")
    return {
        "base": config.base_place,
        "base_weights": weights_digest(base) if base.is_dir() else None,
        "seed": config.seed,
        "versions": {package: version(package) for package in packages},
    }


def publish(model: Any, golden: dict[str, Any], final: Path) -> None:
    """Write the adapter beside the final folder, then swap, so that it appears there whole."""
    part = final.with_name(f"{final.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    model.save_pretrained(part)
    (part / "README.md").unlink(missing_ok=True)  # peft's empty model card
    golden = {**golden, "adapter_config": adapter_settings(part)}
    text = json.dumps(golden, indent=1, ensure_ascii=False)
    (part / "prompt_manifest.json").write_text(text + "\n", encoding="utf-8")
    old = final.with_name(f"{final.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.rename(old)
    part.rename(final)
    shutil.rmtree(old, ignore_errors=True)
