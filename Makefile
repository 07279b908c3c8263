# Everything a developer runs. `make help` lists the targets.
SHELL := bash
.NOTPARALLEL:
.DEFAULT_GOAL := help

# ansible-core 2.19 runs on these.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || echo python3)
RESULTS := .cache/results
READY := .venv/.ready

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export MOLECULE_COMMAND_BORDERS := 0
export CONTAINERS_CONF := $(CURDIR)/tests/support/containers.conf

pytest = python -m pytest --junit-xml=$(RESULTS)/$@.xml

.PHONY: help venv demo test test-fast style lint unit unit-fast integration faults faults-short molecule benchmark schema build \
	machine-demo machine-tests fresh-results

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

venv: $(READY) ## make .venv with the package, editable, and the tools of development

$(READY): pyproject.toml
	$(PYTHON) -c 'import ensurepip' || tests/support/prepare_machine venv
	$(PYTHON) -m venv .venv
	pip install --quiet --upgrade --editable '.[dev]'
	touch $@

machine-demo:
	tests/support/prepare_machine demo

machine-tests:
	tests/support/prepare_machine tests

demo: venv machine-demo ## an office, a backup and a restore in demo/, with their reports
	python -m cadangan.demo demo

test: fresh-results lint unit integration faults-short molecule demo ## everything that must pass before a change lands
	tests/support/tally $(RESULTS)

test-fast: fresh-results style unit-fast ## the inner loop: style, types, and the quick tests without servers, in under two minutes
	tests/support/tally $(RESULTS)

style: venv
	ruff check
	ruff format --check
	mypy

lint: style ## style, types, and the rules for Ansible content
	ansible-lint --offline
	tests/support/sanity

unit: venv machine-demo ## tests without servers
	$(pytest) --numprocesses auto tests/unit

unit-fast: venv machine-demo
	$(pytest) --numprocesses auto -m "not slow" tests/unit

integration: venv machine-tests ## tests with a PostgreSQL server on this machine
	$(pytest) --numprocesses auto --dist loadfile tests/integration

faults: venv machine-tests ## SIGKILL at random moments, the long run of fifty
	CADANGAN_KILLS=50 $(pytest) tests/faults

faults-short: venv machine-tests
	$(pytest) tests/faults

molecule: venv machine-tests ## scenarios on test hosts, in containers
	tests/support/test_hosts all
	molecule test --all --report

benchmark: venv machine-tests ## measure; nothing here passes or fails
	python tests/benchmark

schema: venv ## the schema of the asset register and its table of fields, after a change of the model
	cadangan register schema > inventory/.asset.schema.json
	python tests/support/field_table.py

build: venv ## the wheel and the collection, in dist/
	pip wheel --quiet --no-deps --wheel-dir dist .
	ansible-galaxy collection build --force --output-path dist

fresh-results:
	rm -rf $(RESULTS)
	mkdir -p $(RESULTS)
