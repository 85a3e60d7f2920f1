"""A journal file in pieces: broken off and given again, it ends as if it had gone through at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from bank.wiring import OPERATOR
from ledger import commands, exchange, queries, verification, verifier
from ledger.chunks import import_in_pieces
from ledger.dates import SetClock
from ledger.entries import BadEntry, Entry, Posting
from ledger.money import Money
from ledger.store.database import Database
from ledger.store.work import Desk
from tests import databases


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, OPERATOR)


def lines(count: int, *, book: str = "bank", fault: int | None = None) -> list[bytes]:
    return [
        json.dumps(
            {
                "key": f"k{number}",
                "book": book,
                "effective_on": "2012-01-05",
                "description": f"Line {number}",
                "postings": [
                    {"account": "1000", "amount": f"{number}.00"},
                    {"account": "9999" if number == fault else "4000", "amount": f"-{number}.00"},
                ],
            }
        ).encode()
        for number in range(1, count + 1)
    ]


def cash(desk: Desk) -> Money:
    with desk.reading() as session:
        return queries.balance_at(session, "bank", "1000")


def test_pieces_come_to_what_the_whole_comes_to(desk: Desk) -> None:
    done = list(import_in_pieces(desk, lines(23), piece=5))
    assert [(one.lines, one.posted) for one in done] == [(5, 5)] * 4 + [(3, 3)]
    assert done[-1].seq == 23
    assert cash(desk) == Money(sum(range(1, 24)) * 100)


def test_an_import_broken_off_goes_on_when_it_is_given_again(desk: Desk) -> None:
    started = import_in_pieces(desk, lines(23), piece=5)
    next(started)
    next(started)
    started.close()  # type: ignore[attr-defined]  # the process dies here
    done = list(import_in_pieces(desk, lines(23), piece=4))
    assert sum(one.already_there for one in done) == 10
    assert sum(one.posted for one in done) == 13
    assert cash(desk) == Money(sum(range(1, 24)) * 100)


def test_a_faulty_piece_is_refused_by_the_number_of_its_line_and_what_came_before_stays(desk: Desk) -> None:
    started = import_in_pieces(desk, lines(23, fault=12), piece=5)
    assert [one.seq for one in (next(started), next(started))] == [5, 10]
    with pytest.raises(commands.EntriesRefused, match=r"line 12: No such account: 9999 in bank"):
        next(started)
    assert cash(desk) == Money(sum(range(1, 11)) * 100)
    assert sum(one.posted for one in import_in_pieces(desk, lines(23), piece=5)) == 13


@pytest.fixture
def another(
    engine: str, run_of_tests: object, tmp_path_factory: pytest.TempPathFactory, clock: SetClock
) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("another")
    with databases.prepared(engine, run_of_tests, home) as url:  # type: ignore[arg-type]
        database = Database.open(url, clock=clock, compiled=databases.COMPILED)
        yield Desk(database, OPERATOR)
        database.close()


def exported(desk: Desk) -> list[bytes]:
    with desk.reading() as session:
        return [line.encode() for line in exchange.export(session)]


def keep_a_journal(desk: Desk, clock: SetClock) -> None:
    for number in range(1, 10):
        clock.set(clock.now() + timedelta(hours=number))
        postings = (Posting("1000", Money(number)), Posting("4000", Money(-number)))
        commands.post(desk, Entry(f"e{number}", "bank", date(2011, 8, number), f"Entry {number}", postings))
    with desk.writing() as work:
        commands.reverse(work, 4, key="back", effective_on=date(2011, 9, 1), reason="Entered twice")


def test_an_export_is_rebuilt_in_pieces_and_goes_on_where_it_was_broken_off(
    desk: Desk, another: Desk, clock: SetClock
) -> None:
    keep_a_journal(desk, clock)
    began = import_in_pieces(another, exported(desk), piece=3)
    next(began)
    began.close()  # type: ignore[attr-defined]
    done = list(import_in_pieces(another, exported(desk), piece=4))
    with desk.reading() as here, another.reading() as there:
        assert queries.head(here).root == queries.head(there).root == done[-1].head
        assert verification.verify(there).holds
        for number in range(1, 11):  # what was known at any instant is known of it again
            moment = queries.entry(here, number).recorded_at
            assert queries.known(there, moment).seq == queries.known(here, moment).seq
    assert [one.already_there for one in done] == [3, 0, 0]


def test_a_journal_that_is_not_the_beginning_of_the_export_is_not_continued(
    desk: Desk, another: Desk, clock: SetClock
) -> None:
    keep_a_journal(desk, clock)
    file = exported(desk)
    list(import_in_pieces(another, file[:2], piece=2))
    postings = (Posting("1000", Money(1)), Posting("4000", Money(-1)))
    commands.post(another, Entry("meanwhile", "bank", date(2011, 8, 3), "Something else", postings))
    with pytest.raises(exchange.BadJournal, match="entry 3 of these books is another one"):
        list(import_in_pieces(another, file, piece=5))


@pytest.mark.parametrize("blank", [1, 5, 11])
def test_lines_that_are_blank_before_an_export_change_nothing(
    desk: Desk, clock: SetClock, other_url: str, blank: int
) -> None:
    """Not even where the first pieces hold nothing else: its instants and seals are still those that it had."""
    for piece in (lines(8), lines(12)):
        list(import_in_pieces(desk, piece))
        clock.set(clock.now() + timedelta(days=30))
    with desk.reading() as session:
        exported, head = [line.encode() for line in exchange.export(session)], queries.head(session)
    clock.set(clock.now() + timedelta(days=365))
    other = Database.open(other_url, clock=clock)
    done = list(import_in_pieces(Desk(other, OPERATOR), [b"\n"] * blank + exported, piece=5))
    with other.reading() as session:
        assert queries.head(session) == head
    assert all(one.rebuilt for one in done)
    other.close()


def moved(line: bytes, recorded_at: str) -> bytes:
    """An exported line that says that it was recorded at another instant, and is sealed so."""
    told = json.loads(line) | {"recorded_at": recorded_at}
    told["seal"] = verifier.leaf_hash(verifier.canonical(told)).hex()
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    ("instants", "why"),
    [
        (("2011-07-04", "2011-07-06", "2011-07-05", "2011-07-07"), "k3.* was recorded at 2011-07-05.* before it at"),
        (("2011-07-04", "2011-07-05", "2011-07-06", "2012-07-04"), "k4.* was recorded at 2012-07-04.* it is 2011-08"),
    ],
    ids=["out of order", "not yet come"],
)
def test_an_export_is_not_rebuilt_whose_instants_cannot_be(
    desk: Desk, clock: SetClock, other_url: str, instants: tuple[str, ...], why: str
) -> None:
    """PostgreSQL looks at a piece as a whole, from its first instant to its last; and one not yet come would stay."""
    list(import_in_pieces(desk, lines(4)))
    with desk.reading() as session:
        exported = [line.encode() for line in exchange.export(session)]
    untimely = [moved(line, f"{day}T12:00:00.000000Z") for line, day in zip(exported, instants, strict=True)]
    clock.set(clock.now() + timedelta(days=30))
    other = Database.open(other_url, clock=clock)
    with pytest.raises(BadEntry, match=why):
        list(import_in_pieces(Desk(other, OPERATOR), untimely))
    with other.reading() as session:
        assert queries.head(session).seq == 0
    timely = [moved(line, f"{day}T12:00:00.000000Z") for line, day in zip(exported, sorted(instants), strict=True)]
    clock.set(clock.now() + timedelta(days=365))
    assert [one.posted for one in import_in_pieces(Desk(other, OPERATOR), timely)] == [4]
    with other.reading() as session:
        assert verification.verify(session).holds
    other.close()
