"""The steps of a life from enquiry to end: which may follow which, what stage they come to, and what match suffices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bank.treasury.rules import BadTerms
from ledger.money import Money
from ledger.refusals import Refusal

ENQUIRY: Final = "enquiry"
SCREENED: Final = "screened"
DUE_DILIGENCE: Final = "due-diligence"
PROPOSED: Final = "proposed"
IN_PRINCIPLE: Final = "approved-in-principle"
HEADS_OF_TERMS: Final = "heads-of-terms"
SIGNED: Final = "signed"
CONDITIONS_SATISFIED: Final = "conditions-satisfied"
AVAILABLE: Final = "available"
DRAWING: Final = "drawing"
REPAYING: Final = "repaying"
REPAID: Final = "repaid"
MATURED: Final = "matured"
WRITTEN_OFF: Final = "written-off"
CANCELLED: Final = "cancelled"
LAPSED: Final = "lapsed"
DECLINED: Final = "declined"
WITHDRAWN: Final = "withdrawn"

STAGES: Final[Mapping[str, str]] = {
    ENQUIRY: "Somebody asked for finance",
    SCREENED: "Passed the first tests of purpose and fit",
    DUE_DILIGENCE: "Looked into: impact, market, finances",
    PROPOSED: "Put before those who decide, with its terms",
    IN_PRINCIPLE: "Approved in principle, within headroom",
    HEADS_OF_TERMS: "Key terms and conditions precedent agreed, to be drawn up",
    SIGNED: "Signed; a condition precedent is open",
    CONDITIONS_SATISFIED: "Every condition precedent satisfied or waived; not available yet",
    AVAILABLE: "May be drawn",
    DRAWING: "Drawn in part; may be drawn further",
    REPAYING: "Nothing more to draw; owed",
    REPAID: "Repaid in full before its last day",
    MATURED: "Repaid in full on its last day or after",
    WRITTEN_OFF: "Nothing owed any more, part of it because it was given up",
    CANCELLED: "Let go before its availability ended",
    LAPSED: "Let go because its availability ended",
    DECLINED: "Turned down",
    WITHDRAWN: "Taken back by whoever asked or proposed",
}
"""Every stage, in the order of a life, and what it means."""

ENDS: Final = (REPAID, MATURED, WRITTEN_OFF, CANCELLED, LAPSED, DECLINED, WITHDRAWN)

FOLLOWS: Final[Mapping[str, tuple[str, ...]]] = {
    ENQUIRY: (SCREENED, DECLINED, WITHDRAWN),
    SCREENED: (DUE_DILIGENCE, DECLINED, WITHDRAWN),
    DUE_DILIGENCE: (DECLINED, WITHDRAWN),
}
"""What may follow a step of an enquiry; once it is screened a proposal may come of it, and further ones after that."""


class WrongStep(Refusal):
    """This step does not follow the one before."""

    slug = "wrong-step"
    status = 409


class ConditionsOpen(Refusal):
    """Money moves only when every condition precedent is satisfied or waived."""

    slug = "conditions-open"
    status = 409


class CovenantBreached(Refusal):
    """Nothing more is drawn while a covenant stands breached and nobody has waived that."""

    slug = "covenant-breached"
    status = 409


class MatchMissing(Refusal):
    """Co-investors' money does not match the bank's as the agreement asks."""

    slug = "match-missing"
    status = 409


@dataclass(frozen=True, slots=True)
class Course:
    """What a facility's stage is told from: its state by its money, what lies beside it, and the day."""

    state: str
    day: date
    available_from: date
    available_until: date
    matures_on: date
    undrawn: Money
    outstanding: Money
    drawn: Money
    heads: bool
    open_conditions: int
    conditions: int
    withdrawn: bool
    let_go_on: date | None
    ended_on: date | None


def stage_of(course: Course) -> str:
    """Where in its life a facility is."""
    late = course.let_go_on is not None and course.let_go_on > course.available_until
    over = course.ended_on is not None and course.ended_on >= course.matures_on
    plain = {
        "rejected": WITHDRAWN if course.withdrawn else DECLINED,
        "proposed": PROPOSED,
        "approved": HEADS_OF_TERMS if course.heads else IN_PRINCIPLE,
        "lapsed": LAPSED if late else CANCELLED,
        "written-off": WRITTEN_OFF,
        "repaid": MATURED if over else REPAID,
    }
    if course.state in plain:
        return plain[course.state]
    if not course.drawn:
        return _before_money(course)
    if course.undrawn and course.day <= course.available_until:
        return DRAWING
    return REPAYING if course.outstanding else DRAWING


