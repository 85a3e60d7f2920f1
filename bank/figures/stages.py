"""The bank's own loans by stage of credit now and at the quarter's start, and what is allowed for in each stage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from bank.allocations.credit.queries import stages_of_all
from bank.figures.books import Selection
from bank.figures.evidence import Evidence
from bank.figures.money import CREDIT, FOLDS
from ledger.impairment import Stage
from ledger.money import NOTHING, Money
from reports.statements.credit import StageMoved, Stages

_ALLOWANCES = ("1240", "1241", "1242")


def stages(evidence: Evidence) -> Stages:
    """Principal of loans, bonds and claims by the stage where it stood and the stage where it stands."""
    debt = FOLDS["owed_as_debt"][0]
    told = stages_of_all(evidence.session, [view.id for view in evidence.facilities], at=evidence.known)
    found: defaultdict[tuple[int, int], list[Money]] = defaultdict(list)
    for view in evidence.facilities:
        strand = evidence.books.strand(debt.below(view.id))
        now = strand.upto(evidence.as_at)
        if now > NOTHING:
            lent = any(day <= evidence.opening for day in strand.days)
            was = int(_stage_on(told.get(view.id, ()), evidence.opening)) if lent else 0
            found[was, int(_stage_on(told.get(view.id, ()), evidence.as_at))].append(now)
    first, second, third = (
        evidence.books.balance(Selection("bank", (account,), CREDIT), evidence.as_at) for account in _ALLOWANCES
    )
    return Stages(
        moved=tuple(
            StageMoved(was=was, now=now, facilities=len(sums), principal=Money.total(sums))
            for (was, now), sums in sorted(found.items())
        ),
        allowances=(first, second, third),
        provenance=evidence.provenance(
            "the principal of each loan, bond and claim under the stage last recorded by the day, the first where none "
            "was; accounts 1240, 1241 and 1242 of the bank's book",
            [debt, FOLDS["loss_allowance"][0]],
        ),
    )


def _stage_on(told: Iterable[tuple[date, Stage]], day: date) -> Stage:
    """The stage on a day: the last that begins by then, and the first before any."""
    by_then = [stage for since, stage in told if since <= day]
    return by_then[-1] if by_then else Stage.PERFORMING
