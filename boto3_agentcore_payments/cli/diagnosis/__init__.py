"""The doctor's checks: each module yields findings, changes nothing and shows no secrets."""
