"""What a check is: a small named function whose own sentence explains it, with its tier and the cells it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from intermediaries.returns.findings import Severity
from intermediaries.returns.layout import Column
from intermediaries.returns.raw import RawCell, RawReturn


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


def named(test: Callable[..., Any]) -> str:
    """The rule's slug, from the name of its function."""
    return test.__name__.replace("_", "-")


def sentence_of(test: Callable[..., Any]) -> str:
    """The rule's sentence, from the docstring of its function."""
    return (test.__doc__ or "").strip().split("\n")[0]
