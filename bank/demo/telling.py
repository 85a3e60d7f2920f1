"""What `bank demo` tells beside its books: claims told of, cash placed, and how its bank decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from bank.allocations.credit.queries import receipts_foretold
from bank.allocations.forecasts.queries import forecasts
from bank.allocations.life.enquiries.queries import enquiries
from bank.allocations.queries import all_facilities
from bank.allocations.standing import credit
from bank.approvals.queries import rules_table
from bank.approvals.rules import APPROVE, APPROVED, spoken
from bank.capital.dividends.queries import dividends
from bank.cases.queries import cases
from bank.demo.acts import Stage
from bank.inflows.claims.queries import claims
from bank.inflows.queries import directions
from bank.limits.queries import evaluations
from bank.treasury.placements.queries import placements
from bank.treasury.placements.rules import BOOKS
from ledger.money import Money
from ledger.store.database import ReadSession


def told(session: ReadSession, stage: Stage) -> tuple[str, ...]:
    """A line for each, as far as the demonstration was played."""
    first = [line for tell in (_enquiries, _approvals) for line in tell(session)]
    met = [f"Refused by a hard limit:  {stage.refused}"] if stage.refused else []
    more = (_reasons, _directions, _claims, _placed, _forecasts, _impaired, _dividends, _cases)
    not_paid = [f"Refused dividend: {stage.no_dividend}"] if stage.no_dividend else []
    return (*first, *met, *(line for tell in more for line in tell(session)), *not_paid)


def _enquiries(session: ReadSession) -> Iterator[str]:
    counted = Counter(each.stage for each in enquiries(session, as_at=date.max))
    ended = ", ".join(f"{number} {stage}" for stage, number in sorted(counted.items()))
    yield f"Enquiries:       {counted.total()}, of which {ended}"


def _approvals(session: ReadSession) -> Iterator[str]:
    held = [rule for rule in rules_table(session) if (rule.action, rule.decision) == (APPROVE, APPROVED)]
    if held:
        wanted = ", ".join(f"from {rule.from_amount} {spoken(rule.roles)}" for rule in held)
        yield f"Approvals:       to approve takes {wanted}"


def _reasons(session: ReadSession) -> Iterator[str]:
    for view in all_facilities(session, as_at=date.max):
        for one in evaluations(session, view.id):
            for line in one.readings:
                if not line.within and not line.hard:
                    yield (
                        f"Passed a soft limit:  {one.action} of {one.amount} for {view.name}, {line.kind} "
                        f"{line.bound}: {one.reason}"
                    )


def _directions(session: ReadSession) -> Iterator[str]:
    for each in directions(session):
        if each.approved_at is not None:
            shares = ", ".join(f"{cause} {share}" for cause, share in sorted(each.shares.items()))
            yield f"England's money: directed from {each.from_on}, by {each.measure}: {shares}"


def _claims(session: ReadSession) -> Iterator[str]:
    told = claims(session, as_at=date.max)
    if told:
        paid, fell = (Money.total(getattr(each, name) for each in told) for name in ("paid", "rejected"))
        left = Money.total(each.unpaid for each in told)
        yield f"Claims notified: {len(told)} notices, {paid} of them paid, {fell} rejected, {left} still to be paid"


def _placed(session: ReadSession) -> Iterator[str]:
    for code, name in BOOKS.items():
        told = placements(session, book=code, as_at=date.max)
        if told:
            now, income = (
                Money.total(one.carried for one in told),
                Money.total(one.earned + one.amortised + one.gain for one in told),
            )
            yield f"Cash placed:     {name} has {now} placed, and {income} has come of {len(told)} placements"


def _forecasts(session: ReadSession) -> Iterator[str]:
    for view in all_facilities(session, as_at=date.max):
        found = [one for one in forecasts(session, view.id) if one.approved_at is not None]
        if found:
            first, last = found[0], found[-1]
            yield (
                f"Forecast:        {first.expected} of {view.name} at first, a yearly rate of {_rate(first.rate)}; the "
                f"last, of {last.expected}, made {last.caught_up} of what is carried, which is {last.carried}"
            )


def _impaired(session: ReadSession) -> Iterator[str]:
    for view in all_facilities(session, as_at=date.max):
        told = [one for one in receipts_foretold(session, view.id) if one.approved_at is not None]
        rate = credit(session, view.id, as_at=told[0].from_on).credit_adjusted_rate if told else None
        if rate is not None:
            coming, by = Money.total(each.amount for each in told[0].receipts), _rate(view.annual_rate)
            yield (
                f"Began impaired:  {view.name}, {view.figures.drawn} lent and {coming} expected, which is "
                f"{_rate(rate)} a year where its contract says {by}"
            )


def _dividends(session: ReadSession) -> Iterator[str]:
    for each in dividends(session, as_at=date.max):
        yield (
            f"Dividend:        {each.amount} paid to {len(each.shares)} holders on {each.on}, out of {each.reserve} "
            f"that were distributable by the accounts to {each.accounts_to}"
        )


def _cases(session: ReadSession) -> Iterator[str]:
    for each in cases(session):
        whose = "named" if each.named else "without the borrower's name"
        yield f"Case study:      {each.title!r}, {each.outcome}, told {whose} by consent of {each.consented_on}"


def _rate(rate: Decimal | None) -> str:
    """A rate as people write it."""
    return "not known" if rate is None else f"{rate:.2%}"
