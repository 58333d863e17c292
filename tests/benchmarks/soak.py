"""Two thousand random keys on each screen, with training on and off: `python -m tests.benchmarks.soak`.

`--screen train --training on --seed 7 --keys 500` plays one of them again. Prints seed, keys, seconds, and where
something is wrong what it is and the last 30 keys.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.app.soak import MODES, harmless, soak


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--screen", choices=MODES, action="append")
    parser.add_argument("--training", choices=("on", "off"), action="append")
    asked = parser.parse_args()
    wrong = 0
    for screen in asked.screen or MODES:
        for training in asked.training or ("off", "on"):
            with tempfile.TemporaryDirectory() as home, harmless(Path(home)):
                found = asyncio.run(soak(screen, asked.keys, asked.seed, training == "on", Path(home)))
            print(found, flush=True)
            wrong += bool(found.wrong)
    print(f"{wrong} of them went wrong" if wrong else "all is well")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
