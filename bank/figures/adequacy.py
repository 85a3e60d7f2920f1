"""The reserve, the capital and the stress for the portfolio statement, as at a day and as known then."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bank.capital.queries import capital
from bank.figures.evidence import Evidence
from bank.figures.money import FOLDS
from bank.inflows.queries import reserve_rate_in_force
from bank.stress.queries import StressResult, stress
from reports.statements.adequacy import Adequacy, HolderLine, ReserveQuarter, StressLine, StressQuarter

QUARTERS = 12
"""Quarters that the line of the reserve reaches back."""
_SUMS = ("received", "reclaimed", "reserved", "distributed")


def adequacy(evidence: Evidence) -> Adequacy:
    """Everything the page on capital and the reserve prints."""
    rate = reserve_rate_in_force(evidence.session, "bank-account", evidence.as_at, evidence.known)
    return Adequacy(
        reserve=tuple(reserve(evidence)),
        reserve_rate=None if rate is None else rate.rate,
        holders=tuple(holders(evidence)),
        stress=tuple(map(_stressed, stress(evidence.session, as_at=evidence.as_at, at=evidence.known))),
        reserve_provenance=evidence.provenance(
            "the sums of the reclaim fund's accounts by each quarter's end", [FOLDS[code][0] for code in _SUMS]
        ),
        capital_provenance=evidence.provenance(
            "subscriptions and calls by holder; votes by the agreements in force, capped as they say",
            [FOLDS["a_shares"][0], FOLDS["b_shares"][0]],
        ),
        stress_provenance=evidence.provenance(
            "twenty quarters ahead of the day, by what is agreed, or is expected of doubtful loans, and by what each "
            "approved scenario assumes",
            calculated=True,
        ),
    )


def reserve(evidence: Evidence) -> Iterator[ReserveQuarter]:
    """The reclaim fund's sums at the end of each quarter, twelve at most."""
    strands = {code: evidence.books.strand(FOLDS[code][0]) for code in _SUMS}
    for quarter in evidence.quarters_to_date(QUARTERS):
        day = evidence.day_of(quarter)
        yield ReserveQuarter(quarter=quarter, **{code: strand.upto(day) for code, strand in strands.items()})


def holders(evidence: Evidence) -> Iterator[HolderLine]:
    """Each shareholder that was called or has promised, the trust first."""
    for one in capital(evidence.session, as_at=evidence.as_at, at=evidence.known).holders:
        if one.called or one.commitment is not None:
            yield HolderLine(
                holder=one.holder,
                share_class=one.share_class,
                called=one.called,
                paid=one.paid,
                economic=Fraction(one.economic_share),
                voting=Fraction(one.voting_share),
            )


def _stressed(told: StressResult) -> StressLine:
    return StressLine(
        scenario=told.scenario,
        must_hold=told.holds_for,
        holds=told.holds is not False,
        fund_reserve=told.fund_reserve_fails,
        fund_cash=told.fund_liquidity_fails,
        bank_reserve=told.bank_reserve_fails,
        bank_cash=told.bank_liquidity_fails,
        course=tuple(
            StressQuarter(quarter=fund.quarter, fund=fund.cash + fund.placed, bank=bank.cash + bank.placed)
            for fund, bank in zip(told.fund, told.bank, strict=True)
        ),
    )
