"""By what a statement is redacted for its readers: its form, its floor, and what the public was told before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from bank.allocations.products.queries import claims_paid
from bank.figures import breakdowns
from bank.figures.evidence import Evidence
from bank.figures.withholding import Before
from bank.publishing.rules import TRUSTEES, Form
from bank.publishing.withheld import hidden_facilities, onward_blocks
from ledger.money import Money
from reports.attached import WITHHELD
from reports.figures import Provenance
from reports.statements.inputs import AllocationLine, Breakdown
from reports.statements.public_inputs import FACILITY_SUMS, PublicLending


@dataclass(frozen=True, slots=True)
class Redaction:
    """The form of a statement, of how few borrowers it may tell, and for the public all that was told them before."""

    fewest: int
    form: Form = TRUSTEES
    before: Before = field(default_factory=Before)
    """What the statement tells is added to it while the statement is composed."""
    most_of_one: Decimal | None = None
    """The part of a group's pounds that one borrower may be, at the most."""


def lending_told(evidence: Evidence, by: Redaction) -> PublicLending:
    """What the public may be told of onward lending."""
    return PublicLending(
        fewest=by.fewest,
        blocks=onward_blocks(
            evidence.states,
            evidence.quarter,
            by.fewest,
            by.before,
            None if by.most_of_one is None else Fraction(by.most_of_one),
        ),
        areas=_labels(breakdowns.outcome_areas(evidence)),
        regions=_labels(breakdowns.regions(evidence)),
        provenance=Provenance(
            formula="our share of each onward loan's movements and balance by its last accepted return, added up by "
            "the outcome area and region of that return; groups of few borrowers together",
            as_at=evidence.as_at,
            known_seq=evidence.known.seq,
            known_at=evidence.known.instant,
            source="returns",
        ),
    )


def _labels(given: Breakdown) -> dict[str, str]:
    return {part.code: part.label for part in given.slices}


def house_withheld(
    evidence: Evidence, lines: Sequence[AllocationLine], by: Redaction
) -> tuple[tuple[AllocationLine, ...], int]:
    """The facilities as the public is told of them, and how many of them stand together in the last line."""
    claims = claims_paid(evidence.session, evidence.as_at, evidence.known)
    dark = hidden_facilities(lines, evidence.states, evidence.quarter, by.fewest, by.before, claims)
    shown = tuple(
        line.model_copy(update={"return_status": "not-due", "return_filed_on": None})
        for line in lines
        if line.facility not in dark
    )
    some = [line for line in lines if line.facility in dark]
    if not some:
        return shown, 0
    together = AllocationLine(
        facility=WITHHELD,
        intermediary=f"{len(some)} {'facility' if len(some) == 1 else 'facilities'}, withheld",
        product="",
        **{name: Money.total(getattr(line, name) for line in some) for name in FACILITY_SUMS},
    )
    return (*shown, together), len(some)
