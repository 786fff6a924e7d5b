# Everything runs in the project's own environment, .venv; the first call of any target makes it, later ones find it there.

PYTHON ?= python3
PIP := 26.3
AXE := 4.14.1

BIN := .venv/bin
READY := .venv/.ready
AXE_READY := build/axe/axe.min.js

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench clean distclean browser

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make the environment with the versions of constraints.txt

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed, found $$($(PYTHON) --version); name one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip==$(PIP)
	$(BIN)/python -m pip install --quiet --progress-bar off -c constraints.txt -e . --group dev
	@touch $@

demo: $(READY) ## make example data with planted defects, train on it, audit it, say where the report is
	$(BIN)/python examples/demo.py

test: $(READY) browser ## run all tests; those that cannot run here are named at the end, with the reason
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered --cov-fail-under=90

check: $(READY) ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## run the benchmarks that can run here and print one table
	$(BIN)/python benchmarks

# Chromium and fonts for the tests of the report: installed where that can be done without asking anybody.
browser: $(AXE_READY)
	@if command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi 'noto.*cjk'; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
			chromium fontconfig fonts-noto-cjk >/dev/null; \
	elif ! command -v chromium >/dev/null; then echo "Left out: the tests in tests/browser, for there is no chromium here."; \
	else echo "No Noto CJK fonts here: pictures of the Chinese report may show boxes."; fi

$(AXE_READY):
	@mkdir -p build/axe
	@if ! command -v npm >/dev/null; then echo "Left out: the accessibility tests, for there is no npm here to fetch axe-core."; \
	else (cd build/axe && npm pack --silent axe-core@$(AXE) >/dev/null && tar -xzf axe-core-$(AXE).tgz --strip-components=1 \
		package/axe.min.js package/package.json package/LICENSE) || echo "Left out: the accessibility tests, for axe-core could not be fetched."; fi

clean: ## remove what was made, but for the environment
	rm -rf build dist runs clean examples/out .coverage .coverage.* htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

distclean: clean ## remove the environment too
	rm -rf .venv
