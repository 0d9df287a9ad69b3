"""Three repositories that adopt the plugin, each run from an installed wheel as its owner would."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.environment import importing

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installed wheel, which goes before the clone."""
    pytest.importorskip("hatchling")
    dist, site = (tmp_path_factory.mktemp(name) for name in ("dist", "site"))
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", str(ROOT), "--no-deps", "--no-build-isolation", "-w", str(dist)]
    subprocess.run([*pip, *build], check=True, capture_output=True)
    [wheel] = dist.iterdir()
    subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True)
    return site


@pytest.fixture
def repository(installed: Path, tmp_path: Path):
    """Copy a repository, and return a function that runs a module in it, and its output."""

    def repository(name: str):
        folder = tmp_path / name
        shutil.copytree(HERE / name, folder, ignore=shutil.ignore_patterns("__pycache__"))

        def run(*command: str) -> tuple[int, str]:
            kept = {k: v for k, v in os.environ.items() if k not in ("CI", "GITHUB_STEP_SUMMARY")}
            # Two tests share two cores: threads of each would wait for those of the other.
            kept["OMP_NUM_THREADS"] = "1"
            env = {**kept, **importing(installed, "."), "COLUMNS": "80"}
            done = subprocess.run(
                [sys.executable, *command],
                cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=500,
            )  # fmt: skip
            return done.returncode, done.stdout + done.stderr

        return folder, run

    return repository


def test_the_wheel_is_what_runs(repository, installed):
    _, run = repository("extractor")
    _, said = run("-c", "import pytest_slm_autopsy as p; print(p.__file__)")
    assert said.startswith(str(installed))


def test_an_extractor_with_documents_of_its_own(repository):
    folder, run = repository("extractor")
    code, said = run("-m", "pytest", "--slm-report=autopsy.html", "--junitxml=junit.xml")
    assert code == 1
    assert "orders does not survive: 1.00 on canonical, 0.00 under whitespace (n=60)" in said
    assert "2 failed, 2 passed" in said
    assert (folder / "autopsy.html").stat().st_size < 2_000_000
    assert '<property name="slm.outcome" value="failed"' in (folder / "junit.xml").read_text()
    part = ("-m", "pytest", "-k", "order")
    assert run(*part, "--slm-save-baseline")[0] == 0
    # Sixty documents cannot prove a loss of at most 0.05, and the gate says so.
    code, said = run(*part, "--slm-compare")
    assert code == 1
    assert "baseline: orders undecided: +0.000" in said
    assert run(*part, "--slm-compare", "--slm-undecided=warn")[0] == 0


def test_a_lora_adapter_with_a_schema_and_a_prompt_of_its_own(repository):
    folder, run = repository("lora_adapter")
    shutil.copytree(ROOT / "reference_experiment" / "base", folder / "base")
    code, said = run("train.py", "base", "adapters/parcels")
    assert code == 0, said
    code, said = run("-m", "pytest_slm_autopsy.cli", "check", "--base=base",
                     "--adapter=adapters/parcels")  # fmt: skip
    assert code == 0, said
    assert "ok      prompts          3 cases, text and token ids" in said
    files = "--slm-report=autopsy.html,data.json"
    code, said = run("-m", "pytest_slm_autopsy.cli", "run", files)
    assert code == 1
    assert "parcels does not survive" in said
    gates = json.loads((folder / "data.json").read_text())["gates"]
    outcomes = {gate["test"]: gate["verdict"]["outcome"] for gate in gates}
    assert outcomes["autopsy::test_it_reads_what_it_was_trained_on"] == "passed"
    assert outcomes["autopsy::test_a_shift_costs_little[whitespace]"] == "failed"
    assert "Loading weights" not in said
    assert "Warning" not in said


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        number: int = taken.getsockname()[1]
        return number


def test_a_served_model(repository, port):
    folder, run = repository("served_model")
    server = subprocess.Popen([sys.executable, "server.py", str(port)], cwd=folder)
    try:
        for _ in range(100):
            with socket.socket() as asking:
                if asking.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        address = f"http://127.0.0.1:{port}/v1"
        code, said = run("-m", "pytest_slm_autopsy.cli", "run", address)
    finally:
        server.kill()
    assert code == 1
    assert "invoices-1.5b-lora does not survive: 1.00 on canonical, 0.00 under" in said
    assert "2 failed, 5 passed, 8 skipped" in said
    assert (folder / "autopsy.json").is_file()
