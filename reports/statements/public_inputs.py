"""What a statement for the public is composed from: the bank's own books, and of its borrowers what may be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import Field

from ledger.money import Money
from reports.figures import Frozen, Movement, Provenance, Series
from reports.statements.accounts import Accounts
from reports.statements.inputs import AllocationLine, Issue

FACILITY_SUMS: Final = ("in_principle", "signed", "drawn", "undrawn", "repaid", "outstanding", "written_off")


class Block(Frozen):
    """Loans that are told of together: what one measure comes to of one outcome area in one region.

    `withheld` in the place of a region is all of the area that is not told by region, in that of an area all the rest.
    """

    measure: str
    outcome_area: str = Field(pattern=r"^\S+$")
    region: str = Field(pattern=r"^\S+$")
    loans: int = Field(ge=1)
    amount: Money


class PublicLending(Frozen):
    """Onward lending as it may be told: blocks, the floor that they keep to, and the words for their codes."""

    fewest: int
    blocks: tuple[Block, ...]
    areas: Mapping[str, str]
    regions: Mapping[str, str]
    provenance: Provenance


class PublicHouse(Frozen):
    """The bank's own money: the boxes of its path, its facilities and its accounts; nothing of a borrower."""

    boxes: tuple[Movement, ...]
    history: tuple[Series, ...]
    facilities: tuple[AllocationLine, ...]
    """Those told of by themselves, the largest first, and what is withheld in one line, if anything is."""
    facilities_withheld: int
    facilities_provenance: Provenance
    accounts: Accounts


class PublicStatement(Frozen):
    """Everything that a statement for the public prints; that on impact has no house."""

    issue: Issue
    lending: PublicLending
    house: PublicHouse | None = None
