"""A sweep is read from TOML: bases with adapters, suites, seeds; bad ones are sentences."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.sweep.grid import read_sweep

SUITE = '[suites.s]\nschema = "invoice"\n'


def read(tmp_path, text):
    path = tmp_path / "sweep.toml"
    path.write_text(text)
    return read_sweep(path)


def test_a_base_with_adapters_is_a_model_each(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "v1").mkdir()
    found = read(
        tmp_path,
        '[models.qwen]\nbase = "base"\nadapters = ["v1", "some/hub-name"]\ndevice = "cpu"\n'
        '[models.other]\nbase = "base"\n[models.other.adapters]\nold = "v1"\n'
        '[models.alone]\nbase = "org/base"\n'
        f"{SUITE}[suites.t]\nschema = 'receipt'\n",
    )
    names = [subject.name for subject in found.subjects]
    assert names == ["qwen/v1", "qwen/hub-name", "other/old", "alone"]
    first, second = found.subjects[:2]
    assert (first.base, first.adapter) == (str(tmp_path / "base"), str(tmp_path / "v1"))
    assert second.adapter == "some/hub-name"
    assert first.settings == {"device": "cpu"}
    assert [cell[0].name for cell in found.cells] == [name for name in names for _ in range(2)]
    assert found.output == tmp_path / "sweep"


def test_what_workers_need(tmp_path):
    found = read(
        tmp_path,
        f'{SUITE}[models.m]\nmake = "m.py:f"\n'
        '[workers]\ncount = 4\ngpus = 0.5\nmemory = "1.5 GB"\n',
    )
    workers = found.workers
    assert (workers.count, workers.gpus, workers.memory) == (4, 0.5, 1_500_000_000)


MODEL = '[models.m]\nmake = "m.py:f"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no models"),
        (MODEL, "names no suites"),
        (f"{MODEL}{SUITE}[workers]\ncuont = 2\n", "workers has no key 'cuont'; did you mean"),
        (f"seed = 1\n{MODEL}{SUITE}", "no key 'seed'; did you mean 'seeds'"),
        (f"seeds = []\n{MODEL}{SUITE}", "a list of whole numbers"),
        (f"seeds = [-1]\n{MODEL}{SUITE}", "a whole number of 0 or more"),
        (f"seeds = [true]\n{MODEL}{SUITE}", "a whole number of 0 or more"),
        (f"batch = 0\n{MODEL}{SUITE}", "batch of the sweep is 0"),
        (f"margin = 2\n{MODEL}{SUITE}", "margin is 2"),
        (f"output = ''\n{MODEL}{SUITE}", "output of the sweep is ''"),
        (f"{SUITE}[models.m]\n", "needs either base or make"),
        (f"{SUITE}[models]\nm = 3\n", "models.m is 3; it is a table"),
        (f"{SUITE}[models.m]\nbase='b'\nquantisation='nf4'\n", "did you mean 'quantization'"),
        (f"{SUITE}[models.m]\nbase='b'\nquantization='nf5'\n", "models.m: unknown quantization"),
        (f"{SUITE}[models.m]\nbase='b'\nmax_new_tokens='9'\n", "models.m: a setting is of the"),
        (f"{SUITE}[models.m]\nbase='b'\nadapters=[]\n", "a list of texts, at least one"),
        (f"{SUITE}[models.m]\nmake='m:f'\ndevice='cpu'\n", "which is made by code"),
        (f"{SUITE}[models.m]\nbase='b'\nadapters=['a/v','b/v']\n", "two models are called 'm/v'"),
        (f"{MODEL}[suites.s]\n", "needs schema, cases, or both"),
        (f"{MODEL}[suites.s]\ncases='none.jsonl'\n", "there is no file"),
        (f"{MODEL}{SUITE}n = 0\n", "n of suites.s is 0"),
        (f"{MODEL}{SUITE}[limits]\ngaps = 1\n", "gaps is a table"),
        (f"limits = 'none.toml'\n{MODEL}{SUITE}", "cannot be read"),
        (f"{MODEL}{SUITE}[workers]\ncpus = -1\n", "workers.cpus is -1"),
        (f"{MODEL}{SUITE}[workers]\nmemory = '4 GiB'\n", "did you mean 'GB'"),
        ("= 3", "is no TOML"),
        (f"batch = {'9' * 5_000}", "is no TOML"),
        (f"batch = {'[' * 3_000}", "is no TOML"),
        (f"batch = {'[' * 200}{']' * 200}", "nested deeper"),
    ],
)
def test_a_bad_sweep_is_a_sentence(tmp_path, text, said):
    with pytest.raises(ConfigError, match=r"sweep\.toml") as error:
        read(tmp_path, text)
    assert said in str(error.value)


def test_no_file_is_a_sentence(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_sweep(tmp_path / "none.toml")
