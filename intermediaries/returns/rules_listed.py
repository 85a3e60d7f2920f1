"""The rules of a quarter as a list that people read: each rule's name, weight and sentence, and when it is in force."""

from __future__ import annotations

from intermediaries.returns.findings import Severity
from intermediaries.returns.rules import rules_of
from ledger.dates import Quarter
from ledger.store.work import View


class RuleView(View):
    """One rule: its tier, what breaking it does, its sentence, and the quarters that it is in force for."""

    rule: str
    tier: int
    severity: Severity
    sentence: str
    in_force_from: Quarter
    until: Quarter | None


class RuleSetView(View):
    """The rules that returns of a quarter are held to."""

    quarter: Quarter | None
    version: str
    rules: tuple[RuleView, ...]


def rules_listed(quarter: Quarter | None) -> list[RuleView]:
    """The rules of a quarter by tier; every rule there ever was where none is named."""
    return [
        RuleView(
            rule=check.name,
            tier=check.tier,
            severity=check.severity,
            sentence=check.sentence,
            in_force_from=check.since,
            until=check.until,
        )
        for check in sorted(rules_of(quarter).checks, key=lambda check: check.tier)
    ]


def rule_set(quarter: Quarter | None) -> RuleSetView:
    """The rules of a quarter with the version that returns judged by them are stored with."""
    return RuleSetView(quarter=quarter, version=rules_of(quarter).version, rules=tuple(rules_listed(quarter)))
