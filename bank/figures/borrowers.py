"""What borrowers tell of themselves and of what changed: medians, first loans, people reached, indicators.

An answer of "not known", one of "not applicable" and an empty cell are three things, and none of them is nought.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bank.figures.evidence import Evidence, Found
from bank.figures.lending import covered
from bank.figures.measures import MEASURES
from intermediaries.loans.views import OPTIONAL, Lent
from intermediaries.outcomes.codes import EVIDENCE_LEVEL, OUTCOME_AREA, PEOPLE_UNIT
from intermediaries.outcomes.lists import NOT_APPLICABLE, NOT_KNOWN
from ledger.dates import Quarter
from ledger.money import Money
from reports.figures import Provenance, Value
from reports.statements.inputs import FieldAnswers, IndicatorLine, PeopleReached

QUESTIONS: Final = {
    "product": "Kind of finance",
    "secured": "Whether the loan is secured",
    "turnover": "Yearly turnover",
    "employees_fte": "Staff, full-time equivalents",
    "first_time_borrower": "Whether it is a first loan",
    "declined_by_bank": "Whether a bank declined",
    "grant_amount": "Grant beside the loan",
    "people_reached": "People reached",
    "indicator": "Indicator of change",
    "baseline": "Indicator at the start",
    "target": "Indicator hoped for",
    "actual": "Indicator now",
    "indicator_unit": "What the indicator counts",
    "evidence_level": "What shows the indicator",
    "sdg": "Sustainable Development Goals",
}
"""The optional columns of the return whose answers are counted."""


_NO_ANSWER: Final = frozenset({NOT_KNOWN, NOT_APPLICABLE})
_FAR: Final = 128
"""Binary digits behind the point."""


def answer(state: Lent, column: str) -> str | None:
    """What a loan's last return answers in a column; None where it says "not known", "not applicable" or nothing."""
    said = state.said(column)
    return None if said in {"", NOT_KNOWN, NOT_APPLICABLE} else said


def median(amounts: Iterable[Money]) -> Money | None:
    """The middle amount, or half way between the two in the middle, a half penny up; None of nothing."""
    return quantile(amounts, Fraction(1, 2))


def quantile(amounts: Iterable[Money], place: Fraction) -> Money | None:
    """The amount so far up a ranking, on the line between its neighbours, a half penny up; None of nothing."""
    ranked = sorted(amount.pence for amount in amounts)
    if not ranked:
        return None
    exact = place * (len(ranked) - 1)
    below, step = int(exact), exact - int(exact)
    above = min(below + 1, len(ranked) - 1)
    return Money.round_half_up(ranked[below] * (1 - step) + ranked[above] * step)


def _told(
    evidence: Evidence, code: str, known: Sequence[Lent], value: Value, formula: str, whole: Sequence[Lent]
) -> Found:
    return Found(
        measure=MEASURES[code],
        value=value,
        provenance=evidence.provenance(formula, reported=True),
        coverage=covered(known, whole),
    )


def median_loan(evidence: Evidence, code: str) -> Found:
    """The median of the whole amounts agreed."""
    drawn = evidence.drawn
    value = median(state.amount_committed for state in drawn)
    return _told(evidence, code, drawn, value, "median of amount_committed over loans with anything drawn", drawn)


def median_turnover(evidence: Evidence, code: str) -> Found:
    """The median turnover of the borrowers that state one, each once."""
    drawn = evidence.drawn
    known = [state for state in drawn if answer(state, "turnover")]
    value = median(Money.round_half_up(size.scaleb(2)) for size in of_borrowers(known, "turnover").values())
    formula = "median of turnover over the different organisations whose loans state one, the last that each states"
    return _told(evidence, code, known, value, formula, drawn)


