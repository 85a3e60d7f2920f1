"""The house speaks of itself alone: it holds nothing half done, and nothing of the machine it was written on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests.house.tree import ROOT, shown, texts

_UNDONE: Final = re.compile(r"\b(TODO|FIXME|XXX|TBD|lorem ipsum)\b|coming soon|not implemented yet", re.IGNORECASE)
_INDEX: Final = re.compile(r"py(pi\.org|thonhosted)|--(extra-)?index-url|--find-links|deb\.debian\.org", re.IGNORECASE)


def _found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{shown(path)}:{number}: {line.strip()[:100]}"
        for path, said in texts()
        if path != Path(__file__)
        for number, line in enumerate(said.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_nothing_is_left_half_done() -> None:
    assert _found(_UNDONE) == []


def test_nothing_points_into_the_machine_it_was_written_on() -> None:
    here = [path for path in (ROOT, Path.home()) if len(path.parts) > 1]
    assert _found(re.compile("|".join(rf"(?<![\w.]){re.escape(str(path))}(?![\w-])" for path in here))) == []


def test_nothing_says_where_packages_come_from() -> None:
    """Whoever installs the house has their own index of packages set; the house names none."""
    assert _found(_INDEX) == []
