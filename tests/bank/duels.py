"""The duels of the rivals: two acts each, of which the books let stand what can stand together and refuse the rest."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Final

from bank.allocations.commands import approve, draw_down, lapse, recover, repay, write_off
from bank.allocations.life.commands import ask_approval
from bank.allocations.queries import FacilityFigures, facts
from bank.allocations.terms.commands import propose_threshold
from bank.allocations.terms.queries import thresholds
from bank.approvals.commands import decide
from bank.approvals.queries import requests
from bank.inflows.claims.queries import claims
from bank.inflows.commands import declare_surplus, end_notified, notify_claims, pay_notified, pay_surplus
from bank.inflows.queries import declarations, position
from bank.proposals.commands import approve_proposal, reject_proposal
from bank.quarters.commands import close, reopen
from bank.rates.commands import approve_base_rate, propose_base_rate
from bank.rates.queries import base_rates
from bank.treasury.placements.commands import place as place_cash
from bank.treasury.placements.commands import realise
from bank.treasury.placements.queries import placements
from ledger.dates import Quarter
from ledger.money import Money
from ledger.refusals import Refusal
from ledger.store.work import Desk
from tests.bank.rivals import CAP, PARTICIPANT, SIGNED, TODAY, Act, Arena, receive
from tests.bank.small_bank import pounds

LAST: Final = Quarter.of(TODAY).previous
_ENOUGH: Final = pounds("150.00")
"""More than all duels together may draw before it is looked at again."""
_TILL: Final = pounds("40.00")
_TURNED_DOWN: Final = ["AlreadyTurnedDown", "NoneType"]

Touched = tuple[str, ...]


def anything(place: Arena) -> Touched:
    """Two of drawing, repaying, writing off and recovering, by lot, on one facility."""
    before = len(_events(place))
    place.go(_drawn_by_lot(place), _drawn_by_lot(place))
    assert len(_events(place)) <= before + 2, "something was done twice"
    return (place.facility,)


def drawdown_and_drawdown(place: Arena) -> Touched:
    """Two facilities draw on cash that reaches for one: what else the bank has is placed, and promised already."""
    two = [facility for _, facility in place.facilities[-2:]]
    amount = Money(_TILL.pence * 3 // 5)
    fared = _with_little_cash(place, *(_drawing(each, amount) for each in two))
    assert _names(fared) == ["NoneType", "NotEnoughHeadroom"], "cash was spent twice, or not at all"
    return tuple(two)


def placement_and_drawdown(place: Arena) -> Touched:
    """The same cash is drawn and placed at once: one of them."""
    amount = Money(_TILL.pence * 3 // 5)

    def placing(desk: Desk, key: str) -> object:
        return place_cash(desk, sort="fund", counterparty="Another fund", amount=amount, on=TODAY, key=key)

    fared = _with_little_cash(place, _drawing(place.facility, amount), placing)
    assert sorted(each is None for each in fared) == [False, True], "cash was spent twice, or not at all"
    return (place.facility,)


def repayment_and_write_off(place: Arena) -> Touched:
    """All that a facility owes is repaid and written off at once: one of them."""
    facility = place.facility
    owed = _figures(place).outstanding
    if not owed:
        draw_down(place.maya, facility=facility, amount=pounds("5.00"), on=TODAY, key=place.key())
        owed = pounds("5.00")
    fared = place.go(
        lambda desk, key: repay(desk, facility=facility, principal=owed, on=TODAY, key=key),
        lambda desk, key: write_off(desk, facility=facility, amount=owed, on=TODAY, reason="Lost", key=key),
    )
    assert sorted(each is None for each in fared) == [False, True], "a debt was settled twice, or not at all"
    return (facility,)


def approval_and_approval(place: Arena) -> Touched:
    """Two proposals that the lender's limit has room for one of, approved at once; what was approved then lapses."""
    kept, place.bank.desks["maya"] = place.maya, place.bank.desks["proposer"]
    figures = _figures(place)
    amount = CAP - figures.undrawn - figures.outstanding - Money(1)
    made = [place.bank.proposed(place.lender, str(amount)).id for _ in range(2)]
    place.bank.desks["maya"] = kept
    fared = place.go(
        lambda desk, key: approve(desk, facility=made[0], key=key),
        lambda desk, key: approve(desk, facility=made[1], key=key),
    )
    assert _names(fared) == ["LimitPassed", "NoneType"], "a limit was passed by two together"
    for one, how in zip(made, fared, strict=True):
        if how is None:
            lapse(place.maya, facility=one, on=TODAY, reason="Made room", key=place.key())
    return (place.facility, *made)


