"""Sphinx builds the site from the pages of this folder: ``make site``."""

project = "boto3-agentcore-payments"
author = "The boto3-agentcore-payments contributors"
copyright = author  # noqa: A001 - Sphinx reads this name
extensions = ["myst_parser", "sphinxcontrib.mermaid"]
html_theme = "furo"
html_title = project
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
myst_fence_as_directive = ["mermaid"]
exclude_patterns = ["_build"]
# Links that lead out of this folder are for readers on a code host.
suppress_warnings = ["myst.xref_missing"]
