"""How things are timed on a machine with other work: short rounds by turns, a probe beside each, medians of ratios."""

from __future__ import annotations

import gc
import hashlib
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bank.cli import LOOKED_AFTER

ROOT: Final = Path(__file__).resolve().parents[3]


@dataclass
class Rounds:
    """Seconds of each round, ours and the baseline's, in the order they were run; and what the probe took."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    probe: list[float] = field(default_factory=list)

    def ratios(self) -> list[float]:
        """How many times the baseline's time ours took, round by round."""
        return [ours / bare for ours, bare in zip(self.ours, self.bare, strict=True)]


def taken(act: Callable[[], object]) -> float:
    """Seconds that an act takes."""
    with rubbish_of_its_own():
        began = time.perf_counter()
        act()
        return time.perf_counter() - began


@contextmanager
def rubbish_of_its_own() -> Iterator[None]:
    """Let the collector of rubbish work as often as the bank's doors have it, but not on what the measuring holds."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*LOOKED_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def probe() -> float:
    """Seconds for a fixed piece of arithmetic on one processor: the measure of how busy the machine is."""
    began = time.perf_counter()
    total = 0
    for number in range(400_000):
        total += number * number
    return time.perf_counter() - began


def fastest(ways: Mapping[str, Callable[[], float]]) -> str:
    """The name of the way that takes least, the better of two trials each."""
    trials = {name: min(way(), way()) for name, way in ways.items()}
    return min(trials, key=lambda name: trials[name])


def median(found: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(found)


def share(found: Sequence[float], part: float) -> float:
    """The value that a part of all are not above: 0.5 is the median, 0.99 the ninety-ninth of a hundred."""
    ordered = sorted(found)
    return ordered[min(len(ordered) - 1, round(part * (len(ordered) - 1)))]


def flush_time(directory: Path) -> float:
    """Seconds for one small write flushed to the disk: the floor under every commit of one client alone."""
    with tempfile.NamedTemporaryFile(dir=directory) as held:
        os.write(held.fileno(), b"\0" * 8192 * 64)
        os.fsync(held.fileno())
        found = []
        for turn in range(100):
            os.lseek(held.fileno(), turn % 64 * 8192, os.SEEK_SET)
            os.write(held.fileno(), b"\1" * 8192)
            began = time.perf_counter()
            os.fdatasync(held.fileno())
            found.append(time.perf_counter() - began)
    return statistics.median(found)


def hash_time() -> float:
    """Seconds to hash one entry's worth of bytes, for whoever wonders what the seals cost."""
    sample = b"x" * 400
    began = time.perf_counter()
    for _ in range(20_000):
        hashlib.sha256(sample).digest()
    return (time.perf_counter() - began) / 20_000


def machine() -> str:
    """The machine in one line: processors, memory, kernel, Python, and how busy it is."""
    cpu = _named_in(Path("/proc/cpuinfo"), "model name") or platform.processor()
    memory = int((_named_in(Path("/proc/meminfo"), "MemTotal") or "0 kB").split()[0]) / 2**20
    load = " ".join(f"{part:.2f}" for part in os.getloadavg())
    return (
        f"{os.cpu_count()} x {cpu}, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {load}"
    )


def commit() -> str:
    """The commit that is measured, and whether the files differ from it."""
    try:
        asked = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=10"]
        return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "not a checkout"


def _named_in(listing: Path, name: str) -> str:
    if not listing.exists():
        return ""
    found = (line.partition(":") for line in listing.read_text().splitlines())
    return next((value.strip() for key, _, value in found if key.strip() == name), "")
