"""Long random lives of a facility: whatever is reported and corrected, the reports, the books and the ties agree."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from intermediaries.loans.lent.queries import lent
from intermediaries.loans.queries import portfolio
from intermediaries.loans.rules import ours
from intermediaries.loans.views import LoanState
from intermediaries.returns.breaks.kinds import CASH_SHORT, EXPLAINED_BY
from intermediaries.returns.breaks.queries import breaks_unexplained
from intermediaries.returns.commands import explain_break
from intermediaries.returns.tying import ties
from ledger import queries as books
from ledger.dates import Quarter, SetClock
from ledger.money import NOTHING, Money
from ledger.queries import Known
from ledger.store.database import Database, ReadSession
from tests.intermediaries.lending import Q3, Q4, House, in_short, loan

_LIVES = count(1)
_LAST_DAY = date(2099, 12, 31)


@dataclass(frozen=True)
class Moves:
    """A loan's quarter, in pence; `part` of what could be repaid or lost is drawn by chance."""

    drawn: int
    repaid: int
    lost: int
    interest: int
    recovered: int


@dataclass
class Life:
    """What was truly accepted so far, held apart from the program's own account of it."""

    house: House
    shares: list[Decimal]
    quarters: list[list[Moves]] = field(default_factory=list)
    seen: list[tuple[Known, date, dict[str, tuple[Money, Money, Money]]]] = field(default_factory=list)

    def quarter(self, place: int) -> Quarter:
        return (Q3, Q4, Q4.next, Q4.next.next)[place]

    def owed(self, number: int, until: int) -> int:
        past = [moves[number] for moves in self.quarters[: until + 1]]
        return sum(each.drawn - each.repaid - each.lost for each in past)

    def rows(self, place: int) -> list[dict[str, object]]:
        return [
            loan(
                f"L-{number}",
                our_share=str(share),
                amount_committed="90000000.00",
                drawn=str(Money(moves.drawn)),
                principal_received=str(Money(moves.repaid)),
                interest_received=str(Money(moves.interest)),
                written_off=str(Money(moves.lost)),
                recovered=str(Money(moves.recovered)),
                principal_outstanding=str(Money(self.owed(number, place))),
            )
            for number, (share, moves) in enumerate(zip(self.shares, self.quarters[place], strict=True))
        ]

    def report(self, first: int, cash_held: int) -> None:
        """File, attest and accept a quarter, and with it corrections of those accepted on top of it."""
        filed = []
        for place in range(first, len(self.quarters)):
            one = self.house.submit(*self.rows(place), quarter=self.quarter(place), cash_held=str(Money(cash_held)))
            if one.state == "checked":
                self.house.attest(one.id)
            assert one.state in {"checked", "accepted"}, one.findings
            filed.append(one)
        for one in filed:
            if self.house.state(one.id) == "attested":
                self.house.accept(one.id)

    def look(self) -> None:
        """Everything that must hold after every act."""
        with self.house.bank.reading() as session:
            then = books.known(session)
            states = portfolio(session, _LAST_DAY, then, facility=self.house.facility)
            brief = lent(session, _LAST_DAY, then)
            assert [one for one in brief if one.facility == self.house.facility] == list(map(in_short, states))
            for state in states:
                number = int(state.loan_ref.removeprefix("L-"))
                assert state.outstanding.total == Money(self.owed(number, len(self.quarters) - 1))
                assert state.outstanding.ours == ours(state.outstanding.total, state.our_share)
                for part in ("total", "ours", "others"):
                    drawn, repaid, lost, left = (
                        getattr(getattr(state, name), part)
                        for name in ("drawn", "repaid", "written_off", "outstanding")
                    )
                    assert drawn - repaid - lost == left
                    assert min(drawn, repaid, lost, left) >= NOTHING
                moves = [each[number] for each in self.quarters]
                assert state.interest.total == Money(sum(each.interest for each in moves))
                assert state.recovered.total == Money(sum(each.recovered for each in moves))
            self._look_at_the_books(session, then)
            early = portfolio(session, Q4.ends_on, then, facility=self.house.facility)
            self.seen += [(then, _LAST_DAY, _figures(states)), (then, Q4.ends_on, _figures(early))]

    def look_back(self) -> None:
        """What was known at every earlier moment is known as of that moment still."""
        with self.house.bank.reading() as session:
            for at, day, before in self.seen:
                assert _figures(portfolio(session, day, at, facility=self.house.facility)) == before

    def _look_at_the_books(self, session: ReadSession, then: Known) -> None:
        book = self.house.intermediary
        found = books.trial_balance(session, book, _LAST_DAY, then)
        assert found.total_debit == found.total_credit
        co_funded = books.balance_at(session, book, "1390", _LAST_DAY, then)
        assert co_funded == -books.balance_at(session, book, "2390", _LAST_DAY, then)
        for place in range(len(self.quarters)):
            for tie in ties(session, self.quarter(place), then):
                if tie.facility != self.house.facility:
                    continue
                assert tie.difference == Money.total(one.amount for one in tie.explained) + tie.unexplained
                assert abs(tie.unexplained) == Money.total(one.remaining for one in tie.breaks)
                assert all(
                    (tie.unexplained > NOTHING) == (one.kind == CASH_SHORT) for one in tie.breaks if one.remaining
                )
                assert tie.cash_expected >= NOTHING
                assert not (tie.own_money and tie.cash_expected)


