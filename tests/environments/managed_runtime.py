"""What starts a function in Lambda's managed Python runtimes, in AWS's order; run as a program.

The runtime's own directory comes first on ``sys.path`` as with any script. Then, as the managed
bootstrap does before it hands over to ``awslambdaric``:

1. the layer's two directories go in front of ``sys.path``, unless PYTHONPATH is set, and the task
   root in front of them;
2. ``site.addsitedir`` is called on the task root, and, unless PYTHONPATH is set, on the layer's
   directories: this is what reads ``.pth`` files there;
3. PYTHONPATH is set for child processes where it was not.

Here a layer lies at OPT_ROOT in place of ``/opt``, since tests do not write there. Nothing else
differs from the order above.
"""

import os
import site
import sys
from pathlib import Path

opt = Path(os.environ["OPT_ROOT"], "python")
version = f"python{sys.version_info.major}.{sys.version_info.minor}"
layers = [str(opt / "lib" / version / "site-packages"), str(opt)]
task = os.environ["LAMBDA_TASK_ROOT"]
alone = "PYTHONPATH" not in os.environ

if alone:
    for directory in reversed(layers):
        sys.path.insert(0, directory)
sys.path.insert(0, task)

site.addsitedir(task)
if alone:
    for directory in layers:
        site.addsitedir(directory)
    os.environ["PYTHONPATH"] = os.environ["LAMBDA_RUNTIME_DIR"]

from awslambdaric.__main__ import main  # noqa: E402 - after the paths, as in the runtime

main(["awslambdaric", os.environ["_HANDLER"]])
