"""The bank's own loans by stage of credit now and at the quarter's start, and what is allowed for in each stage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from bank.allocations.credit.queries import stages_of_all
from bank.allocations.products.rules import product_of
from bank.allocations.standing import began_impaired
from bank.figures.books import Selection
from bank.figures.evidence import Evidence
from bank.figures.money import CREDIT, FOLDS
from ledger.impairment import Stage
from ledger.money import NOTHING, Money
from reports.statements.credit import BEGAN_IMPAIRED, StageMoved, Stages

_ALLOWANCES = ("1240", "1241", "1242")


def stages(evidence: Evidence) -> Stages:
    """Principal of loans, bonds and claims by where it stood and where it stands, and what is allowed for there.

    A loan that began impaired is in none of the stages that others move between: it is told apart, whatever stage it
    was put in, with all that is allowed for it (IFRS 7, 35H(c) and 35M(c)).
    """
    debt = FOLDS["owed_as_debt"][0]
    began, had_begun = _began(evidence, evidence.as_at), _began(evidence, evidence.opening)
    told = stages_of_all(evidence.session, [view.id for view in evidence.facilities], at=evidence.known)
    found: defaultdict[tuple[int, int], list[tuple[Money, Money]]] = defaultdict(list)
    for view in evidence.facilities:
        strand, moved = evidence.books.strand(debt.below(view.id)), told.get(view.id, ())
        owed = strand.upto(evidence.as_at)
        if owed > NOTHING:
            lent = any(day <= evidence.opening for day in strand.days)
            was = BEGAN_IMPAIRED if view.id in had_begun else int(_stage_on(moved, evidence.opening)) if lent else 0
            now = BEGAN_IMPAIRED if view.id in began else int(_stage_on(moved, evidence.as_at))
            found[was, now].append((owed, view.figures.undrawn if product_of(view.product).lent else NOTHING))
    return Stages(
        moved=tuple(
            StageMoved(
                was=was,
                now=now,
                facilities=len(some),
                principal=Money.total(owed for owed, _ in some),
                undrawn=Money.total(undrawn for _, undrawn in some),
            )
            for (was, now), some in sorted(found.items())
        ),
        allowances=_allowances(evidence, began),
        provenance=evidence.provenance(
            "the principal of each loan, bond and claim under the stage last recorded by the day, the first where none "
            "was, and of each that began impaired apart, with what is undrawn under it; accounts 1240, 1241 and 1242 "
            "of the bank's book",
            [debt, FOLDS["loss_allowance"][0]],
        ),
    )


def _began(evidence: Evidence, day: date) -> frozenset[str]:
    return began_impaired(evidence.session, evidence.facilities, as_at=day, at=evidence.known)


def _allowances(evidence: Evidence, began: Iterable[str]) -> tuple[Money, Money, Money, Money]:
    """What is allowed for in each stage, and of loans that began impaired, whichever account it stands on."""
    whole, apart = [], NOTHING
    for account in _ALLOWANCES:
        of = Selection("bank", (account,), CREDIT)
        own = Money.total(evidence.books.balance(of.below(each), evidence.as_at) for each in began)
        whole.append(evidence.books.balance(of, evidence.as_at) - own)
        apart += own
    first, second, third = whole
    return first, second, third, apart


def _stage_on(told: Iterable[tuple[date, Stage]], day: date) -> Stage:
    """The stage on a day: the last that begins by then, and the first before any."""
    by_then = [stage for since, stage in told if since <= day]
    return by_then[-1] if by_then else Stage.PERFORMING
