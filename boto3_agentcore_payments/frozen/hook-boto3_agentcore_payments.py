# ruff: noqa: N999 - PyInstaller requires this name
"""PyInstaller's hook: name what it cannot find from import statements.

The service definitions are data, and the loader hook is imported by name. The emulator is left out:
a program that uses the clients does not need it, and moto does not run frozen, because it imports
its services by name from its own directory.
"""

from __future__ import annotations

from pathlib import Path

from PyInstaller.utils.hooks import copy_metadata

from boto3_agentcore_payments import loader

datas = copy_metadata("boto3-agentcore-payments")
for service in sorted(loader.SERVICES):
    for definition in sorted((Path(loader.data_directory()) / service).glob("*/*.json")):
        target = Path("boto3_agentcore_payments", "data", service, definition.parent.name)
        datas.append((str(definition), str(target)))

hiddenimports = ["_boto3_agentcore_payments_startup", "boto3_agentcore_payments.loader"]
