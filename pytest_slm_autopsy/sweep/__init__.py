"""Many models on many suites, in this process or on Ray: ``slm-autopsy sweep SWEEP.toml``."""
