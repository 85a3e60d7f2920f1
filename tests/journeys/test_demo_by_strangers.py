"""The demonstration's whole journal in other people's tools: they accept it, and come to our trial balances."""

from __future__ import annotations

import csv
import shutil
import warnings
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bank.wiring import open_prepared
from ledger import exchange, plaintext, queries
from ledger.money import NOTHING, Money
from ledger.store.database import ReadSession
from tests.ledger.test_plaintext import needs_hledger, realization, run_hledger

with warnings.catch_warnings():
    # The parser that Beancount was generated with calls a deprecated part of the standard library.
    warnings.simplefilter("ignore")
    from beancount import loader

DAYS = (date(2011, 12, 31), date(2012, 5, 17), date(2013, 3, 31), date(2013, 12, 31))


@pytest.fixture
def books(demo: Path, tmp_path: Path) -> Iterator[ReadSession]:
    database = open_prepared(f"sqlite:///{shutil.copy(demo / 'bank.db', tmp_path / 'bank.db')}")
    with database.reading() as session:
        yield session
    database.close()


def chart(books: ReadSession) -> dict[tuple[str, str], tuple[str, str]]:
    return {(found.book, found.code): (found.kind, found.name) for found in queries.accounts(books)}


def ours(books: ReadSession, day: date) -> dict[str, Money]:
    """Every balance of every book on a day, by the account's name in the text."""
    names = plaintext.account_names(chart(books))
    return {
        names[book.book, line.code]: line.debit - line.credit
        for book in queries.trial_balances(books, day)
        for line in book.accounts
    }


def test_beancount_comes_to_our_trial_balances(books: ReadSession) -> None:
    text = "\n".join(plaintext.beancount(exchange.lines(books), chart(books)))
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    for day in DAYS:
        tree: Any = realization.realize([entry for entry in entries if entry.date <= day])
        theirs = {
            node.account: Money(int((node.balance.get_currency_units("GBP").number * 100).to_integral_exact()))
            for node in realization.iter_children(tree)
        }
        found = ours(books, day)
        assert {name: sums for name, sums in theirs.items() if sums} == found
        assert len(found) > 20
        assert Money.total(found.values()) == NOTHING


@needs_hledger
def test_hledger_comes_to_our_trial_balances(books: ReadSession) -> None:
    text = "\n".join([*plaintext.hledger(exchange.lines(books), chart(books)), ""])
    run_hledger(text, "check", "--strict")
    for day in DAYS:
        told = run_hledger(text, "balance", "--flat", "-N", "-O", "csv", "-e", str(day + timedelta(days=1)))
        rows = csv.DictReader(told.splitlines())
        assert {row["account"]: Money.parse(row["balance"].removesuffix(" GBP")) for row in rows} == ours(books, day)
