"""What a restatement does to the figures of two quarters, as a golden, and whether every step of it adds up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from bank.figures.bridge import BridgeBackwards, BridgeLine, BridgeView, bridge
from bank.figures.queries import FigureSheet, figures
from intermediaries.loans.queries import live_tapes
from ledger.dates import Quarter, SetClock
from ledger.identifiers import CountedIdentifiers
from ledger.money import Money
from ledger.queries import Known, entry, known
from ledger.store.database import Database, ReadSession
from reports.figures import Value
from tests import databases
from tests.bank import institution
from tests.bank.institution import HARBOUR, Q2, Q3, Institution, said
from tests.intermediaries.lending import House, loan

TIES = {"breaks", "oldest_break", "breaks_unowned", "unexplained"}
WHY_SECOND = "A repayment was booked in the wrong quarter"
WHY_THIRD = "H-1 was lent to after all"
THIRD_CORRECTED = (
    said("H-1", "80000.00", principal_received="10000.00", **institution.RESTRUCTURED),
    *institution.THIRD[1:],
)

GOLDEN_OF_THE_SECOND = """\
outstanding: 201333.36 -> 199666.69 by Harbour 2012Q2 version 2
co_outstanding: 211666.97 -> 208333.64 by Harbour 2012Q2 version 2
overdue: 2833.33 -> 5300.00 by Harbour 2012Q2 version 2
at_risk_30: 687500/2516667 -> 5500000/19966669 by Harbour 2012Q2 version 2
at_risk_30_restructured: 1250000/2516667 -> 10000000/19966669 by Harbour 2012Q2 version 2
at_risk_90: 0 -> 4000000/19966669 by Harbour 2012Q2 version 2
at_risk_90_restructured: 187500/838889 -> 8500000/19966669 by Harbour 2012Q2 version 2
held_by_intermediaries: 397019.97 -> 398686.64 by Harbour 2012Q2 version 2
"""
"""Reckoned by hand from the rows of the institution: 45,000.00 + 40,000.00 + a third of 250,000.33 and of 245,000.33 +
33,000.00 are out; the loan of 40,000.00 is 45 and then 95 days late, that of 15,000.00 always 31."""

GOLDEN_OF_THE_THIRD = """\
outstanding: 159666.69 -> 154666.69 by Harbour 2012Q3 version 2
co_outstanding: 208333.64 -> 203333.64 by Harbour 2012Q3 version 2
at_risk_30: 500000/5322223 -> 1500000/15466669 by Harbour 2012Q3 version 2
at_risk_30_restructured: 2000000/5322223 -> 5500000/15466669 by Harbour 2012Q3 version 2
at_risk_90_restructured: 1500000/5322223 -> 4000000/15466669 by Harbour 2012Q3 version 2
held_by_intermediaries: 399436.64 -> 404436.64 by Harbour 2012Q3 version 2
"""


@dataclass
class Lived:
    """The institution after its third quarter was closed for good and restated, and what was known when."""

    bank: Institution
    before_second: Known
    after_second: Known
    before_third: Known
    figures_then: FigureSheet


@pytest.fixture(scope="module")
def lived(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """Harbour restates its second quarter while it is softly closed, and its third after that was closed for good."""
    clock = SetClock(databases.OPENING)
    with databases.prepared("sqlite", run_of_tests, tmp_path_factory.mktemp("bridge")) as url:
        database = Database.open(url, clock=clock, identifiers=CountedIdentifiers("b"), compiled=databases.COMPILED)

        def now() -> Known:
            with database.reading() as session:
                return known(session)

        bank = institution.open_for_business(database, clock)
        institution.first_quarter(bank)
        institution.second_quarter(bank)
        before_second = now()
        institution.third_quarter(bank)
        with database.reading() as session:
            (accepted,) = (one.recorded_at for one in live_tapes(session, quarter=Q2) if one.version > 1)
            after_second = known(session, accepted)
            before_third = known(session)
            then = figures(session, as_at=Q3.ends_on, at=before_third)
        clock.set(datetime(2012, 11, 20, 9, tzinfo=UTC))
        bank.file(HARBOUR, Q3, THIRD_CORRECTED, "388086.65", why=WHY_THIRD)
        yield Lived(bank, before_second, after_second, before_third, then)
        database.close()


@pytest.fixture
def session(lived: Lived) -> Iterator[ReadSession]:
    with lived.bank.database.reading() as opened:
        yield opened


def shown(view: BridgeView) -> str:
    """The bridge as it is kept here: each figure, and the returns that moved it by name."""
    return "".join(f"{line.code}: {line.old} -> {line.new} by {_causes(line)}\n" for line in view.lines)


def _causes(line: BridgeLine) -> str:
    return ", ".join(
        "; ".join(f"{one.intermediary.split()[0]} {one.quarter} version {one.version}" for one in step.returns)
        or step.cause
        for step in line.steps
    )


def test_the_golden_of_a_restatement_between_two_quarters(lived: Lived, session: ReadSession) -> None:
    found = bridge(session, Q2, lived.before_second, lived.after_second)
    assert (found.from_as_at, found.to_as_at) == (Q2.ends_on, Q2.ends_on)
    assert shown(found) == GOLDEN_OF_THE_SECOND
    told = {one for line in found.lines for step in line.steps for one in step.returns}
    (cause,) = {one.return_id for one in told}
    assert cause == lived.bank.returns[-3]
    assert {(one.supersedes, one.reason, one.loans_changed) for one in told} == {(lived.bank.returns[2], WHY_SECOND, 2)}


def test_a_quarter_closed_for_good_is_bridged_to_the_day_on_which_its_restatement_took_effect(
    lived: Lived, session: ReadSession
) -> None:
    found = bridge(session, Q3, lived.before_third, known(session))
    assert (found.from_as_at, found.to_as_at) == (date(2012, 9, 30), date(2012, 10, 1))
    assert shown(found) == GOLDEN_OF_THE_THIRD
    assert all(WHY_THIRD in line.because for line in found.lines)
    assert {line.steps[-1].entries for line in found.lines} == {1}


def test_a_restated_return_is_posted_in_the_open_quarter_with_its_own_day_beside_it(session: ReadSession) -> None:
    posted = entry(session, known(session).seq).entry
    assert (posted.effective_on, posted.original_effective_on) == (date(2012, 10, 1), Q3.ends_on)
    assert [(leg.account.partition(":")[0], str(leg.amount)) for leg in posted.postings] == [
        ("1000", "5000.00"),
        ("1300", "-5000.00"),
        ("2390", "5000.00"),
        ("1390", "-5000.00"),
    ]


def test_what_was_known_of_a_closed_quarter_stays_what_it_was_whatever_is_restated(
    lived: Lived, session: ReadSession
) -> None:
    assert figures(session, as_at=Q3.ends_on, at=lived.before_third) == lived.figures_then
    now = {one.code: one.value for one in figures(session, as_at=Q3.ends_on, at=known(session)).figures}
    then = {one.code: one.value for one in lived.figures_then.figures}
    assert {code for code in now if now[code] != then[code]} == set()


@pytest.mark.parametrize("quarter", [Q2, Q3])
def test_every_step_is_what_the_figure_was_then_and_the_steps_make_the_change(
    lived: Lived, session: ReadSession, quarter: Quarter
) -> None:
    """From before both restatements to now: returns, write-offs and interest came between them too."""
    since, until = lived.before_second, known(session)
    found = bridge(session, quarter, since, until)

    @cache
    def then_known(instant: datetime) -> dict[str, Value]:
        return shown_on(known(session, instant))

    def shown_on(then: Known) -> dict[str, Value]:
        """The figures of the last day as known then; those about the quarter's returns are of the quarter's own end."""
        own, later = (figures(session, as_at=day, at=then).figures for day in (quarter.ends_on, found.to_as_at))
        returns = {one.code: one.value for one in own if one.code.startswith("returns_") or one.code in TIES}
        return {one.code: one.value for one in later} | returns

    old = {one.code: one.value for one in figures(session, as_at=quarter.ends_on, at=since).figures}
    new = shown_on(until)
    for line in found.lines:
        assert (line.old, line.new) == (old[line.code], new[line.code])
        assert line.steps[-1].value == line.new
        if line.change is not None:
            assert sum(_exact(step.change) for step in line.steps) == _exact(line.change)
        for step in line.steps:
            if step.recorded_at is not None:
                assert then_known(step.recorded_at)[line.code] == step.value
    assert {code for code in old if old[code] != new[code]} <= {line.code for line in found.lines}
    assert {step.cause for line in found.lines for step in line.steps} <= {"days", "return", "restatement", "other"}


def _exact(value: Value) -> Fraction:
    if isinstance(value, Money):
        return Fraction(value.pence)
    assert isinstance(value, (int, Fraction, Decimal))
    return Fraction(value)


def test_between_one_moment_and_itself_there_is_nothing_to_bridge(lived: Lived, session: ReadSession) -> None:
    assert bridge(session, Q2, lived.after_second, lived.after_second).lines == ()
    with pytest.raises(BridgeBackwards):
        bridge(session, Q2, lived.after_second, lived.before_second)


def test_a_return_of_a_later_quarter_that_was_accepted_with_the_correction_is_named_too(
    run_of_tests: Path, tmp_path: Path, clock: SetClock
) -> None:
    with databases.opened("sqlite", run_of_tests, tmp_path) as database:
        house = House.opened(database, clock)
        third, fourth = Quarter(2011, 3), Quarter(2011, 4)
        house.accepted(loan(drawn="1000.01", principal_outstanding="1000.01"), cash_held="99499.99")
        paid = loan(principal_received="100.01", principal_outstanding="900.00")
        house.accepted(paid, quarter=fourth, cash_held="99550.00")
        with database.reading() as session:
            before = known(session)
        clock.set(clock.now() + timedelta(days=1))
        house.close(third, hard=True)
        house.close(fourth, hard=True)
        mended = house.attested(loan(drawn="1200.00", principal_outstanding="1200.00"), cash_held="99400.00")
        follows = loan(principal_received="100.00", principal_outstanding="1100.00")
        with_it = house.submit(follows, quarter=fourth, cash_held="99450.00")
        house.attest(with_it.id)
        house.accept(mended.id)
        with database.reading() as session:
            (line,) = bridge(session, third, before, known(session), ["outstanding"]).lines
    named = {one.return_id for step in line.steps for one in step.returns}
    assert named == {mended.id, with_it.id}
