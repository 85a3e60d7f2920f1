"""When an account is dormant: nothing heard from its holder for the period of its class, and nothing in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from bank.inflows.reference import DORMANCY_RULES, DormancyRule
from bank.inflows.rules import BadReceipt, DormancyUnknown, asset_class_of, dormancy_rule
from ledger.store.work import View

_OF_AGE: Final = 18


@dataclass(frozen=True, slots=True)
class Silence:
    """What the participant knows of one account. A transaction counts only if the holder made or instructed it.

    Interest that the institution credits is none of the holder's doing, and an account that somebody else closed
    counts as open (section 10(3) of the 2008 Act), so neither is asked for.
    """

    opened_on: date
    last_instruction_on: date | None = None
    term_ends_on: date | None = None
    no_mail: bool = False
    child_born_on: date | None = None


class DormancyVerdict(View):
    """Whether an account is dormant, from which day it is or would be, and what decided that."""

    dormant: bool
    dormant_from: date | None
    reason: str
    period_years: int
    source: str


def dormancy(
    silence: Silence, asset_class: str, as_at: date, rules: Iterable[DormancyRule] = DORMANCY_RULES
) -> DormancyVerdict:
    """Whether an account is dormant at the end of a day, by the rule of its class in force on that day.

    Section 10 of the 2008 Act: open throughout the period and untouched by its holder; counted from the end of a fixed
    term, as which a child trust fund stands until the child is eighteen (subsection (4) and explanatory note 61); and
    never an account whose holder asked for no mail. Refuses a class whose period is not
    known, and days that contradict each other.
    """
    _in_order(silence, as_at)
    told = tuple(rules)
    asset_class_of(asset_class, as_at, told)
    rule = dormancy_rule(asset_class, as_at, told)
    if rule is None:
        raise DormancyUnknown(f"No period of dormancy is known for {asset_class} on {as_at}")
    if silence.no_mail:
        reason = "The holder asked for no mail: such an account does not become dormant"
        return DormancyVerdict(
            dormant=False, dormant_from=None, reason=reason, period_years=rule.years, source=rule.source
        )
    since, what = _silent_since(silence)
    from_on, reason = years_after(since, rule.years), f"{rule.years} years run from {since}, when {what}"
    return DormancyVerdict(
        dormant=from_on <= as_at, dormant_from=from_on, reason=reason, period_years=rule.years, source=rule.source
    )


def years_after(day: date, years: int) -> date:
    """The same day so many years on; what began on 29 February is counted to 1 March where there is no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _silent_since(silence: Silence) -> tuple[date, str]:
    since, what = silence.opened_on, "it was opened"
    if silence.last_instruction_on is not None and silence.last_instruction_on >= since:
        since, what = silence.last_instruction_on, "its holder last gave an instruction"
    if silence.term_ends_on is not None and silence.term_ends_on > since:
        since, what = silence.term_ends_on, "its fixed term ends"
    if silence.child_born_on is not None and years_after(silence.child_born_on, _OF_AGE) > since:
        since, what = years_after(silence.child_born_on, _OF_AGE), f"the child is {_OF_AGE}"
    return since, what


def _in_order(silence: Silence, as_at: date) -> None:
    for day, what in (
        (silence.last_instruction_on, "the last instruction came"),
        (silence.term_ends_on, "the fixed term ends"),
    ):
        if day is not None and day < silence.opened_on:
            raise BadReceipt(f"The account was opened on {silence.opened_on}, after {what} on {day}: look at both days")
    if silence.last_instruction_on is not None and silence.last_instruction_on > as_at:
        raise BadReceipt(f"The last instruction, on {silence.last_instruction_on}, comes after {as_at}")
    if silence.child_born_on is not None and silence.child_born_on > as_at:
        raise BadReceipt(f"A child born on {silence.child_born_on} holds no account on {as_at}")
