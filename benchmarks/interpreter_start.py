"""What the start-up files add to every start of the interpreter, over an empty ``.pth``.

Virtual environments that differ only in their start-up files take turns. In each process the CPU
time of ``site.main()`` is taken, which is all that an interpreter does for start-up files: the
time of whole processes varies by more than what is looked for. Bytecode is written beforehand, as
pip does. On Python 3.12 to 3.14 the first ``.pth`` that is not empty, whatever it says, also loads
the codec ``utf_8_sig``; ``a comment`` shows that.

In a virtual environment ``site`` goes through the start-up files twice, once for the environment
and once for the prefix, which is the same directory. ``once`` is what it costs elsewhere.

    python benchmarks/interpreter_start.py [--rounds 200]
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STARTUP_FILES = (
    "_boto3_agentcore_payments_startup.py",
    "boto3_agentcore_payments.pth",
    "boto3_agentcore_payments.start",
)
PYTHON = "Scripts/python.exe" if os.name == "nt" else "bin/python"
TARGET_MS = 0.2

PROBE = """
import time
started = time.thread_time_ns()
import site
site.main()
print((time.thread_time_ns() - started) / 1e6)
"""
PROBE_ONCE = """
import site, sys, time
started = time.thread_time_ns()
site.addsitedir(sys.argv[1])
print((time.thread_time_ns() - started) / 1e6)
"""


def make_environments(parent: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return the command, up to its flags, and the environment variables of each case."""
    mains, once = {}, {}
    for case in ("empty", "comment", "ours"):
        venv.create(parent / case)
        site_packages = Path(sysconfig.get_path("purelib", vars={"base": str(parent / case)}))
        if case == "ours":
            for name in STARTUP_FILES:
                shutil.copy(ROOT / name, site_packages)
            compileall.compile_dir(site_packages, quiet=1)
        else:
            text = "# nothing\n" if case == "comment" else ""
            (site_packages / "other.pth").write_text(text, encoding="utf-8")
        start = [str(parent / case / PYTHON), "-I", "-S", "-c"]
        mains[case] = [*start, PROBE]
        once[case] = [*start, PROBE_ONCE, str(site_packages)]
    opt_out = {"BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD": "0"}
    return {
        "an empty .pth": (mains["empty"], {}),
        "a comment": (mains["comment"], {}),
        "ours": (mains["ours"], {}),
        "ours, opted out": (mains["ours"], opt_out),
        "an empty .pth, once": (once["empty"], {}),
        "ours, once": (once["ours"], {}),
    }


def sample(command: list[str], environment: dict[str, str]) -> float:
    """Return the milliseconds of CPU time that one start spent on start-up files."""
    answer = subprocess.run(
        command,
        capture_output=True,
        check=True,
        env={**os.environ, **environment},
        text=True,
    )
    return float(answer.stdout)


def main() -> None:
    """Measure, and print a table and the difference that matters."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200, help="processes for each case")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as temporary:
        cases = make_environments(Path(temporary))
        samples: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(rounds):
            for name, case in cases.items():
                samples[name].append(sample(*case))
    medians = {name: statistics.median(taken) for name, taken in samples.items()}
    best = {name: min(taken) for name, taken in samples.items()}
    print(
        f"Python {sys.version.split()[0]:<13} {'median ms':>9} {'best ms':>9}   over an empty .pth"
    )
    for name in samples:
        empty = "an empty .pth, once" if name.endswith("once") else "an empty .pth"
        median_over, best_over = medians[name] - medians[empty], best[name] - best[empty]
        print(
            f"{name:<20} {medians[name]:9.3f} {best[name]:9.3f} {median_over:9.3f} {best_over:6.3f}"
        )
    print(f"target: ours at most {TARGET_MS} over an empty .pth")


if __name__ == "__main__":
    main()
