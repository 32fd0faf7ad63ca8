# Written by tools/build_types.py, with mypy-boto3-builder 8.12.0 (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""Types of ``bedrock-agentcore-payments``."""
