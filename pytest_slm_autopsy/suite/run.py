"""The command ``slm-autopsy run``: the built-in suite on a base and an adapter, by pytest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MODULE: Final = "pytest_slm_autopsy.suite.test_autopsy"
PAGE: Final = "autopsy.html"
QUIET: Final = ("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")
"""The command line has imported the package before pytest could rewrite it; it need not."""
DIAGNOSIS: Final = "autopsy.json"


def arguments(base: str | None, adapter: str | None, further: Sequence[str]) -> list[str]:
    """Return the arguments of pytest that run the built-in suite.

    Page and diagnosis are written to the working folder unless ``further`` names other files.

    Example:
        >>> arguments("base", None, ["--slm-report=", "-q"])[4:]
        ['--slm-base=base', '--slm-diagnose=autopsy.json', '--slm-report=', '-q']
    """
    named = {"--slm-base": base, "--slm-adapter": adapter}
    given = [f"{flag}={value}" for flag, value in named.items() if value is not None]
    kept = {"--slm-report": PAGE, "--slm-diagnose": DIAGNOSIS}
    given += [
        f"{flag}={path}"
        for flag, path in kept.items()
        if not any(one.partition("=")[0] == flag for one in further)
    ]
    return [*QUIET, "--pyargs", MODULE, *given, *further]


def run(base: str | None, adapter: str | None, further: Sequence[str]) -> int:
    """Run the built-in suite, and return the exit code of pytest."""
    import pytest

    return int(pytest.main(arguments(base, adapter, further)))
