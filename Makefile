# reprohrl: `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
SETUP := python="$$(PYTHON='$(PYTHON)' tools/find_python.sh)" && "$$python" tools/setup_env.py
# Three, for half of the tests' time is waiting; those of the ROS graph run one after the other: a graph has
# nine processes itself.
# A test process that dies ends the others' run: xdist 3.8 hands its finished files out again, and waits for ever.
WORKERS ?= 3
export PYTHONUNBUFFERED = 1

.PHONY: help setup setup-dev setup-train demo test test-train test-graph test-ray lint soak bench models clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup:  ## make .venv with all that flying needs, ROS 2 included (no torch)
	@$(SETUP) fly

setup-dev:
	@$(SETUP) dev

setup-train:  ## add the training extras (torch, stable-baselines3, ultralytics, optuna, ray)
	@$(SETUP) train

demo: setup  ## fly the default three-goal mission through the ROS graph and write its report
	@$(PY) -m reprohrl launch multigoal $(ARGS)

test: setup-dev  ## run the tests (no torch needed)
	@failed=0; \
	$(PY) -m pytest tests --ignore=tests/ros -m "not ray and not graph" -n $(WORKERS) --dist loadfile --max-worker-restart 0 $(ARGS) || failed=1; \
	$(PY) -m pytest tests/ros -m "not ray and not graph" $(ARGS) || failed=1; exit $$failed

test-graph: setup-dev  ## fly the whole ROS graph through faults, restarts and swarms (minutes; on a machine that is not busy)
	@$(PY) -m pytest tests -m graph $(ARGS)

test-train: setup-train  ## run the tests that need the training extras
	@$(PY) -m pytest tests -m "train and not ray" $(ARGS)

test-ray: setup-train  ## run the tests on a local Ray cluster (a machine at work may be too slow for Ray to start)
	@$(PY) -m pytest tests -m ray $(ARGS)

lint: setup-dev  ## ruff, mypy --strict on reprohrl/, import-linter
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

soak: setup-dev  ## take the ROS graph up and down a thousand times, looking for leaks (half an hour)
	@REPROHRL_SOAK=$${REPROHRL_SOAK:-1000} $(PY) -m pytest -s tests/ros/test_bring_up_and_down.py $(ARGS)

bench: setup-dev  ## measure what the README claims (hours); BENCH="--quick" for a taste
	@$(PY) -m benchmarks $(BENCH)

models: setup-train  ## retrain everything in models/ with fixed seeds
	@$(PY) -m reprohrl train all

clean:  ## remove what was built and flown (keeps .venv)
	@rm -rf build install log runs .pytest_cache .mypy_cache .ruff_cache .import_linter_cache *.egg-info
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