def of_borrowers(states: Iterable[Lent], column: str) -> dict[str, Decimal]:
    """The size that each borrower states in a column, by its id: once each, as the last return of its loans has it.

    Where several of its loans were last told of for one quarter and differ, the largest counts.
    """
    last: dict[str, tuple[Quarter, Decimal]] = {}
    for state in states:
        if said := answer(state, column):
            told = state.quarter, Decimal(said)
            last[state.organisation] = max(last.get(state.organisation, told), told)
    return {organisation: size for organisation, (_, size) in last.items()}


_YES_NO: Final = {"first_time": "first_time_borrower", "declined": "declined_by_bank"}


def share_of_yes(evidence: Evidence, code: str) -> Found:
    """Of the loans that answer a question with yes or no, the share that say yes."""
    column = _YES_NO[code]
    drawn = evidence.drawn
    known = [state for state in drawn if answer(state, column)]
    said_yes = sum(answer(state, column) == "yes" for state in known)
    value = Fraction(said_yes, len(known)) if known else None
    return _told(evidence, code, known, value, f"loans with yes in {column}, divided by those with yes or no", drawn)


def first_borrowers(evidence: Evidence, code: str) -> Found:
    """How many organisations say of one of their loans that it is the first they ever had."""
    drawn = evidence.drawn
    known = [state for state in drawn if answer(state, "first_time_borrower")]
    first = {state.organisation for state in known if answer(state, "first_time_borrower") == "yes"}
    formula = "different organisations with yes in first_time_borrower, over the loans with yes or no"
    return _told(evidence, code, known, len(first), formula, drawn)


_QUARTILES: Final = {"loan_lower_quartile": Fraction(1, 4), "loan_upper_quartile": Fraction(3, 4)}


def loan_quartile(evidence: Evidence, code: str) -> Found:
    """A quartile of the whole amounts agreed."""
    drawn = evidence.drawn
    value = quantile([state.amount_committed for state in drawn], _QUARTILES[code])
    formula = "quartile of amount_committed over loans with anything drawn, on the line between two loans"
    return _told(evidence, code, drawn, value, formula, drawn)


def grant(evidence: Evidence, code: str) -> Found:
    """Grant beside the loans, over those that tell it."""
    drawn = evidence.drawn
    known = [state for state in drawn if answer(state, "grant_amount")]
    value = Money.total(Money.parse(answer(state, "grant_amount")) for state in known) if known else None
    return _told(evidence, code, known, value, "grant_amount added up over the loans that tell it", drawn)


def people_reached(evidence: Evidence) -> tuple[PeopleReached, ...]:
    """By outcome area and by what is counted, which is never mixed: one loan's last answer each.

    Each says over how many of the area's loans, and how much of the money, it is added.
    """
    drawn = evidence.drawn
    in_area: defaultdict[str, list[Lent]] = defaultdict(list)
    groups: defaultdict[tuple[str, str], list[Lent]] = defaultdict(list)
    for state in drawn:
        in_area[state.outcome_area].append(state)
        if state.people_reached is not None and state.people_unit is not None:
            groups[state.outcome_area, state.people_unit].append(state)
    return tuple(
        PeopleReached(
            code=f"{area}-{unit}",
            label=OUTCOME_AREA.title_of(area),
            unit=PEOPLE_UNIT.title_of(unit),
            loans=len(some),
            people=sum(state.people_reached or 0 for state in some),
            ours=funded_share(some),
            coverage=covered(some, in_area[area]),
        )
        for (area, unit), some in sorted(groups.items(), key=lambda item: _in_list_order(item[0]))
    )


def funded_share(states: Iterable[Lent]) -> int:
    """The people that go with the bank's part of what was drawn, loan by loan, rounded half up once over all."""
    return rounded_sum(((state.people_reached or 0) * state.drawn.pence, state.drawn_in_all.pence) for state in states)


