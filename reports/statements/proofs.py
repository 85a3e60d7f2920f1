"""The tables that show whether the books hold: returns, ties, corrections and trial balances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ledger.money import Money
from reports.figures import Column, Row, Table
from reports.formatting import instant
from reports.statements.inputs import BookBalance, Proof
from reports.statements.tables import STATUS_WORDS, measured, text


def returns(proof: Proof) -> Table:
    """What became of every return that was due."""
    columns = (
        text("intermediary", "Intermediary", 44),
        Column(code="due_on", title="Due", unit="date", width=16),
        Column(code="filed_on", title="Filed", unit="date", width=16, unknown="not filed"),
        Column(code="accepted_on", title="Accepted", unit="date", width=16, unknown="not accepted"),
        measured("loans", "Loans in it", 12, unknown="not filed"),
        text("status", "Status", 12),
    )
    rows = tuple(
        Row(
            key=line.facility,
            cells=(
                line.intermediary,
                line.due_on,
                line.filed_on,
                line.accepted_on,
                line.loans,
                STATUS_WORDS[line.status],
            ),
            mark="warn" if line.status in {"missing", "late"} else "",
        )
        for line in proof.returns
    )
    return Table(code="returns", title="Returns", columns=columns, rows=rows, provenance=(proof.provenance,))


def breaks(proof: Proof) -> Table:
    """Facilities whose two books do not tie."""
    columns = (
        text("intermediary", "Intermediary", 26),
        *(
            Column(code=code, title=title, unit="money", width=15, style="pounds")
            for code, title in (
                ("in_our_book", "In our book"),
                ("in_their_book", "In theirs"),
                ("explained", "Explained"),
                ("difference", "Left over"),
            )
        ),
        text("explanation", "What is known of it", 34),
    )
    rows = tuple(
        Row(
            key=one.facility,
            cells=(
                one.intermediary,
                one.in_our_book,
                one.in_their_book,
                one.explained,
                one.difference,
                one.explanation,
            ),
        )
        for one in proof.breaks
    )
    return Table(code="breaks", title="Breaks in the tie", columns=columns, rows=rows, provenance=(proof.provenance,))


def corrections(proof: Proof) -> Table:
    """What earlier statements showed and is now known otherwise."""
    columns = (
        text("quarter", "Quarter", 11),
        text("subject", "Of", 24),
        text("what", "What", 26),
        Column(code="before", title="Shown then", unit="money", width=15, style="pounds"),
        Column(code="after", title="Known now", unit="money", width=15, style="pounds"),
        text("recorded", "Recorded, and why", 36),
    )
    rows = tuple(
        Row(
            key=f"{one.quarter}-{number}",
            cells=(
                str(one.quarter),
                one.subject,
                one.what,
                one.before,
                one.after,
                f"{instant(one.recorded_at).partition(' on ')[2]}: {one.reason or 'no reason given'}",
            ),
        )
        for number, one in enumerate(proof.corrections, start=1)
    )
    return Table(code="corrections", title="Corrections", columns=columns, rows=rows, provenance=(proof.provenance,))


def books(proof: Proof) -> Table:
    """The trial balances of the house's own books, a line each, and of the memorandum books together."""
    columns = (
        text("title", "Book", 60),
        Column(code="accounts", title="Accounts", unit="count", width=12),
        Column(code="entries", title="Entries", unit="count", width=11),
        Column(code="debits", title="Debits", unit="money", width=20, style="pounds"),
        Column(code="credits", title="Credits", unit="money", width=20, style="pounds"),
        text("verdict", "Balance", 15),
    )
    house = [one for one in proof.books if one.book in HOUSE]
    others = [one for one in proof.books if one.book not in HOUSE]
    differing = [one for one in others if one.debits != one.credits]
    sound = [one for one in others if one.debits == one.credits]
    rows = tuple(_book(one) for one in (*house, *differing, *_together(sound)))
    return Table(code="books", title="Trial balances", columns=columns, rows=rows, provenance=(proof.provenance,))


HOUSE: Final = frozenset({"reclaim-fund", "distributor", "trust", "bank"})
"""The house's own books; every other is the memorandum book of an intermediary."""


def _together(books: Sequence[BookBalance]) -> tuple[BookBalance, ...]:
    """Books that all agree, in one line."""
    if not books:
        return ()
    number = len(books)
    return (
        BookBalance(
            book="memorandum",
            title="The memorandum book of one intermediary"
            if number == 1
            else f"Memorandum books of {number} intermediaries",
            accounts=sum(one.accounts for one in books),
            entries=sum(one.entries for one in books),
            debits=Money.total(one.debits for one in books),
            credits=Money.total(one.credits for one in books),
        ),
    )


def _book(one: BookBalance) -> Row:
    return Row(
        key=one.book,
        cells=(
            one.title,
            one.accounts,
            one.entries,
            one.debits,
            one.credits,
            "agrees" if one.debits == one.credits else "differs",
        ),
        mark="" if one.debits == one.credits else "warn",
    )


def checks(proof: Proof) -> Table:
    """How many linked accounts and facilities were compared, and how many pairs differ."""
    columns = tuple(
        Column(code=code, title=title, unit="count")
        for code, title in (("pairs", "Pairs"), ("ties", "Facilities tied"), ("differing", "Pairs that differ"))
    )
    row = Row(key="all", cells=(proof.pairs_checked, proof.ties_checked, proof.pairs_that_disagree))
    return Table(code="checks", title="Checks", columns=columns, rows=(row,), provenance=(proof.provenance,))
