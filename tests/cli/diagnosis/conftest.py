"""Every test of the doctor's checks has an empty home directory and no AWS configuration."""

from __future__ import annotations

from doctor_findings import home

__all__ = ["home"]
