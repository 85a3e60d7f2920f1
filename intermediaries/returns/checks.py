"""What a check is: a small named function whose own sentence explains it, with its tier and the cells it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from intermediaries.returns.findings import Severity
from intermediaries.returns.layout import Column
from intermediaries.returns.raw import RawCell, RawReturn
from ledger.dates import CALENDAR_STARTS, Quarter

FIRST_QUARTER: Final = Quarter.of(CALENDAR_STARTS)
"""From here on there may be returns: what is demanded from the beginning is demanded from this quarter."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a check has to say: the cell it blames, what was found, how to mend it and what was expected."""

    message: str
    remedy: str
    expected: str = ""
    column: str = ""
    row: int | None = None
    value: str | None = None
    sheet: str = ""


FileTest = Callable[[RawReturn], Iterable[Fault]]
CellTest = Callable[[Column, RawCell], Fault | None]


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `needs` names the cells it looks at: where one of them could not be read, the check stays silent."""

    name: str
    tier: int
    severity: Severity
    sentence: str
    needs: tuple[str, ...] = ()
    test: Callable[..., Any] | None = None
    since: Quarter = FIRST_QUARTER
    until: Quarter | None = None

    def in_force(self, quarter: Quarter | None) -> bool:
        """Whether returns of a quarter are held to it; where the quarter is not known, whether any ever was."""
        return quarter is None or (self.since <= quarter and (self.until is None or quarter <= self.until))


def named(test: Callable[..., Any]) -> str:
    """The rule's slug, from the name of its function."""
    return test.__name__.replace("_", "-")


def sentence_of(test: Callable[..., Any]) -> str:
    """The rule's sentence, from the docstring of its function."""
    return (test.__doc__ or "").strip().split("\n")[0]
