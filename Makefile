# Everything runs in a virtual environment of this checkout, made on first use.
# pip resolves to the versions pinned in .ci/constraints.txt.

PYTHON   ?= python3
INSTANCE ?= instances/house_prices/house_prices.toml

VENV        := .venv
BIN         := $(VENV)/bin
CONSTRAINTS := .ci/constraints.txt
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check \
               --constraint $(CONSTRAINTS)

# Stamps: what is installed in the environment, as of which pyproject.toml and constraints. The first is
# mechopt with all extras, so that every command of the README works after `make solve`.
PACKAGE := $(VENV)/.installed-package
DEV     := $(VENV)/.installed-dev
DOCS    := $(VENV)/.installed-docs
LAB     := $(VENV)/.installed-notebooks

.DEFAULT_GOAL := help
.PHONY: help solve shell test lint format coverage bench models notebooks rerun-notebooks docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

solve: $(PACKAGE) ## solve an instance (INSTANCE=path/to/file.toml; default: house prices)
	$(BIN)/mechopt solve "$(INSTANCE)"

shell: $(PACKAGE) ## open a shell in which `mechopt` and `python` are those of this checkout
	@echo "mechopt --help says what there is; exit leaves"
	@VIRTUAL_ENV="$(CURDIR)/$(VENV)" PATH="$(CURDIR)/$(BIN):$$PATH" "$${SHELL:-/bin/sh}" -i

# Tests start many processes: compiled modules are kept beside their sources, whatever is set, and those
# of site-packages are the ones that pip compiled.
PYTEST := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX= \
          $(BIN)/python -m pytest -n 2 --dist worksteal

test: lint ## lint, then run the tests and doctests
	$(PYTEST)

.PHONY: test-thorough
test-thorough: lint ## as test, with every seed, program and backend of every test
	THOROUGH=1 $(PYTEST)

.PHONY: test-browser
test-browser: $(DEV) ## try the page of mechopt explore in Chromium, where there is one
	BROWSER=1 $(BIN)/python -m pytest -n 0 -rs tests/test_explore_browser.py

lint: $(DEV) ## check style, formatting and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(DEV) ## reformat the code and apply safe lint fixes
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format

coverage: $(DEV) ## run the tests and list the lines that none of them reached
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term

bench: $(DEV) ## print what work takes beside its limits, run the benchmarks, redraw benchmarks/growth.png
	$(BIN)/mechopt bench
	$(BIN)/python -m pytest benchmarks/ -o python_files='bench_*.py' --ignore benchmarks/growth.py
	$(BIN)/python benchmarks/growth.py

models: $(DEV) ## write the library of models again
	$(BIN)/python models/make.py

notebooks: $(LAB) ## open the notebooks in a browser
	$(BIN)/python -m jupyterlab notebooks

rerun-notebooks: $(DEV) ## run the notebooks again and keep what they print and draw
	$(BIN)/python notebooks/run.py

docs: $(DOCS) ## build the documentation site, docs/_build/html/index.html
	$(BIN)/python -m sphinx -qW --keep-going -j 2 -c docs . docs/_build/html
	$(BIN)/python docs/check_links.py docs/_build/html

clean: ## remove caches and build products (the environment stays: rm -r .venv)
	rm -rf build dist docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# The venv module brings an old pip, which does not know dependency groups; the pinned one does. It
# is there after all else, so its presence means that the environment is whole.
PIP_READY := $(VENV)/.pip-ready
$(PIP_READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "error: mechopt needs Python 3.11 or later; '$(PYTHON)' is missing or older;" \
	       "try make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@$(PIP_INSTALL) --upgrade pip
	@touch $@

# All installs are editable, so the code that runs is always the checkout's.
$(PACKAGE): pyproject.toml $(CONSTRAINTS) | $(PIP_READY)
	@echo 'installing mechopt into $(VENV) (a minute or two the first time)'
	@$(PIP_INSTALL) --editable '.[all]'
	@touch $@

$(DEV): $(PACKAGE)
	@echo 'installing what the tests need into $(VENV)'
	@$(PIP_INSTALL) --editable '.[all]' --group lint --group test
	@touch $@

$(DOCS): $(PACKAGE)
	@echo 'installing what the documentation needs into $(VENV)'
	@$(PIP_INSTALL) --editable '.[all]' --group docs
	@touch $@

$(LAB): $(PACKAGE)
	@echo 'installing Jupyter into $(VENV)'
	@$(PIP_INSTALL) --editable '.[all]' --group notebooks
	@touch $@

# Not part of .ci/run, each with an environment of its own, made anew when the versions change:
# every requirement at its lowest, and everything as new as there is. Notebooks hold what the pinned
# versions print and draw, so they are left out; so is what only checks style and types.
.PHONY: test-lowest test-newest
LOWEST := .ci/lowest.txt
OTHER_TESTS := -n 2 --ignore tests/test_notebooks.py -p no:cacheprovider

test-lowest: .venv-lowest/.installed ## run the tests at the lowest versions of every requirement
	.venv-lowest/bin/python -m pytest $(OTHER_TESTS)

test-newest: ## run the tests at the newest versions of every requirement
	$(PYTHON) -m venv --clear .venv-newest
	.venv-newest/bin/python -m pip install -qq --disable-pip-version-check --upgrade pip
	.venv-newest/bin/python -m pip install -qq --disable-pip-version-check \
	  --editable '.[all]' --group test
	.venv-newest/bin/python -m pytest $(OTHER_TESTS)

.venv-lowest/.installed: pyproject.toml $(LOWEST)
	$(PYTHON) -m venv --clear .venv-lowest
	.venv-lowest/bin/python -m pip install -qq --disable-pip-version-check \
	  --constraint $(LOWEST) --upgrade pip
	.venv-lowest/bin/python -m pip install -qq --disable-pip-version-check \
	  --constraint $(LOWEST) --editable '.[all]' --group test
	@touch $@

# Last, and three times as long as the tests: they must not hang on a machine or its settings.
.PHONY: test-settings
test-settings: $(DEV) ## run the tests on other kernels, threads, locales, homes and terminals
	sh tests/settings.sh $(BIN)/python -n 2 -q

# The searches of tests/fuzz for longer than in `make test`, from seeds that differ by the day.
.PHONY: fuzz
MINUTES ?= 10
fuzz: $(DEV) ## search for wrong answers for MINUTES=n minutes (default 10)
	FUZZ_FAMILIES=$${FUZZ_FAMILIES-all} FUZZ_SECONDS=$$((60 * $(MINUTES))) \
	  FUZZ_START=$${FUZZ_START-$$(date +%y%m%d000)} \
	  $(BIN)/python -m pytest -n 2 tests/fuzz

.PHONY: explore-random
explore-random: $(DEV) ## move the controls of mechopt explore at random for MINUTES=n minutes
	BROWSER=1 EXPLORE_SECONDS=$$((60 * $(MINUTES))) SEED=$${SEED-$$(date +%y%m%d)} \
	  $(BIN)/python -m pytest -n 0 -rs -s tests/test_explore_browser.py -k random
