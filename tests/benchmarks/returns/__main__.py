"""Measure a return of so many loans as CSV and Excel, print a table, and say what memory it took."""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.returns.material import as_csv, as_workbook
from tests.benchmarks.returns.works import KINDS, USUAL, bare, ours, settle, usual

FORMS: Final = {"csv": as_csv, "xlsx": as_workbook}
_ROOT: Final = Path(__file__).resolve().parents[3]
_SECONDS: Final = {
    "sqlite": "Seconds of the processor, with those of the processes started",
    "postgresql": "Seconds on the clock, on a server that waits for no disk",
}
SAYS: Final = (
    "; the ratio is of all that is ours to the bare\n"
    "reading and inserting. Peak memory in MiB, each in a process of its own; the reader takes workbooks apart."
)


def measure(loans: int, form: str, kind: str = "sqlite") -> dict[str, Any]:
    """One form of the file, measured here; memory in processes of their own."""
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / f"return.{form}"
        file.write_bytes(FORMS[form](loans))
        data = file.read_bytes()
        plain = bare(data, form, Path(home), kind)["read and insert"]
        took = ours(data, form, Path(home), loans, kind)
        whole = sum(took.values())
        return {
            "form": form,
            "loans": loans,
            "MiB": len(data) / 2**20,
            **took,
            "rows a second": loans / whole,
            "bare": plain,
            "ratio": whole / plain,
            "check ratio": took["check"] / plain,
            "memory": _memory(file, form, loans, "ours", kind),
            "bare memory": _memory(file, form, loans, "bare", kind),
        }


def _memory(file: Path, form: str, loans: int, what: str, kind: str) -> dict[str, float]:
    """The peak of a process of its own that does only this, and of the greatest one that it started."""
    words = [sys.executable, "-m", "tests.benchmarks.returns", "--inside", what, str(file), form, str(loans), kind]
    done = subprocess.run(words, capture_output=True, check=True, cwd=_ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _inside(what: str, file: Path, form: str, loans: int, kind: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        data = file.read_bytes()
        before = _peak()
        if what == "bare":
            bare(data, form, Path(home), kind)
        else:
            ours(data, form, Path(home), loans, kind)
    after, reader = _peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"before": before, "peak": after, "reader": reader}))


def _peak() -> float:
    """The greatest memory of this program in MiB: where the system tells it, without that of whoever started it."""
    status = Path("/proc/self/status")
    told = re.search(r"VmHWM:\s*([0-9]+) kB", status.read_text()) if status.is_file() else None
    return int(told[1]) / 1024 if told else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(found: Sequence[dict[str, Any]], usually: dict[str, float], kind: str = "sqlite") -> str:
    """What was measured, a line for each form."""
    heads = ("form", "loans", "MiB", "check", "file", "post", "rows a second", "bare", "ratio", "check ratio")
    lines = ["  ".join(f"{head:>8}" for head in (*heads, "peak", "reader", "bare peak"))]
    for one in found:
        cells = [f"{one[head]:,.2f}" if isinstance(one[head], float) else str(one[head]) for head in heads]
        cells += [f"{one['memory'][name]:.0f}" for name in ("peak", "reader")] + [f"{one['bare memory']['peak']:.0f}"]
        lines.append(
            "  ".join(
                f"{cell:>{max(8, len(head))}}" for cell, head in zip(cells, (*heads, "", "", "bare peak"), strict=True)
            )
        )
    lines.append(f"{_SECONDS[kind]}{SAYS}")
    lines += [
        f"A usual return of {USUAL} loans as {form} is checked in {took:.2f} s." for form, took in usually.items()
    ]
    return "\n".join(lines)


def main(words: Sequence[str] | None = None, say: Callable[[str], object] = print) -> int:
    """Measure and print."""
    reader = argparse.ArgumentParser(prog="python -m tests.benchmarks.returns", description=__doc__)
    reader.add_argument("--loans", type=int, default=100_000)
    reader.add_argument("--forms", nargs="+", choices=FORMS, default=list(FORMS))
    reader.add_argument("--database", choices=KINDS, default=KINDS[0])
    reader.add_argument("--inside", nargs=5, help=argparse.SUPPRESS)
    asked = reader.parse_args(words)
    if words is None:
        settle()
    if asked.inside:
        what, file, form, loans, kind = asked.inside
        _inside(what, Path(file), form, int(loans), kind)
        return 0
    found = [measure(asked.loans, form, asked.database) for form in asked.forms]
    say(table(found, {form: usual(FORMS[form](USUAL)) for form in asked.forms}, asked.database))
    return 0


if __name__ == "__main__":
    sys.exit(main())
