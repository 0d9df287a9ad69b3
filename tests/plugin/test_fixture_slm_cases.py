"""``slm_cases``: as many records as --slm-n says, drawn from --slm-seed, paired."""

from __future__ import annotations

import pytest


def test_n_records_under_every_condition(run, pytester):
    pytester.makepyfile(
        """
        from pytest_slm_autopsy.cases import AXES, PRODUCTION

        def test_it(slm_cases):
            assert set(slm_cases.conditions) == {"canonical", *AXES, PRODUCTION}
            records = [case.record for case in slm_cases.reference]
            assert len(set(records)) == 3
            for cases in slm_cases.conditions.values():
                assert [case.record for case in cases] == records
        """
    )
    run("--slm-n=3").assert_outcomes(passed=1)


def test_the_seed_decides(run, pytester):
    pytester.makepyfile(
        """
        def test_it(slm_cases):
            with open("digests", "a") as file:
                print(slm_cases.digest, file=file)
        """
    )
    for seed in (1, 2, 1):
        run(f"--slm-seed={seed}", "--slm-n=2").assert_outcomes(passed=1)
    first, second, third = (pytester.path / "digests").read_text().split()
    assert first == third != second


@pytest.mark.parametrize("override", ["return {n: 'mine' for n in range(slm_settings.n)}"])
def test_an_override_has_the_settings(run, pytester, override):
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.fixture(scope="session")
        def slm_cases(slm_settings):
            {override}

        def test_it(slm_cases):
            assert len(slm_cases) == 12
        """
    )
    run().assert_outcomes(passed=1)
