"""The whole course of a facility: every step from enquiry to now, and what stands open beside its money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import Final

from bank.allocations.life.enquiries.queries import StepView, enquiries, enquiry_of, steps
from bank.allocations.life.queries import (
    AmendmentView,
    ConditionView,
    CovenantView,
    amendments,
    conditions,
    covenants,
)
from bank.allocations.life.rules import ENQUIRY, HEADS_OF_TERMS, PROPOSED, SCREENED
from bank.allocations.life.stages import Moment, reached
from bank.allocations.model import Facility
from bank.allocations.products.registry import PRINCIPALS, PROMISES, counted_as
from bank.allocations.queries import FacilityEventView, FacilityView, events, facility
from bank.allocations.recording import BANK
from bank.allocations.rules import (
    ACCRUAL,
    CO_COMMITMENT,
    CO_DRAWING,
    DRAWDOWN,
    RECURRING,
    REJECTED,
    SIGNED,
    Fact,
)
from bank.approvals.queries import RequestView, requests
from bank.approvals.rules import APPROVED
from bank.limits.outside.queries import kept_inside
from bank.limits.outside.rules import told_outside
from bank.limits.queries import EvaluationView, evaluations
from ledger.money import NOTHING, Money
from ledger.queries import Known, Moved, entry, known, moves_of
from ledger.store.database import ReadSession
from ledger.store.work import View

_NO_ENQUIRY: Final = "No enquiry was recorded: what is asked for is what was proposed, and was screened by it"


class CoInvestorView(View):
    """What one co-investor committed and paid beside us; those who were not named stand together."""

    investor: str
    committed: Money
    drawn: Money


class CourseView(View):
    """A facility's life as at a day and as known then.

    `steps` are the stages it came to, from the enquiry on, each with the fact that brought it there; `events` are all
    that happened to its money.
    """

    facility: str
    name: str
    stage: str
    enquiry: str
    steps: tuple[StepView, ...]
    events: tuple[StepView, ...]
    conditions: tuple[ConditionView, ...]
    covenants: tuple[CovenantView, ...]
    amendments: tuple[AmendmentView, ...]
    co_investors: tuple[CoInvestorView, ...]
    requests: tuple[RequestView, ...]
    evaluations: tuple[EvaluationView, ...]
    pending: tuple[str, ...]
    as_at: date
    known_at: datetime
    known_seq: int


def course(
    session: ReadSession,
    id: str,  # noqa: A002 -- what a facility is known by
    *,
    as_at: date | None = None,
    at: Known | None = None,
    intermediary: str | None = None,
) -> CourseView:
    """The life of one facility: each step with its day, evidence, reason and person, and all that stands beside it.

    What the bank's people said to one another, and what its limits read, is not told to an intermediary: it speaks of
    others too.
    """
    then, day = at or known(session), as_at or session.now.date()
    view = facility(session, id, as_at=day, at=then, intermediary=intermediary)
    listed = conditions(session, id, day, then)
    told = events(session, id, as_at=day, at=then)
    if intermediary is not None:
        inside = kept_inside(session, id, then)
        told = [_outside(each, inside) for each in told]
    return CourseView(
        facility=id,
        name=view.name,
        stage=view.stage,
        enquiry=enquiry_of(session, id) or "",
        steps=tuple(_steps(session, view, told, listed, then)),
        events=tuple(_event(each) for each in told if each.kind != ACCRUAL),
        conditions=tuple(listed),
        covenants=tuple(covenants(session, id, day, then)),
        amendments=tuple(amendments(session, id, then)),
        co_investors=tuple(_co_investors(told)),
        requests=() if intermediary is not None else tuple(requests(session, subjects=[id], at=then)),
        evaluations=() if intermediary is not None else tuple(evaluations(session, id, then)),
        pending=view.pending,
        as_at=day,
        known_at=then.instant,
        known_seq=then.seq,
    )


def _steps(
    session: ReadSession, view: FacilityView, told: list[FacilityEventView], listed: list[ConditionView], then: Known
) -> list[StepView]:
    row = session.get_one(Facility, view.id)
    moments = [
        *_of_its_money(session, row, told, view.as_at, then),
        *_of_its_conditions(listed),
        *_of_its_terms(session, view, then),
    ]
    came = reached((row.available_from, row.available_until), row.matures_on, moments, view.as_at)
    found = [
        StepView(
            step=stage,
            on=moment.on,
            reason=moment.reason,
            evidence=moment.evidence,
            by=moment.by,
            recorded_at=moment.recorded_at,
        )
        for stage, moment in came
    ]
    asked = _of_the_enquiry(session, view.id, view.as_at, then) or _without_one(found)
    return sorted([*asked, *found], key=lambda step: step.on)


def _of_the_enquiry(session: ReadSession, facility: str, day: date, then: Known) -> tuple[StepView, ...]:
    wanted = enquiry_of(session, facility)
    found = enquiries(session, as_at=day, at=then) if wanted is not None else []
    return next((one.steps for one in found if one.id == wanted), ())


def _without_one(found: list[StepView]) -> list[StepView]:
    """Asked for and screened by being proposed, where no enquiry came before; it says so."""
    proposed = next((step for step in found if step.step == PROPOSED), None)
    if proposed is None:
        return []
    return [proposed.model_copy(update={"step": step, "reason": _NO_ENQUIRY}) for step in (ENQUIRY, SCREENED)]


def _of_its_money(
    session: ReadSession, row: Facility, told: list[FacilityEventView], day: date, then: Known
) -> list[Moment]:
    """What happened to it, with what that moved by the books; and what was entered in them past it."""
    codes = [f"{root}:{row.id}" for root in (*PROMISES, *PRINCIPALS)]
    lines: defaultdict[int, list[Moved]] = defaultdict(list)
    for line in moves_of(session, BANK, codes, then):
        if line.effective_on <= day:
            lines[line.seq].append(line)
    found = []
    for _, together in groupby((each for each in told if each.kind not in RECURRING), key=_as_one):
        these = tuple(together)
        found.append(_moment(row, these, [line for seq in these[0].seqs for line in lines.pop(seq, ())]))
    for seq, left in lines.items():
        made = entry(session, seq)
        grounds = Moment(left[0].effective_on, made.recorded_at, made.actor, made.entry.description, _entries([seq]))
        found.append(_with_lines(grounds, left))
    return found


def _as_one(event: FacilityEventView) -> object:
    """What several effects of one act have alike: the entries they made. An event that made none stands alone."""
    return event.seqs or event.id


def _moment(row: Facility, these: tuple[FacilityEventView, ...], lines: Iterable[Moved]) -> Moment:
    first = these[0]
    made = Moment(
        on=first.effective_on,
        recorded_at=first.recorded_at,
        by=first.actor,
        reason=first.note,
        evidence=_shown(first),
        facts=tuple(_fact(each) for each in these),
        withdrawn=any(each.kind == REJECTED and each.actor == row.proposed_by for each in these),
    )
    return _with_lines(made, lines)


def _with_lines(moment: Moment, lines: Iterable[Moved]) -> Moment:
    promised, out, drawn = NOTHING, NOTHING, NOTHING
    for line in lines:
        root = counted_as(line.account.partition(":")[0])
        if root == "9100":
            promised += line.amount
        else:
            out += line.amount
            drawn += line.amount if line.kind == DRAWDOWN else NOTHING
    return replace(moment, undrawn=promised, outstanding=out, drawn=drawn)


def _of_its_conditions(listed: Iterable[ConditionView]) -> list[Moment]:
    found = []
    for each in listed:
        found.append(Moment(each.listed_on, each.listed_at, each.listed_by, f"Listed: {each.text}", listed=1))
        if each.settled_on is not None and each.settled_at is not None:
            found.append(
                Moment(each.settled_on, each.settled_at, each.by, each.state, each.evidence, settled=each.text)
            )
    return found


def _of_its_terms(session: ReadSession, view: FacilityView, then: Known) -> list[Moment]:
    """Its heads of terms, and the amendments that were agreed to."""
    found = [
        Moment(each.on, each.recorded_at, each.by, each.reason, each.evidence, heads=True)
        for each in steps(session, view.id, view.as_at, then)
        if each.step == HEADS_OF_TERMS
    ]
    changed = (
        Moment(
            each.effective_on,
            each.decided_at,
            each.decided_by,
            each.words,
            each.evidence,
            until=each.available_until,
            matures_on=each.matures_on,
        )
        for each in amendments(session, view.id, then)
        if each.state == APPROVED and each.decided_at is not None
    )
    return [*found, *changed]


def _outside(event: FacilityEventView, inside: frozenset[str]) -> FacilityEventView:
    """An event as an intermediary reads it: of an approval nobody's reasons, and no reason for passing a limit."""
    if event.kind == APPROVED:
        return event.model_copy(update={"note": "", "evidence": ""})
    return event.model_copy(update={"note": told_outside(event.note, inside)})


