"""The table of a run: what was reached beside what the baseline did, whether it is enough, and how sure that is."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from tests.benchmarks.ledger.timing import Rounds, median


@dataclass
class Line:
    """One row of the table. A line without a bound is there to be read, not to be held to."""

    engine: str
    work: str
    what: str
    ours: str
    bare: str = ""
    ratio: float | None = None
    least: float | None = None
    most: float | None = None
    bound: float | None = None
    sense: Literal["at least", "at most"] = "at most"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bound is kept; nothing where there is none."""
        if self.bound is None or self.ratio is None:
            return None
        return self.ratio <= self.bound if self.sense == "at most" else self.ratio >= self.bound


@dataclass
class Table:
    """All rows of a run, and everything that was found wrong in the answers."""

    head: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    checked: int = 0

    def add(self, line: Line) -> None:
        """Take a line, and show it at once: a full run is long."""
        self.lines.append(line)
        print(_shown(line), file=sys.stderr, flush=True)

    def check(self, what: str, found: object, wanted: object) -> None:
        """Compare an answer with the oracle's."""
        self.checked += 1
        if found != wanted:
            self.wrong.append(f"{what}: {str(found)[:200]} and not {str(wanted)[:200]}")
            print(f"WRONG {self.wrong[-1]}", file=sys.stderr, flush=True)

    def text(self) -> str:
        """The whole table, for a person."""
        missed = [line for line in self.lines if line.met is False]
        verdict = f"{self.checked} answers compared with the oracle, {len(self.wrong)} wrong"
        return "\n".join(
            [
                *self.head,
                _HEADINGS,
                *(_shown(line) for line in sorted(self.lines, key=lambda line: (line.engine, line.work))),
                f"{verdict}; {sum(line.met is True for line in self.lines)} targets met, {len(missed)} missed",
                *(f"WRONG {wrong}" for wrong in self.wrong),
            ]
        )

    def write(self, file: Path) -> None:
        """The same as JSON."""
        content = asdict(self) | {"lines": [asdict(line) | {"met": line.met} for line in self.lines]}
        file.write_text(json.dumps(content, indent=1), encoding="utf-8")


_HEADINGS = f"{'':10} {'work':6} {'what':62} {'ours':>15} {'bare driver':>15} {'ratio':>6}  {'least-most':>11}  reach"


def rate_line(engine: str, work: str, what: str, rounds: Rounds, each: int, **rest: object) -> Line:
    """A line of rates: how many of something a second, and how near ours come to the baseline's."""
    ratios = [1 / ratio for ratio in rounds.ratios()]
    return _line(
        engine, work, what, f"{each / median(rounds.ours):,.0f}/s", f"{each / median(rounds.bare):,.0f}/s", ratios, rest
    )


def time_line(engine: str, work: str, what: str, rounds: Rounds, **rest: object) -> Line:
    """A line of times: how long something takes, and how many times the baseline's time that is."""
    ours, bare = spoken(median(rounds.ours)), spoken(median(rounds.bare))
    return _line(engine, work, what, ours, bare, rounds.ratios(), rest)


def spoken(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-4 else f"{seconds * 1e6:.1f} us"


def _line(
    engine: str, work: str, what: str, ours: str, bare: str, ratios: Sequence[float], rest: dict[str, object]
) -> Line:
    line = Line(engine, work, what, ours, bare, median(ratios), min(ratios), max(ratios))
    for name, value in rest.items():
        setattr(line, name, value)
    return line


def _shown(line: Line) -> str:
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
    spread = "" if line.least is None else f"{line.least:.2f}-{line.most:.2f}"
    reach = "" if line.bound is None else f"{line.sense} {line.bound:g} {'yes' if line.met else 'MISSED'}"
    shown = f"{line.engine:10} {line.work:6} {line.what:62} {line.ours:>15} {line.bare:>15} {ratio:>6}  {spread:>11}"
    return f"{shown}  {reach:20} {line.note}".rstrip()
