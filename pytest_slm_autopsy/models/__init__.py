"""Models: specification, prompts, checks, decoding, and back ends behind one interface."""

from __future__ import annotations

from pytest_slm_autopsy._door import door

__all__, __getattr__, __dir__ = door(
    __name__,
    {
        "adapter": "load_model",
        "checks.check": "CHECKS Check",
        "checks.compatibility": "assert_adapter_compatible check_files",
        "checks.health": "check_health",
        "checks.prompt_match": "assert_pipelines_match assert_prompts_match",
        "interface": "Answer ModelSpec ModelUnderTest Storable",
        "loading": "load_base load_tokenizer",
        "golden": "adapter_settings manifest weights_digest",
        "prompts": "PromptFormat render",
        "scripted": "CallableModel ScriptedModel",
        "served.model": "ServedModel ServedSpec only_model",
        "several": "load_adapters",
        "training_files": "write_training",
    },
)
