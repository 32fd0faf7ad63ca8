"""Write docs/control.md: every verb of the control surface, in Python and over HTTP.

    python tools/control_table.py            write the page
    python tools/control_table.py --check    say whether it is up to date; exit code 1 if not

The page is made from the methods of ``PaymentsControl`` and their docstrings.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from pathlib import Path

from boto3_agentcore_payments.emulator.control import PaymentsControl

PAGE = Path(__file__).resolve().parents[1] / "docs" / "control.md"
HEAD = """\
# The control surface

<!-- Written by tools/control_table.py from the docstrings of PaymentsControl; change those. -->

What a test may do to the emulated service and no client can. In Python each verb is a method:

```python
from boto3_agentcore_payments.emulator.control import PaymentsControl

emulator = PaymentsControl(account_id="123456789012", region="us-west-2")
assert emulator.payments() == []
```

From another process or language each verb is a URL of `agentcore-payments serve` and of moto's
server: `/moto-api/agentcore-payments/<verb>`, a POST whose body is a JSON object with the
arguments. [The emulator](emulator.md) shows the usual ones at work; every argument is described in
`help(PaymentsControl)`.

| method | over HTTP | what it does |
|---|---|---|
"""


def row(name: str) -> str:
    """Return the table's row for one method."""
    method = inspect.getattr_static(PaymentsControl, name)
    function = method.__func__ if isinstance(method, (classmethod, staticmethod)) else method
    parameters = list(inspect.signature(function).parameters.values())[1:]
    arguments = ", ".join(
        each.name if each.default is each.empty else f"{each.name}={each.default!r}"
        for each in parameters
    )
    text = re.sub(r"\s+", " ", (inspect.getdoc(function) or "").split("\n\n")[0])
    text = re.sub(r":\w+:`([^`]+)`", r"`\1`", text).replace("``", "`").replace("|", "\\|")
    return f"| `{name}({arguments})` | `{name.replace('_', '-')}` | {text} |"


def page() -> str:
    """Return the page's text."""
    names = [
        name
        for name, member in inspect.getmembers(PaymentsControl)
        if not name.startswith("_") and callable(member)
    ]
    return HEAD + "\n".join(row(name) for name in names) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page; return the exit status."""
    parser = argparse.ArgumentParser(description="Write docs/control.md.")
    parser.add_argument("--check", action="store_true", help="change nothing, only compare")
    options = parser.parse_args(arguments)
    text = page()
    if options.check:
        if PAGE.read_text(encoding="utf-8") == text:
            return 0
        print(f"{PAGE} is out of date; run: python tools/control_table.py")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
