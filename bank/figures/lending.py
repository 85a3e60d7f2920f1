"""Figures of onward lending: to how many, in how many places, and how it is being repaid."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from bank.figures.books import OUR_PRINCIPAL
from bank.figures.evidence import Evidence, Found
from bank.figures.measures import MEASURES
from bank.figures.money import FOLDS
from intermediaries.loans.rules import at_risk
from intermediaries.loans.views import Lent
from ledger.money import Money
from ledger.store.late_entries import told_late
from reports.figures import Coverage, Value


def _counted(evidence: Evidence, code: str, formula: str, number: int, coverage: Coverage | None = None) -> Found:
    return Found(
        measure=MEASURES[code],
        value=number,
        provenance=evidence.provenance(formula, [OUR_PRINCIPAL], reported=True),
        coverage=coverage,
    )


def lent_late(evidence: Evidence) -> Money:
    """The part of what the quarter added to lending that late and corrected returns for earlier quarters brought."""
    late = told_late(evidence.session, evidence.since, evidence.as_at, evidence.known.seq)
    return evidence.books.strand(FOLDS["lent"][0]).of(late)


def loans(evidence: Evidence, code: str) -> Found:
    """How many onward loans have had money."""
    return _counted(evidence, code, "onward loans with anything drawn in the accepted returns", len(evidence.drawn))


def loans_outstanding(evidence: Evidence, code: str) -> Found:
    """How many onward loans still owe principal."""
    return _counted(
        evidence,
        code,
        "onward loans whose principal outstanding is more than nothing in their last accepted return",
        len(evidence.standing),
    )


def organisations(evidence: Evidence, code: str) -> Found:
    """How many organisations have had an onward loan, each counted once under whichever intermediary it was met."""
    return _counted(
        evidence,
        code,
        "different organisations, joined by any of their registrations, among the loans with anything drawn",
        len({state.organisation for state in evidence.drawn}),
    )


def places(evidence: Evidence, code: str) -> Found:
    """In how many local-authority areas a loan is at work, over the loans whose place is matched."""
    drawn = evidence.drawn
    matched = [state for state in drawn if state.place.local_authority is not None]
    return _counted(
        evidence,
        code,
        "different local authorities among the loans with anything drawn, as far as their place is matched",
        len({state.place.local_authority for state in matched}),
        covered(matched, drawn),
    )


def covered(known: Iterable[Lent], all_of: Iterable[Lent]) -> Coverage:
    """How many of the loans, and how much of the bank's money lent, a figure knows of."""
    known, all_of = list(known), list(all_of)
    return Coverage(
        known=len(known),
        of=len(all_of),
        known_money=Money.total(state.drawn for state in known),
        of_money=Money.total(state.drawn for state in all_of),
    )


def overdue(evidence: Evidence, code: str) -> Found:
    """Principal past its due date, the bank's share."""
    late = [state.arrears for state in evidence.standing]
    return Found(
        measure=MEASURES[code],
        value=Money.total(late),
        provenance=evidence.provenance(
            "the facility's share of the principal in arrears in each loan's last accepted return", reported=True
        ),
        coverage=evidence.reported_for,
    )


_DAYS: Final = {"at_risk_30": 30, "at_risk_90": 90}


def risk(evidence: Evidence, code: str) -> Found:
    """The share of principal outstanding in loans past a number of days, with restructured loans or without (IRIS)."""
    base = code.removesuffix("_restructured")
    found = at_risk(evidence.states, over=_DAYS[base])
    part = found.past_due if base == code else found.with_restructured
    also = "" if base == code else " or on restructured terms"
    value: Value = Fraction(part.pence, found.outstanding.pence) if found.outstanding else None
    return Found(
        measure=MEASURES[code],
        value=value,
        provenance=evidence.provenance(
            f"the whole balance of account 1300 for each loan more than {_DAYS[base]} days past due{also} in its last "
            "accepted return, divided by the balance of account 1300 over every memorandum book",
            [OUR_PRINCIPAL],
            reported=True,
        ),
        coverage=evidence.reported_for,
    )


def lost(evidence: Evidence, code: str) -> Found:
    """The share of what was lent that was written off, or of what was written off that came back."""
    drawn = evidence.drawn
    losses = Money.total(state.written_off for state in drawn)
    if code == "onward_loss_rate":
        part, whole = losses, Money.total(state.drawn for state in drawn)
        formula = "account 5000 of every memorandum book, divided by what was drawn on onward loans to date"
    else:
        part, whole = Money.total(state.recovered for state in drawn), losses
        formula = "account 4100 of every memorandum book, divided by account 5000"
    return Found(
        measure=MEASURES[code],
        value=Fraction(part.pence, whole.pence) if whole else None,
        provenance=evidence.provenance(formula, [OUR_PRINCIPAL], reported=True),
        coverage=evidence.reported_for,
    )
