"""What a drawdown notice tells: one act of paying out, what stood before it and after, and the entries it made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from bank.allocations.instalments import schedule
from bank.allocations.life.queries import conditions, terms_at
from bank.allocations.model import Facility
from bank.allocations.products.registry import PRODUCTS, PROMISES
from bank.allocations.queries import FacilityEventView, FacilityView, events, facility
from bank.allocations.recording import BANK
from bank.allocations.rules import CO_DRAWING, DRAWDOWN
from bank.allocations.terms.queries import agreed_terms
from bank.allocations.terms.rules import in_force
from bank.limits.outside.queries import kept_inside
from bank.limits.outside.rules import told_outside
from bank.publishing.notices.gathering import Gathering, figures
from bank.publishing.notices.rules import NoSuchDrawdown, Subject
from intermediaries.register.queries import names
from ledger import queries
from ledger.entries import Recorded
from ledger.money import Money
from reports.figures import Figure, Value
from reports.notices.inputs import Condition, DrawdownNotice, Entered

_WHOLE: Final = date.max


def drawdown_notice(gathering: Gathering, of: str, entry: int | None = None) -> DrawdownNotice:
    """The notice of one drawdown of a facility: that which made an entry, or the last one known.

    Refuses a facility that is not there or not the reader's own, and one under which nothing was drawn, or not so.
    """
    session, then = gathering.session, gathering.known
    facility(session, of, as_at=_WHOLE, at=then, intermediary=gathering.own)
    told = events(session, of, as_at=_WHOLE, at=then)
    event = _chosen(told, of, entry)
    made = [queries.entry(session, seq) for seq in sorted(event.seqs)]
    paid_on = made[0].entry.original_effective_on or event.effective_on
    view = facility(session, of, as_at=event.effective_on, at=then)
    product = PRODUCTS[view.product]
    subject = Subject("drawdown", of, min(event.seqs))
    act = gathering.source("what this drawdown told, and the entries it made", paid_on, seqs=event.seqs)
    interest, repayment, agreed = _terms(gathering, view, paid_on, earns=product.earns)
    return DrawdownNotice(
        issue=gathering.issue(subject, event.effective_on),
        figures=(
            *figures(
                {
                    "paid": event.amount,
                    "paid_beside": event.co_investor_amount,
                    "paid_on": paid_on,
                    "entered_on": event.effective_on,
                },
                act,
            ),
            *_undrawn(gathering, of, event),
            *_to_date(gathering, told, event),
            *_agreed(gathering, view, paid_on, agreed),
        ),
        provenance=act,
        to=names(session).get(view.intermediary, view.intermediary),
        facility=of,
        facility_name=view.name,
        product=view.product_title,
        earns=product.earns,
        interest=interest,
        repayment=repayment,
        conditions=tuple(
            Condition(text=one.text, state=one.state, settled_on=one.settled_on, evidence=one.evidence)
            for one in conditions(session, of, paid_on, then)
        ),
        entries=tuple(_entered(one) for one in made),
        note=told_outside(event.note, kept_inside(session, of, then)),
        evidence=event.evidence,
    )


def _chosen(told: Sequence[FacilityEventView], of: str, entry: int | None) -> FacilityEventView:
    drawn = [one for one in told if one.kind == DRAWDOWN and one.seqs]
    if entry is not None:
        drawn = [one for one in drawn if entry in one.seqs]
    if not drawn:
        what = "Nothing was drawn" if entry is None else f"No drawdown made entry {entry}"
        raise NoSuchDrawdown(f"{what} under {of:.60}, as known then: `bank allocation show` tells what happened to it")
    return drawn[-1]


def _entered(one: Recorded) -> Entered:
    return Entered(seq=one.seq, book=one.entry.book, description=one.entry.description, seal=one.seal)


def _undrawn(gathering: Gathering, of: str, event: FacilityEventView) -> tuple[Figure, ...]:
    """What of the promise was undrawn just before the act and just after it, in the order of the journal."""
    codes = [f"{root}:{of}" for root in PROMISES]
    lines = queries.moves_of(gathering.session, BANK, codes, gathering.known)
    before = [line for line in lines if line.seq < min(event.seqs)]
    after = [line for line in lines if line.seq <= max(event.seqs)]
    return tuple(
        figure
        for code, moved in (("undrawn_before", before), ("undrawn_after", after))
        for figure in figures(
            {code: Money.total(line.amount for line in moved)},
            gathering.source(
                "the balance of what is promised and undrawn, by place in the journal",
                event.effective_on,
                seqs=[line.seq for line in moved],
                accounts=sorted({line.account for line in moved}),
                source="ledger",
            ),
        )
    )


def _to_date(gathering: Gathering, told: Sequence[FacilityEventView], event: FacilityEventView) -> tuple[Figure, ...]:
    by_then = [one for one in told if one.number <= event.number and one.kind in {DRAWDOWN, CO_DRAWING}]
    own = [one for one in by_then if one.kind == DRAWDOWN]
    source = gathering.source(
        "what each drawdown up to this one told, added up",
        event.effective_on,
        seqs=[seq for one in own for seq in one.seqs],
        source="calculation",
    )
    return figures(
        {
            "drawn_to_date": Money.total(one.amount for one in own),
            "beside_to_date": Money.total(one.co_investor_amount for one in by_then),
        },
        source,
    )


def _terms(gathering: Gathering, view: FacilityView, day: date, *, earns: bool) -> tuple[str, str, dict[str, Value]]:
    """How interest is counted and repaid in words, and the rate with the first day on which something falls due."""
    if not earns:
        return "", "", {"rate": None, "first_due": None}
    session, then = gathering.session, gathering.known
    planned = schedule(session, view.id, as_at=day, at=then)
    first = min((one.due_on for one in planned.instalments if one.due_on > day), default=None)
    agreed = in_force(agreed_terms(session, view.id, at=then), day)
    base = "fixed" if agreed is None or agreed.base is None else f"{agreed.base} and a margin"
    repayment = "" if agreed is None else f"{agreed.plan.repaying}, every {agreed.plan.every_months} months"
    return f"{base}, counted by {view.day_count}", repayment, {"rate": planned.rate, "first_due": first}


def _agreed(gathering: Gathering, view: FacilityView, day: date, agreed: dict[str, Value]) -> tuple[Figure, ...]:
    row = gathering.session.get_one(Facility, view.id)
    terms = terms_at(gathering.session, row, day, gathering.known)
    wanted = None if terms.match_at_drawdown is None else Fraction(terms.match_at_drawdown)
    source = gathering.source("the terms agreed to, as in force on the day of the payment", day)
    return figures({"match_wanted": wanted, **agreed, "matures_on": terms.matures_on}, source)
