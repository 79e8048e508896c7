PYTHON ?= python3
PY := .venv/bin/python
STEP := $(PY) -m grading.pipeline
# One assignment: make release A=03_activations. One test folder or file: make test T=tests/checks
ONE := $(if $(A),--assignment $(A))
# On a Dask cluster: make autograde SCHEDULER=tcp://…
WHERE := $(if $(SCHEDULER),--scheduler $(SCHEDULER))
BUILT := .make/environment
SIMILAR := .venv-similar/made
# Compiled Python is kept, whatever the shell says: else each process that tests start compiles all.
# What has become expensive is seen at the end: CONTRIBUTING.md says how to keep the tests short.
PYTEST := PYTHONDONTWRITEBYTECODE= OPENBLAS_NUM_THREADS=1 $(PY) -m pytest -n auto --dist loadgroup \
    --no-loadscope-reorder --durations=10

export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Interactive hidden tests in JupyterLab read the unlabelled images here.
export CHECK_DATA := $(CURDIR)/answer_key/data
export CIFAR10_DIR ?= $(wildcard $(CURDIR)/data/cifar-10-batches-bin)

.DEFAULT_GOAL := all
.PHONY: all help environment source export release sample autograde feedback report \
        regrade collect grades-for update docs similar \
        new-assignment rename-assignment remove-assignment move-gradebook archive \
        lab hub test test-fast test-hub mutants mutants-grader attacks honest honest-names \
        honest-notebooks frameworks figures bench bench-grading bench-formgrader bench-pytorch bench-cifar10 \
        compare-pytorch data cifar10 lint clean

all: $(BUILT) ## everything: environment, releases, sample class, grades, feedback, table
	@$(PY) -m trials.sample_class

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

environment: $(BUILT) ## build .venv and .venv-student

$(BUILT): environment/bootstrap.sh environment/course.lock environment/student.lock pyproject.toml
	@PYTHON=$(PYTHON) sh environment/bootstrap.sh
	@mkdir -p $(@D) && touch $@

source: $(BUILT) ## sync text notebooks and notebooks, export tinytorch_ref/, lay out hand-outs
	@$(STEP) source

export: source ## the same as source

release: $(BUILT) ## generate the releases that changed (A=… for one assignment)
	@$(STEP) source release $(ONE)

sample: $(BUILT) ## put the sample class's submissions into submitted/
	@$(PY) -m trials.sample_class submit

autograde: $(BUILT) ## grade the submissions that are new or changed (A=… for one assignment)
	@$(STEP) source release autograde report $(ONE) $(WHERE)

feedback: $(BUILT) ## make the feedback pages that are missing or old (A=… for one assignment)
	@$(STEP) feedback $(ONE) $(WHERE)

report: $(BUILT) ## print the grades, write reports/class.html and reports/*.csv (NAMES=hidden)
	@$(STEP) report $(if $(NAMES),--names '$(NAMES)')

similar: $(SIMILAR) ## where to look for similar work: reports/similar/*.html (A=… for one, NAMES=hidden)
	@$(PY) -m grading.pipeline.similar $(ONE) $(if $(NAMES),--names '$(NAMES)')

$(SIMILAR): environment/similar.lock $(BUILT)
	@test -x .venv-similar/bin/python || .venv/bin/uv venv --quiet --clear --python $(PY) .venv-similar
	@.venv/bin/uv pip install --quiet --no-deps --python .venv-similar/bin/python -r $<
	@touch $@

regrade: $(BUILT) ## show what a regrade would change; then APPLY=all|students, UNDO=…, HISTORY=…, BACK=… [A=… WHY=…]
	@$(if $(UNDO)$(HISTORY)$(BACK),,$(STEP) source release $(ONE))
	@$(PY) -m grading.pipeline.regrade $(ONE) $(if $(APPLY),--apply "$(APPLY)") $(if $(UNDO),--undo "$(UNDO)") \
	    $(if $(HISTORY),--history "$(HISTORY)") $(if $(BACK),--back "$(BACK)") $(if $(WHY),--why "$(WHY)")