def one_agreement_used_twice(place: Arena) -> Touched:
    """One agreement for one drawdown, carried out from two connections at once: once."""
    amount, facility = pounds("50.00"), place.facility
    asked = ask_approval(
        place.maya, action="draw-down", facility=facility, amount=amount, reason="Race", key=place.key()
    )
    decide(place.bank.tom, request=asked.id, approve=True, key=place.key())
    hers = (place.two[0], Desk(place.two[1].database, place.two[0].actor))
    fared = place.go(_drawing(facility, amount), _drawing(facility, amount), hers)
    assert _names(fared) == ["ApprovalNeeded", "NoneType"], "one agreement was used twice, or not at all"
    repay(place.maya, facility=facility, principal=amount, on=TODAY, key=place.key())
    return (facility,)


def approval_and_rejection(place: Arena) -> Touched:
    """A proposal is approved and rejected at once: it comes to one end, and whoever came second hears of it."""
    step = propose_base_rate(
        place.bank.desks["proposer"],
        base="bank-rate",
        rate=Decimal("0.005"),
        from_on=SIGNED,
        source="Race",
        key=place.key(),
    )
    fared = place.go(
        lambda desk, key: approve_base_rate(desk, id=step.id, key=key),
        lambda desk, key: reject_proposal(desk, proposal=step.id, reason="Race", key=key),
    )
    with place.bank.database.reading() as session:
        (told,) = (each for each in base_rates(session) if each.id == step.id)
    ended = ("approved", ["AlreadyApproved", "NoneType"]) if fared[0] is None else ("rejected", _TURNED_DOWN)
    assert (told.state, _names(fared)) == ended, "a proposal came to two ends, or to none"
    assert (told.approved_at is None) == (told.state == "rejected")
    return ()


def two_voices(place: Arena) -> Touched:
    """A proposal that takes two is agreed to by both at once: each is heard, and it is approved."""
    made = propose_threshold(
        place.bank.desks["proposer"], part=Decimal("0.2"), from_on=SIGNED, source="Race", key=place.key()
    )
    agreeing = partial(approve_proposal, proposal=made.id)
    fared = place.go(lambda desk, key: agreeing(desk, key=key), lambda desk, key: agreeing(desk, key=key))
    with place.bank.database.reading() as session:
        (told,) = (each for each in thresholds(session) if each.id == made.id)
        (request,) = requests(session, subjects=[made.id])
    assert (fared, told.state, request.state) == ([None, None], "approved", "approved"), "a voice was lost"
    return ()


def drawdown_and_close(place: Arena) -> Touched:
    """A drawdown dated in the last quarter meets its close: it is in the quarter when that closes, or refused."""
    drawn = place.facility
    before = _figures(place).drawn
    amount = Money(place.lot.randint(1, 99))
    fared = place.go(
        lambda desk, key: draw_down(desk, facility=drawn, amount=amount, on=LAST.ends_on, key=key),
        lambda desk, _: close(desk, quarter=LAST),
    )
    assert fared[1] is None
    assert _figures(place).drawn == (before + amount if fared[0] is None else before)
    assert type(fared[0]).__name__ in {"NoneType", "QuarterClosed"}, fared[0]
    reopen(place.maya, quarter=LAST, reason="The next round")
    return (drawn,)


def payment_and_withdrawal_of_a_claim(place: Arena) -> Touched:
    """A notified claim is paid and withdrawn at once: one of them."""
    made = _notified(place, pounds("3.00"))
    fared = place.go(
        lambda desk, key: pay_notified(desk, claim=made, paid_on=TODAY, key=key),
        lambda desk, key: end_notified(desk, claim=made, outcome="withdrawn", on=TODAY, reason="Race", key=key),
    )
    assert sorted(each is None for each in fared) == [False, True], "a claim was settled twice, or not at all"
    return ()


