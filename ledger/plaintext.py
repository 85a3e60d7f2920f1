"""The journal as plain-text accounting: the same entries as Beancount and hledger read them, all books in one file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ledger.dates import CALENDAR_STARTS
from ledger.refusals import NotFound

Accounts = Mapping[tuple[str, str], tuple[str, str]]
"""The kind (as the chart has it) and the name of each account, by its book and its code."""

_ROOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "asset": ("Assets",),
    "liability": ("Liabilities",),
    "equity": ("Equity",),
    "income": ("Income",),
    "expense": ("Expenses",),
    "memo": ("Equity", "Memo"),
}
"""Memoranda balance among themselves, so they stand apart below equity, where both tools let them balance."""

_OUTSIDE_A_NAME: Final = re.compile(r"[^A-Za-z0-9-]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FACTS: Final = ("key", "seq", "recorded_at", "actor", "seal", "kind", "pair", "reverses", "original_effective_on")


class UnknownAccount(NotFound):
    """A journal line names an account that the accounts given do not include."""

    slug = "unknown-account"


def account_names(accounts: Accounts) -> dict[tuple[str, str], str]:
    """The name of each account in the text: its root, its book and the parts of its code, valid in both tools.

    Two accounts never share a name: where two parts would be written alike, the later in order carries a number. An
    account below another has a name below the other's.
    """
    tree = _Names()
    return {
        (book, code): tree.name((*_ROOTS[accounts[book, code][0]], book, *code.split(":")))
        for book, code in sorted(accounts)
    }


def beancount(lines: Iterable[Mapping[str, Any]], accounts: Accounts) -> Iterator[str]:
    """The lines of a Beancount file; each entry carries its place, seal and the rest as metadata.

    `lines` are journal lines as exported. Refuses a line whose account is not among the accounts.
    """
    names = account_names(accounts)
    yield 'option "operating_currency" "GBP"'
    for key, name in names.items():
        book, code = key
        yield f"{CALENDAR_STARTS} open {name} GBP"
        yield f"  name: {_quoted(accounts[key][1])}"
        yield f"  book: {_quoted(book)}"
        yield f"  code: {_quoted(code)}"
    for line in lines:
        yield ""
        yield f"{line['effective_on']} * {_quoted(line['description'])}"
        yield from (f"  {fact}: {_quoted(str(line[fact]))}" for fact in _FACTS if line.get(fact))
        yield from _postings(line, names)


def hledger(lines: Iterable[Mapping[str, Any]], accounts: Accounts) -> Iterator[str]:
    """The lines of an hledger journal; each entry's code is its place in the journal and its seal follows as a tag.

    `lines` are journal lines as exported. Refuses a line whose account is not among the accounts.
    """
    names = account_names(accounts)
    yield "commodity 1000.00 GBP"
    for key, name in names.items():
        yield f"account {name}  ; {_commented(accounts[key][1])}"
    for line in lines:
        yield ""
        yield f"{line['effective_on']} * ({line.get('seq') or ''}) {_described(line['description'])}"
        yield from (f"    ; {fact}: {line[fact]}" for fact in ("recorded_at", "seal") if line.get(fact))
        yield from _postings(line, names)


def _postings(line: Mapping[str, Any], names: Mapping[tuple[str, str], str]) -> Iterator[str]:
    for posting in line["postings"]:
        name = names.get((line["book"], posting["account"]))
        if name is None:
            raise UnknownAccount(
                f"Entry {line['key']!r:.80} posts to {posting['account']!r:.80} in book {line['book']!r:.80}, "
                "which is not among the accounts: give every account of the journal",
                book=line["book"],
                account=posting["account"],
            )
        yield f"  {name}  {posting['amount']} GBP"


class _Names:
    """Valid names for parts of accounts, unique below each parent whatever the parts were."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, ...], str] = {}
        self._taken: set[str] = set()
        for root in _ROOTS.values():
            self.name(root)

    def name(self, path: tuple[str, ...]) -> str:
        if not path:
            return ""
        if path not in self._given:
            above = self.name(path[:-1])
            wanted = f"{above}:{_part(path[-1])}" if above else path[-1]
            name, number = wanted, 1
            while name in self._taken:
                number += 1
                name = f"{wanted}-{number}"
            self._taken.add(name)
            self._given[path] = name
        return self._given[path]


def _part(text: str) -> str:
    """Letters, figures and hyphens, beginning with a capital or a figure."""
    safe = _OUTSIDE_A_NAME.sub("-", text)
    return safe[:1].upper() + safe[1:] if safe[:1].isalnum() else f"X{safe}"


def _quoted(text: str) -> str:
    return '"' + _CONTROL.sub(" ", text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _described(text: str) -> str:
    """A description for hledger, which knows no escape: a semicolon would begin a comment there."""
    return _CONTROL.sub(" ", text).replace(";", ",").strip()


def _commented(text: str) -> str:
    """A name in a comment, where a colon would make a tag of it and a bracket might make a date."""
    return re.sub(r"[:\[\]]", " ", _described(text))
