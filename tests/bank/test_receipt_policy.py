from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.figures.queries import figures
from bank.inflows.claims.queries import ClaimView
from bank.inflows.commands import (
    approve_receipt_policy,
    approve_reserve_rate,
    distribute,
    end_notified,
    notify_claims,
    pay_reclaim,
    propose_receipt_policy,
    propose_reserve_rate,
    re_estimate_reserve,
    record_receipt,
)
from bank.inflows.queries import InflowView, position
from bank.inflows.recognition.commands import BeforePolicy, PolicyInUse, method_for
from bank.inflows.recognition.model import ReceiptPolicy, ReceiptPolicyApproval
from bank.inflows.recognition.queries import ReceiptPolicyView, receipt_policies
from bank.inflows.recognition.rules import BadMethod
from bank.inflows.standing import class_standing
from bank.lineage.queries import look_through
from bank.lineage.views import Forward
from bank.people.rules import SamePerson
from bank.treasury.rules import BadTerms
from ledger.commands import reverse
from ledger.dates import SetClock
from ledger.queries import head
from ledger.store.database import Database
from ledger.store.legs import legs
from ledger.store.outcomes import ProposalOutcome
from ledger.store.work import Desk, Work
from tests import databases
from tests.bank.journals import journal, table
from tests.bank.small_bank import SmallBank, pounds
from tests.bank.test_races import both

DAY = date(2011, 7, 4)
LATER = date(2011, 10, 3)


@pytest.fixture
def two(small_bank: SmallBank, database_url: str) -> Iterator[tuple[Desk, Desk]]:
    """Maya and Tom, each at a connection of their own."""
    opened = [Database.open(database_url, clock=small_bank.clock, compiled=databases.COMPILED) for _ in range(2)]
    yield (Desk(opened[0], small_bank.maya.actor), Desk(opened[1], small_bank.tom.actor))
    for each in opened:
        each.close()


def agreed(bank: SmallBank, method: str, from_on: date = DAY) -> ReceiptPolicyView:
    made = propose_receipt_policy(bank.maya, method=method, from_on=from_on, basis="Accounting policies, note 2")
    return approve_receipt_policy(bank.tom, id=made.id)


def rated(bank: SmallBank, rate: str, from_on: date) -> None:
    told = propose_reserve_rate(
        bank.maya, asset_class="bank-account", rate=Decimal(rate), from_on=from_on, basis="Actuary's letter"
    )
    approve_reserve_rate(bank.tom, id=told.id)


def received(bank: SmallBank, amount: str, whole: str | None = None, on: date = DAY) -> InflowView:
    return record_receipt(
        bank.maya,
        participant="An invented bank",
        amount=pounds(amount),
        scheme="main" if whole is None else "alternative",
        whole_balance=None if whole is None else pounds(whole),
        consented_on=on,
        received_on=on,
        key=bank.key(),
    )


def lived(bank: SmallBank) -> InflowView:
    """Money by both schemes, claims paid, notified beyond the provision and withdrawn, a re-estimate, a payment on."""
    rated(bank, "0.4", DAY)
    first = received(bank, "1000.00")
    received(bank, "300.00", "1000.00")
    pay_reclaim(
        bank.maya,
        participant="An invented bank",
        principal=pounds("100.00"),
        interest=pounds("5.50"),
        paid_on=DAY,
        key="claims",
    )
    notice: ClaimView = notify_claims(
        bank.maya, principal=pounds("900.00"), notified_on=DAY, participant="An invented bank", key="notice"
    )
    end_notified(
        bank.maya,
        claim=notice.id,
        outcome="withdrawn",
        on=DAY,
        reason="Two of them were one",
        principal=pounds("300.00"),
        key="end",
    )
    bank.at(LATER)
    rated(bank, "0.5", LATER)
    re_estimate_reserve(bank.maya, asset_class="bank-account", on=LATER, key="again")
    distribute(bank.maya, amount=pounds("200.00"), on=LATER, key="on")
    return first


