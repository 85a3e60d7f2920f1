"""The journal against an oracle of a few lines: hostile orders, replays, reversals and closes, on both databases."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bank.wiring import OPERATOR
from ledger import balances, commands, queries
from ledger.dates import Quarter, SetClock
from ledger.entries import Entry, Posting
from ledger.identifiers import CountedIdentifiers
from ledger.money import Money
from ledger.periods import QuarterClosed
from ledger.store.database import Database
from ledger.store.work import Desk
from ledger.verification import verify
from tests import databases

DAYS = st.integers(0, 800).map(lambda offset: date(2011, 4, 1) + timedelta(days=offset))
ACCOUNTS = ("1000", "1200", "1210", "4000", "5010", "1200:fac_a", "1200:fac_b")


@st.composite
def postings(draw: st.DrawFn) -> tuple[Posting, ...]:
    """Balanced legs, several of them perhaps on one account."""
    amounts = st.integers(-(10**9), 10**9).filter(bool)
    pence = draw(st.lists(amounts, min_size=1, max_size=4).filter(sum))
    accounts = draw(st.lists(st.sampled_from(ACCOUNTS), min_size=len(pence) + 1, max_size=len(pence) + 1))
    return tuple(
        Posting(account, Money(amount)) for account, amount in zip(accounts, [*pence, -sum(pence)], strict=True)
    )


class Journal(RuleBasedStateMachine):
    """One journal, and a plain list beside it that says what it must hold."""

    kind: ClassVar[str]
    run: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        home = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        url = self.stack.enter_context(databases.prepared(self.kind, self.run, home))
        self.clock = SetClock(datetime(2013, 7, 1, tzinfo=UTC))
        database = Database.open(url, clock=self.clock, identifiers=CountedIdentifiers("model"))
        self.stack.callback(database.close)
        self.desk = Desk(database, OPERATOR)
        with self.desk.writing() as work:
            for part in ("fac_a", "fac_b"):
                commands.sub_account(work, "bank", "1200", part, name=part)
        self.posted: list[Entry] = []
        self.reversed: set[int] = set()
        self.closed_to: date | None = None

    def teardown(self) -> None:
        self.stack.close()

    @rule(day=DAYS, legs=postings(), back=st.booleans())
    def post(self, day: date, legs: tuple[Posting, ...], *, back: bool) -> None:
        """Keys run downwards every other time, so that nothing leans on their order."""
        number = 10_000 - len(self.posted) if back else len(self.posted)
        entry = Entry(f"k{number}-{len(self.posted)}", "bank", day, "model", legs)
        try:
            with self.desk.writing() as work:
                commands.post(work, entry)
        except QuarterClosed:
            assert self.closed_to is not None
            assert day <= self.closed_to
            return
        assert self.closed_to is None or day > self.closed_to
        self.posted.append(entry)

    @precondition(lambda self: self.posted)
    @rule(pick=st.integers(0, 10**6))
    def replay(self, pick: int) -> None:
        entry = self.posted[pick % len(self.posted)]
        if entry.reverses is None and (self.closed_to is None or entry.effective_on > self.closed_to):
            with self.desk.writing() as work:
                done = commands.post(work, entry)
            assert done.seq == self.posted.index(entry) + 1

    @precondition(lambda self: self.posted)
    @rule(pick=st.integers(0, 10**6))
    def reverse(self, pick: int) -> None:
        seq = pick % len(self.posted) + 1
        day = date(2013, 6, 30)
        try:
            with self.desk.writing() as work:
                key = f"undo {seq} {len(self.posted)}"
                done = commands.reverse(work, seq, key=key, effective_on=day, reason="model")
        except commands.AlreadyReversed:
            assert seq in self.reversed
            return
        except QuarterClosed:
            assert self.closed_to is not None
            assert day <= self.closed_to
            return
        assert seq not in self.reversed
        self.reversed.add(seq)
        self.posted.append(done.entry)

    @rule(quarter=st.sampled_from([Quarter(2011, 2), Quarter(2011, 4), Quarter(2012, 3)]))
    def close(self, quarter: Quarter) -> None:
        with self.desk.writing() as work:
            commands.close_quarter(work, quarter, hard=True)
        self.closed_to = max(self.closed_to or quarter.ends_on, quarter.ends_on)

    @rule()
    def time_passes(self) -> None:
        self.clock.set(self.clock.now() + timedelta(hours=1))

    @rule(day=DAYS, cut=st.integers(0, 10**6), code=st.sampled_from(["1000", "1200", "1200:fac_a", "4000"]))
    def look(self, day: date, cut: int, code: str) -> None:
        """Any balance at any two times is what the oracle says."""
        with self.desk.reading() as session:
            journal = queries.entries(session, limit=1_000)
            known = queries.known(session, cut % (len(self.posted) + 1))
            assert [found.entry for found in journal] == self.posted
            assert queries.balance_at(session, "bank", code, day, known) == balances.balance(
                journal, "bank", code, day, known.seq
            )
            book = queries.trial_balance(session, "bank", day, known)
            assert {line.code: line.debit - line.credit for line in book.accounts} == balances.trial_balance(
                journal, "bank", day, known.seq
            )
            assert book.total_debit == book.total_credit

    @invariant()
    def the_places_are_dense(self) -> None:
        with self.desk.reading() as session:
            assert queries.head(session).seq == len(self.posted)

    @rule()
    def everything_verifies(self) -> None:
        with self.desk.reading() as session:
            assert verify(session).holds


@pytest.mark.parametrize(("kind", "examples"), [("sqlite", 25), ("postgresql", 12)])
def test_the_journal_is_what_the_oracle_says(kind: str, examples: int, run_of_tests: Path) -> None:
    machine = type(f"Journal_{kind}", (Journal,), {"kind": kind, "run": run_of_tests})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
