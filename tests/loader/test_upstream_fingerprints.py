"""Has botocore changed a function that the loader hook replaces or relies on?

When this fails for a new botocore:

1. Compare the function named with its last known text (``git log -p`` in botocore, or two installed
   versions side by side).
2. Does ``boto3_agentcore_payments/loader.py`` still do what its docstring says? ``_shortcut`` is
   ``Loader.load_service_model`` without the list of all services and must follow it; the others are
   called, and must keep their parameters and what they return. The AWS CLI v1
   has a copy of its own, which is looked at where it is installed.
3. Run ``tests/loader`` and ``tests/packaging`` with that botocore, change what must be changed, and
   add the new digest. Digests stay as long as a supported version has that text.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from pathlib import Path

import pytest

KNOWN = {
    "loaders:instance_cache": {
        "00af2cb44d6c331d",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
    "loaders:create_loader": {
        "d2be0285df31772c",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
    "loaders:Loader.__init__": {
        "877922d4735729f9",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
    "loaders:Loader.search_paths": {
        "5b41ba0664b0ce7c",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
    "loaders:Loader.list_available_services": {
        "03121d24f47c4778",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
    "loaders:Loader.determine_latest_version": {
        "aa4337ba24d94626",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
    "loaders:Loader.list_api_versions": {
        "4b0902333234987d",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
    "loaders:Loader.load_service_model": {
        "ad7edf081b70d65d",  # 1.31.0 to 1.38.0
        "0aa474afe3ba73d4",  # 1.42.97 to 1.44.5, AWS CLI 1.46.3
    },
    "loaders:Loader._find_extras": {
        "7ddc95c6ef59b97d",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
    "loaders:Loader.load_data_with_path": {
        "54d846f85eca0065",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
    "loaders:Loader.load_data": {
        "37546c43560635c8",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
    "loaders:Loader._potential_locations": {
        "7b66261e1a943189",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
    "loaders:ExtrasProcessor.process": {
        "7d4ce06c2ef96d6f",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
    "session:ComponentLocator": {
        "6997cae2a67022a3",  # 1.31.0
        "528b1c26b0167c6d",  # 1.34.0
        "7ff658691dcd5d5b",  # 1.38.0 to 1.44.5, AWS CLI 1.46.3
    },
    "session:Session._register_data_loader": {
        "80d967f09ecac363",  # 1.31.0 to 1.44.5, AWS CLI 1.46.3
    },
}

PACKAGES = ["botocore"]
if importlib.util.find_spec("awscli"):
    PACKAGES.append("awscli.botocore")


def source(package: str, name: str) -> str:
    """Return the text of ``module:function`` or ``module:Class.method``, as it is in its file."""
    module, _, attribute = name.partition(":")
    text = Path(importlib.util.find_spec(f"{package}.{module}").origin).read_text(encoding="utf-8")
    node = ast.parse(text)
    for part in attribute.split("."):
        (node,) = (
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, (ast.ClassDef, ast.FunctionDef)) and child.name == part
        )
    return ast.get_source_segment(text, node)


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("package", PACKAGES)
def test_function_has_a_text_we_know(package, name):
    digest = hashlib.sha256(source(package, name).encode()).hexdigest()[:16]
    assert digest in KNOWN[name], f"{package}.{name} has changed ({digest}): see {__file__}"