def rounded_sum(parts: Iterable[tuple[int, int]]) -> int:
    """What parts come to, each so many of so many and none below nothing, rounded half up once.

    Their common denominator soon has as many digits as there are parts. So each is cut off far behind the point, and
    only where what was cut off could carry the sum past a half is it added up exactly.
    """
    told = list(parts)
    least = sum((part << _FAR) // of for part, of in told) + (1 << _FAR >> 1)
    if least >> _FAR == least + len(told) >> _FAR:
        return least >> _FAR
    return int(sum((Fraction(part, of) for part, of in told), Fraction(1, 2)))


def indicators(evidence: Evidence) -> tuple[IndicatorLine, ...]:
    """Indicators of one name and unit within one outcome area: only like is added, over loans that give all three.

    Each says over how many of the area's loans, and how much of the money, it is added.
    """
    drawn = evidence.drawn
    in_area: defaultdict[str, list[Lent]] = defaultdict(list)
    groups: defaultdict[tuple[str, str, str], list[Lent]] = defaultdict(list)
    for state in drawn:
        in_area[state.outcome_area].append(state)
        name = answer(state, "indicator")
        if name is not None and all(answer(state, column) for column in ("baseline", "target", "actual")):
            groups[state.outcome_area, name, answer(state, "indicator_unit") or ""].append(state)
    return tuple(
        IndicatorLine(
            outcome_area=OUTCOME_AREA.title_of(area),
            indicator=name,
            unit=unit,
            loans=len(some),
            coverage=covered(some, in_area[area]),
            evidence=_evidence(some),
            baseline=_added(some, "baseline"),
            target=_added(some, "target"),
            actual=_added(some, "actual"),
        )
        for (area, name, unit), some in sorted(groups.items(), key=lambda item: _in_list_order(item[0]))
    )


def _evidence(states: Iterable[Lent]) -> tuple[tuple[str, int], ...]:
    """What shows the values, the strongest first: how many loans say each; those that say nothing last."""
    said = Counter(answer(state, "evidence_level") or "" for state in states)
    return (*((level, said[level]) for level in reversed(EVIDENCE_LEVEL.names())), ("not said", said[""]))


def _added(states: Iterable[Lent], column: str) -> Decimal:
    return sum((Decimal(answer(state, column) or 0) for state in states), Decimal(0))


def _in_list_order(key: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    codes = [one.code for one in OUTCOME_AREA.codes]
    return codes.index(key[0]) if key[0] in codes else len(codes), key[1:]


def answers(evidence: Evidence) -> tuple[FieldAnswers, ...]:
    """How the optional questions were answered in each loan's last return."""
    drawn = evidence.drawn
    alike = Counter(state.answers for state in drawn)  # many loans give the same answers, and most give few
    said: dict[str, Counter[str]] = {field: Counter() for field in QUESTIONS}
    for told, loans in alike.items():
        for field, text in zip(OPTIONAL, told, strict=True):
            if text and field in said:
                said[field][text if text in _NO_ANSWER else ""] += loans
    return tuple(_answers(len(drawn), said[field], field, title) for field, title in QUESTIONS.items())


def _answers(loans: int, said: Mapping[str, int], field: str, title: str) -> FieldAnswers:
    """Of so many loans: how many said each of the two that are no answer, and under no word how many gave one."""
    not_known, not_applicable, answered = (said.get(word, 0) for word in (NOT_KNOWN, NOT_APPLICABLE, ""))
    blank = loans - not_known - not_applicable - answered
    return FieldAnswers(
        field=field,
        title=title,
        answered=answered,
        not_known=not_known,
        not_applicable=not_applicable,
        blank=blank,
    )


def from_last_returns(evidence: Evidence, formula: str) -> Provenance:
    """Where a table of answers comes from."""
    return evidence.provenance(formula, reported=True)


BORROWERS: Final[dict[str, Callable[[Evidence, str], Found]]] = {
    "median_loan": median_loan,
    "median_turnover": median_turnover,
    "first_time": share_of_yes,
    "declined": share_of_yes,
    "grant": grant,
}
"""In the order they are printed."""

FURTHER: Final[dict[str, Callable[[Evidence, str], Found]]] = {
    "first_borrowers": first_borrowers,
    "loan_lower_quartile": loan_quartile,
    "loan_upper_quartile": loan_quartile,
}
"""Given beside them, and not printed."""
