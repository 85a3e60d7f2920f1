"""What may be published of few: no row about fewer borrowers than a number, and none that could be worked out.

A row that is withheld must not follow from those that are shown. So of the parts of a row that is shown either none is
withheld, or at least two that are together of enough borrowers; and nothing is shown of the parts of a row withheld.

Nor may it follow from two publications: whoever has both can take one from the other, and is left with the borrowers
who moved in between. What was published stands; so a new publication is held against every earlier one. A row is shown
anew only where nobody of it moved since, or enough borrowers did; and a row that was withheld stays so until enough
have moved that showing it does not tell what it was.

Sources: the Government Statistical Service's guidance on disclosure control of tables from administrative sources (a
threshold for each cell, secondary suppression so that no cell is recovered from its totals, and differencing between
tables, also successive ones, as a risk to be looked for before each release); the United States' Federal Committee on
Statistical Methodology, Statistical Policy Working Paper 22, on complementary suppression and its audit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

Parts = Mapping[str, str]
"""By borrower, what stands for their part of a row: it is another text when the part is another."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One column of some rows as it was published: each row's parts, and the keys of the rows that were withheld."""

    rows: Mapping[str, Parts]
    hidden: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One row by its key: the borrowers it is about, and the rows that add up to it.

    `moved` are, for each earlier publication, the borrowers whose part is another since; `dark` says for each whether
    the row was withheld in it. What is `barred` is withheld whatever it is about: another table would tell of it.
    """

    key: str
    borrowers: frozenset[str]
    parts: tuple[Cell, ...] = ()
    moved: tuple[frozenset[str], ...] = ()
    dark: tuple[bool, ...] = ()
    barred: bool = False

    @classmethod
    def over(cls, key: str, *parts: Cell, earlier: Sequence[Shown] = ()) -> Cell:
        """A row that is the sum of others."""
        moved = tuple(_together([part.moved[place] for part in parts]) for place in range(len(earlier)))
        dark = tuple(key in one.hidden for one in earlier)
        return cls(key, _together([part.borrowers for part in parts]), parts, moved, dark)

    def keys(self) -> Iterator[str]:
        """Its own key and those of all its parts."""
        yield self.key
        for part in self.parts:
            yield from part.keys()

    def tells_of_few(self, fewest: int) -> bool:
        """Whether to show it tells of fewer borrowers than so many: by itself, or beside an earlier publication."""
        if self.barred or 0 < len(self.borrowers) < fewest:
            return True
        return bool(self.borrowers) and any(
            len(moved) < fewest if dark else 0 < len(moved) < fewest
            for moved, dark in zip(self.moved, self.dark, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """One column about to be published, beside what was published of it before; collects its rows."""

    earlier: Sequence[Shown] = ()
    rows: dict[str, Parts] = field(default_factory=dict)
    barred: frozenset[str] = frozenset()
    """Rows that are withheld whatever they are about."""

    def leaf(self, key: str, parts: Parts, *, barred: bool = False) -> Cell:
        """A row that no others add up to."""
        self.rows[key] = parts
        return Cell(
            key,
            frozenset(parts),
            moved=tuple(changed(one.rows.get(key, {}), parts) for one in self.earlier),
            dark=tuple(key in one.hidden for one in self.earlier),
            barred=barred or key in self.barred,
        )

    def over(self, key: str, *parts: Cell) -> Cell:
        """A row that is the sum of others."""
        cell = Cell.over(key, *parts, earlier=self.earlier)
        return replace(cell, barred=True) if key in self.barred else cell


def changed(then: Parts, now: Parts) -> frozenset[str]:
    """The borrowers whose part is another than it was."""
    return frozenset(one for one in {*then, *now} if then.get(one) != now.get(one))


def withheld(cell: Cell, fewest: int) -> set[str]:
    """The keys of the rows that may not be shown, where a row needs so many borrowers at the least, or none at all."""
    if cell.tells_of_few(fewest):
        return set(cell.keys())
    small = [part for part in cell.parts if part.tells_of_few(fewest) or _tells_of_then(part, cell, fewest)]
    others = sorted(
        (part for part in cell.parts if part not in small and len(part.borrowers) >= max(fewest, 1)),
        key=lambda part: (len(part.borrowers), part.key),
    )
    while small and others and not _enough(small, fewest):
        best = next((part for part in others if _enough([*small, part], fewest)), others[0])
        small.append(best)
        others.remove(best)
    hidden = {part.key for part in small}
    found: set[str] = set()
    for part in cell.parts:
        found |= set(part.keys()) if part.key in hidden else withheld(part, fewest)
    return found


def _tells_of_then(part: Cell, whole: Cell, fewest: int) -> bool:
    """Whether to show a row that was withheld in a row that was shown tells what it was.

    By how much all that was withheld of that row has moved can be told. So enough borrowers must have moved in what
    else was withheld: otherwise it is known by how much this one did.
    """
    for place, dark in enumerate(part.dark):
        if dark and not whole.dark[place] and part.borrowers:
            others = [one.moved[place] for one in whole.parts if one is not part and one.dark[place]]
            if len(_together(others)) < fewest:
                return True
    return False


def _enough(cells: Sequence[Cell], fewest: int) -> bool:
    """Whether what is left of a row without its shown parts tells of enough borrowers, now and beside each time before.

    Of a row that was shown before, no more than how it moved is unknown.
    """
    if len(cells) == 1 or len(_together([cell.borrowers for cell in cells])) < fewest:
        return False
    for place in range(len(cells[0].moved)):
        since = _together([cell.moved[place] for cell in cells])
        unknown = _together([cell.borrowers if cell.dark[place] else cell.moved[place] for cell in cells])
        if any(0 < len(some) < fewest for some in (since, unknown)):
            return False
    return True


def _together(some: Sequence[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*some)