def _event(event: FacilityEventView) -> StepView:
    return StepView(
        step=event.kind,
        on=event.effective_on,
        reason=event.note,
        evidence=_shown(event),
        by=event.actor,
        recorded_at=event.recorded_at,
    )


def _shown(event: FacilityEventView) -> str:
    """What shows an event: the document told with it, and the entries it made."""
    return "; ".join(part for part in (event.evidence, _entries(event.seqs)) if part)


def _entries(seqs: Sequence[int]) -> str:
    return f"entries {', '.join(map(str, seqs))}" if seqs else ""


def _fact(event: FacilityEventView) -> Fact:
    return Fact(event.kind, event.effective_on, event.amount, event.interest, event.co_investor_amount)


def _co_investors(told: list[FacilityEventView]) -> list[CoInvestorView]:
    sums: dict[str, list[Money]] = {}
    for event in told:
        if event.co_investor_amount:
            if event.kind in {SIGNED, DRAWDOWN}:
                name = "not named"
            elif event.kind in {CO_COMMITMENT, CO_DRAWING}:
                name = event.note
            else:
                continue
            sums.setdefault(name, [NOTHING, NOTHING])[event.kind in {DRAWDOWN, CO_DRAWING}] += event.co_investor_amount
    return [CoInvestorView(investor=name, committed=pair[0], drawn=pair[1]) for name, pair in sums.items()]
