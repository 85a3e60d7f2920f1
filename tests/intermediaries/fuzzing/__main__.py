"""Make files and have them read until the time is over; print and keep every one that something went wrong with."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Final

from tests.intermediaries.fuzzing.books import as_workbook
from tests.intermediaries.fuzzing.reading import FORMATS, MIB, Outcome, read_apart
from tests.intermediaries.fuzzing.text import as_csv, as_json

MAKERS: Final[dict[str, Callable[[Random], bytes]]] = {"csv": as_csv, "json": as_json, "xlsx": as_workbook}
EVERY: Final = 25
"""One workbook of so many is also read by the process that the project itself starts."""


def made(seed: int, number: int, only: str | None = None) -> tuple[str, bytes]:
    """The file of that number of that seed: always the same one."""
    chance = Random(f"{seed}/{number}")  # noqa: S311 -- to be made again, not to be kept secret
    form = only or FORMATS[number % len(FORMATS)]
    return form, MAKERS[form](chance)


def main(words: Sequence[str] | None = None, say: Callable[[str], object] = print) -> int:
    """Fuzz, print what was seen, and end with 1 where anything went wrong."""
    reader = argparse.ArgumentParser(prog="python -m tests.intermediaries.fuzzing", description=__doc__)
    reader.add_argument("--minutes", type=float, default=1.0)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--from", dest="first", type=int, default=0, help="Go on from this number.")
    reader.add_argument("--files", type=int, help="At most so many files.")
    reader.add_argument("--number", type=int, help="Make and read this one file only.")
    reader.add_argument("--only", choices=FORMATS)
    reader.add_argument("--keep", type=Path, help="Where files that went wrong are kept; a new folder if left out.")
    asked = reader.parse_args(words)
    first, most = (asked.first, asked.files) if asked.number is None else (asked.number, 1)
    keep = asked.keep or Path(tempfile.mkdtemp(prefix="fuzzed-"))
    keep.mkdir(parents=True, exist_ok=True)
    until, number, wrong = time.monotonic() + asked.minutes * 60, first, 0
    rules: Counter[str] = Counter()
    worst: dict[str, Outcome] = {}
    while time.monotonic() < until and (most is None or number < first + most):
        form, data = made(asked.seed, number, asked.only)
        found = read_apart(data, form, whole=number % (EVERY * len(FORMATS)) == FORMATS.index("xlsx"))
        if found.complaint:
            wrong += 1
            kept = keep / f"{asked.seed}-{number}.{form}"
            kept.write_bytes(data)
            say(f"WRONG: --seed {asked.seed} --number {number} ({form}): {found.complaint}; kept as {kept}")
        rules.update(set(found.rules) or {"nothing found"})
        worst[form] = max(worst.get(form, found), found, key=lambda one: one.grown)
        number += 1
    say(_told(number - first, wrong, rules, worst))
    return int(bool(wrong))


def _told(files: int, wrong: int, rules: Counter[str], worst: dict[str, Outcome]) -> str:
    grown = ", ".join(f"{form} {one.grown // MIB} MiB" for form, one in sorted(worst.items()))
    common = ", ".join(f"{rule} {times}" for rule, times in rules.most_common(12))
    return f"{files:,} files, {wrong} wrong; {len(rules)} rules seen ({common}); memory grew at most by: {grown}."


if __name__ == "__main__":
    sys.exit(main())
