"""The folders beside this file are repositories of their own, run as such by test_adopters.py."""

collect_ignore = ["extractor", "lora_adapter", "served_model"]