def _before_money(course: Course) -> str:
    if course.open_conditions:
        return SIGNED
    if course.day >= course.available_from:
        return AVAILABLE
    return CONDITIONS_SATISFIED if course.conditions else SIGNED


def refuse_wrong_step(last: str, step: str) -> None:
    """Pass when a step may follow the last one of an enquiry."""
    allowed = FOLLOWS.get(last, ())
    if step not in allowed:
        may = " or ".join(allowed) or "nothing"
        raise WrongStep(f"{step} does not follow {last}: {may} may", last=last, step=step)


def refuse_proposal_from(enquiry: str, last: str) -> None:
    """Pass when something may be proposed from an enquiry: it is screened, and has not ended."""
    if last in {DECLINED, WITHDRAWN}:
        raise WrongStep(f"The enquiry {enquiry} was {last}: nothing is proposed from it", last=last, step=PROPOSED)
    if last == ENQUIRY:
        raise WrongStep(
            f"The enquiry {enquiry} is not screened yet: record that with `bank life step {enquiry} screened`, or what "
            f"else became of it, before anything is proposed from it",
            last=last,
            step=PROPOSED,
        )


def refuse_open_conditions(conditions: Iterable[tuple[str, str]]) -> None:
    """Pass when no condition is open; each is given by its id and its words."""
    still = list(conditions)
    if still:
        listed = "; ".join(f"{name}: {words}" for name, words in still)
        raise ConditionsOpen(
            f"Nothing is paid while a condition precedent is open. Open: {listed}. Record each with `bank life "
            f"satisfy`, or ask for a waiver",
            open=[name for name, _ in still],
        )


def refuse_breached(breached: Iterable[tuple[str, str]]) -> None:
    """Pass when no covenant stands breached; each that does is given by the id of the test that failed and its name."""
    still = list(breached)
    if still:
        listed = "; ".join(f"{name} ({test})" for test, name in still)
        raise CovenantBreached(
            f"Nothing more is drawn while a covenant stands breached: {listed}. Record a test that it passes, or ask "
            f"with `bank life waive` to waive what the test found",
            breached=[test for test, _ in still],
        )


def refuse_unmatched(others: Money, own: Money, wanted: Decimal | None, what: str) -> None:
    """Pass when co-investors' money is at least so many times the bank's; without a term, any is enough."""
    if wanted is None or Fraction(others.pence) >= Fraction(wanted) * own.pence:
        return
    short = Money(-((-Fraction(wanted) * own.pence).__floor__())) - others
    raise MatchMissing(
        f"Co-investors' {others} {what} to the bank's {own} is less than the {wanted} of it that was agreed: "
        f"{short} more of theirs is wanted",
        others=str(others),
        own=str(own),
        wanted=str(wanted),
        short=str(short),
    )


def sound_match(wanted: Decimal | None, what: str) -> Decimal | None:
    """A ratio of theirs to ours, of nothing or more; none is no term."""
    if wanted is not None and (not wanted.is_finite() or wanted < 0 or wanted != round(wanted, 12)):
        raise BadTerms(f"{what} is how many times the bank's money theirs must be, like 1 or 0.5, not {wanted!s:.40}")
    return wanted


def covenant_holds(sense: str, value: Decimal, threshold: Decimal) -> bool:
    """Whether a value keeps a covenant."""
    return value >= threshold if sense == "at-least" else value <= threshold


def sound_words(text: str, what: str) -> str:
    """The words without the space around them; refuses none, and more than 4,000 letters."""
    tidy = text.strip()
    if not 1 <= len(tidy) <= 4_000:  # noqa: PLR2004 -- as long as anything said of a facility may be
        raise BadTerms(f"Say {what}, in at most 4,000 characters")
    return tidy


def sound_number(value: Decimal, what: str) -> Decimal:
    """A plain number."""
    if not value.is_finite() or abs(value) >= 10**15 or value != round(value, 12):
        raise BadTerms(f"{what} is a plain number with at most twelve decimals, not {value!s:.40}")
    return value


def latest(days: Iterable[date | None]) -> date | None:
    """The last of some days; none of none."""
    return max((day for day in days if day is not None), default=None)
