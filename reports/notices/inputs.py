"""What a notice is composed from: its figures with where they come from, and its words."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from reports.figures import Figure, Frozen, Provenance
from reports.notices.measures import MEASURES
from reports.statements.inputs import Issue


class Entered(Frozen):
    """An entry of the journal: its place, whose book, what it says, and the hash that seals it."""

    seq: int = Field(ge=1)
    book: str
    description: str
    seal: str


class Condition(Frozen):
    """A condition precedent, and how it stood on the day."""

    text: str
    state: str
    settled_on: date | None
    evidence: str


class Asked(Frozen):
    """A finding of a return, and the reason that its filer confirmed it with; none while there is no answer."""

    where: str
    message: str
    answer: str
    answered_by: str


class Read(Frozen):
    """A limit on the facility or on its intermediary alone, as it stood before a decision and after it."""

    limit: str
    hard: bool
    before: str
    after: str
    bound: str
    within: bool


class Agreed(Frozen):
    """Who spoke to a proposal, for it or against, and when."""

    by: str
    decision: str
    on: date


class _Notice(Frozen):
    """What each notice has: which it is, its figures by code, and to whom it goes under what facility."""

    issue: Issue
    figures: tuple[Figure, ...]
    provenance: Provenance
    to: str
    facility: str
    facility_name: str
    product: str

    @model_validator(mode="after")
    def _told_as_defined(self) -> Self:
        for figure in self.figures:
            if MEASURES.get(figure.code) != figure.measure:
                raise ValueError(f"{figure.code} is no figure of a notice")
        return self


class DrawdownNotice(_Notice):
    """One drawdown of a facility."""

    earns: bool
    """Whether the product bears interest at all."""
    interest: str
    repayment: str
    conditions: tuple[Condition, ...]
    entries: tuple[Entered, ...]
    note: str
    evidence: str


class ReturnReceipt(_Notice):
    """One version of a return."""

    return_id: str
    state: str
    submitted_by: str
    attested_by: str
    attested_role: str
    accepted_by: str
    explanation: str
    content_sha256: str
    original_sha256: str
    supersedes: str
    superseded_by: str
    findings: tuple[Asked, ...]


class AllocationNotice(_Notice):
    """One allocation: what it is and why."""

    state: str
    began_impaired: bool = False
    """Whether it is a loan that began impaired, and stands in stage 3 for all its life."""
    purpose: str
    additionality: str
    day_count: str
    region: str
    secured: bool | None
    first_loss: bool | None
    proposed_by: str
    agreed: tuple[Agreed, ...]
    readings: tuple[Read, ...]
    read_of_others: str
    """That limits which are read from others too were read, and whether they were kept; empty where there were none."""
    match: str