collect: $(BUILT) ## take a class's zip from Canvas or Moodle: ZIP=… [A=… WITH=their-table.csv]
	@$(PY) -m grading.pipeline.collect "$(ZIP)" $(ONE) $(if $(WITH),--with "$(WITH)")

grades-for: $(BUILT) ## grades as an LMS imports them: LMS=canvas|moodle [A=… INTO=their-table.csv]
	@$(PY) -m grading.pipeline.grades_for $(LMS) $(ONE) $(if $(INTO),--into "$(INTO)")

update: $(BUILT) ## what is newer upstream, cell by cell: FROM=newer-folder; then APPLY=yes [THEIRS=…], UNDO=yes [BASE=…]
	@$(PY) -m grading.pipeline.update $(if $(FROM),--from "$(FROM)") $(if $(BASE),--base "$(BASE)") \
	    $(if $(THEIRS),--theirs "$(THEIRS)") $(if $(APPLY),--apply) $(if $(UNDO),--undo "$(UNDO)")

docs: $(BUILT) ## the documentation as a site that needs no network: build/docs/index.html
	@test -x .venv-docs/bin/python || .venv/bin/uv venv --quiet --clear --python $(PY) .venv-docs
	@.venv/bin/uv pip install --quiet --no-deps --python .venv-docs/bin/python -r environment/docs.lock
	@$(PY) -m grading.pipeline.documentation build/documentation
	@rm -rf build/docs
	@.venv-docs/bin/sphinx-build -W --keep-going -q -c docs/site build/documentation build/docs
	@echo "build/docs/index.html"

lab: $(BUILT) ## open the course in JupyterLab, with Formgrader
	@$(STEP) source
	@.venv/bin/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root)

hub: $(BUILT) ## try the course on JupyterHub, as an ordinary user: it prints what to click
	@$(PY) hub/environment.py .venv-hub --kernel .venv-student/bin/python
	@.venv-hub/bin/python -m hub.demo

new-assignment: $(BUILT) ## a folder that can be released at once: NAME=12_attention [TITLE=… MODULE=…]
	@$(PY) -m grading.pipeline.assignments new '$(NAME)' $(if $(TITLE),--title "$(TITLE)") $(if $(MODULE),--module $(MODULE))
	@$(PY) -m trials.assignments new '$(NAME)'

rename-assignment: $(BUILT) ## NAME=12_attention TO=12_transformer
	@$(PY) -m grading.pipeline.assignments rename '$(NAME)' '$(TO)'
	@$(PY) -m trials.assignments rename '$(NAME)' '$(TO)'

remove-assignment: $(BUILT) ## NAME=12_attention, and all that was made of it
	@$(PY) -m grading.pipeline.assignments may-remove '$(NAME)'
	@$(PY) -m trials.sample_class remove --assignment '$(NAME)'
	@$(PY) -m grading.pipeline.assignments remove '$(NAME)'
	@$(PY) -m trials.assignments remove '$(NAME)'

archive: $(BUILT) ## a term in one file, checked by restoring it: [TO=term.tar.gz]; back: FROM=… TO=new-folder
	@$(PY) -m grading.pipeline.archive $(if $(FROM),--restore "$(FROM)") $(if $(TO),--to "$(TO)")

move-gradebook: $(BUILT) ## copy the gradebook into an empty database, checked: TO=postgresql://…
	@$(PY) -m grading.pipeline.move_gradebook '$(TO)'

test: $(BUILT) $(SIMILAR) ## all tests, or those of T=tests/checks
	@.venv/bin/uv pip install --quiet --python $(PY) -r environment/dask.lock
	@$(PYTEST) $(T)

test-fast: $(BUILT) $(SIMILAR) ## the tests that start no kernel
	@$(PYTEST) -m "not slow"

