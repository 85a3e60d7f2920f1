"""What the page on an allocation tells: what was proposed and why, who agreed to it, and what limits of its own read.

It goes to the intermediary, so nothing in it speaks of anybody else, whoever asks for it: a limit on a borrower, a
product or the whole bank tells, less its own part, what others have, and reasons given inside the bank may name them.
"""

from __future__ import annotations

from datetime import date

from bank.allocations.credit.queries import stages_of
from bank.allocations.instalments import schedule
from bank.allocations.life.course import CourseView, course
from bank.allocations.life.model import FacilityProfile
from bank.allocations.life.queries import profiles
from bank.allocations.products.registry import PRODUCTS
from bank.allocations.queries import FacilityView, facility
from bank.allocations.standing import began_impaired
from bank.approvals.rules import APPROVE
from bank.limits.outside.rules import OWN, of_others
from bank.limits.rules import KINDS
from bank.publishing.notices.gathering import Gathering, figures
from bank.publishing.notices.rules import Subject
from intermediaries.register.queries import names
from ledger.impairment import Stage
from ledger.money import NOTHING
from reports.figures import Figure, Value
from reports.notices.inputs import Agreed, AllocationNotice, Read


def allocation_notice(gathering: Gathering, of: str) -> AllocationNotice:
    """The what-and-why of one facility, as at the day of knowledge. Refuses one that is not there, or not one's own."""
    session, then = gathering.session, gathering.known
    day = then.instant.date()
    view = facility(session, of, as_at=day, at=then, intermediary=gathering.own)
    life = course(session, of, as_at=day, at=then)
    kept = profiles(session, [of], then).get(of)
    told = gathering.source("what was proposed and decided, and the facility's accounts", day, accounts=[f"9110:{of}"])
    evaluated = [one.readings for one in life.evaluations if one.action == APPROVE]
    readings = evaluated[-1] if evaluated else ()
    began = bool(began_impaired(session, [view], as_at=day, at=then))
    return AllocationNotice(
        issue=gathering.issue(Subject("allocation", of), day),
        figures=_figures(gathering, view, day, began=began),
        provenance=told,
        to=names(session).get(view.intermediary, view.intermediary),
        facility=of,
        facility_name=view.name,
        product=view.product_title,
        state=view.stage or view.state,
        began_impaired=began,
        purpose=view.purpose,
        additionality=view.additionality,
        day_count=f"counted by {view.day_count}",
        region=("" if kept is None else kept.region) or "",
        secured=None if kept is None else kept.secured,
        first_loss=None if kept is None else kept.first_loss,
        proposed_by=gathering.names().get(view.proposed_by, view.proposed_by),
        agreed=tuple(_agreed(gathering, view, life)),
        readings=tuple(
            Read(
                limit=KINDS[one.kind].title,
                hard=one.hard,
                before=one.before,
                after=one.after,
                bound=one.bound,
                within=one.within,
            )
            for one in readings
            if one.kind in OWN
        ),
        read_of_others=of_others(readings),
        match=_match(kept),
    )


def _agreed(gathering: Gathering, view: FacilityView, life: CourseView) -> list[Agreed]:
    """Who spoke to its approval; where nothing was asked of a table, the one who approved it. Why is kept inside."""
    who = gathering.names()
    said = [
        Agreed(
            by=who.get(one.by, one.by),
            decision=one.decision,
            on=one.at.date(),
        )
        for request in life.requests
        if request.action == APPROVE
        for one in request.decisions
    ]
    if said or view.approved_by is None or view.approved_on is None:
        return said
    return [
        Agreed(
            by=who.get(view.approved_by, view.approved_by),
            decision="approved",
            on=view.approved_on,
        )
    ]


def _match(kept: FacilityProfile | None) -> str:
    asked = [] if kept is None else [(kept.match_at_signing, "signing"), (kept.match_at_drawdown, "each drawdown")]
    told = [f"{wanted} times ours at {when}" for wanted, when in asked if wanted is not None]
    return f"Match of co-investors: {' and '.join(told)}." if told else "No match of co-investors is asked for."


def _figures(gathering: Gathering, view: FacilityView, day: date, *, began: bool) -> tuple[Figure, ...]:
    sums = gathering.source("what the facility's own accounts moved, by kind of entry", day, source="ledger")
    told = gathering.source("the facility as it was proposed, approved and amended", day)
    moved = stages_of(gathering.session, view.id, at=gathering.known)
    in_stage = [int(stage) for on, stage in moved if on <= day]
    earns = PRODUCTS[view.product].earns
    rate = schedule(gathering.session, view.id, as_at=day, at=gathering.known).rate if earns else None
    lent = earns and view.figures.drawn != NOTHING
    recorded: dict[str, Value] = {
        "amount": view.amount,
        "beside": view.figures.co_investor_committed,
        "rate": rate,
        "proposed_on": view.proposed_on,
        "approved_on": view.approved_on,
        "available_from": view.available_from,
        "available_until": view.available_until,
        "matures_on": view.matures_on,
        "impairment_stage": int(Stage.IMPAIRED) if began else in_stage[-1] if in_stage else 1 if lent else None,
    }
    by_books: dict[str, Value] = {
        "in_principle": view.figures.approved_in_principle,
        "signed": view.figures.signed,
        "paid_to_date": view.figures.drawn,
    }
    return *figures(recorded, told), *figures(by_books, sums)
