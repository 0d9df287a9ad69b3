"""Rows answered together are of like length and fit in memory."""

from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from pytest_slm_autopsy.models.decoding import batches
from pytest_slm_autopsy.models.decoding.batches import Batches
from tests.models.families import random_decoder


def row(length, most=8):
    return SimpleNamespace(prompt=[1] * length, expected=[2] * 4, most=most)


@pytest.fixture
def free(monkeypatch):
    """Set the memory that is free, in bytes."""

    def to(amount):
        memory = SimpleNamespace(available=amount)
        monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)

    return to


def lengths(model, rows):
    return [[len(one.prompt) for one in batch] for batch in Batches(model).of(rows)]


def test_with_memory_to_spare_all_go_together_the_shortest_first(free):
    free(1 << 34)
    assert lengths(random_decoder("qwen2"), [row(9), row(3), row(6)]) == [[3, 6, 9]]


def test_little_memory_makes_smaller_batches_and_loses_no_row(free):
    model, rows = random_decoder("qwen2"), [row(n) for n in range(5, 45)]
    sizes = []
    for amount in (1 << 20, 1 << 22, 1 << 24):
        free(amount)
        made = lengths(model, rows)
        assert sorted(n for batch in made for n in batch) == list(range(5, 45))
        sizes.append(max(map(len, made)))
    assert sizes[0] < sizes[1] < sizes[2]


def test_without_any_memory_rows_go_alone(free):
    free(0)
    assert lengths(random_decoder("qwen2"), [row(3), row(4)]) == [[3], [4]]


def test_a_cpu_reads_no_more_tokens_at_once_than_it_is_good_for(free, monkeypatch):
    free(1 << 34)
    monkeypatch.setitem(batches.TOKENS, "cpu", 100)
    made = lengths(random_decoder("qwen2"), [row(16) for _ in range(12)])
    assert [len(batch) for batch in made] == [5, 5, 2]


@pytest.mark.parametrize("kind", ["mamba", "gpt2", "gemma2", "bloom"])
def test_every_family_s_config_is_understood(kind, free):
    free(1 << 34)
    assert lengths(random_decoder(kind), [row(3)]) == [[3]]