def _figures(states: list[LoanState]) -> dict[str, tuple[Money, Money, Money]]:
    return {state.id: (state.outstanding.ours, state.outstanding.others, state.drawn.total) for state in states}


@st.composite
def moves(draw: st.DrawFn, owed: int, lost_before: int) -> Moves:
    small = draw(st.booleans())
    drawn = draw(st.integers(0, 5 if small else 400_000))
    repaid = draw(st.integers(0, owed + drawn))
    lost = draw(st.integers(0, owed + drawn - repaid)) if draw(st.booleans()) else 0
    return Moves(drawn, repaid, lost, draw(st.integers(0, 999)), draw(st.integers(0, lost_before)))


SHARES = st.sampled_from(["1", "0.5", "0.333333", "0.01", "0.995"]).map(Decimal)


@pytest.mark.parametrize("closed", [False, True])
@settings(
    max_examples=5,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # each life takes seconds: too long to shrink
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_reports_books_and_ties_agree_through_every_life(
    database: Database, clock: SetClock, closed: bool, data: st.DataObject
) -> None:
    life = begun(database, clock, data, Q4.starts_on if closed else Q3.starts_on)
    if closed:
        life.house.close(Q3)
    for act in data.draw(st.lists(st.sampled_from(["next", "next", "correct", "explain"]), min_size=3, max_size=7)):
        clock.set(clock.now() + timedelta(hours=1))
        if act == "next" and len(life.quarters) < 4:
            life.quarters.append(
                [
                    data.draw(moves(life.owed(number, len(life.quarters) - 1), lost_on(life, number)))
                    for number in range(len(life.shares))
                ]
            )
            life.report(len(life.quarters) - 1, data.draw(st.integers(0, 200_000)))
        elif act == "correct" and life.quarters:
            corrected(life, data)
        elif act == "explain":
            explained(life, data)
        life.look()
    life.look_back()


def begun(database: Database, clock: SetClock, data: st.DataObject, drawn_on: date) -> Life:
    number = next(_LIVES)
    house = House.opened(database, clock, name=f"Lender {number}", drawn="1000.00", drawn_on=drawn_on)
    clock.set(clock.now().replace(year=2013) + timedelta(days=number))
    return Life(house, data.draw(st.lists(SHARES, min_size=1, max_size=3)))


def lost_on(life: Life, number: int) -> int:
    return sum(each[number].lost - each[number].recovered for each in life.quarters)


def corrected(life: Life, data: st.DataObject) -> None:
    """More was drawn in some quarter than was said, and so every balance from then on was too low."""
    place = data.draw(st.integers(0, len(life.quarters) - 1))
    number = data.draw(st.integers(0, len(life.shares) - 1))
    more, back = data.draw(st.integers(1, 5_000)), data.draw(st.booleans())
    before = life.quarters[place][number]
    repaid = before.repaid + (more if back else 0)
    life.quarters[place][number] = replace(before, drawn=before.drawn + more, repaid=repaid)
    life.report(place, data.draw(st.integers(0, 200_000)))


def explained(life: Life, data: st.DataObject) -> None:
    """Say something of one open break; where costs explain it, the cash of later quarters is told anew."""
    with life.house.bank.reading() as session:
        open_ = [one for one in breaks_unexplained(session) if one.facility == life.house.facility]
    if open_:
        one = data.draw(st.sampled_from(open_))
        explain_break(
            life.house.bank,
            break_id=one.id,
            category=data.draw(st.sampled_from(EXPLAINED_BY[one.kind])),
            reason="as told",
            amount=Money(data.draw(st.integers(1, one.remaining.pence))),
            key=f"explain-{one.id}-{next(_LIVES)}",
        )
