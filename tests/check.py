"""The one check: lint, format, types, import contracts, tests. `python tests/check.py`; CI runs the same."""

import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))
STEPS = (
    ("lint", [SCRIPTS / "ruff", "check", "."]),
    ("format", [SCRIPTS / "ruff", "format", "--check", "."]),
    ("types", [SCRIPTS / "mypy"]),
    ("contracts", [SCRIPTS / "lint-imports"]),
    ("tests", [sys.executable, "-m", "pytest"]),
)


def main() -> int:
    """Run every step, so that one call shows all that is wrong; 1 if any failed."""
    failed = []
    for name, command in STEPS:
        print(f"== {name}", flush=True)
        began = time.monotonic()
        code = subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode
        print(f"== {name}: {'ok' if code == 0 else 'FAILED'}, {time.monotonic() - began:.0f} s", flush=True)
        if code:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