test-hub: $(BUILT) ## the whole course on a real hub, in a real browser (as root; some minutes)
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium; }
	@.venv/bin/uv pip install --quiet --python $(PY) -r environment/browser.lock
	@TEST_HUB=1 $(PY) -m pytest -p no:randomly tests/hub/real

mutants: $(BUILT) ## grade wrong and right solutions: how strong are the hidden tests? (A=… for one)
	@$(STEP) source release $(ONE)
	@$(PY) -m trials.mutants $(A)

mutants-grader: $(BUILT) $(SIMILAR) ## break the grader's own lines one by one: do its tests notice? (ONLY=regex)
	@$(PY) -m trials.grader $(if $(ONLY),--only '$(ONLY)')

attacks: $(BUILT) ## grade hostile and broken submissions: does any of them gain or break anything?
	@$(PY) -m trials.hostile
	@$(PY) -m trials.kills
	@KILLS=20 $(PY) -m pytest tests/engine/test_killed.py

honest: $(BUILT) ## grade solved notebooks that were split, merged, renamed …: does any lose a point?
	@$(PY) -m trials.honest

honest-names: $(BUILT) ## rebind what tests use in cells of a student's own: does any notebook lose a point?
	@$(PY) -m trials.honest --names

honest-notebooks: $(BUILT) ## rearrange each answer of all notebooks: is all of it put together again?
	@$(PY) -m trials.honest --notebooks

frameworks: $(BUILT) ## assemble each student's own ten modules: do they carry XOR, the MLP, the CNN?
	@$(PY) -m grading.pipeline.frameworks

figures: $(BUILT) ## accuracy over 20 seeds and the speed of batches, measured on the reference
	@$(PY) -m benchmarks.figures

bench: bench-grading bench-formgrader bench-pytorch ## every figure of README that is a speed (idle machine, half an hour)

bench-cifar10: $(BUILT) ## accuracy of the course's CNN on CIFAR-10, which must have been fetched
	@$(PY) -m benchmarks.cifar10

bench-grading: $(BUILT) ## grade against stock nbgrader, with 1 to 8 workers and Dask, and 500 students
	@$(STEP) source release --assignment 02_tensor
	@$(PY) -m benchmarks.grading stock
	@.venv/bin/uv pip install --quiet --python $(PY) -r environment/dask.lock
	@$(PY) -m benchmarks.grading workers --dask
	@$(PY) -m benchmarks.grading class

bench-pytorch: $(BUILT) ## compare the reference with PyTorch (fetched into .venv-bench)
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet -r benchmarks/requirements.txt
	@.venv-bench/bin/python -m benchmarks.against_pytorch

compare-pytorch: $(BUILT) ## make 15,000 random comparisons of the reference with PyTorch
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet -r benchmarks/requirements.txt
	@.venv-bench/bin/python -m benchmarks.same_as_pytorch

bench-formgrader: $(BUILT) ## time Formgrader's pages on a course of 500 students, 10 assignments
	@$(PY) -m benchmarks.formgrader

data: $(BUILT) ## fetch the whole MNIST into data/, checked by SHA-256
	@$(PY) -m datasets.fetch digits

cifar10: $(BUILT) ## fetch CIFAR-10 into data/, checked; a part of it goes out with 09 and 10
	@$(PY) -m datasets.fetch cifar10

lint: $(BUILT) ## ruff and mypy
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy

clean: ## remove all that was made, and nothing else
	@test ! -e .make/hub/lock || flock --nonblock .make/hub/lock true || \
	    { echo "Stopped, and removed nothing: \`make hub\` is running; end it with Ctrl-C first."; exit 1; }
	@$(if $(wildcard $(PY)),$(PY) -m trials.sample_class remove && $(PY) -m grading.pipeline.clean,echo "nothing to remove")
	@rm -rf .venv .venv-student .venv-bench .venv-docs .venv-similar .venv-hub .make *.egg-info build .pytest_cache .mypy_cache .ruff_cache .hypothesis
