"""What may be published of few: no row about fewer borrowers than a number, and none that could be worked out.

A row that is withheld must not follow from those that are shown. So of the parts of a row that is shown either none is
withheld, or at least two that are together of enough borrowers; and nothing is shown of the parts of a row withheld.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """One row by its key: the borrowers it is about, and the rows that add up to it."""

    key: str
    borrowers: frozenset[str]
    parts: tuple[Cell, ...] = ()

    @classmethod
    def over(cls, key: str, *parts: Cell) -> Cell:
        """A row that is the sum of others."""
        return cls(key, frozenset().union(*(part.borrowers for part in parts)), parts)

    def keys(self) -> Iterator[str]:
        """Its own key and those of all its parts."""
        yield self.key
        for part in self.parts:
            yield from part.keys()


def withheld(cell: Cell, fewest: int) -> set[str]:
    """The keys of the rows that may not be shown, where a row needs so many borrowers at the least, or none at all."""
    if 0 < len(cell.borrowers) < fewest:
        return set(cell.keys())
    small = [part for part in cell.parts if 0 < len(part.borrowers) < fewest]
    others = sorted(
        (part for part in cell.parts if len(part.borrowers) >= max(fewest, 1)),
        key=lambda part: (len(part.borrowers), part.key),
    )
    while small and others and (len(small) == 1 or len(_together(small)) < fewest):
        small.append(others.pop(0))
    hidden = {part.key for part in small}
    found: set[str] = set()
    for part in cell.parts:
        found |= set(part.keys()) if part.key in hidden else withheld(part, fewest)
    return found


def _together(cells: list[Cell]) -> frozenset[str]:
    return frozenset().union(*(cell.borrowers for cell in cells))
