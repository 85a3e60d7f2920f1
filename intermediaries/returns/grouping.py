"""Findings by rule: how often each was broken, what it demands in a sentence, and the first few places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from intermediaries.returns.findings import Answered, Finding, Severity
from intermediaries.returns.rules import SENTENCES
from ledger.store.work import View

EXAMPLES: Final = 3


class Example(View):
    """One of the places where a rule was broken."""

    sheet: str
    row: int | None
    column: str | None
    loan_ref: str
    value: str
    message: str
    remedy: str
    answer: str = ""
    answered_by: str = ""


class Group(View):
    """All that one rule found in a return; what was expected and how to mend it are empty where not one for all."""

    rule: str
    tier: int
    severity: Severity
    sentence: str
    count: int
    answered: int
    expected: str
    remedy: str
    examples: tuple[Example, ...]


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Findings by rule: errors first, then by tier, and what was found most often before the rest."""
    by_rule: dict[tuple[str, Severity], list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault((finding.rule, finding.severity), []).append(finding)
    groups = [_group(found) for found in by_rule.values()]
    return sorted(groups, key=lambda group: (group.severity != "error", group.tier, -group.count, group.rule))


def _group(found: Sequence[Finding]) -> Group:
    first = found[0]
    return Group(
        rule=first.rule,
        tier=first.tier,
        severity=first.severity,
        sentence=SENTENCES.get(first.rule, ""),
        count=len(found),
        answered=sum(isinstance(one, Answered) and bool(one.answer) for one in found),
        expected=_alike(one.expected for one in found),
        remedy=_alike(one.remedy for one in found),
        examples=tuple(_example(one) for one in found[:EXAMPLES]),
    )


def _alike(said: Iterable[str]) -> str:
    """What is said of all alike; nothing where it is not the same of each, for then it would mislead."""
    different = set(said)
    return different.pop() if len(different) == 1 else ""


def _example(one: Finding) -> Example:
    return Example.model_validate({name: getattr(one, name, "") for name in Example.model_fields})
