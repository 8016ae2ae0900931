# make        tests and lint
# make run    opens the session; installs what it needs into .venv first
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

# Tests of a file share what they have trained, so they stay together.
SIDE_BY_SIDE := --numprocesses auto --dist loadfile
# Every core has a worker, and threads that wait for one another only spin.
ONE_THREAD   := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1

.PHONY: check run test test-all lint docs locale models corpus-check lock clean
check: lint test

$(READY): constraints.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

run: $(READY)
	$(BIN)/scriptbot

test: $(READY) lint
	$(ONE_THREAD) $(BIN)/python -m pytest -m "not slow" $(SIDE_BY_SIDE)

test-all: $(READY) lint
	$(ONE_THREAD) $(BIN)/python -m pytest $(SIDE_BY_SIDE)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What is generated, and checked in: the table of commands.
docs: $(READY)
	$(BIN)/python -m scriptbot.commands > docs/commands.md

# The messages of the interface, merged into the catalogues of its languages; tells what is not translated.
locale: $(READY)
	$(BIN)/python -m scriptbot.locale

# The shipped models, all of them or those in MODELS; SCRIPTBOT_DATA names the folder of texts that are not part of this
# repository.  docs/base-model.md says which they are.
MODELS ?=
models: $(READY)
	$(BIN)/python models/recipes.py $(MODELS)

# What the scripts in corpus/ promise, counted.
corpus-check: $(READY)
	$(BIN)/python corpus/check.py

# Every dependency with its version and hashes, for all supported versions of Python.
lock:
	uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --all-extras pyproject.toml --output-file constraints.txt

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
