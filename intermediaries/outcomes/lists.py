"""What a code list is: codes with titles, a version, dates of use and a source, and how a code is looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

from ledger.dates import CALENDAR_STARTS
from ledger.refusals import NotFound

NOT_KNOWN: Final = "?"
"""The answer of somebody who should know and does not: never zero, never blank."""
NOT_APPLICABLE: Final = "-"
"""The answer to a question that cannot be asked of this loan: never zero, never "not known"."""


class UnknownCodeList(NotFound):
    """A code list that is not served."""

    slug = "unknown-code-list"


@dataclass(frozen=True, slots=True)
class Code:
    """One code: what is written in a file, what people read, and the days on which it may be used."""

    code: str
    title: str
    valid_from: date = CALENDAR_STARTS
    valid_to: date | None = None
    aliases: tuple[str, ...] = ()
    """Other writings of the same code that an import may meet."""

    def valid_on(self, day: date) -> bool:
        """Whether the code may be used on a day; both ends are included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class CodeList:
    """One version of one list. `version` dates the scheme; the valid days date its use in our returns.

    A scheme published after the bank's first quarter is used for the earlier quarters too: there was none before it.
    """

    name: str
    title: str
    version: str
    source: str
    codes: tuple[Code, ...]
    valid_from: date = CALENDAR_STARTS
    valid_to: date | None = None

    def find(self, written: str, on: date | None = None) -> Code | None:
        """The code written so, by itself or by an alias, if it may be used on that day; None otherwise."""
        for code in self.codes:
            if written == code.code or written in code.aliases:
                return code if on is None or code.valid_on(on) else None
        return None

    def near(self, written: str) -> tuple[str, ...]:
        """The codes that another writing most likely means: those that it begins, or one that looks or reads alike."""
        names = {name.lower(): name for name in self.names()}
        titles = {code.title.lower(): code.code for code in self.codes}
        lowered = written.lower().replace("_", "-").replace(" ", "-")
        begun = tuple(name for low, name in names.items() if low.startswith(f"{lowered}-"))
        near = get_close_matches(lowered, names, n=1, cutoff=0.6) or get_close_matches(written.lower(), titles, n=1)
        return begun or tuple({**titles, **names}[one] for one in near)

    def title_of(self, code: str) -> str:
        """What people read for a code; a code of another version is shown as it stands."""
        found = self.find(code)
        return found.title if found else code

    def names(self, on: date | None = None) -> tuple[str, ...]:
        """The codes that may be used on a day, in the list's own order."""
        return tuple(code.code for code in self.codes if on is None or code.valid_on(on))
