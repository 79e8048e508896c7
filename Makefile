PYTHON ?= python3
PY := .venv/bin/python
STEP := $(PY) -m grading.pipeline
BUILT := .make/environment

export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Interactive hidden tests in JupyterLab read the unlabelled images here.
export CHECK_DATA := $(CURDIR)/answer_key/data
export CIFAR10_DIR ?= $(wildcard $(CURDIR)/data/cifar-10-batches-bin)

.DEFAULT_GOAL := all
.PHONY: all help environment source export release sample autograde feedback report \
        lab hub test test-fast test-hub mutants mutants-grader attacks \
        frameworks figures bench data cifar10 lint clean

all: $(BUILT) ## everything: environment, releases, sample class, grades, feedback, table
	@$(STEP)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

environment: $(BUILT) ## build .venv and .venv-student

$(BUILT): environment/bootstrap.sh environment/course.lock environment/student.lock pyproject.toml
	@PYTHON=$(PYTHON) sh environment/bootstrap.sh
	@mkdir -p $(@D) && touch $@

source: $(BUILT) ## sync text notebooks and notebooks, export tinytorch_ref/, lay out hand-outs
	@$(STEP) source

export: source ## the same as source

release: $(BUILT) ## generate the releases that changed
	@$(STEP) source release

sample: $(BUILT) ## put the sample class's submissions into submitted/
	@$(STEP) source release sample

autograde: $(BUILT) ## grade the submissions that are new or changed
	@$(STEP) source release autograde report

feedback: $(BUILT) ## make the feedback pages that are missing or old
	@$(STEP) feedback

report: $(BUILT) ## print the grades and write reports/*.csv
	@$(STEP) report

lab: $(BUILT) ## open the course in JupyterLab, with Formgrader
	@$(STEP) source
	@.venv/bin/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root)

hub: $(BUILT) ## try the course on JupyterHub, as an ordinary user: it prints what to click
	@$(PY) hub/environment.py .venv-hub --kernel .venv-student/bin/python
	@.venv-hub/bin/python -m hub.demo

test: $(BUILT) ## all tests
	@$(PY) -m pytest -n auto --dist loadgroup

test-fast: $(BUILT) ## the tests that start no kernel
	@$(PY) -m pytest -n auto --dist loadgroup -m "not slow"

test-hub: $(BUILT) ## the whole course on a real hub, in a real browser (as root; some minutes)
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium; }
	@.venv/bin/uv pip install --quiet --python $(PY) -r environment/browser.lock
	@TEST_HUB=1 $(PY) -m pytest -p no:randomly tests/hub

mutants: $(BUILT) ## grade wrong and right solutions: how strong are the hidden tests?
	@$(STEP) source release
	@$(PY) -m grading.trials.mutants

mutants-grader: $(BUILT) ## break the grader's own lines one by one: do its tests notice? (ONLY=regex)
	@$(PY) -m trials.grader $(if $(ONLY),--only '$(ONLY)')

attacks: $(BUILT) ## grade hostile and broken submissions: does any of them gain or break anything?
	@$(PY) -m grading.trials.hostile

frameworks: $(BUILT) ## assemble each student's own ten modules: do they carry XOR, the MLP, the CNN?
	@$(PY) -m grading.frameworks

figures: $(BUILT) ## accuracy over 20 seeds and the speed of batches, measured on the reference
	@$(PY) -m benchmarks.figures

bench: $(BUILT) ## compare the reference with PyTorch (fetched into .venv-bench)
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet -r benchmarks/requirements.txt
	@.venv-bench/bin/python -m benchmarks.against_pytorch

data: $(BUILT) ## fetch the whole MNIST into data/, checked by SHA-256
	@$(PY) -m datasets.fetch digits

cifar10: $(BUILT) ## fetch CIFAR-10 into data/, checked
	@$(PY) -m datasets.fetch cifar10

lint: $(BUILT) ## ruff and mypy
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy

clean: ## remove all that was made, and nothing else
	@$(if $(wildcard $(PY)),$(PY) -m grading.pipeline.clean,echo "nothing to remove")
	@rm -rf .venv .venv-student .venv-bench .make *.egg-info build .pytest_cache .mypy_cache .ruff_cache .hypothesis
