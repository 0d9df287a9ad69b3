"""The guard of the suite: it refuses what leaves this machine, and writes it down."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import importing

ELSEWHERE = "192.0.2.1"  # an address for documents, which nobody has (RFC 5737)


@pytest.fixture
def attempts():
    """The addresses that were asked for; each test empties the file again."""
    path = Path(os.environ["SLM_TEST_NETWORK_ATTEMPTS"])
    yield path
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("host", [ELSEWHERE, "example.org"])
def test_what_leaves_the_machine_is_refused_and_written_down(attempts, host):
    with pytest.raises(ConnectionRefusedError, match="no test leaves this machine"):
        socket.create_connection((host, 80), timeout=1)
    assert host in attempts.read_text()


def test_a_python_that_a_test_starts_is_guarded_too(attempts):
    code = f"import socket; socket.create_connection(({ELSEWHERE!r}, 80), 1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert "no test leaves this machine" in done.stderr
    assert ELSEWHERE in attempts.read_text()


def test_a_python_that_imports_from_a_folder_is_guarded_too(attempts, tmp_path):
    (tmp_path / "reaching.py").write_text(f"import socket; socket.getaddrinfo({ELSEWHERE!r}, 80)")
    command = [sys.executable, "-m", "reaching"]
    environment = os.environ | importing(tmp_path)
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode
    assert ELSEWHERE in attempts.read_text()


def test_no_other_file_sets_the_path_of_imports():
    variable = "PYTHON" + "PATH"
    tests = Path(__file__).parents[1]
    naming = {
        path.relative_to(tests).as_posix()
        for path in tests.rglob("*.py")
        if variable in path.read_text("utf-8")
    }
    assert naming == {"environment.py", "conftest.py", "guard/sitecustomize.py"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_on_this_machine_is_reached(attempts, host):
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1]), timeout=5).close()
    assert not attempts.exists()
