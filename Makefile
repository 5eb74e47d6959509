# Two commands do everything: `make demo` and `make test`. `make lab` is for students.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lab build lint bench clean

demo: .venv/installed
	$(BIN)/autograder demo

test: .venv/installed-test
	$(BIN)/python -m pytest

lab: .venv/installed
	$(BIN)/course lab

build: .venv/installed
	$(BIN)/autograder build

lint: .venv/installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

# Writes docs/benchmarks.md and its picture. What it compares with is kept out of .venv.
bench: .venv/installed-bench .venv-bench/installed
	$(BIN)/python benchmarks/report.py

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

.venv/installed-test: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	touch $@

.venv/installed-bench: .venv/installed-test
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[bench]"
	touch $@

.venv-bench/installed: benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --requirement $<
	touch $@

clean:
	rm -rf .venv .venv-bench demo dist