def claim_and_commitment(place: Arena) -> Touched:
    """All surplus is declared while claims are notified that eat into it: declared before them, or refused."""
    with place.bank.database.reading() as session:
        stands = position(session)
    eaten = stands.provision + Money(100)
    fared = place.go(
        lambda desk, key: notify_claims(desk, participant=PARTICIPANT, principal=eaten, notified_on=TODAY, key=key),
        lambda desk, key: declare_surplus(desk, amount=stands.surplus, on=TODAY, key=key),
    )
    assert fared[0] is None
    with place.bank.database.reading() as session:
        claim, declared = claims(session)[-1], declarations(session)
    if fared[1] is None:
        assert declared[-1].seqs[0] < claim.seqs[0], "surplus that was claimed already was declared"
    else:
        assert type(fared[1]).__name__ == "NotEnoughSurplus"
    end_notified(place.maya, claim=claim.id, outcome="withdrawn", on=TODAY, reason="The next round", key=place.key())
    if fared[1] is None:
        pay_surplus(place.maya, declaration=declared[-1].id, on=TODAY, key=place.key())
        receive(place.bank, "500.00")
    return ()


def renewed(place: Arena) -> None:
    """Others in the place of the two in front when one is nearly drawn out or at its end; what was lost is paid in."""
    for place_in_front in (-2, -1):
        _, there = place.facilities[place_in_front]
        view = place.bank.facility(there)
        if view.figures.undrawn >= _ENOUGH and view.state in {"signed", "drawing"}:
            continue
        if view.figures.outstanding:
            repay(place.maya, facility=there, principal=view.figures.outstanding, on=TODAY, key=place.key())
        place.bank.capital("300.00")
        lender = place.bank.lender(f"Invented Lender {place.rounds}{place_in_front}")
        place.facilities[place_in_front] = lender, _signed_in_the_last_quarter(place, lender)


DUELS: Final[tuple[tuple[str, Callable[[Arena], Touched]], ...]] = (
    ("anything on one facility", anything),
    ("drawdown, drawdown on the same headroom", drawdown_and_drawdown),
    ("approval, approval", approval_and_approval),
    ("repayment, write-off", repayment_and_write_off),
    ("anything on one facility", anything),
    ("drawdown, quarter close", drawdown_and_close),
    ("claim notified, surplus committed", claim_and_commitment),
    ("claim paid, claim withdrawn", payment_and_withdrawal_of_a_claim),
    ("placement, drawdown", placement_and_drawdown),
    ("one agreement used twice", one_agreement_used_twice),
    ("proposal approved, proposal rejected", approval_and_rejection),
    ("two voices on one proposal", two_voices),
)
"""What each is called, and the duel; they take turns."""


def _drawing(facility: str, amount: Money) -> Act:
    return lambda desk, key: draw_down(desk, facility=facility, amount=amount, on=TODAY, key=key)


def _drawn_by_lot(place: Arena) -> Act:
    amount, facility = Money(place.lot.randint(1, 499)), place.facility
    acts: list[Act] = [
        _drawing(facility, amount),
        lambda desk, key: repay(desk, facility=facility, principal=amount, on=TODAY, key=key),
        lambda desk, key: write_off(desk, facility=facility, amount=amount, on=TODAY, reason="Lost", key=key),
        lambda desk, key: recover(desk, facility=facility, amount=amount, on=TODAY, key=key),
    ]
    return acts[place.lot.choices(range(4), weights=(4, 3, 1, 1))[0]]


def _with_little_cash(place: Arena, first: Act, second: Act) -> list[Refusal | None]:
    """Two acts on a till in which there is little, the rest being placed; afterwards all of it comes home."""
    spare = place.balance("1000") - _TILL
    place_cash(place.maya, sort="fund", counterparty="A fund", amount=spare, on=TODAY, key=place.key())
    fared = place.go(first, second)
    with place.bank.database.reading() as session:
        out = placements(session, open_only=True)
    for each in out:
        realise(place.maya, placement=each.id, proceeds=each.carried, on=TODAY, key=place.key())
    return fared


def _notified(place: Arena, principal: Money) -> str:
    return notify_claims(
        place.maya, participant=PARTICIPANT, principal=principal, notified_on=TODAY, key=place.key()
    ).id


def _signed_in_the_last_quarter(place: Arena, lender: str) -> str:
    """A facility that can be drawn on in the last quarter as well as today."""
    place.bank.at(SIGNED)
    made = place.bank.signed(lender, "300.00", annual_rate=Decimal(0)).id
    place.bank.at(TODAY)
    return made


def _figures(place: Arena) -> FacilityFigures:
    return place.bank.facility(place.facility).figures


def _events(place: Arena) -> list[object]:
    with place.bank.database.reading() as session:
        return [fact for fact in facts(session, place.facility) if fact.kind != "accrual"]


def _names(fared: list[Refusal | None]) -> list[str]:
    return sorted(type(each).__name__ for each in fared)
