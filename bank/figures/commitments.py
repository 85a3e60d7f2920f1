"""What was committed with its match, how it ages, and what was drawn by year, as at a day and as known then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from bank.allocations.many.queries import co_drawn
from bank.allocations.queries import FacilityView
from bank.figures.evidence import Evidence
from bank.figures.money import FOLDS
from bank.figures.portfolio import undrawn_by_age
from bank.figures.registry import REGISTRY
from ledger.money import NOTHING, Money
from reports.statements.commitments import AgeLine, Commitments, DrawnYear


def commitments(evidence: Evidence) -> Commitments:
    """Everything the page on commitments prints beside the path and the facilities."""
    return Commitments(
        co_in_principle=REGISTRY["co_in_principle"].work_out(evidence).figure,
        co_signed=REGISTRY["co_signed"].work_out(evidence).figure,
        co_drawn=REGISTRY["co_drawn"].work_out(evidence).figure,
        co_undrawn=co_undrawn(evidence.facilities),
        ages=tuple(
            AgeLine(age=one.age, facilities=one.facilities, undrawn=one.undrawn)
            for one in undrawn_by_age(evidence.facilities, evidence.as_at)
            if one.facilities
        ),
        years=tuple(drawn_by_year(evidence)),
        provenance=evidence.provenance(
            "approved, signed and drawn by the bank's book; co-investors' part by the proposal of each facility whose "
            "approval stands, and by the record of each signature and drawdown; what they signed and have not paid is "
            "undrawn while the bank's own commitment beside it can be drawn, or was drawn in full",
            [FOLDS["in_principle"][0], FOLDS["signed"][0], FOLDS["drawn"][0], FOLDS["undrawn"][0]],
        ),
    )


def co_undrawn(views: Iterable[FacilityView]) -> Money:
    """What co-investors signed and have not paid.

    What they promise is matched to what the bank draws, so it falls away where the last of the bank's own commitment
    lapsed or was cancelled. Where all of it was drawn they may still pay theirs.
    """
    return Money.total(
        view.figures.co_investor_signed - view.figures.co_investor_drawn
        for view in views
        if view.figures.undrawn or not view.figures.lapsed
    )


def drawn_by_year(evidence: Evidence) -> Iterator[DrawnYear]:
    """What was drawn of the bank's money and of co-investors' beside it, by the year in which it was."""
    ours: defaultdict[int, Money] = defaultdict(lambda: NOTHING)
    drawn = evidence.books.strand(FOLDS["drawn"][0])
    for year in {day.year for day in drawn.days if day <= evidence.as_at}:
        ours[year] = drawn.upto(min(date(year, 12, 31), evidence.as_at)) - drawn.upto(date(year - 1, 12, 31))
    others = co_drawn_by_year(evidence)
    for year in sorted({*ours, *others}):
        yield DrawnYear(year=year, ours=ours[year], others=others.get(year, NOTHING))


def co_drawn_by_year(evidence: Evidence) -> dict[int, Money]:
    """What co-investors paid beside drawdowns, by the year in which they did."""
    found: defaultdict[int, Money] = defaultdict(lambda: NOTHING)
    for day, amount in co_drawn(evidence.session, evidence.as_at, evidence.known):
        found[day.year] += amount
    return {year: amount for year, amount in found.items() if amount}
