"""What the README and the handbook tell a reader to type, and what they say will come of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.house.tree import ROOT

HANDBOOK: Final = ROOT / "bank" / "handbook"
DOCUMENTS: Final = [ROOT / "README.md", *sorted(HANDBOOK.glob("*.md"))]

_FENCE: Final = re.compile(r"^```console( refused)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SKIPPED: Final = "…"


@dataclass(frozen=True, slots=True)
class Shown:
    """One command as a document shows it: what to type, what is then printed, and whether it is refused."""

    command: str
    printed: str
    refused: bool


def shown_in(document: Path) -> list[Shown]:
    """Every command of the document's ``console`` blocks, in order.

    A line that starts with ``$`` is typed, and goes on in the next line after a backslash; what follows is printed. A
    block marked ``console refused`` shows commands that are refused.
    """
    return [
        shown
        for refused, block in _FENCE.findall(document.read_text(encoding="utf-8"))
        for shown in _commands(block.replace("\\\n", " "), bool(refused))
    ]


def _commands(block: str, refused: bool) -> list[Shown]:
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
    if parts[0].strip():
        raise ValueError(f"a console block begins with a command, and this one with {parts[0]!r}")
    return [Shown(*_split(part), refused) for part in parts[1:]]


def _split(part: str) -> tuple[str, str]:
    command, _, printed = part.partition("\n")
    return " ".join(command.split()), printed.strip()


def comes_to(shown: str, printed: str) -> bool:
    """Whether what was printed is what the document shows; an ellipsis there stands for anything."""
    pieces = [r"\s+".join(map(re.escape, piece.split())) for piece in shown.split(_SKIPPED)]
    pattern = r"\s*.*?\s*".join(pieces)
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None
