"""Postings in columns are the postings that are read one by one, as known at any place in the journal."""

from __future__ import annotations

from datetime import date

from bank.wiring import OPERATOR
from ledger import commands
from ledger.chart import INTERMEDIARY
from ledger.entries import Entry, Posting
from ledger.money import Money
from ledger.store.database import Database
from ledger.store.leg_columns import leg_columns
from ledger.store.legs import legs
from ledger.store.work import Desk

JANUARY, MARCH = date(2012, 1, 10), date(2012, 3, 5)


def test_columns_hold_what_legs_tell_reversals_of_reversals_and_pairs_too(database: Database) -> None:
    def moved(key: str, book: str, *accounts: str, kind: str = "entry", pair: str = "") -> Entry:
        to, of = accounts
        return Entry(key, book, JANUARY, "moved", (Posting(to, Money(9)), Posting(of, Money(-9))), kind=kind, pair=pair)

    desk = Desk(database, OPERATOR)
    with desk.writing() as work:
        commands.open_book(work, "int_a", INTERMEDIARY, name="An intermediary")
        commands.open_account(work, "bank", "1200:fac_a", name="A facility")
        for code in ("1000:fac_a", "2100:fac_a", "1300:fac_a:lon_a"):
            commands.open_account(work, "int_a", code, name="Of a facility")
        commands.post_many(
            work,
            [
                moved("a", "bank", "1200:fac_a", "1000", kind="drawdown", pair="p"),
                moved("a", "int_a", "1000:fac_a", "2100:fac_a", kind="drawdown", pair="p"),
                moved("b", "int_a", "1300:fac_a:lon_a", "1000:fac_a", kind="return"),
            ],
        )
    for place, seq in enumerate((3, 4, 5)):  # taken back, done again, and taken back again
        with desk.writing() as work:
            commands.reverse(work, seq, key=f"undo {place}", effective_on=MARCH, reason="entered twice")
    with database.reading() as session:
        for known in range(7):
            assert list(leg_columns(session, known)) == legs(session, known)
        columns = leg_columns(session, 6)
        assert [(leg.kind, leg.undoes, leg.reverses) for leg in list(columns)[-6::2]] == [
            ("return", True, 3),
            ("return", False, 4),
            ("return", True, 5),
        ]
        assert sorted(columns.heads["int_a", "1300"]) == [4, 6, 8, 10]
