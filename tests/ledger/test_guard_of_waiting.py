"""What PostgreSQL makes of a text that asks to wait for its place, beside what a plain reading of it comes to."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from bank.wiring import OPERATOR
from ledger.money import Money
from ledger.store.database import Database
from ledger.store.tables import Account, Book, WaitingEntry
from ledger.store.work import Desk

SERVED = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)

SOUND: Final[dict[str, Any]] = {
    "actor": "somebody",
    "book": "bank",
    "description": "Interest, £ and “quotes”",
    "effective_on": "2012-04-10",
    "formula": "bsb-entry-1",
    "key": "a",
    "kind": "return",
    "original_effective_on": "",
    "pair": "",
    "postings": [["1000", "5.00"], ["4000", "-5.00"]],
    "recorded_at": "",
    "reverses": "",
    "seq": "",
}
THREE: Final = [["1000", "5.00"], ["4000", "-3.00"], ["1200", "-2.00"]]
FIVE: Final = [["1000", "5.00"], ["1000", "0.01"], ["4000", "-3.00"], ["1200", "-2.00"], ["4000", "-0.01"]]

WRONG: Final[dict[str, Callable[[list[str]], list[str | None]]]] = {
    "an account that is not there": lambda leg: ["9999", leg[1]],
    "a penny too much": lambda leg: [leg[0], str(Money(Money.parse(leg[1]).pence + 1))],
    "no account": lambda leg: [None, leg[1]],
    "no amount": lambda leg: [leg[0], None],
}

TAKEN: Final[dict[str, dict[str, Any]]] = {
    "two legs": {},
    "three legs": {"postings": THREE},
    "five legs, twice on two accounts": {"postings": FIVE},
    "its first leg the credit": {"postings": THREE[::-1]},
    "on the last day there is": {"effective_on": "2099-12-31"},
}
AN_ENTRY: Final = "must name accounts of its book and balance"
IN_ONE_WAY: Final = "an amount is written in pounds and pence"
ANOTHER_WAY: Final[dict[str, Callable[[list[str]], list[Any]]]] = {
    "pounds and tenths": lambda leg: [leg[0], leg[1][:-1]],
    "three decimals": lambda leg: [leg[0], f"{leg[1]}0"],
    "nought before the pounds": lambda leg: [leg[0], f"{'-' * (leg[1] < '0')}0{leg[1].lstrip('-')}"],
    "an exponent": lambda leg: [leg[0], f"{leg[1]}e0"],
    "a number and no text": lambda leg: [leg[0], Decimal(leg[1])],
    "more than account and amount": lambda leg: [*leg, "more"],
    "an account that is a number": lambda leg: [int(leg[0]), leg[1]],
}
THE_JOURNAL: Final = "keeps to the widths, the limit and the calendar"
REFUSED: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "one leg": ({"postings": [["1000", "5.00"]]}, AN_ENTRY),
    "no leg": ({"postings": []}, AN_ENTRY),
    "legs that are no list": ({"postings": {"0": ["1000", "5.00"], "1": ["4000", "-5.00"]}}, AN_ENTRY),
    "no legs at all": ({"postings": None}, AN_ENTRY),
    "a book that is not there": ({"book": "nowhere"}, AN_ENTRY),
    **{
        f"{what}, leg {at + 1} of five": ({"postings": [*FIVE[:at], leg(FIVE[at]), *FIVE[at + 1 :]]}, AN_ENTRY)
        for at in range(5)
        for what, leg in WRONG.items()
    },
    "a leg of nothing, at the end": ({"postings": [*SOUND["postings"], ["1200", "0.00"]]}, AN_ENTRY),
    "a leg of nothing, at the beginning": ({"postings": [["1200", "0.00"], *SOUND["postings"]]}, AN_ENTRY),
    "another's name": ({"actor": "another"}, AN_ENTRY),
    "nobody's name": ({"actor": None}, AN_ENTRY),
    "a reversal": ({"reverses": "1"}, AN_ENTRY),
    "a kind too long": ({"kind": "x" * 41}, THE_JOURNAL),
    "a pair too long": ({"pair": "x" * 201}, THE_JOURNAL),
    "a day before there was a bank": ({"effective_on": "2008-11-25"}, THE_JOURNAL),
    "a day after the calendar": ({"effective_on": "2100-01-01"}, THE_JOURNAL),
    **{
        f"{what}, leg {at + 1} of three": ({"postings": [*THREE[:at], leg(THREE[at]), *THREE[at + 1 :]]}, IN_ONE_WAY)
        for at in range(3)
        for what, leg in ANOTHER_WAY.items()
    },
    "amounts with an exponent": ({"postings": [["1000", "1e13"], ["4000", "-1e13"]]}, IN_ONE_WAY),
    "more than the journal holds": (
        {"postings": [["1000", "90000000000000.00"], ["1000", "0.01"], ["4000", "-90000000000000.01"]]},
        THE_JOURNAL,
    ),
}

INSERT: Final = text(
    "INSERT INTO waiting_entry (actor, opening, text_before, text_between, accepted_at, book_id, key, effective_on, "
    "legs, postings, content_hash) VALUES ('somebody', :opening, :before, :between, now(), 99, 'told wrongly', "
    "'2010-01-01', 7, '[]', '\\x00')"
)
"""What the row says of itself beside its text is as wrong as can be: the guard is to read the text alone."""


def parts_of(changes: dict[str, Any]) -> dict[str, str]:
    """An entry's text, cut where the journal would put in its instant and its place."""
    whole = json.dumps(SOUND | changes, separators=(",", ":"), sort_keys=True, ensure_ascii=False, default=float)
    start, rest = whole.split(',"book"', 1)
    before, between = f',"book"{rest}'.split('"recorded_at":"', 1)
    return {"opening": start, "before": f'{before}"recorded_at":"', "between": between.removesuffix('"}')}


def taken(connection: Connection, changes: dict[str, Any], name: str) -> None:
    connection.execute(INSERT, parts_of(changes))
    pytest.fail(f"was taken: {name}")


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, OPERATOR)


@SERVED
def test_what_is_no_entry_is_refused_and_what_is_one_is_read_out_of_its_text(desk: Desk) -> None:
    with desk.database.engine.connect() as connection:
        for name, (changes, sentence) in REFUSED.items():
            asked = connection.begin()
            with pytest.raises(DBAPIError, match=sentence):
                taken(connection, changes, name)
            asked.rollback()
        for number, (name, changes) in enumerate(TAKEN.items()):
            told = SOUND | changes | {"key": f"{name} {number}"}
            with connection.begin():
                connection.execute(INSERT, parts_of(told))
                row = connection.execute(select(WaitingEntry.__table__).where(WaitingEntry.key == told["key"])).one()
                bank = connection.scalar(select(Book.id).where(Book.code == "bank"))
                accounts = connection.execute(select(Account.code, Account.id).where(Account.book_id == bank))
                ids = {account.code: account.id for account in accounts}
                legs = [[ids[code], Money.parse(worth).pence] for code, worth in told["postings"]]
                assert (row.book_id, row.legs, json.loads(row.postings)) == (bank, len(legs), legs), name
                assert row.effective_on == date.fromisoformat(told["effective_on"])
                never = datetime(1970, 1, 1, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
                plain = told | {"actor": "", "recorded_at": never, "seq": "0"}
                whole = json.dumps(plain, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
                assert bytes(row.content_hash) == sha256(whole.encode()).digest()
