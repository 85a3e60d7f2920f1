"""What the trustees' questions rest on: who may borrow, how deprived the places are, and how far indicators came."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from bank.figures.borrowers import indicators
from bank.figures.evidence import Evidence, Found
from bank.figures.lending import covered
from bank.figures.measures import MEASURES
from ledger.money import Money
from reports.figures import Coverage
from reports.statements.inputs import IndicatorLine

_MOST_DEPRIVED: Final = 5


def deprived_half(evidence: Evidence, code: str) -> Found:
    """Of the bank's money in England whose place has a published tenth, the part in the five most deprived."""
    english = [state for state in evidence.drawn if state.place.nation == "England"]
    placed = [state for state in english if state.place.decile is not None]
    whole = Money.total(state.drawn for state in placed)
    poorest = Money.total(state.drawn for state in placed if (state.place.decile or 0) <= _MOST_DEPRIVED)
    return Found(
        measure=MEASURES[code],
        value=Fraction(poorest.pence, whole.pence) if whole else None,
        provenance=evidence.provenance(
            "what was drawn on loans at work in tenths 1 to 5 of England's index, divided by that in any tenth of it",
            reported=True,
        ),
        coverage=covered(placed, english),
    )


def moved(evidence: Evidence, code: str) -> Found:
    """Of the like-for-like indicators, the part that has moved from where it began towards its target, or past it."""
    lines = [line for line in indicators(evidence) if line.target is not None]
    reached = sum(towards(line) for line in lines)
    told = [line.coverage for line in lines]
    drawn = evidence.drawn
    return Found(
        measure=MEASURES[code],
        value=Fraction(reached, len(lines)) if lines else None,
        provenance=evidence.provenance(
            "indicators of one name and unit in one outcome area whose value now lies from their baseline on the side "
            "of their target, divided by all that have a target",
            reported=True,
        ),
        coverage=Coverage(
            known=sum(one.known for one in told),
            of=len(drawn),
            known_money=Money.total(one.known_money for one in told if one.known_money is not None),
            of_money=Money.total(state.drawn for state in drawn),
        ),
    )


def towards(line: IndicatorLine) -> bool:
    """Whether an indicator has moved the way that it was meant to since its loans were made, past its target or not."""
    if line.baseline is None or line.target is None or line.actual is None:
        return False
    return (line.actual - line.baseline) * (line.target - line.baseline) > 0
