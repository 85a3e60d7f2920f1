"""Leave to pass a hard limit: by whom, how far and until when; after its last day the limit holds again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bank.approvals.queries import RequestView, requests
from bank.approvals.rules import APPROVED, WAIVE_LIMIT
from bank.limits.rules import Reading, waives
from bank.treasury.rules import BadTerms
from ledger.dates import within_calendar
from ledger.queries import Known, known
from ledger.store.database import ReadSession
from ledger.store.work import View

WITHOUT_END: Final = "no end was told"
"""What is said of leave that was given before leave had an end."""


@dataclass(frozen=True, slots=True)
class Leave:
    """How far a limit may be passed by a facility, and the last day on which it may; none, no end was told."""

    request: str
    up_to: str
    until: date | None

    @property
    def ends(self) -> str:
        """The last day in words."""
        return WITHOUT_END if self.until is None else str(self.until)

    def holds(self, day: date) -> bool:
        """Whether a decision of a day may rest on it."""
        return self.until is None or day <= self.until


class WaiverView(View):
    """Leave for a facility to pass a hard limit: how far, until when, by whom it was agreed, and whether it holds."""

    request: str
    limit: str
    up_to: str
    until: date | None
    ends: str
    holds: bool
    reason: str
    asked_by: str
    agreed_by: tuple[str, ...]
    agreed_at: datetime


def waivers(
    session: ReadSession, facility: str, *, as_at: date | None = None, at: Known | None = None
) -> list[WaiverView]:
    """All leave that a facility was ever given to pass limits, as known then, and what of it holds on a day."""
    then = at or known(session)
    day = as_at or then.instant.date()
    found = []
    for one in _given(session, facility, then):
        leave = _leave(one)
        agreed = [said for said in one.decisions if said.decision == APPROVED]
        found.append(
            WaiverView(
                request=one.id,
                limit=str(one.facts["limit"]),
                up_to=leave.up_to,
                until=leave.until,
                ends=leave.ends,
                holds=leave.holds(day),
                reason=one.reason,
                asked_by=one.requested_by,
                agreed_by=tuple(said.by for said in agreed),
                agreed_at=max(said.at for said in agreed),
            )
        )
    return found


def waivers_on(session: ReadSession, facility: str) -> dict[str, list[Leave]]:
    """The leave by which a facility may pass each limit today, as somebody with the role for it agreed."""
    found: defaultdict[str, list[Leave]] = defaultdict(list)
    for one in _given(session, facility, known(session)):
        leave = _leave(one)
        if leave.holds(session.now.date()):
            found[str(one.facts["limit"])].append(leave)
    return found


def leave_for(reading: Reading, given: Mapping[str, Sequence[Leave]]) -> Leave | None:
    """The leave on which a decision rests that passes a hard limit; none where it passes none, or has no such leave."""
    if reading.within or not reading.limit.hard:
        return None
    return next((leave for leave in given.get(reading.limit.id, ()) if waives(reading, leave.up_to)), None)


def sound_end(until: date, today: date) -> date:
    """The last day of leave; refuses one that is over."""
    if within_calendar(until) < today:
        raise BadTerms(f"Leave until {until} would be over: today is {today}", until=str(until))
    return until


def _given(session: ReadSession, facility: str, then: Known) -> list[RequestView]:
    asked = requests(session, subjects=[facility], at=then)
    return [one for one in asked if one.action == WAIVE_LIMIT and one.state == APPROVED]


def _leave(one: RequestView) -> Leave:
    until = one.facts.get("until")
    return Leave(one.id, str(one.facts["up_to"]), None if until is None else date.fromisoformat(str(until)))
