"""Diagnostics: why a model loses accuracy, with evidence, what is ruled out, and the cure."""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "axes": "causal_shares dose_response joint_costs",
        "cure": "Prescription prescribe",
        "diagnosis": "Diagnosis Known diagnosed",
        "edits": "unnoticed_edits",
        "files": "read_diagnoses write_diagnoses",
        "minimal": "commonest minimal_causes",
        "probes": ("context_length determinism latency order_bias prompts quantisation sampling"),
        "trials": "Examiner Question Trial trials_of",
    },
)
