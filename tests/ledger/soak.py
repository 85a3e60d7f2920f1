"""The long search: ``python -m tests.ledger.soak --steps 200000 --seed 1`` counts the steps it took and prints them.

It goes from seed to seed, a few examples of each, until it has taken the steps. What it finds it shrinks and keeps
beside this file in ``regressions``, where the suite runs it again for ever, and then it ends with 1.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from pathlib import Path
from typing import Final

from tests import databases, servers
from tests.ledger.machine import Found, search
from tests.ledger.twins import Twins

KEPT: Final = Path(__file__).with_name("regressions")
_EXAMPLES: Final = 20


def main() -> int:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--steps", type=int, default=200_000)
    wanted.add_argument("--seed", type=int, default=1)
    asked = wanted.parse_args()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    with servers.run_of_tests() as run:
        try:
            return _soak(run, asked.steps, asked.seed)
        finally:
            databases.hang_up(run)


def _soak(run: Path, steps: int, number: int) -> int:
    begun = time.monotonic()
    while Twins.taken < steps:
        found = search(run, number, examples=_EXAMPLES)
        rate = Twins.taken / (time.monotonic() - begun)
        print(f"seed {number}: {Twins.taken} steps so far, {rate:.0f} a second", flush=True)
        if found:
            print(f"found {found.fault!r}\nkept as {keep(found)}")
            return 1
        number += 1
    print(f"{Twins.taken} steps taken; nothing found")
    return 0


def keep(found: Found) -> Path:
    """Write the script that shows what was found."""
    KEPT.mkdir(exist_ok=True)
    written = KEPT / f"seed-{found.seed}.json"
    steps = found.script[1:]  # the first is taken by every pair of journals as it is opened
    content = {"seed": found.seed, "found": f"{type(found.fault).__name__}: {found.fault}"[:500], "steps": steps}
    written.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return written


if __name__ == "__main__":
    sys.exit(main())
