"""One of all that are alike: what very many rows have in common, kept once for all of them."""

from __future__ import annotations

from datetime import date
from typing import Any


class Alike(dict[Any, Any]):
    """Asked for a value, it answers with the first that was the same; a driver makes a new one for every row.

    Only for texts and whole numbers: a decimal number is the same as another that is written otherwise.
    """

    def __missing__(self, one: Any) -> Any:
        self[one] = one
        return one

    def day(self, told: str | date) -> date:
        """A day, however the driver tells it; each is read once."""
        day: date | None = self.get(("day", told))
        if day is None:
            day = self["day", told] = date.fromisoformat(told) if isinstance(told, str) else told
        return day
