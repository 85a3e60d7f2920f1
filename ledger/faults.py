"""What is wrong with a document, member by member: all faults at once, each with its place and its cure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.refusals import Malformed

_MOST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document.

    The pointer (RFC 6901) says where it stands; then come what was found there, what was expected, and how to mend it.
    """

    pointer: str
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.pointer or 'the document'}: found {self.found}, expected {self.expected}; {self.remedy}"


class Faulty(Malformed):
    """A document with faults; `faults` lists every one of them."""

    slug = "faulty-document"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(". ".join(map(str, faults)), faults=list(faults))
        self.faults = tuple(faults)


def shown(value: object) -> str:
    """A value as a sentence can quote it, cut short where it is long."""
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 3] + "..."
