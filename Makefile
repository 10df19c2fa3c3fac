# Two commands: `make run` and `make test`. Everything else is listed by `make help`.
PYTHON3 ?= python3
.DEFAULT_GOAL := help

.PHONY: help run test bench check fix reset assets locks

help: ## say what there is
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z]+):.*## /  make \1|/' | column -t -s'|' 2>/dev/null \
		|| grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST))

run: ## start everything: servers, web, worker, beat, sandbox networks (PORT=8080 to choose the port)
	@$(PYTHON3) bootstrap.py run

test: ## run all tests, browser included (ARGS="tests/orgs -x" to choose)
	@$(PYTHON3) bootstrap.py test $(ARGS)

bench: ## measure permissions and delivery, into docs/performance.md (ARGS="--only delivery --scale 0.05" for a quick look)
	@$(PYTHON3) bootstrap.py bench $(ARGS)

check: ## lint, types, import contracts, migrations, translations, deploy check
	@$(PYTHON3) bootstrap.py check

fix: ## let the linters repair what they can
	@$(PYTHON3) bootstrap.py fix

reset: ## delete all data of this checkout and start from nothing next time
	@$(PYTHON3) bootstrap.py reset

assets: ## build styles, scripts, icons and translations
	@$(PYTHON3) bootstrap.py assets

locks: ## compile the locks anew from pyproject.toml
	@$(PYTHON3) bootstrap.py locks
