"""What is in force on a day, of all that one person proposed and another may have approved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Protocol, TypeVar


class Dated(Protocol):
    """Something in force from a day on, once it is approved."""

    @property
    def from_on(self) -> date:
        """The day from which it is meant."""
        ...

    @property
    def approved_at(self) -> datetime | None:
        """When it was approved, if it is."""
        ...


_Dated = TypeVar("_Dated", bound=Dated)
_Sort = TypeVar("_Sort")


def in_force(proposed: Iterable[_Dated], day: date) -> _Dated | None:
    """What holds on a day: of the approved that which starts last by then; of two from one day, the later approved."""
    approved = [(one.from_on, one.approved_at, one) for one in proposed if one.approved_at and one.from_on <= day]
    return max(approved, key=lambda told: told[:2])[2] if approved else None


def each_in_force(proposed: Iterable[_Dated], day: date, sort: Callable[[_Dated], _Sort]) -> dict[_Sort, _Dated]:
    """The same of each sort of which anything holds on the day."""
    sorts: defaultdict[_Sort, list[_Dated]] = defaultdict(list)
    for one in proposed:
        sorts[sort(one)].append(one)
    return {name: held for name, those in sorts.items() if (held := in_force(those, day)) is not None}
