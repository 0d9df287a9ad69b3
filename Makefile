# All that the project can do; a fresh machine needs git, make and Python 3.11.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
CONFIG ?= tiny
ARGS ?=
TESTS ?= tests --ignore=tests/house

BIN := .venv/bin
CONFIG_FILE := reference_experiment/configs/$(CONFIG).yaml
STAGES := base data train evaluate production diagnose cure report
BESIDE := seeds scaling holding publish rebuild
# What a configuration's base needs beside the rest: an extra of pyproject.toml.
EXTRA_gemma3-270m := gemma

.DEFAULT_GOAL := help
.PHONY: help install experiment $(STAGES) $(BESIDE) pretraining test slow suite check docs \
	coverage audit built ratios mutants faults scale vendor clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  CONFIG=name: reference_experiment/configs/name.yaml"
	@echo "  TESTS=tests/room ARGS='-k word': some of the tests"

install: .venv/.installed ## make .venv with everything in it, pinned

# pip compiles with one core, compileall with all; some packages hold files of another syntax.
.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-compile torch -c constraints.txt
	$(BIN)/pip install --quiet --no-compile -e '.[dev]' -c constraints.txt
	$(BIN)/python -m compileall -q -j 0 .venv/lib >/dev/null || true
	touch $@

experiment: ## the whole reference experiment: all eight stages, then its suite
base: ## stage 1: make the base a folder that loads
data: ## stage 2: write the training data and the suites
train: ## stage 3: train the adapters; DATA=file.jsonl: on your own chats
evaluate: ## stage 4: ask every model the cases that look like training
production: ## stage 5: ask the same records in other layouts
diagnose: ## stage 6: find the cause of death
cure: ## stage 7: train by the prescription alone; what does it win back?
report: ## stage 8: write tables, figures and the page
seeds: ## the same under the configuration's other seeds
scaling: ## how many mixed documents buy back how much
holding: ## what it takes to hold under production: more and more layouts
publish: ## copy adapters and results of a run to their committed places
rebuild: ## make committed tables and figures anew from the committed answers
# glibc else gives back what a training step allocates, and clears it anew at the next.
experiment $(STAGES) $(BESIDE) pretraining: export MALLOC_MMAP_THRESHOLD_ = 4294967296
experiment $(STAGES) $(BESIDE) pretraining: export MALLOC_TRIM_THRESHOLD_ = 17179869184
experiment $(STAGES) $(BESIDE) pretraining: export MALLOC_TOP_PAD_ = 268435456
experiment $(STAGES) $(BESIDE): .venv/.installed $(EXTRA_$(CONFIG):%=.venv/.extra-%)
	$(BIN)/python -m reference_experiment $@ --config $(CONFIG_FILE) $(if $(DATA),--data $(DATA))

.venv/.extra-%: .venv/.installed
	@echo "installing the extra [$*]; its terms are in reference_experiment/README.md"
	$(BIN)/pip install --quiet -e '.[$*]' -c constraints.txt
	touch $@

pretraining: .venv/.installed ## train the tiny base model anew (hours)
	$(BIN)/python -m reference_experiment.pretraining.train

test: .venv/.installed ## the tests of the plugin; those of the house are in check
	$(BIN)/python -m pytest $(TESTS) -n 2 --durations=20 $(ARGS)

slow: .venv/.installed ## the tests that are slow by nature: many more cases, real servers
	$(BIN)/python -m pytest $(TESTS) -n 2 --durations=20 -m slow $(ARGS)

suite: .venv/.installed ## the autopsy of the reference experiment, as a test suite
	$(BIN)/python -m pytest reference_experiment $(ARGS)

check: .venv/.installed ## lint, format, types and the rules of the house
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/house

# Not --quiet: it hides the warnings from strict mode, too.
docs: .venv/.installed ## the pages of docs/ as a site in build/site; no link may break
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build
	@echo "open build/site/index.html"

coverage: .venv/.installed ## the tests, with the share of lines that they reach
	rm -f build/.coverage*
	$(BIN)/coverage run -m pytest tests -n 2 -q $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

audit: ## known faults of what is installed, and of our own code
	$(PYTHON) -m venv build/audit
	build/audit/bin/pip install --quiet bandit pip-audit
	build/audit/bin/bandit --quiet --recursive --configfile pyproject.toml pytest_slm_autopsy
	build/audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip

built: ## wheel and sdist in build/dist, installed by themselves, tested
	rm -rf build/dist build/installed build/unpacked && mkdir -p build/unpacked
	$(PYTHON) -m venv build/installed
	build/installed/bin/pip install --quiet hatchling
	build/installed/bin/python -m hatchling build --directory build/dist
	build/installed/bin/pip install --quiet build/dist/*.tar.gz
	build/installed/bin/pip install --quiet --force-reinstall --no-deps build/dist/*.whl pyarrow
	tar xzf build/dist/*.tar.gz --strip-components 1 -C build/unpacked
	rm -r build/unpacked/pytest_slm_autopsy
	cd build/unpacked && ../installed/bin/python -m pytest -q -o pythonpath=. \
		tests/answers tests/cases/drawn tests/sweep/test_grid.py -k 'not prompt_opened'

ratios: .venv/.installed ## main figures against the last release, in one run
	$(BIN)/python -m benchmarks.ratios

mutants: .venv/.installed ## the share of planted faults that the tests find, in what decides
	$(BIN)/python -m benchmarks.mutants

faults: .venv/.installed ## kills, full disks, jumping clocks: does the next run end the same?
	$(BIN)/python -m benchmarks.bench_faults
	$(BIN)/python -m benchmarks.bench_sweep
	$(BIN)/python -m benchmarks.bench_load

scale: .venv/.installed ## time and memory with the number of cases
	$(BIN)/python -m benchmarks.bench_scale

PLOTLY := plotly.js-basic-dist-min@4.1.1
PLOTLY_HASH := 99784e3abfb07b142a15e521a439e6d9addceadb3f79553fd24c72774f0649ba
vendor: ## fetch plotly.js for the page anew, and check its hash (needs npm)
	rm -rf build/vendor && mkdir -p build/vendor
	cd build/vendor && npm pack --silent $(PLOTLY) && tar xzf *.tgz
	echo "$(PLOTLY_HASH)  build/vendor/package/plotly-basic.min.js" | sha256sum --check
	cp build/vendor/package/plotly-basic.min.js pytest_slm_autopsy/report/vendor/
	cp build/vendor/package/LICENSE pytest_slm_autopsy/report/vendor/plotly-LICENSE.txt

clean: ## remove caches and build outputs; keep .venv and runs
	rm -rf build dist *.egg-info .hypothesis .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