@pytest.mark.parametrize(
    ("method", "income", "charge"), [("income-first", "-1300.00", "1000.00"), ("liability-first", "-600.00", "300.00")]
)
def test_2b_by_either_journal_all_but_income_and_charge_is_the_same(
    small_bank: SmallBank, method: str, income: str, charge: str
) -> None:
    """Kept of what came: 400.00 of the first, and all 300.00 of the second, of whose whole balance 400.00 is asked.

    A half of the 2,000.00 transferred is 1,000.00; 705.50 of it has been claimed, so 294.50 are held.
    """
    agreed(small_bank, method)
    first = lived(small_bank)
    codes = ("1000", "2000", "2010", "2100", "4000", "5000", "5100", "9000", "9099")
    assert dict(zip(codes, (small_bank.balance("reclaim-fund", code) for code in codes), strict=True)) == {
        "1000": "994.50",
        "2000": "-294.50",
        "2010": "-600.00",
        "2100": "0.00",
        "4000": income,
        "5000": charge,
        "5100": "200.00",
        "9000": "1900.00",
        "9099": "-1900.00",
    }
    with small_bank.database.reading() as session:
        room, of_class = position(session, as_at=LATER), class_standing(session, "bank-account", as_at=LATER)
        sheet = {one.code: one.value for one in figures(session, as_at=LATER).figures}
        way = look_through(session, first.id, as_at=LATER)
    told = (room.received, room.reclaimed, room.notified, room.provision, room.surplus, room.distributed)
    assert [str(each) for each in told] == ["1300.00", "105.50", "600.00", "294.50", "100.00", "200.00"]
    assert [str(each) for each in (of_class.transferred, of_class.claimed, of_class.owed)] == [
        "2000.00",
        "705.50",
        "1900.00",
    ]
    assert [str(sheet[code]) for code in ("received", "reclaimed", "reserved", "distributed")] == [
        "1300.00",
        "105.50",
        "894.50",
        "200.00",
    ]
    assert isinstance(way, Forward)
    assert way.total_held + way.total_left == way.amount == first.amount


def test_2b_the_journal_of_a_receipt_that_is_owed_first(small_bank: SmallBank) -> None:
    agreed(small_bank, "liability-first")
    rated(small_bank, "0.4", DAY)
    main, alternative = received(small_bank, "1000.00"), received(small_bank, "300.00", "1000.00")
    with small_bank.database.reading() as session:
        assert journal(session, main.seqs, "reclaim-fund") == table(
            """
            1000 2000 1000.00
            2000 4000  600.00
            9000 9099 1000.00
            """
        )
        assert journal(session, alternative.seqs, "reclaim-fund") == table(
            """
            1000 2000  300.00
            5000 2000  100.00
            9000 9099 1000.00
            """
        )


@pytest.mark.parametrize("method", ["income-first", "liability-first"])
def test_a_receipt_that_is_reversed_was_never_received_and_claims_nothing(small_bank: SmallBank, method: str) -> None:
    agreed(small_bank, method)
    first = lived(small_bank)
    with small_bank.maya.writing() as work:
        for seq in first.seqs:
            reverse(work, seq, key=f"undo {seq}", effective_on=LATER, reason="It was another fund's")
    with small_bank.database.reading() as session:
        room, of_class = position(session, as_at=LATER), class_standing(session, "bank-account", as_at=LATER)
        sheet = {one.code: one.value for one in figures(session, as_at=LATER).figures}
    assert [str(each) for each in (room.received, sheet["received"], room.reclaimed)] == ["300.00", "300.00", "105.50"]
    assert [str(each) for each in (of_class.transferred, of_class.claimed)] == ["1000.00", "705.50"]


