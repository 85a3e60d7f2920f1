"""Amounts at the limit, again and again: refused in time, and what is there can be read, added up and closed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Final

import pytest

from bank.wiring import OPERATOR
from ledger import commands, queries
from ledger.chunks import import_in_pieces
from ledger.dates import Quarter, SetClock
from ledger.entries import Entry, Posting
from ledger.exchange import export
from ledger.large_sums import LARGE, MOST, TooMuchToAddUp
from ledger.money import LIMIT_PENCE, Money
from ledger.placing import OnlyInline
from ledger.store import cells, running, spans
from ledger.store.database import Database
from ledger.store.work import Desk
from ledger.verification import verify

FIT: Final = MOST // (LIMIT_PENCE + 1_000_000)
"""How often the greatest amount fits."""
TOO_MANY: Final = 1_100
"""How often it fits into eight bytes no more."""
YEAR_END: Final = date(2012, 12, 31)


@pytest.fixture
def desk(database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """In books whose sums are kept after every few entries."""
    for module, name, size in ((cells, "SPAN", 64), (cells, "FAN", 4), (spans, "FAN", 4), (running, "BUSY", 4)):
        monkeypatch.setattr(module, name, size)
    clock.set(datetime(2012, 5, 1, tzinfo=UTC))
    return Desk(database, OPERATOR)


def entry(key: str, pence: int = LIMIT_PENCE, day: date = date(2012, 1, 10)) -> Entry:
    return Entry(key, "bank", day, f"Entry {key}", (Posting("1200", Money(pence)), Posting("1000", Money(-pence))))


def read(desk: Desk) -> int:
    """What the account comes to, once everything that adds up has been asked."""
    with desk.writing() as work:
        commands.close_quarter(work, Quarter(2012, 1), hard=False)
        commands.reopen_quarter(work, Quarter(2012, 1), reason="A look")
    with desk.reading() as session:
        assert verify(session).holds
        both = queries.trial_balance(session, "bank", YEAR_END)
        assert both.total_debit == both.total_credit
        return queries.balance(session, "bank", "1200", YEAR_END).balance.pence


def test_more_than_can_be_added_up_is_refused_at_once(desk: Desk) -> None:
    """Nothing ever goes out of the books again: an account that could not be added up would stay so."""
    with pytest.raises(TooMuchToAddUp, match="check how many digits"):
        commands.post_many(desk, [entry(f"k{number}") for number in range(TOO_MANY)])
    assert read(desk) == 0


def test_the_greatest_amount_is_taken_as_often_as_it_can_be_added_up(desk: Desk, other_url: str) -> None:
    """Whether it comes alone, with others, as the reversal of one, or in an export that is rebuilt."""
    commands.post_many(desk, [entry(f"first-{number}") for number in range(FIT - 6)])
    with desk.writing() as work:
        commands.reverse(work, 1, key="undone", effective_on=date(2012, 1, 11), reason="Too much")
    assert read(desk) == (FIT - 7) * LIMIT_PENCE
    for number in range(5):
        commands.post(desk, entry(f"alone-{number}"))
    with pytest.raises(TooMuchToAddUp):
        commands.post(desk, entry("one more"))
    with desk.writing() as work:
        commands.reverse(work, 2, key="undone too", effective_on=date(2012, 1, 11), reason="Too much")
    commands.post_many(desk, [entry(f"small-{number}", LARGE) for number in range(200)])
    assert read(desk) == (FIT - 3) * LIMIT_PENCE + 200 * LARGE

    with desk.reading() as session:
        exported, head = [line.encode() for line in export(session)], queries.head(session)
    other = Database.open(other_url, clock=desk.database.clock)
    for _ in import_in_pieces(Desk(other, OPERATOR), exported, piece=50):
        pass
    with other.reading() as session:
        assert queries.head(session) == head
    other.close()


def test_an_import_of_too_much_is_refused_with_the_rest_of_its_piece(desk: Desk) -> None:
    lines = [
        json.dumps(
            {
                "key": f"k{number}",
                "book": "bank",
                "effective_on": "2012-01-05",
                "description": "Too much",
                "postings": [
                    {"account": "1200", "amount": str(Money(LIMIT_PENCE))},
                    {"account": "1000", "amount": str(Money(-LIMIT_PENCE))},
                ],
            }
        ).encode()
        for number in range(FIT + 50)
    ]
    with pytest.raises(TooMuchToAddUp):
        list(import_in_pieces(desk, lines, piece=50))
    assert read(desk) == FIT // 50 * 50 * LIMIT_PENCE


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_very_large_entry_does_not_wait_for_its_place(desk: Desk) -> None:
    with pytest.raises(OnlyInline, match="post it"):
        commands.post_later(desk, entry("large"))
    commands.post_later(desk, entry("not so large", LARGE))
