# Two commands do all set-up: `make demo` and `make test`.  The rest is for those who build.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV ?= uv
STAMPS := $(VENV)/stamps

.PHONY: demo test test-system check test-arm64 test-kernel soak sign-soak fresh bench screens sign-pictures lock format clean set-up-demo set-up-test

demo: set-up-demo ## the whole station on this machine, on one page
	@$(BIN)/portvakt demo $(ARGS)

test: set-up-test ## everything that can be proven without hardware
	@tests/run

test-kernel: set-up-test ## Debian's kernel in QEMU with simulated GPIO, SPI and USB keys: from a key to light (needs root)
	@$(BIN)/python -m tests.boot.kernel $(ARGS)

test-arm64: set-up-test ## a release on the processor of a Pi: both Debians by qemu-user, offline (needs root)
	@$(BIN)/python -m tests.arm64 $(ARGS)

test-system: set-up-test ## a whole machine booted, updated, crashed and unplugged, in a container (needs root)
	@deploy/fetch-test-tools system; tests/boot/run $(ARGS)

soak: set-up-test ## the longer forms: more kills, power cuts, generated requests and simulated yards
	@PORTVAKT_SOAK=1 tests/run

sign-soak: set-up-test ## 100,000 simulated schedules around a change, and a week of one station
	@$(BIN)/python -m tests.simulation.many --week --jobs 2 $(ARGS)

fresh: ## both commands in a bare Debian root (needs root and mmdebstrap)
	@tests/fresh/run $(ARGS)

bench: set-up-test ## the figures, measured on this machine
	@$(BIN)/portvakt bench $(ARGS)

screens: set-up-test ## every screen of the post in every language, as pictures in build/screens
	@$(BIN)/python -m tests.kiosk.draw_screens build/screens $(ARGS)

sign-pictures: set-up-test ## every letter and layout of the signs, also as seen from 25 m, as pictures in docs/sign
	@$(BIN)/python -m tests.signage.draw_pictures docs/sign

check: set-up-test ## style and types only
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

format: set-up-test
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

set-up-demo: $(STAMPS)/demo
set-up-test: $(STAMPS)/test
	@deploy/fetch-test-tools

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Portvakt needs Python 3.11 or later; set PYTHON=/path/to/it."; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Install python3-venv first: apt-get install python3-venv"; exit 2; }
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) && mkdir -p $(STAMPS) && touch $@

# The lock names every package with its hashes; setuptools comes from it too, so nothing unhashed is fetched.
$(STAMPS)/%: requirements-%.txt pyproject.toml $(STAMPS)/venv
	@echo "Installing locked dependencies ($<) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $< \
	  || { echo "The locked dependencies could not be installed; the lines above say why (no network?)."; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lock: ## write the locks anew (needs uv)
	@for what in demo kiosk sign central; do \
	  $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	    --extra $$what pyproject.toml -o requirements-$$what.txt || exit 1; done
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  --extra demo --group test pyproject.toml -o requirements-test.txt
	@echo 'setuptools>=77' | $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
	  --python-version 3.11 - -o deploy/requirements-build.txt

clean:
	@rm -rf $(VENV) build *.egg-info .hypothesis .mypy_cache .ruff_cache