@pytest.mark.parametrize("method", ["income-first", "liability-first"])
def test_what_is_taken_back_twice_stands_as_before_and_thrice_as_taken_back(small_bank: SmallBank, method: str) -> None:
    """A reversal reversed does again what that took back, for the standing of a class and for every figure told."""
    agreed(small_bank, method)
    rated(small_bank, "0.4", DAY)
    came = received(small_bank, "1000.00")
    claim = pay_reclaim(
        small_bank.maya, participant="An invented bank", principal=pounds("100.00"), paid_on=DAY, key="claims"
    )

    def standing() -> tuple[dict[tuple[str, str], int], object]:
        with small_bank.database.reading() as session:
            told: Counter[tuple[str, str, bool]] = Counter()
            for leg in legs(session, head(session).seq):
                told[leg.account, leg.kind, leg.undoes] += leg.amount.pence
            netted: Counter[tuple[str, str]] = Counter()
            for (account, kind, _), pence in told.items():
                netted[account, kind] += pence
            room = position(session)
            figured = (room.received, room.reclaimed, class_standing(session, "bank-account"))
            return {deed: pence for deed, pence in netted.items() if pence}, figured

    def taken_back(seqs: Iterable[int]) -> list[int]:
        with small_bank.maya.writing() as work:
            return [
                reverse(work, seq, key=f"undo {seq}", effective_on=DAY, reason="Entered by mistake").seq for seq in seqs
            ]

    for seqs in (claim.seqs, came.seqs):
        before = standing()
        once = taken_back(seqs)
        without = standing()
        again = taken_back(once)
        assert standing() == before != without
        taken_back(again)
        assert standing() == without
        assert "reversal" not in {kind for _, kind in without[0]}


def test_a_policy_is_agreed_by_two_and_a_book_keeps_the_one_by_which_money_came(small_bank: SmallBank) -> None:
    with pytest.raises(BadMethod, match="income-first or liability-first"):
        agreed(small_bank, "cash-first")
    with pytest.raises(BadTerms, match="Say what the policy rests on"):
        propose_receipt_policy(small_bank.maya, method="income-first", from_on=DAY, basis=" ")
    other = propose_receipt_policy(small_bank.maya, method="income-first", from_on=DAY, basis="A minute")
    with pytest.raises(SamePerson):
        approve_receipt_policy(small_bank.maya, id=other.id)
    agreed(small_bank, "income-first")
    small_bank.clock.set(small_bank.clock.now() + timedelta(hours=1))
    agreed(small_bank, "liability-first", LATER)
    with small_bank.database.reading() as session:
        listed = [(one.state, one.in_force, one.replaced_on) for one in receipt_policies(session)]
    assert listed == [("waiting", False, None), ("approved", True, LATER), ("approved", False, None)]
    eve = DAY - timedelta(days=1)
    rated(small_bank, "0.4", eve)
    with pytest.raises(BeforePolicy, match=f"{eve} is too early: no policy .* holds before {DAY}"):
        received(small_bank, "1000.00", on=eve)
    small_bank.at(LATER)
    received(small_bank, "1000.00", on=LATER)
    with pytest.raises(PolicyInUse, match=f"On {DAY} the policy .* income-first, and .* was entered liability-first"):
        received(small_bank, "1.00")
    with pytest.raises(PolicyInUse, match=f"since {LATER} and was entered liability-first"):
        approve_receipt_policy(small_bank.tom, id=other.id)
    with pytest.raises(PolicyInUse):
        propose_receipt_policy(small_bank.maya, method="income-first", from_on=LATER, basis="Another auditor")
    assert agreed(small_bank, "liability-first", DAY).state == "approved"
    received(small_bank, "1.00")
    assert small_bank.balance("reclaim-fund", "5000") == "0.00"


def test_a_policy_approved_first_holds_until_the_day_of_a_later_one(small_bank: SmallBank) -> None:
    """Whichever was approved last: one from a later day says nothing of the days before it."""
    agreed(small_bank, "liability-first", DAY)
    small_bank.clock.set(small_bank.clock.now() + timedelta(hours=1))
    agreed(small_bank, "income-first", LATER)
    rated(small_bank, "0.4", DAY)
    received(small_bank, "1000.00")
    assert small_bank.balance("reclaim-fund", "4000") == "-600.00"
    small_bank.at(LATER)
    with pytest.raises(PolicyInUse, match=f"Propose liability-first from {LATER} or later"):
        received(small_bank, "1.00", on=LATER)
    small_bank.clock.set(small_bank.clock.now() + timedelta(hours=1))
    agreed(small_bank, "liability-first", LATER)
    received(small_bank, "1.00", on=LATER)
    assert small_bank.balance("reclaim-fund", "5000") == "0.00"


class Forgotten(Exception):
    """What was tried is not kept."""


@pytest.fixture(scope="module")
def unkept(run_of_tests: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallBank]:
    """A bank of which every example forgets what it did."""
    with databases.prepared("sqlite", run_of_tests, tmp_path_factory.mktemp("policies")) as url:
        clock = SetClock(databases.OPENING)
        database = Database.open(url, clock=clock, compiled=databases.COMPILED)
        bank = SmallBank(database, clock)
        bank.open()
        yield bank
        database.close()


