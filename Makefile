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
PIP    := pip install --quiet --disable-pip-version-check
FOR_DEV  := --editable '.[dev]'
FOR_DEMO := --editable '.[emulator,merchant,pay]'

# uv installs an environment in a tenth of pip's time. Without it, and where it fails, pip does.
export UV_SYSTEM_CERTS ?= true
install = { [ -x $(DEV)/bin/uv ] && $(DEV)/bin/uv pip install --quiet --python $(1)/bin/python $(2); } || \
	$(1)/bin/python -m $(PIP) $(2)

.PHONY: demo test coverage lint ruff mypy pyright zizmor package sbom matrix bench docs clean

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

lint: ruff mypy pyright zizmor

ruff: $(DEV)/.ready
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check .

mypy: $(DEV)/.ready
	$(DEV)/bin/mypy

pyright: $(DEV)/.ready
	$(DEV)/bin/pyright --pythonpath $(DEV)/bin/python

zizmor: $(DEV)/.ready
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
	-$(DEV)/bin/python -m $(PIP) uv
	$(call install,$(DEV),$(FOR_DEV))
	touch $@

$(DEMO)/.ready: $(INPUTS)
	$(PYTHON) -m venv $(DEMO)
	@echo "Installing the emulator, the merchants and the payer into $(DEMO); once."
	$(call install,$(DEMO),$(FOR_DEMO))
	touch $@

clean:
	rm -rf docs/_build $(ENVS) .nox build dist *.egg-info sbom.cdx.json
