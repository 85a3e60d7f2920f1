"""How far the figures can be relied on: each lender's quarters, open breaks, and what an earlier statement restates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from bank.figures.borrowers import answers, from_last_returns
from bank.figures.bridge import BridgeLine, BridgeReturn, BridgeStep, bridge
from bank.figures.evidence import Evidence
from bank.figures.registry import REGISTRY
from intermediaries.loans.queries import tapes_between
from intermediaries.returns.queries import lateness
from ledger.dates import Quarter
from ledger.money import Money
from ledger.queries import known as known_at
from reports.plots import State
from reports.statements.quality import LenderQuarters, Quality, Restated, Restatements

QUARTERS: Final = 8
BREAKS: Final = ("breaks", "oldest_break", "breaks_unowned", "unexplained")
RESTATED: Final = (
    *("received", "reclaimed", "reserved", "distributed", "trust", "bank", "in_principle", "signed", "drawn"),
    *("undrawn", "repaid", "owed", "written_off", "loss_allowance", "interest_due"),
    *("lent", "co_invested", "outstanding", "overdue", "onward_written_off", "onward_recovered"),
    *("borrower_interest", "held_by_intermediaries", "costs", "loans", "organisations"),
    *("at_risk_30", "at_risk_90", "at_risk_30_restructured", "at_risk_90_restructured"),
)
"""The figures of a portfolio statement that are worked out again for the next one."""
_WORST: Final[tuple[State, ...]] = ("none", "not-due", "on-time", "late", "missing")


def quality(evidence: Evidence, since: datetime | None, statement: str) -> Quality:
    """Everything the pages on lateness, data quality and restatements print; `since` is when `statement` knew."""
    quarters = evidence.quarters_to_date(QUARTERS)
    return Quality(
        quarters=tuple(quarters),
        lenders=tuple(lenders(evidence, quarters)),
        breaks=tuple(REGISTRY[code].work_out(evidence).figure for code in BREAKS),
        answers=answers(evidence),
        answers_provenance=from_last_returns(evidence, "answers in each loan's last return, counted"),
        restated=restatements(evidence, since, statement),
        provenance=evidence.provenance(
            "the day each return of each quarter was due and the day it was filed, as known then", reported=True
        ),
    )


def lenders(evidence: Evidence, quarters: Sequence[Quarter]) -> Iterator[LenderQuarters]:
    """What became of each lender's returns; of several facilities of one lender the worst counts."""
    found: defaultdict[str, dict[Quarter, State]] = defaultdict(dict)
    for quarter in quarters:
        told = evidence.lateness if quarter == evidence.quarter else lateness(evidence.session, quarter, evidence.known)
        for line in told:
            before = found[line.intermediary].get(quarter, "none")
            found[line.intermediary][quarter] = max(before, line.status, key=_WORST.index)
    names = evidence.knowledge.names
    for who in sorted(found, key=lambda one: (names.get(one, one), one)):
        states = tuple(found[who].get(quarter, "none") for quarter in quarters)
        if set(states) - {"none", "not-due"}:
            yield LenderQuarters(key=who, name=names.get(who, who), states=states)


def restatements(evidence: Evidence, since: datetime | None, statement: str) -> Restatements:
    """The figures of the last quarter's statement that are known otherwise now, and each cause once.

    What a figure is now known to have been is what was shown, and what each act recorded since did to it; days that
    only went by did nothing to it. Where days lie between, a share is left out: its change would be another share's.
    """
    quarter = evidence.quarter.previous
    lines: list[Restated] = []
    causes: dict[str, int] = {}
    if since is not None and _touched(evidence, since, quarter):
        view = bridge(evidence.session, quarter, known_at(evidence.session, since), evidence.known, RESTATED)
        for line in view.lines:
            restated = _restated(line, causes)
            if restated is not None:
                lines.append(restated)
    return Restatements(
        statement=statement,
        quarter=quarter if statement else None,
        lines=tuple(lines),
        causes=tuple(causes),
        provenance=evidence.provenance(
            f"the figures of {quarter.ends_on} as known when {statement or 'nothing'} was issued, and what was "
            "recorded since did to them",
            calculated=True,
        ),
    )


def _touched(evidence: Evidence, since: datetime, quarter: Quarter) -> bool:
    """Whether anything recorded since is of that quarter or an earlier one."""
    if any(tape.quarter <= quarter for tape in tapes_between(evidence.session, since, evidence.known.instant)):
        return True
    then = known_at(evidence.session, since)
    return evidence.books.moved_since(then.seq, quarter.ends_on)


def _restated(line: BridgeLine, causes: dict[str, int]) -> Restated | None:
    """One line without what days alone did, its causes numbered; none where that leaves nothing, or no number."""
    steps = [step for step in line.steps if step.cause != "days"]
    days = len(steps) < len(line.steps)
    now = line.new
    if days:
        if not isinstance(line.old, (Money, int)) or any(step.change is None for step in steps):
            return None
        if isinstance(line.old, Money):
            now = line.old + Money.total(step.change for step in steps if isinstance(step.change, Money))
        else:
            now = line.old + sum(step.change for step in steps if isinstance(step.change, int))
    if now == line.old:
        return None
    numbers = {causes.setdefault(cause, len(causes) + 1) for step in steps for cause in _causes(step)}
    return Restated(
        code=line.code, title=line.title, unit=line.unit, shown=line.old, known=now, causes=tuple(sorted(numbers))
    )


def _causes(step: BridgeStep) -> list[str]:
    return [_said(one, step) for one in step.returns] or ["recorded otherwise since, without a return"]


def _said(one: BridgeReturn, step: BridgeStep) -> str:
    what = "corrected return" if step.cause == "restatement" else "return accepted since"
    reason = f": {one.reason}" if one.reason else ""
    return f"{what} {one.return_id} of {one.intermediary} for {one.quarter}, version {one.version}{reason}"
