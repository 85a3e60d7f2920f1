"""The arrangement fee of a facility, withheld from its first tranche or paid in, and interest made principal."""

from __future__ import annotations

from datetime import date

from bank.allocations.accruing import accrue_to, set_right_after
from bank.allocations.facts import facts_of
from bank.allocations.life.gates import may_capitalise
from bank.allocations.model import Facility
from bank.allocations.products.rules import refuse_unless_lent
from bank.allocations.queries import FacilityView
from bank.allocations.recording import Happening, bank_side, open_own, partner_side, take, write_down
from bank.allocations.resharing import least_owed
from bank.allocations.rules import (
    CAPITALISATION,
    DRAWING,
    FEE,
    SIGNED,
    refuse_over_owed,
    refuse_unless,
)
from bank.allocations.terms.queries import agreed_terms
from bank.allocations.terms.rules import in_force
from bank.people.rules import FUND_MANAGER
from bank.treasury.commands import hold_headroom
from bank.treasury.rules import BadTerms, happened_by, linked_pair, positive
from ledger.money import NOTHING, Money
from ledger.store.work import Work, command
from ledger.waterfalls import INTEREST


@command
def take_fee(
    work: Work, *, facility: str, on: date, key: str, amount: Money | None = None, note: str = ""
) -> FacilityView:
    """Take in the arrangement fee that is paid and not withheld; it is earned over the loan's life, not at once.

    The amount is the agreed fee unless another is told. Refuses a fee that was taken, or that no terms agree.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(on, work.today, "A fee")
    hold_headroom(work)
    row, life = take(work, facility)
    refuse_unless(life.state, (SIGNED, DRAWING), "charged an arrangement fee")
    course = facts_of(work.session, row).course
    agreed = in_force(course.terms, on)
    if agreed is None or not agreed.arrangement_fee or agreed.fee_withheld:
        raise BadTerms(f"No arrangement fee is to be paid in under the terms of {row.name} on {on}")
    if course.fees:
        raise BadTerms(f"The arrangement fee of {row.name} was taken on {course.fees[0][0]}")
    fee = positive(agreed.arrangement_fee if amount is None else amount, "An arrangement fee")
    made = Happening(work.new_id("evt"), FEE, on, fee, note=note.strip())
    open_own(work, row, ["1230:"])
    sides = (bank_side("1000", "1230:", row), partner_side("5300:", "1000:", row))
    said = f"Arrangement fee of {row.name}, to be earned by its effective rate"
    write_down(work, row, made, linked_pair(sides, fee, key=f"{made.id}/fee", on=on, description=said, kind=FEE))
    return set_right_after(work, row, on)


@command
def capitalise(
    work: Work, *, facility: str, on: date, reason: str, key: str, amount: Money | None = None
) -> FacilityView:
    """Make interest principal, where the contract says so: from then on it earns as principal does.

    All that the contract claims on the day, unless an amount is told; what of it stage 3 had left out is allowed for as
    it stands, and is no income. Everything is accrued to the day first. Refuses what would pass a hard limit: more is
    at risk from then on. The readings are kept, and for a soft one the clause is the reason.
    """
    work.actor.require(FUND_MANAGER)
    del key
    happened_by(on, work.today, "A capitalisation")
    if not reason.strip():
        raise BadTerms("Say by which clause interest is made principal: it is kept with the facility")
    hold_headroom(work)
    row, life = take(work, facility)
    refuse_unless_lent(row.product)
    refuse_unless(life.state, (DRAWING,), "given more principal")
    accrue_to(work, row, on)
    due = least_owed(facts_of(work.session, row), INTEREST, on)
    made_principal = positive(due if amount is None else amount, "Interest made principal")
    refuse_over_owed(made_principal, due, "interest", on)
    may_capitalise(work, row, made_principal, on, reason)
    made = Happening(work.new_id("evt"), CAPITALISATION, on, made_principal, note=reason.strip())
    sides = (bank_side("1200:", "1210:", row), partner_side("5200:", "2100:", row))
    said = f"Interest made principal under {row.name}"
    key_ = f"{made.id}/capitalisation"
    entries = linked_pair(sides, made_principal, key=key_, on=on, description=said, kind=CAPITALISATION)
    write_down(work, row, made, entries)
    return set_right_after(work, row, on)


def fee_withheld(work: Work, row: Facility, on: date, amount: Money) -> Money:
    """What is withheld from a tranche: the agreed fee, from the first that is drawn; refuses a smaller tranche."""
    agreed = in_force(agreed_terms(work.session, row.id), on)
    if agreed is None or not agreed.fee_withheld or not agreed.arrangement_fee:
        return NOTHING
    course = facts_of(work.session, row).course
    if course.fees or course.principal:
        return NOTHING
    if agreed.arrangement_fee >= amount:
        raise BadTerms(f"The fee of {agreed.arrangement_fee} would be withheld from {amount}: draw more than the fee")
    open_own(work, row, ["1230:"])
    return agreed.arrangement_fee
