"""The bridge of a quarter: what its figures were known to be, what they are now, and each act that moved them.

A correction of a quarter that is closed for good takes effect on the first open day, with its own day beside it. So the
bridge leads from the quarter's last day, as known then, to the day on which the last correction of the quarter took
effect, as known now; what those days alone did is a step of its own, and no restatement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from bank.figures.evidence import Evidence, Knowledge
from bank.figures.registry import REGISTRY
from intermediaries.loans.model import LoanTape
from intermediaries.loans.queries import tapes_between
from intermediaries.register.queries import names
from intermediaries.returns.queries import corrections
from ledger.dates import Quarter
from ledger.money import Money
from ledger.queries import Known, known_by
from ledger.refusals import Malformed
from ledger.store.database import ReadSession
from ledger.store.work import View
from reports.figures import AnyValue, Unit, Value

Cause = Literal["days", "return", "restatement", "other"]

_OF_ITS_RETURNS: Final = frozenset(
    (
        *("returns_due", "returns_received", "returns_late", "returns_missing"),
        *("breaks", "oldest_break", "breaks_unowned", "unexplained"),
    )
)
"""Figures about the returns of the quarter that their day lies in."""
_A_MOMENT: Final = timedelta(microseconds=1)


class BridgeBackwards(Malformed):
    """A bridge from later knowledge to earlier."""

    slug = "bridge-backwards"


class BridgeReturn(View):
    """A return that moved a figure when it was accepted; `supersedes` is the one whose place it took, if any."""

    return_id: str
    supersedes: str | None
    intermediary: str
    facility: str
    quarter: Quarter
    version: int
    effective_on: date
    loans_changed: int | None
    reason: str


class BridgeStep(View):
    """One step of a bridge: what moved the figure, when that was recorded, what it came to, and by how much it moved.

    `days` is what was known to lie between the quarter's end and the day on which its corrections took effect; `return`
    and `restatement` are returns accepted in one act, for the first time and in place of others; `other` is whatever
    else was recorded meanwhile, `entries` of it in the journal. `change` is None where either side is not known.
    """

    cause: Cause
    recorded_at: datetime | None
    returns: tuple[BridgeReturn, ...]
    entries: int
    value: AnyValue
    change: AnyValue


class BridgeLine(View):
    """One figure that changed: what it was, what it is, each step between, and the steps in words."""

    code: str
    title: str
    unit: Unit
    old: AnyValue
    new: AnyValue
    change: AnyValue
    because: str
    steps: tuple[BridgeStep, ...]


class BridgeView(View):
    """The bridge of a quarter between two points of knowledge: the figures that something recorded meanwhile moved."""

    quarter: Quarter
    from_as_at: date
    from_known_at: datetime
    from_known_seq: int
    to_as_at: date
    to_known_at: datetime
    to_known_seq: int
    lines: tuple[BridgeLine, ...]


@dataclass(frozen=True, slots=True)
class _Knot:
    """A day and a moment of knowledge at which the figures are worked out, and what led there from the one before."""

    as_at: date
    known: Known
    cause: Cause
    recorded_at: datetime | None = None
    returns: tuple[BridgeReturn, ...] = ()


def bridge(
    session: ReadSession, quarter: Quarter, since: Known, until: Known, codes: Collection[str] = REGISTRY
) -> BridgeView:
    """What led the figures of a quarter from one point of knowledge to a later one, return by return.

    All figures, or those whose `codes` are named.

    The steps of a line add up to its change, wherever all of its values are numbers. Refuses two points of knowledge
    of which the second is the earlier (`BridgeBackwards`).
    """
    if until.instant < since.instant:
        raise BridgeBackwards("The bridge leads from what was known first to what was known later: swap the two")
    told = tapes_between(session, since.instant, until.instant)
    own = [one for one in told if one.quarter <= quarter]
    last = max((quarter.ends_on, *(one.effective_on for one in own)))
    moments = {(one.recorded_at, one.facility) for one in own}
    # Accepted with one of them, the facility's return of a later quarter may be what moved a figure: it is named too.
    together = [one for one in told if (one.recorded_at, one.facility) in moments]
    knots = list(_knots(session, quarter.ends_on, last, (since, until), together))
    figures = [_figures(session, knot, quarter, codes) for knot in knots]
    return BridgeView(
        quarter=quarter,
        from_as_at=quarter.ends_on,
        from_known_at=since.instant,
        from_known_seq=since.seq,
        to_as_at=last,
        to_known_at=until.instant,
        to_known_seq=until.seq,
        lines=tuple(_lines(knots, figures)),
    )


def _knots(
    session: ReadSession, first: date, last: date, between: tuple[Known, Known], own: Sequence[LoanTape]
) -> Iterator[_Knot]:
    """The beginning, the days gone, a moment before and the moment of each acceptance, and the end."""
    since, until = between
    yield _Knot(first, since, "other")
    if last > first:
        yield _Knot(last, since, "days")
    told = {one.return_id: one for one in _returns(session, own, since.instant, until)}
    for instant in sorted({one.recorded_at for one in own}):
        these = tuple(told[one.return_id] for one in own if one.recorded_at == instant)
        restated = any(one.supersedes is not None for one in these)
        yield _Knot(last, _at_least(since, known_by(session, instant - _A_MOMENT)), "other")
        yield _Knot(last, known_by(session, instant), "restatement" if restated else "return", instant, these)
    yield _Knot(last, until, "other")


def _at_least(since: Known, then: Known) -> Known:
    return then if then.instant > since.instant else since


def _returns(session: ReadSession, own: Iterable[LoanTape], since: datetime, until: Known) -> Iterator[BridgeReturn]:
    called = names(session)
    corrected = {one.return_id: one for one in corrections(session, since, until.instant, until)}
    for tape in own:
        one = corrected.get(tape.return_id)
        yield BridgeReturn(
            return_id=tape.return_id,
            supersedes=None if one is None else one.supersedes,
            intermediary=called.get(tape.intermediary, tape.intermediary),
            facility=tape.facility,
            quarter=tape.quarter,
            version=tape.version,
            effective_on=tape.effective_on,
            loans_changed=None if one is None else one.loans_changed,
            reason="" if one is None else one.explanation,
        )


def _figures(session: ReadSession, knot: _Knot, quarter: Quarter, codes: Collection[str]) -> dict[str, Value]:
    """The figures of a knot; those about the returns of a quarter stay about the one that was asked for."""
    knowledge = Knowledge(session, knot.known)
    days = {False: Evidence(knowledge, knot.as_at), True: Evidence(knowledge, quarter.ends_on)}
    return {code: one.work_out(days[code in _OF_ITS_RETURNS]).value for code, one in REGISTRY.items() if code in codes}


def _lines(knots: Sequence[_Knot], figures: Sequence[dict[str, Value]]) -> Iterator[BridgeLine]:
    for code in figures[0]:
        registered, values = REGISTRY[code], [one[code] for one in figures]
        steps = tuple(_steps(knots, values))
        if all(step.cause == "days" for step in steps):
            continue
        yield BridgeLine(
            code=code,
            title=registered.measure.title,
            unit=registered.measure.unit,
            old=values[0],
            new=values[-1],
            change=_difference(values[0], values[-1]),
            because="; then ".join(_said(step) for step in steps),
            steps=steps,
        )


def _steps(knots: Sequence[_Knot], values: Sequence[Value]) -> Iterator[BridgeStep]:
    for place in range(1, len(knots)):
        before, knot = knots[place - 1], knots[place]
        if values[place] == values[place - 1]:
            continue
        yield BridgeStep(
            cause=knot.cause,
            recorded_at=knot.recorded_at,
            returns=knot.returns,
            entries=knot.known.seq - before.known.seq,
            value=values[place],
            change=_difference(values[place - 1], values[place]),
        )


def _difference(before: Value, after: Value) -> Value:
    """By how much a figure moved; None where it is not known on one side, or is no number."""
    if isinstance(before, Money) and isinstance(after, Money):
        return after - before
    if isinstance(before, int) and isinstance(after, int):
        return after - before
    if isinstance(before, Fraction) and isinstance(after, Fraction):
        return after - before
    if isinstance(before, Decimal) and isinstance(after, Decimal):
        return after - before
    return None


def _said(step: BridgeStep) -> str:
    """A step in words, for a table that is read."""
    if step.cause == "days":
        return "what was known of the days until the corrections took effect"
    if not step.returns:
        return f"recorded otherwise meanwhile, {step.entries} entries"
    told = (
        f"{one.return_id} of {one.intermediary} for {one.quarter}, version {one.version}"
        f"{f': {one.reason}' if one.reason else ''}"
        for one in step.returns
    )
    return f"{step.cause} {'; '.join(told)}"
