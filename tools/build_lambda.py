"""Build a Lambda layer, or a function's zip, with this package in it. No Docker: it is pure Python.

    python tools/build_lambda.py layer                             -> dist/lambda-layer.zip
    python tools/build_lambda.py function my_function/             -> dist/lambda-function.zip

The managed Python runtimes have boto3, so it is left out unless ``--with-boto3`` asks for it. Two
builds from the same sources are equal byte for byte.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip: the earliest a zip can hold."""


def main() -> int:
    """Build the archive that the command line asks for."""
    arguments = parse()
    if importlib.util.find_spec("pip") is None:
        print("this environment has no pip; install it, then try again", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory, "root")
        root.mkdir()
        if arguments.kind == "function":
            copy_sources(arguments.source, root)
        target = root / "python" if arguments.kind == "layer" else root
        package = arguments.package or copy_checkout(Path(directory, "checkout"))
        install(target, str(package), with_boto3=arguments.with_boto3)
        output = arguments.output or Path("dist", f"lambda-{arguments.kind}.zip")
        output.parent.mkdir(parents=True, exist_ok=True)
        pack(root, output)
    print(f"{output}: {output.stat().st_size / 1024:.0f} KiB")
    return 0


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description="Build a Lambda layer, or a function's zip, with this package in it."
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    layer = kinds.add_parser("layer", help="a layer: everything under python/")
    function = kinds.add_parser("function", help="a function's zip: the package beside your code")
    function.add_argument("source", type=Path, help="a file or a directory with your code")
    for parser_of_kind in (layer, function):
        parser_of_kind.add_argument("--output", type=Path, metavar="ZIP")
        parser_of_kind.add_argument("--with-boto3", action="store_true")
        parser_of_kind.add_argument(
            "--package",
            help="what to give to pip install (default: this checkout)",
        )
    return parser.parse_args()


def copy_checkout(place: Path) -> Path:
    """Copy this checkout to where it is built.

    setuptools leaves ``build/`` where it builds, and packs what an earlier or a concurrent build
    left there.
    """
    left_out = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "tests")
    shutil.copytree(CHECKOUT, place, ignore=left_out)
    return place


def install(target: Path, package: str, *, with_boto3: bool) -> None:
    """Install the package into a directory, as ``pip install --target`` does."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-compile", "--target", str(target), package]
    if not with_boto3:
        command.append("--no-deps")
    subprocess.run(command, check=True)
    shutil.rmtree(target / "bin", ignore_errors=True)


def copy_sources(source: Path, target: Path) -> None:
    """Copy the function's own code to the root of the zip."""
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=ignored)
    else:
        shutil.copy(source, target)


def pack(root: Path, output: Path) -> None:
    """Zip a directory, in the order of names and with one time for all files."""
    for origin in list(root.rglob("*.dist-info/direct_url.json")):
        forget(origin)
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), EARLIEST)
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())


def forget(origin: Path) -> None:
    """Remove pip's note of where a package was built, which is different each time."""
    origin.unlink()
    record = origin.with_name("RECORD")
    lines = record.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if f"/{origin.name}," not in line]
    record.write_text("".join(kept), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
