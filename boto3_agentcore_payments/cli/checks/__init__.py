"""The doctor's checks: each yields findings, changes nothing, and shows no secret."""
