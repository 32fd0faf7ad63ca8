"""Compare our service definitions with AWS's, or bring them up to date.

    python tools/sync_models.py check      what drifted, exit status 1 if anything did
    python tools/sync_models.py update     take AWS's facts over, keep our documentation
    ... --botocore-data DIR                against another botocore's data directory

Compared are all operations of ``bedrock-agentcore`` and ``bedrock-agentcore-control`` with
"Payment" in their names: every shape they reach, metadata, pagination, waiters and endpoint rules.
What differs on purpose is declared in `model_planes`. What AWS has added since service-2.json was
first written goes into service-2.sdk-extras.json, which botocore merges and the loader hook leaves
out for a botocore that does not have it itself. ``update`` never copies documentation: what
is new to us is listed as undocumented, and the exit status is 1 until somebody has written it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import botocore

sys.path.insert(0, str(Path(__file__).parent))

from model_drift import Drift, drifts, missing_documentation
from model_facts import expected
from model_files import SERVICE, SourceError, read_ours, read_source, write_ours
from model_planes import PLANES

from boto3_agentcore_payments.loader import takes_additions

DATA = Path(__file__).resolve().parent.parent / "data"


def check(data: Path, botocore_data: Path | None = None) -> list[Drift]:
    """Return every place where our files are not what they should be.

    Args:
        data: Our data directory.
        botocore_data: AWS's, by default the installed botocore's.

    Raises:
        SourceError: if AWS's definitions cannot be read.
    """
    found = []
    additions = botocore_data is not None or takes_additions(botocore.__version__)
    for plane in PLANES:
        ours = read_ours(data, plane, additions=additions)
        found += drifts(plane, read_source(plane, botocore_data), ours)
        found += missing_documentation(plane, ours)
    return found


def update(data: Path, botocore_data: Path | None = None) -> tuple[list[Drift], list[Path]]:
    """Copy AWS's facts into our files.

    Args:
        data: Our data directory.
        botocore_data: AWS's, by default the installed botocore's.

    Returns:
        What was different, and the files that changed.

    Raises:
        SourceError: if AWS's definitions cannot be read, or the installed botocore's are older than
            ours; nothing has been written then.
    """
    if botocore_data is None and not takes_additions(botocore.__version__):
        raise SourceError(f"botocore {botocore.__version__} is older than our definitions")
    sources = [(plane, read_source(plane, botocore_data)) for plane in PLANES]
    found, changed = [], []
    for plane, source in sources:
        ours = read_ours(data, plane)
        found += drifts(plane, source, ours)
        changed += write_ours(data, plane, expected(plane, source, ours))
    return found, changed


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Command-line arguments, by default the process's.

    Returns:
        The exit status: 0 when our files are what they should be.
    """
    options = _parser().parse_args(arguments)
    against = options.botocore_data or f"botocore {botocore.__version__}"
    try:
        if options.action == "update":
            found, changed = update(options.data, options.botocore_data)
            for drift in found:
                print(drift)
            for path in changed:
                print(f"written: {path}")
        left = check(options.data, options.botocore_data)
    except SourceError as error:
        print(error, file=sys.stderr)
        return 1
    for drift in left:
        print(drift)
    counts = [len(read_ours(options.data, p).files[SERVICE].get("operations", ())) for p in PLANES]
    print(f"{sum(counts)} operations compared with {against}: {len(left)} differences")
    return int(bool(left))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("action", choices=("check", "update"))
    parser.add_argument(
        "--botocore-data",
        type=Path,
        metavar="DIR",
        help="data directory of a botocore (default: the installed one's)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=DATA,
        help="our data directory (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
