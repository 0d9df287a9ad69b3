"""Ours against ``generate``, against its prompt look-up, and against one bare forward pass.

    python benchmarks/bench_decoding.py [--cases 256] [--turns 3]

The tiny base in 4 bit with the narrow adapter, the same cases for all: all answered right, all
answered wrong, half of each. ``generate`` runs in 4 bit, as loaded, and once more on the same plain
matrices that ours runs on. What is compared is measured by turns in one run. One case at a time is
measured on a sample of the cases, and counted up.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch
from peft import PeftModel
from transformers import GenerationConfig

from pytest_slm_autopsy import Case, ModelSpec, draw_suite, load_model
from pytest_slm_autopsy.models import load_base
from pytest_slm_autopsy.models.decoding.decoder import Decoder
from reference_experiment.data import CONDITIONS, SCHEMA

EXPERIMENT = Path(__file__).parents[1] / "reference_experiment"
SPEC = ModelSpec(
    str(EXPERIMENT / "base"), str(EXPERIMENT / "adapters" / "narrow"), max_new_tokens=320
)
BATCHES = (32, 64)
SEED = 1_000
SAMPLE = 16


@dataclass(frozen=True)
class Asked:
    """Token ids of a prompt and of its expected answer, without the end of the turn."""

    prompt: list[int]
    expected: list[int]


class Bench:
    """The same cases, asked in many ways."""

    def __init__(self, cases: int, turns: int) -> None:
        self.cases, self.turns = cases, turns
        self.ours = load_model(SPEC)
        base = load_base(SPEC)
        self.packed = PeftModel.from_pretrained(base, SPEC.adapter).eval()
        self.eos = self.ours.tokenizer.eos_token_id
        self.pad = self.ours.tokenizer.pad_token_id

    def asked(self, cases: Sequence[Case]) -> list[Asked]:
        prompts = [ids for _, ids in self.ours.prompts(cases)]
        truths = [SPEC.prompt.expected(case.truth) for case in cases]
        expected = self.ours.tokenizer(truths, add_special_tokens=False)["input_ids"]
        return [Asked(*pair) for pair in zip(prompts, expected, strict=True)]

    def regimes(self) -> dict[str, list[Asked]]:
        """Cases by how the model answers them; drawn until there are enough of each."""
        right: list[Case] = []
        wrong: list[Case] = []
        seed = SEED
        while min(len(right), len(wrong)) < self.cases:
            suite = draw_suite(SCHEMA, 32, seed, CONDITIONS)
            cases = [case for name in suite.conditions for case in suite[name]]
            for case, answer in zip(cases, self.ours.answer(cases), strict=True):
                true = answer.text == SPEC.prompt.expected(case.truth)
                (right if true else wrong).append(case)
            seed += 1
        half = self.cases // 2
        chosen = {
            "all right": right[: self.cases],
            "all wrong": wrong[: self.cases],
            "half and half": right[:half] + wrong[:half],
        }
        return {name: self.asked(cases) for name, cases in chosen.items()}

    def verified(self, asked: Sequence[Asked]) -> list[tuple[int, ...]]:
        decoder = Decoder(
            self.ours.model, stops=[self.eos], pad=self.pad, max_new_tokens=SPEC.max_new_tokens
        )
        decoded = decoder.decode([a.prompt for a in asked], [a.expected for a in asked])
        self.near_ties = sum(row.near_ties for row in decoded)
        return [row.ids for row in decoded]

    @torch.inference_mode()
    def generated(self, model, asked: Sequence[Asked], batch: int, lookup: int | None = None):
        """``generate``, in batches of like length."""
        model.generation_config = GenerationConfig()
        order = sorted(range(len(asked)), key=lambda i: len(asked[i].prompt))
        answers: dict[int, tuple[int, ...]] = {}
        for start in range(0, len(order), batch):
            places = order[start : start + batch]
            rows = [asked[i].prompt for i in places]
            width = max(map(len, rows))
            ids = torch.tensor([[self.pad] * (width - len(row)) + row for row in rows])
            mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
            made = model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=SPEC.max_new_tokens,
                do_sample=False,
                eos_token_id=self.eos,
                pad_token_id=self.pad,
                prompt_lookup_num_tokens=lookup,
            )
            for i, row in zip(places, made[:, width:].tolist(), strict=True):
                answers[i] = tuple(row[: row.index(self.eos) + 1] if self.eos in row else row)
        return [answers[i] for i in range(len(asked))]

    @torch.inference_mode()
    def forward(self, asked: Sequence[Asked], batch: int) -> None:
        """One pass over prompt and expected answer, logits of the answer only."""
        rows = sorted(([*a.prompt, *a.expected] for a in asked), key=len)
        longest = max(len(a.expected) for a in asked) + 20
        for start in range(0, len(rows), batch):
            part = rows[start : start + batch]
            width = max(map(len, part))
            ids = torch.tensor([[*row, *[self.pad] * (width - len(row))] for row in part])
            keep = torch.arange(width - longest, width)
            self.ours.model(input_ids=ids, use_cache=False, logits_to_keep=keep)

    def contestants(self, asked: list[Asked]) -> dict[str, tuple[Callable[[], object], float]]:
        """Name to what is run, and by how much to count its time up."""
        few, up = asked[:: max(1, len(asked) // SAMPLE)][:SAMPLE], len(asked) / SAMPLE
        plain = self.ours.model
        found = {"ours": (lambda: self.verified(asked), 1.0)}
        for size in BATCHES:
            found[f"forward pass, batch {size}"] = (lambda s=size: self.forward(asked, s), 1.0)
            for name, model in (("4-bit", self.packed), ("plain", plain)):
                found[f"generate, {name}, batch {size}"] = (
                    lambda s=size, m=model: self.generated(m, asked, s),
                    1.0,
                )
        for name, model in (("4-bit", self.packed), ("plain", plain)):
            found[f"generate, {name}, batch 1"] = (
                lambda m=model: self.generated(m, few, 1),
                up,
            )
            found[f"prompt look-up, {name}, batch 1"] = (
                lambda m=model: self.generated(m, few, 1, lookup=10),
                up,
            )
        return found

    def report(self, name: str, asked: list[Asked]) -> None:
        """Time every contestant by turns; print medians, and ours against each."""
        runs = self.contestants(asked)
        times: dict[str, list[float]] = {key: [] for key in runs}
        for turn in range(self.turns):
            for key, (run, up) in runs.items():
                if turn and "batch 1" in key.split(", ")[-1:]:
                    continue  # minutes each, and the ratio is far from its limit
                started = time.perf_counter()
                run()
                times[key].append(up * (time.perf_counter() - started))
        median = {key: statistics.median(found) for key, found in times.items()}
        print(f"\n### {name}: {len(asked)} cases\n")
        print("| way | seconds | least to most | against ours |\n|---|---|---|---|")
        for key, seconds in median.items():
            low, high = min(times[key]), max(times[key])
            ratio = seconds / median["ours"]
            print(f"| {key} | {seconds:.2f} | {low:.2f} to {high:.2f} | {ratio:.2f}x |")
        for part in ("4-bit", "plain"):
            best = min(median[f"generate, {part}, batch {size}"] for size in BATCHES)
            one = median[f"generate, {part}, batch 1"]
            print(f"\nours against {part} `generate`: {one / median['ours']:.0f}x batch 1, "
                  f"{best / median['ours']:.1f}x its best batch")  # fmt: skip
        bare = min(median[f"forward pass, batch {size}"] for size in BATCHES)
        print(f"ours takes {median['ours'] / bare:.2f} times the best bare forward pass")

    def compare(self, name: str, asked: list[Asked]) -> None:
        """Which answers differ from those of ``generate``, on the same matrices and in 4 bit."""
        ours = self.verified(asked)
        print(f"near-ties: {self.near_ties} tokens")
        for part, model in (("plain", self.ours.model), ("4-bit", self.packed)):
            theirs = self.generated(model, asked, 64)
            other = [i for i, pair in enumerate(zip(ours, theirs, strict=True)) if len({*pair}) > 1]
            print(f"answers of {part} `generate` that differ: {len(other)} of {len(asked)} {other}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=256)
    parser.add_argument("--turns", type=int, default=3)
    chosen = parser.parse_args()
    bench = Bench(chosen.cases, chosen.turns)
    threads = torch.get_num_threads()
    packages = ("torch", "transformers", "peft", "bitsandbytes")
    print(", ".join(f"{name} {version(name)}" for name in packages), f"{threads} threads", sep="; ")
    for name, asked in bench.regimes().items():
        bench.report(name, asked)
        bench.compare(name, asked)


if __name__ == "__main__":
    main()
