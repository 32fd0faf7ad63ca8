"""Every function of botocore that the loader hook rests on, by the hash of its source.

A failure here means that this botocore changed one of them, not that anything is broken. Then:

1. read what changed (``git log -p`` of that file in botocore), against the reason given below;
2. run ``tests/loader`` and ``tests/packaging`` with that botocore, and adapt ``loader.py`` if need
   be: it must still do what its docstring says;
3. ``python tests/loader/test_botocore_fingerprints.py`` adds this botocore's fingerprints to the
   file ``botocore_fingerprints.json`` beside this one; commit it together with the change.

The AWS CLI v1 has a copy of botocore of its own, which is looked at where it is installed.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
from pathlib import Path

import botocore
import pytest

KNOWN = Path(__file__).with_name("botocore_fingerprints.json")

TOUCHED = {
    "botocore.loaders:instance_cache": "makes the key under which a model is remembered",
    "botocore.loaders:create_loader": "where AWS_DATA_PATH comes in",
    "botocore.loaders:Loader.__init__": "whether a loader searches botocore's own directory",
    "botocore.loaders:Loader.search_paths": "must not show our directory",
    "botocore.loaders:Loader.list_available_services": "extended; remembers its answer",
    "botocore.loaders:Loader.determine_latest_version": "called instead of a scan of everything",
    "botocore.loaders:Loader.list_api_versions": "called; asks for the locations",
    "botocore.loaders:Loader.load_service_model": "extended; restated in loader._shortcut",
    "botocore.loaders:Loader._find_extras": "called; asks for the locations",
    "botocore.loaders:Loader.load_data_with_path": "asks for the locations; the first wins",
    "botocore.loaders:Loader.load_data": "called",
    "botocore.loaders:Loader._potential_locations": "extended: ours come last",
    "botocore.loaders:ExtrasProcessor.process": "merges the additions",
    "botocore.session:ComponentLocator": "register() looks whether there is a loader already",
    "botocore.session:Session._register_data_loader": "makes the loader when it is first asked for",
}
"""Function or class, and what the loader hook expects of it."""

PACKAGES = ["botocore", *(["awscli.botocore"] if importlib.util.find_spec("awscli") else [])]


def _source(package: str, name: str) -> str:
    """Return the text of a function as it is in its file: the hook has changed the class."""
    module, _, attribute = name.partition(":")
    found = importlib.util.find_spec(module.replace("botocore", package, 1))
    text = Path(found.origin).read_text(encoding="utf-8")
    node = ast.parse(text)
    for part in attribute.split("."):
        (node,) = (
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, (ast.ClassDef, ast.FunctionDef)) and child.name == part
        )
    return ast.get_source_segment(text, node)


def _fingerprint(package: str, name: str) -> str:
    return hashlib.sha256(_source(package, name).encode()).hexdigest()[:16]


def _known() -> dict[str, dict[str, str]]:
    return json.loads(KNOWN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TOUCHED)
@pytest.mark.parametrize("package", PACKAGES)
def test_function_of_botocore_is_one_we_know(package, name):
    assert _fingerprint(package, name) in _known()[name], (
        f"{package} {botocore.__version__} changed {name} ({TOUCHED[name]}); "
        f"what to do is written at the top of {Path(__file__).name}"
    )


def test_no_fingerprint_is_left_over():
    assert set(_known()) == set(TOUCHED)


def main() -> None:
    """Add the fingerprints of the installed botocore to the file."""
    known = _known()
    for name in TOUCHED:
        seen = f"first seen in botocore {botocore.__version__}"
        known.setdefault(name, {}).setdefault(_fingerprint("botocore", name), seen)
    KNOWN.write_text(json.dumps(dict(sorted(known.items())), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
