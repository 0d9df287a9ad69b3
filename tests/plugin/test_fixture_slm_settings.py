"""``slm_settings``: frozen, the command line over the ini file."""

from __future__ import annotations


def test_it_holds_what_was_given(run, pytester):
    pytester.makepyfile(
        """
        def test_it(slm_settings):
            assert (slm_settings.n, slm_settings.seed, slm_settings.gate) == (12, 9, True)
            assert slm_settings.allow == ("base_name", "prompts")
            assert not slm_settings.health
        """
    )
    given = ("--slm-seed=9", "--slm-gate", "--slm-allow=base_name,prompts", "--slm-health=off")
    run(*given).assert_outcomes(passed=1)


def test_it_is_frozen(run, pytester):
    pytester.makepyfile(
        """
        import dataclasses
        import pytest

        def test_it(slm_settings):
            with pytest.raises(dataclasses.FrozenInstanceError):
                slm_settings.n = 1
        """
    )
    run().assert_outcomes(passed=1)
