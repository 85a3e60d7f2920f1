"""What the demonstration's bank holds itself to: who must agree, two limits, and a direction on England's money."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final

from bank.allocations.commands import approve, propose, reject
from bank.approvals.commands import decide_rule, propose_rule
from bank.demo.acts import Act, Stage
from bank.demo.cast import APPROVER, PROPOSER, TRUSTEE
from bank.inflows.england import approve_direction, propose_direction
from bank.inflows.reference import WHOLESALER
from bank.inflows.rules import PERCENTAGES
from bank.limits.commands import decide_limit, propose_limit
from bank.limits.rules import LimitPassed
from bank.people.rules import FUND_MANAGER
from ledger.money import Money

_INVENTED: Final = "Invented for the demonstration"
_POLICY_ON: Final = date(2011, 12, 20)
_LIMITS_ON: Final = date(2012, 10, 1)
_SMALLER_FROM: Final = date(2013, 10, 1)
_DIRECTED_ON: Final = date(2013, 4, 2)

TRUSTEE_FROM: Final = Money(5_000_000_00)
"""From this amount on a trustee agrees to a facility as well."""
_RULES: Final = ((Money(0), (FUND_MANAGER,)), (TRUSTEE_FROM, (FUND_MANAGER, "trustee")))
_LIMITS: Final[tuple[dict[str, Any], ...]] = (
    {
        "from_on": _LIMITS_ON,
        "kind": "intermediary",
        "amount": Money(9_000_000_00),
        "hard": True,
        "waivable_by": "trustee",
    },
    {"from_on": _LIMITS_ON, "kind": "ticket-least", "amount": Money(750_000_00), "hard": False},
    {"from_on": _SMALLER_FROM, "kind": "ticket-least", "amount": Money(10_000_00), "hard": False},
)
"""The smallest facility is lowered a year later, when small ones have turned out to be worth their trouble."""

_TOO_MUCH: Final = "quillmere further"
_ASKED_ON: Final = date(2013, 3, 18)
_REFUSED_ON: Final = date(2013, 4, 10)


def holding() -> Iterator[Act]:
    """The policy, the limits and the direction, each on its day, and the facility that a limit refuses."""
    for amount, roles in _RULES:
        yield Act(_POLICY_ON, 9, f"approvals from {amount}", partial(_rule, amount, roles))
    for limit in _LIMITS:
        yield Act(limit["from_on"], 9, f"limit {limit['kind']} from {limit['from_on']}", partial(_limit, limit))
    yield Act(_DIRECTED_ON, 9, "direction on England's money", _direct)
    yield Act(_ASKED_ON, 14, f"propose {_TOO_MUCH}", _propose)
    yield Act(_REFUSED_ON, 14, f"refuse {_TOO_MUCH}", _refuse)


def who_agrees(amount: Money) -> tuple[str, ...]:
    """Who of the cast agrees to a facility of an amount."""
    return (APPROVER, TRUSTEE) if amount >= TRUSTEE_FROM else (APPROVER,)


def _rule(amount: Money, roles: tuple[str, ...], stage: Stage) -> None:
    key = f"approvals from {amount}"
    made = propose_rule(
        stage.desk(PROPOSER),
        action="approve",
        from_amount=amount,
        roles=roles,
        from_on=_POLICY_ON,
        basis=_INVENTED,
        key=key,
    )
    decide_rule(stage.desk(APPROVER), rule=made.id, approve=True, key=f"{key} agreed")


def _limit(told: dict[str, Any], stage: Stage) -> None:
    key = f"limit {told['kind']} from {told['from_on']}"
    made = propose_limit(stage.desk(PROPOSER), basis=_INVENTED, key=key, **told)
    decide_limit(stage.desk(TRUSTEE), limit=made.id, approve=True, key=f"{key} agreed")


def _direct(stage: Stage) -> None:
    made = propose_direction(
        stage.desk(PROPOSER), measure=PERCENTAGES, shares={WHOLESALER: "100"}, from_on=_DIRECTED_ON, source=_INVENTED
    )
    approve_direction(stage.desk(APPROVER), id=made.id)


def _propose(stage: Stage) -> None:
    made = propose(
        stage.desk(PROPOSER),
        intermediary=stage.partners["quillmere"],
        product="subordinated-loan",
        amount=Money(4_500_000_00),
        annual_rate=Decimal("0.045"),
        available_from=_REFUSED_ON,
        available_until=date(2015, 12, 31),
        matures_on=date(2020, 12, 31),
        purpose="More of what it does already",
        additionality="None that the bank could see",
        name="A further facility for Quillmere",
        on=_ASKED_ON,
        key=_TOO_MUCH,
    )
    stage.facilities[_TOO_MUCH] = made.id


def _refuse(stage: Stage) -> None:
    """The approval meets the hard limit, and the proposal is turned down with the figures."""
    wanted = stage.facilities[_TOO_MUCH]
    try:
        approve(stage.desk(APPROVER), facility=wanted, on=_REFUSED_ON, key=f"{_TOO_MUCH} approve")
    except LimitPassed as refusal:
        stage.refused = refusal.sentence
    reject(stage.desk(APPROVER), facility=wanted, reason=stage.refused, on=_REFUSED_ON, key=f"{_TOO_MUCH} reject")
