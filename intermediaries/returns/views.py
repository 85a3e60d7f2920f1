"""How returns are shown: each version with its state and findings, what a correction changed, and how it ties."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from intermediaries.returns.deadlines import Punctuality
from intermediaries.returns.findings import Severity, counted
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.store.work import View

State = Literal["received", "checked", "queried", "attested", "accepted", "superseded", "rejected"]


class FindingView(View):
    """One finding as it was made when the return came."""

    rule: str
    tier: int
    severity: Severity
    sheet: str
    row: int | None
    column: str | None
    value: str
    message: str
    expected: str
    remedy: str
    loan_ref: str = ""
    answer: str = ""
    answered_by: str = ""
    answered_at: str = ""


class EventLine(View):
    """One change of a return's state."""

    state: State
    recorded_at: datetime
    actor: str
    actor_name: str
    name: str
    role: str
    reason: str
    by_return: str | None


class ReturnView(View):
    """One version of a return. Amounts in `totals` are of whole loans, all lenders together.

    `manner` says how it was sent: whole, as changes alone, or nil; of its `loans` so many were `sent`, and the others
    `carried` on as last accepted. `rules_version` names the rules that it was judged by, and `rules` each of them.
    """

    id: str
    facility: str
    intermediary: str
    quarter: Quarter
    version: int
    supersedes: str | None
    superseded_by: str | None
    state: State
    format: str | None
    filename: str | None
    size: int
    original_sha256: str
    content_sha256: str
    cash_held: Money | None
    manner: str
    loans: int
    sent: int
    carried: tuple[str, ...]
    rules_version: str | None
    rules: tuple[str, ...]
    errors: int
    questions: int
    answered: int
    unanswered: int
    totals: dict[str, Money]
    findings: tuple[FindingView, ...]
    received_at: datetime
    submitted_by: str
    submitted_by_name: str
    attested_at: datetime | None
    attested_by: str | None
    attested_role: str | None
    accepted_at: datetime | None
    accepted_by: str | None
    explanation: str
    effective_on: date | None
    due_on: date
    days_late: int
    events: tuple[EventLine, ...]


class ReturnPage(View):
    """Some returns, without their findings and events, and where to read on."""

    items: tuple[ReturnView, ...]
    next_cursor: str | None


class Original(View):
    """A return as it came."""

    data: bytes
    filename: str | None
    content_type: str | None
    sha256: str


class DifferenceLine(View):
    """One cell that a correction changed; None where the column was empty."""

    loan_ref: str
    column: str
    before: str | None
    after: str | None


class TotalChanged(View):
    """What a correction changed in the sum of a column over all loans, all lenders together."""

    column: str
    before: Money
    after: Money
    change: Money


class Difference(View):
    """What one version changed against the version whose place it takes, line by line and in total.

    `carried` are the loans of it that had no row in the file, for it sent changes alone.
    """

    return_id: str
    against: str | None
    against_state: State | None
    lines: tuple[DifferenceLine, ...]
    totals: tuple[TotalChanged, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    carried: tuple[str, ...]
    cash_held_before: Money | None
    cash_held_after: Money | None


class Explanation(View):
    """One reason why what is owed to the bank and what is out on loan differ. Negative where it works the other way."""

    kind: str
    amount: Money


class BreakEventLine(View):
    """What became of a break."""

    event: str
    category: str
    amount: Money
    reason: str
    recorded_at: datetime
    actor: str
    actor_name: str
    entry_seq: int | None
    effective_on: date | None


class BreakOwnerLine(View):
    """Who was named to clear a break, by when and why."""

    owner: str
    owner_name: str
    clear_by: date | None
    reason: str
    recorded_at: datetime
    actor: str
    actor_name: str


class BreakView(View):
    """Something that keeps an accepted return from tying with the books, how old it is and who is to clear it.

    A break that was named anew, or that goes on from the quarter before, is as old as the one it goes on from: `root`.
    It was seen at so many quarters' ends, and stood so many `days` until it was explained or gone. `owner` is the
    person last named to clear it, or one it goes on from.
    """

    id: str
    return_id: str
    facility: str
    intermediary: str
    quarter: Quarter
    kind: str
    amount: Money
    explained: Money
    remaining: Money
    state: Literal["open", "explained", "cleared"]
    sentence: str
    opened_at: datetime
    root: str
    first_seen: Quarter
    first_seen_at: datetime
    quarters: int
    days: int
    owner: str | None
    owner_name: str
    clear_by: date | None
    owners: tuple[BreakOwnerLine, ...]
    events: tuple[BreakEventLine, ...]

    @property
    def in_hand(self) -> str:
        """In words: how old it is and who has it in hand."""
        seen = f"first seen in {self.first_seen}, {counted(self.days, 'day')} ago"
        if self.owner is None:
            return f"{seen}, and nobody has it in hand"
        return f"{seen}, in the hands of {self.owner_name}{f' until {self.clear_by}' if self.clear_by else ''}"


class Tie(View):
    """How an accepted return ties with its facility: what is owed to the bank against our share of what is out on loan.

    `difference` is `owed` less `own_outstanding`; it equals the sum of `explained` and `unexplained`, which is below
    nothing where more money is there than came from us. `held_alongside` is cash reported beyond what the facility
    leaves, and `own_money` what was lent or paid beyond what came in: each a break until somebody says whose it is.
    """

    return_id: str
    facility: str
    intermediary: str
    quarter: Quarter
    as_at: date
    owed: Money
    own_outstanding: Money
    difference: Money
    cash_expected: Money
    cash_held: Money
    own_money: Money
    held_alongside: Money
    explained: tuple[Explanation, ...]
    unexplained: Money
    breaks: tuple[BreakView, ...]

    @property
    def ties(self) -> bool:
        """Whether nothing is left unexplained."""
        return self.unexplained == NOTHING


class Acceptance(View):
    """What accepting a return did: the entries posted and reversed, how it ties, and corrections accepted with it."""

    accepted: ReturnView
    tie: Tie
    posted: int
    reversed: int
    also_accepted: tuple[str, ...]


class MissingReturn(View):
    """A facility with money out and no accepted return for a quarter."""

    facility: str
    intermediary: str
    quarter: Quarter
    due_on: date
    days_late: int


class SignView(View):
    """A sign that a loan may have been made to look better than it is; for the fund manager's eyes."""

    rule: str
    sentence: str
    loan_ref: str
    borrower_name: str
    seen: str


class Lateness(View):
    """How punctual a facility's return for a quarter was, as known at an instant."""

    facility: str
    intermediary: str
    quarter: Quarter
    due_on: date
    filed_on: date | None
    accepted_on: date | None
    days_late: int
    status: Punctuality
    loans: int
    return_id: str | None


class Reminder(View):
    """Who is to be told what of a return that was not filed, by which step, and when the next one is reached."""

    facility: str
    intermediary: str
    name: str
    quarter: Quarter
    due_on: date
    days_late: int
    since: date
    to: tuple[str, ...]
    also_the_manager: bool
    sentence: str
    next_on: date | None


class Correction(View):
    """An accepted return that took the place of an accepted one."""

    return_id: str
    supersedes: str
    facility: str
    intermediary: str
    quarter: Quarter
    version: int
    accepted_at: datetime
    effective_on: date
    explanation: str
    loans_changed: int
