"""``slm-autopsy init``: what it writes runs as it is, and nothing is overwritten."""

from __future__ import annotations

import json
import re

import pytest

from pytest_slm_autopsy import cli
from pytest_slm_autopsy.suite import init

WRITTEN = {
    "test_shift.py",
    "slm-limits.toml",
    ".github/workflows/slm-autopsy.yml",
    "slm-autopsy.gitlab-ci.yml",
    "pytest.ini",
}


@pytest.fixture
def folder(pytester):
    """An empty folder, which is the working folder."""
    return pytester.path


def files(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_an_extractor_runs_as_it_is(folder, run):
    (folder / "tox.ini").unlink(missing_ok=True)
    assert cli.main(["init"]) == 0
    assert files(folder) == WRITTEN
    result = run("test_shift.py", "--slm-n=96")
    result.assert_outcomes(passed=5, failed=2)
    assert run.gates["test_a_shift_costs_little[order]"] == ("passed", "passed")
    assert run.gates["test_a_shift_costs_little[delimiters]"] == ("failed", "failed")
    assert (folder / "autopsy.html").is_file()


def test_a_model_is_named_in_the_ini_file(folder, run):
    (folder / "tox.ini").unlink(missing_ok=True)
    cli.main(["init", "some/base", "adapters/mine"])
    assert (
        "slm_base = some/base\nslm_adapter = adapters/mine\n" in (folder / "pytest.ini").read_text()
    )
    assert "def slm" not in (folder / "test_shift.py").read_text()
    run("test_shift.py", "--co", "-q")
    assert run.settings.base == "some/base"
    assert run.settings.limits.conditions == ("missing", "order", "delimiters", "whitespace")


def test_nothing_is_overwritten_and_lines_to_add_are_shown(folder, capsys):
    for name in ("test_shift.py", "pyproject.toml"):
        (folder / name).write_text("# mine")
    (folder / "tox.ini").unlink(missing_ok=True)
    cli.main(["init", "b"])
    told = capsys.readouterr().out
    assert "kept   test_shift.py: it exists" in told
    assert 'pyproject.toml is yours; add there, under [tool.pytest.ini_options]:\n\nslm_base = "b"'\
        in told  # fmt: skip
    assert (folder / "test_shift.py").read_text() == "# mine"
    assert (folder / "pyproject.toml").read_text() == "# mine"
    before = {name: (folder / name).read_bytes() for name in files(folder)}
    cli.main(["init", "other"])
    assert {name: (folder / name).read_bytes() for name in files(folder)} == before


@pytest.mark.parametrize(
    ("name", "head"), [("setup.cfg", "[tool:pytest]"), ("tox.ini", "[pytest]")]
)
def test_each_kind_of_ini_file_has_its_head(folder, capsys, name, head):
    (folder / "tox.ini").unlink(missing_ok=True)
    (folder / name).write_text("")
    cli.main(["init", "b"])
    assert f"{name} is yours; add there, under {head}:\n\nslm_base = b\n" in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_a_sentence(folder, capsys):
    (folder / "test_shift.py").mkdir()
    (folder / "slm-limits.toml").symlink_to("/nowhere/at/all")
    assert cli.main(["init", "--folder", str(folder / "none")]) == 2
    assert "there is no folder" in capsys.readouterr().err


def test_jobs_are_sound_yaml_and_install_what_is_installed_here(folder):
    yaml = pytest.importorskip("yaml")
    cli.main(["init", "b"])
    github = yaml.safe_load((folder / ".github/workflows/slm-autopsy.yml").read_text())
    gitlab = yaml.safe_load((folder / "slm-autopsy.gitlab-ci.yml").read_text())
    steps = [step.get("run", "") for step in github["jobs"]["autopsy"]["steps"]]
    installs = [line for line in (*steps, *gitlab["slm-autopsy"]["script"]) if "install" in line]
    assert [re.fullmatch(r'pip install "pytest-slm-autopsy\[hf\].*"', one) for one in installs]
    assert len(installs) == 2


class Installed:
    """A distribution with the record that pip leaves of its origin (PEP 610)."""

    def __init__(self, origin):
        self.origin = origin

    def read_text(self, name):
        return json.dumps(self.origin) if self.origin else None


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        (None, "pytest-slm-autopsy[hf]"),
        ({"url": "file:///repositories/clone", "dir_info": {}}, "pytest-slm-autopsy[hf]"),
        (
            {
                "url": "https://example.org/x.git",
                "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "main"},
            },
            "pytest-slm-autopsy[hf] @ git+https://example.org/x.git@abc",
        ),
    ],
)
def test_the_requirement_is_where_it_came_from(monkeypatch, origin, wanted):
    monkeypatch.setattr(init, "distribution", lambda name: Installed(origin))
    assert init.requirement("hf") == wanted