def holding(told: list[tuple[int, int, bool]], day: int) -> int | None:
    """The place of what holds on a day: each approval in its turn takes the place of what does not start later."""
    held = None
    for _, from_on, place in sorted((approved, from_on, place) for place, (approved, from_on, _) in enumerate(told)):
        if from_on <= day and (held is None or from_on >= told[held][1]):
            held = place
    return held


def entered(work: Work, place: int, from_on: date, at: datetime, method: str) -> None:
    """A policy proposed and approved at an hour, without the acts."""
    work.session.add(
        ReceiptPolicy(
            id=f"rpo_{place}", method=method, from_on=from_on, basis="Note", proposed_by="one", recorded_at=work.now
        )
    )
    work.session.add(
        ProposalOutcome(
            proposal_id=f"rpo_{place}",
            proposed_by="one",
            decided_by="two",
            decision="approved",
            reason="",
            recorded_at=at,
        )
    )
    work.session.flush()
    work.session.add(
        ReceiptPolicyApproval(policy_id=f"rpo_{place}", proposed_by="one", approved_by="two", recorded_at=at)
    )
    work.session.flush()


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.booleans()), max_size=6, unique_by=lambda one: one[0])
)
def test_on_every_day_the_policy_that_starts_last_holds(unkept: SmallBank, told: list[tuple[int, int, bool]]) -> None:
    """Each approved at an hour, from a day on, of either journal; of two from one day the later approved."""
    start = unkept.clock.now().date()
    with suppress(Forgotten), unkept.maya.writing() as work:
        for place, (hour, from_on, owed) in enumerate(told):
            method = "liability-first" if owed else "income-first"
            entered(work, place, start + timedelta(days=from_on), work.now - timedelta(seconds=20 - hour), method)
        views = receipt_policies(work.session)
        for number in range(7):
            held, day = holding(told, number), start + timedelta(days=number)
            listed = [place for place, one in enumerate(views) if one.from_on <= day < (one.replaced_on or date.max)]
            assert listed == [held] * (held is not None)
            if held is None and told:
                with pytest.raises(BeforePolicy):
                    method_for(work, day)
            else:
                assert method_for(work, day) == ("income-first" if held is None else views[held].method)
        assert [place for place, one in enumerate(views) if one.in_force] == [
            held for held in [holding(told, 0)] if held is not None
        ]
        raise Forgotten


def test_the_first_receipt_and_the_approval_of_another_journal_come_one_after_the_other(
    small_bank: SmallBank, two: tuple[Desk, Desk]
) -> None:
    """Whichever was first, the book is kept by one journal, and the other act knows it."""
    rated(small_bank, "0.4", DAY)
    made = propose_receipt_policy(small_bank.maya, method="liability-first", from_on=DAY, basis="A minute")

    def receiving(desk: Desk, key: str) -> InflowView:
        return record_receipt(
            desk,
            participant="An invented bank",
            amount=pounds("1000.00"),
            consented_on=DAY,
            received_on=DAY,
            key=key,
        )

    came, chosen = both(two, receiving, lambda desk, key: approve_receipt_policy(desk, id=made.id, key=key))
    assert came is None
    assert chosen is None or isinstance(chosen, PolicyInUse)
    income = "-600.00" if chosen is None else "-1000.00"
    assert small_bank.balance("reclaim-fund", "4000") == income
    assert small_bank.balance("reclaim-fund", "2000") == "-400.00"


def test_a_book_that_never_chose_is_kept_income_first_and_may_say_so(small_bank: SmallBank) -> None:
    rated(small_bank, "0.4", DAY)
    received(small_bank, "1000.00")
    assert [small_bank.balance("reclaim-fund", code) for code in ("4000", "5000")] == ["-1000.00", "400.00"]
    with pytest.raises(PolicyInUse, match="entered income-first"):
        agreed(small_bank, "liability-first")
    with pytest.raises(BadTerms, match="too late"):
        agreed(small_bank, "income-first", LATER)
    assert agreed(small_bank, "income-first").state == "approved"
