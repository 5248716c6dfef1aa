PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
WORKFLOWS := $(wildcard .github/workflows/*.yml) tests/e2e/workflow.yml
EXAMPLES := $(wildcard examples/workflows/*.yml)
RUNTIME := $(VENV)/.runtime
SANDBOX := $(VENV)/.sandbox
DEV := $(VENV)/.dev
PEERS := build/peers
PROOF := build/proof

.DEFAULT_GOAL := help
.PHONY: help demo test lint proofs browser e2e peers bench samples docs lock clean

help: ## Show this list
	@sed -nE 's/^([a-z0-9]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

demo: $(SANDBOX) ## Check the two sample datasets, the clean and the broken one, and export a model of the sandbox
	@rm -rf build/demo
	@check() { \
	    printf '\n$$ hubaction check-dataset examples/%s\n' "$$1"; code=0; \
	    $(BIN)/hubaction check-dataset "examples/$$1" --output-dir "build/demo/$$1" --stats "build/demo/$$1/stats.json" || code=$$?; \
	    if [ "$$code" != "$$2" ]; then echo "examples/$$1: exit code $$code, but $$2 was expected" >&2; return 1; fi; \
	}; \
	check shapes 0 && check shapes-broken 1
	@printf '\nAll as expected: shapes passed (exit code 0), and shapes-broken failed (exit code 1), for it is broken on purpose.\n'
	@echo 'Reports and statistics:'; ls build/demo/*/* | sed 's/^/  /'
	@PATH="$(abspath $(BIN)):$$PATH" examples/export_demo.sh build/demo

test: $(DEV) ## Run the tests
	@$(BIN)/pytest

lint: $(DEV) ## Check style, types, layers, the workflows, the action and the Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests/e2e
	$(BIN)/mypy --exclude /official/ tests/peers
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema -q --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema -q --builtin-schema vendor.github-workflows $(WORKFLOWS) $(EXAMPLES)
	$(BIN)/actionlint $(WORKFLOWS) $(EXAMPLES)
	$(BIN)/zizmor --offline --no-progress --quiet --persona pedantic action.yml $(WORKFLOWS)

proofs: $(DEV) $(PROOF)/.installed ## Have mermaid read the charts of summaries, and Microsoft's validator SARIF (needs node)
	@rm -rf build/charts
	@HUBACTION_CHARTS=$(CURDIR)/build/charts $(BIN)/pytest tests/report/test_summary.py tests/action/test_hostile_files.py
	@node $(PROOF)/mermaid/parse.mjs build/charts
	@$(BIN)/python tests/proof/sarif/prove.py $(PROOF)/sarif/node_modules build/sarif

browser: $(DEV) ## Open the HTML report in a headless Chromium and use it (needs chromium and chromedriver)
	@$(BIN)/pytest tests/browser

e2e: $(SANDBOX) ## Build the image and run the action in the shape of GitHub's runner (see tests/e2e/run.py for what it needs)
	@$(BIN)/python tests/e2e/run.py

peers: $(SANDBOX) $(PEERS)/.ready ## Compare our client with the official ones, both against the sandbox (CONTRIBUTING.md)
	@$(BIN)/python tests/peers/run.py $(PEERS)/bin/python

bench: $(DEV) ## Time the dataset check beside others, a quarter of an hour; QUICK=1: a minute, nothing written
	@$(BIN)/python benchmarks/run.py $(if $(QUICK),--quick)

samples: $(RUNTIME) ## Draw the sample datasets of examples/ again
	@$(BIN)/python examples/make_samples.py

docs: $(RUNTIME) ## Write docs/rules.md and the schemas of the configuration file and the report again, from the code
	@mkdir -p build
	@$(BIN)/python -m hubaction.rules.document > build/rules.md && mv build/rules.md docs/rules.md
	@$(BIN)/python -m hubaction.policy.schema > build/schema.json && mv build/schema.json schema/hubaction-config-v1.json
	@$(BIN)/python -m hubaction.report.schema > build/schema.json && mv build/schema.json schema/report-v1.json

lock: $(DEV) ## Resolve requirements/runtime.in and sandbox.in into the hash-locked requirements/*.txt
	@for set in runtime sandbox; do \
	    CUSTOM_COMPILE_COMMAND='make lock' PIP_CONFIG_FILE=/dev/null $(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe \
	        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file "requirements/$$set.txt" "requirements/$$set.in" || exit 1; \
	done

clean: ## Remove what the other targets made
	@rm -rf $(VENV) build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps stand for what is installed: the runtime set with the package, and the tools. A changed file renews them.
$(RUNTIME): requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not. Name one that is: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo 'Setting up $(VENV) ...'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-deps -e .
	@touch $@

$(SANDBOX): $(RUNTIME) requirements/sandbox.txt
	@$(PIP) install --require-hashes -r requirements/sandbox.txt
	@touch $@

$(DEV): $(SANDBOX) requirements/dev.txt
	@echo 'Installing the tools ...'
	@$(PIP) install -r requirements/dev.txt
	@touch $@

# The official clients are not ours to ship: they live here only. torch comes from an environment that has it, where one is named.
$(PEERS)/.ready: $(wildcard requirements/peers*.txt)
	@echo 'Installing the official clients ...'
	@rm -rf $(PEERS)
ifdef HUBACTION_REFERENCE_ENV
	@$(HUBACTION_REFERENCE_ENV)/bin/python -m venv $(PEERS)
	@ls -d $(abspath $(HUBACTION_REFERENCE_ENV))/lib/python*/site-packages > "$$(ls -d $(PEERS)/lib/python*/site-packages)/reference.pth"
else
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check -qq install -r requirements/peers-reference.txt
	@$(PEERS)/bin/python -m pip --disable-pip-version-check -qq install --no-deps -r requirements/peers-bare.txt
endif
	@$(PEERS)/bin/python -m pip --disable-pip-version-check -qq install -r requirements/peers.txt
	@touch $@

$(PROOF)/.installed: $(wildcard tests/proof/*/*)
	@echo 'Installing mermaid and the validator of SARIF ...'
	@rm -rf $(PROOF) && mkdir -p build && cp -r tests/proof $(PROOF)
	@for one in mermaid sarif; do npm ci --prefix $(PROOF)/$$one --silent --no-fund --no-audit || exit 1; done
	@touch $@
