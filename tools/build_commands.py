"""What ``setup.cfg`` cannot say about the build.

setuptools has no place for a file that belongs directly into site-packages, as the start-up files
do, and ``find:`` cannot find the service definitions, which lie in ``data`` at the top of the
repository and belong into the package. It also puts the permissions of the files it finds and
writes into the wheel, which depend on the builder's umask.
"""

from __future__ import annotations

from pathlib import Path

from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

DATA_PACKAGE = "boto3_agentcore_payments.data"
STARTUP_FILES = ("boto3_agentcore_payments.pth", "boto3_agentcore_payments.start")


class BuildPy(build_py):  # type: ignore[misc, unused-ignore]
    """``build_py`` that also carries the service definitions and the start-up files."""

    def finalize_options(self) -> None:
        """Add the service definitions to the packages that were found."""
        if DATA_PACKAGE not in self.distribution.packages:
            self.distribution.packages.append(DATA_PACKAGE)
        super().finalize_options()

    def run(self) -> None:
        """Build as setuptools does, then copy the start-up files."""
        super().run()
        target = self.build_lib
        if self.editable_mode:
            # An editable wheel leaves out build_lib; what is installed as it stands goes here.
            target = str(vars(self.get_finalized_command("install"))["install_lib"])
        self.mkpath(target)
        for name in STARTUP_FILES:
            self.copy_file(name, str(Path(target, name)), preserve_mode=False)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:  # noqa: FBT001, FBT002
        """Return the files that end up in ``build_lib``, the start-up files among them."""
        outputs = list(super().get_outputs(include_bytecode))
        if not self.editable_mode:
            outputs += [str(Path(self.build_lib, name)) for name in STARTUP_FILES]
        return outputs

    def get_source_files(self) -> list[str]:
        """Return the files that a source distribution must hold."""
        return [*super().get_source_files(), *STARTUP_FILES]


class BdistWheel(bdist_wheel):  # type: ignore[misc, unused-ignore]
    """``bdist_wheel`` that gives the files the same permissions whatever the umask."""

    def write_wheelfile(self, *arguments: str, **options: str) -> None:
        """Write the last file that goes into the wheel, then set the permissions of all.

        None of the files is a program.
        """
        super().write_wheelfile(*arguments, **options)
        for path in Path(str(self.bdist_dir)).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
