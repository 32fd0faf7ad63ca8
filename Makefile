# Every target sets up what it needs: a fresh clone, Python and pip are enough.
#   make demo    an agent pays for web resources under a budget, on the embedded emulator
#   make test    the tests
#   make test TESTED=wheel, or make coverage
#                the tests on the installed wheel, and which branches they take
#   make lint    ruff, mypy, pyright, zizmor
#   make package wheel and sdist, and the checks a package index would make
#   make sbom    sbom.cdx.json: what an installation of the wheel brings
#   make matrix  the version matrix (CPython, botocore, moto, AWS CLI, aiobotocore), by nox
#   make bench   benchmarks; nothing in them is a test
#   make docs    the generated parts of README and docs/, and the site in docs/_build/html

PYTHON ?= python3
ENVS   := .venvs
DEV    := $(ENVS)/dev
DEMO   := $(ENVS)/demo
SBOM   := $(ENVS)/sbom
INPUTS := setup.cfg pyproject.toml
PYTEST_ARGS ?= --quiet --numprocesses auto --dist loadfile

.PHONY: demo test coverage lint package sbom matrix bench docs clean

demo: $(DEMO)/.ready
	$(DEMO)/bin/agentcore-payments demo

test: $(DEV)/.ready
ifeq ($(TESTED),wheel)
	$(DEV)/bin/nox --session coverage
else
	$(DEV)/bin/python -m pytest $(PYTEST_ARGS)
endif

coverage:
	$(MAKE) test TESTED=wheel

lint: $(DEV)/.ready
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/mypy
	$(DEV)/bin/pyright --pythonpath $(DEV)/bin/python
	$(DEV)/bin/zizmor --offline --quiet .github

package: $(DEV)/.ready
	rm -rf dist
	$(DEV)/bin/python -m build --outdir dist .
	$(DEV)/bin/twine check --strict dist/*
	$(DEV)/bin/check-wheel-contents dist/*.whl
	$(DEV)/bin/validate-pyproject pyproject.toml

sbom: package
	rm -rf $(SBOM)
	$(PYTHON) -m venv --without-pip $(SBOM)
	$(DEV)/bin/python -m pip --python $(SBOM)/bin/python install --quiet --disable-pip-version-check dist/*.whl
	$(DEV)/bin/cyclonedx-py environment --output-reproducible --output-file sbom.cdx.json $(SBOM)/bin/python

matrix: $(DEV)/.ready
	$(DEV)/bin/nox

bench: $(DEV)/.ready
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(DEV)/bin/python "$$script" || exit 1; done

docs: $(DEV)/.ready
	$(DEV)/bin/python tools/coverage_table.py
	$(DEV)/bin/python tools/conformance_page.py
	$(DEV)/bin/python tools/control_table.py
	$(DEV)/bin/python tools/support_table.py
	$(DEV)/bin/python -m sphinx --quiet --fail-on-warning docs docs/_build/html

$(DEV)/.ready: $(INPUTS)
	$(PYTHON) -m venv $(DEV)
	$(DEV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

$(DEMO)/.ready: $(INPUTS)
	$(PYTHON) -m venv $(DEMO)
	@echo "Installing the emulator, the merchants and the payer into $(DEMO); once, a few minutes."
	$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[emulator,merchant,pay]'
	touch $@

clean:
	rm -rf docs/_build $(ENVS) .nox build dist *.egg-info sbom.cdx.json
