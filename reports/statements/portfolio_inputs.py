"""What the portfolio statement is composed from: the shared parts, and those of each of its pages."""

from __future__ import annotations

from ledger.money import NOTHING, Money
from reports.figures import Figure, Frozen, Movement, Provenance, Series
from reports.statements.accounts import Accounts
from reports.statements.adequacy import Adequacy
from reports.statements.bounds import Bounds
from reports.statements.commitments import Commitments
from reports.statements.credit import Stages
from reports.statements.holdings import Holdings
from reports.statements.inputs import AllocationLine, Arrears, Breakdown, Issue, Losses, MoneyPath, Onward, Proof
from reports.statements.quality import Quality


class Judged(Frozen):
    """What the trustees' questions rest on besides the other parts."""

    eligibility: Breakdown
    asset_locks: Breakdown
    organisations: Figure
    deprived: Figure
    """Share of England's placed money that is in the most deprived half of its areas."""
    moved: Figure
    """Share of like-for-like indicators that stand nearer their target than where they began."""


class PortfolioStatement(Frozen):
    """Everything that the portfolio statement of one quarter prints."""

    issue: Issue
    path: MoneyPath
    lent_late: Money = NOTHING
    """The part of the quarter's change in lending that late and corrected returns for earlier quarters brought."""
    history: tuple[Series, ...]
    """At least the measures received, signed, drawn and lent, each over up to eight quarters to this one."""
    allocations: tuple[AllocationLine, ...]
    """The largest approval first."""
    allocations_provenance: Provenance
    liquidity: tuple[Figure, ...]
    """Cash, treasury, reserve, undrawn commitments, headroom: in the order they are to be printed."""
    onward: Onward
    arrears: Arrears
    losses: Losses
    movements: tuple[Movement, ...]
    """Further boxes of the quarter's movements that are not on the path, such as the bank's cash."""
    adequacy: Adequacy
    commitments: Commitments
    undrawn_over_a_year: Figure
    holdings: Holdings
    bounds: Bounds
    stages: Stages
    quality: Quality
    accounts: Accounts
    judged: Judged
    proof: Proof
