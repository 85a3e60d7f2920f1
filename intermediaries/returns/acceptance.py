"""Whether a return may be accepted now, and which corrections of later quarters have to be accepted with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from intermediaries.loans.postings import Quarterly
from intermediaries.loans.queries import live_tapes, loans_by_ref
from intermediaries.register.queries import own_facility
from intermediaries.returns.checking import Against, Checked, check, manner_of
from intermediaries.returns.findings import findings_json
from intermediaries.returns.grounds import grounds_of
from intermediaries.returns.layout import MOVEMENTS
from intermediaries.returns.model import Return, ReturnRun
from intermediaries.returns.packing import told
from intermediaries.returns.queries import cash_moved, last_rows, prior_state, told_by, versions, waiting
from intermediaries.returns.refusals import LaterReturnsFollow, NoLongerTies, QuarterNotBegun
from intermediaries.returns.rows import CLOSED, LoanRow, OpenLoan, PriorLoan, row_from_texts, texts
from ledger import queries as books
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.periods import open_day
from ledger.store.database import ReadSession
from ledger.store.work import Actor

_UNMOVED: Final = dict.fromkeys(MOVEMENTS, str(NOTHING))


@dataclass(frozen=True, slots=True)
class Link:
    """A return to be accepted, the canonical text of each loan it reports, and what they were checked against."""

    row: Return
    told: Told
    prior: Mapping[str, PriorLoan]


class Told(Protocol):
    """The loans of a return in canonical text, which can be gone through more than once."""

    def __iter__(self) -> Iterator[Mapping[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """The loans as they were read when the return came."""

    session: ReadSession
    row: Return

    def __iter__(self) -> Iterator[Mapping[str, str]]:
        return told_by(self.session, self.row)


@dataclass(frozen=True, slots=True)
class Anew:
    """The loans as they were read just now."""

    checked: Checked

    def __iter__(self) -> Iterator[Mapping[str, str]]:
        return told(self.checked.rows)


def chain(session: ReadSession, row: Return) -> list[Link]:
    """The return and every correction of a later quarter that has to come with it, each checked against the one before.

    Later quarters were accepted on top of this one. Where it leaves a loan otherwise than they assume, each of them
    must still follow, or an attested correction of it must; refuses (`LaterReturnsFollow`) where neither does. Refuses
    (`NoLongerTies`) a return that does not follow from the quarters before it as they are accepted now.
    """
    prior = prior_state(session, row.facility, row.quarter)
    loans = follows(session, row, prior)
    if isinstance(loans, Checked):
        raise NoLongerTies(
            f"The return {row.id} does not follow from what is accepted now ({_told(loans)}): ask the intermediary "
            "for a new version",
            findings=findings_json(loans.findings),
        )
    links = [Link(row, loans, prior)]
    later_ones = [tape for tape in live_tapes(session, facility=row.facility) if tape.quarter > row.quarter]
    after = _after(map(row_from_texts, loans), prior) if later_ones else {}
    for tape in later_ones:
        if after == prior_state(session, row.facility, tape.quarter):
            break
        later = _standing(session, row.facility, tape.return_id)
        loans = follows(session, later, after)
        if isinstance(loans, Checked):
            raise LaterReturnsFollow(
                f"{tape.quarter} was accepted on top of these figures and would not follow from them any more "
                f"({_told(loans)}): ask the intermediary for a correction of {tape.quarter} too; once it is "
                "attested, both are accepted together",
                quarter=str(tape.quarter),
                findings=findings_json(loans.findings),
            )
        if later.id != tape.return_id:
            links.append(Link(later, loans, after))
        after = _after(map(row_from_texts, loans), after)
    return links


def follows(session: ReadSession, row: Return, prior: Mapping[str, PriorLoan]) -> Told | Checked:
    """The loans of a return, where it is free of errors against a state of the loans; or else what was found.

    Where nothing that the check of its filing rested on is otherwise by now, its outcome is what it was; or else the
    return is checked again as it came.
    """
    run = session.get(ReturnRun, row.id)
    if run is not None and not row.errors and run.grounds_sha256 is not None:
        others = elsewhere(session, row.facility, row.intermediary)
        if run.grounds_sha256 == grounds_of(row.quarter, prior, others):
            return Kept(session, row)
    checked = recheck(session, row, prior)
    return Anew(checked) if checked.ok else checked


def presumed_state(session: ReadSession, facility: str, quarter: Quarter) -> dict[str, PriorLoan]:
    """What a return is checked against when it comes: the accepted ones before it, and those attested but waiting.

    So a correction can be filed together with those of later quarters, and a return while the last one is looked at.
    """
    first, waiting_ones = _waiting(session, facility, quarter)
    state = prior_state(session, facility, first)
    for row in waiting_ones:
        state = _after(map(row_from_texts, told_by(session, row)), state)
    return state


def carried_on(session: ReadSession, facility: str, quarter: Quarter) -> dict[str, dict[str, str]]:
    """The rows of a file of changes that it does not hold: every open loan as last told, with nothing moved.

    They are told of by the same returns that the file is checked against. What was noted beside a loan was noted of
    its quarter, and is not said again.
    """
    return {
        ref: {name: text for name, text in {**each, **_UNMOVED}.items() if name != "note"}
        for ref, each in _last_told(session, facility, quarter).items()
    }


def _last_told(session: ReadSession, facility: str, quarter: Quarter) -> dict[str, Mapping[str, str]]:
    """Every open loan before a quarter as last told, by what is accepted and what is attested and waits."""
    first, waiting_ones = _waiting(session, facility, quarter)
    facts: dict[str, Mapping[str, str]] = {row.loan_ref: texts(row) for row in last_rows(session, facility, first)}
    for filed in waiting_ones:
        facts |= {each["loan_ref"]: each for each in told_by(session, filed)}
    return {ref: each for ref, each in sorted(facts.items()) if each["status"] not in CLOSED}


@dataclass(frozen=True, slots=True)
class Start:
    """What a facility's form for a quarter starts from: its open loans, its cash, and the return that left them so.

    `until` is the quarter of that return; none before the first. `lacks` is the quarter before the form's own where
    its return is neither accepted nor attested: what that would change is not in the form.
    """

    loans: tuple[OpenLoan, ...]
    cash: Money | None
    until: Quarter | None
    lacks: Quarter | None


def start_of(session: ReadSession, facility: str, quarter: Quarter, *, viewer: Actor) -> Start:
    """What a form starts from, by the same returns that it will be checked against once it is filed.

    Refuses a facility that the viewer may not know of, and a quarter that has not begun (`QuarterNotBegun`).
    """
    holder = own_facility(session, viewer, facility)
    if quarter.starts_on > session.now.date():
        raise QuarterNotBegun(f"{quarter} begins on {quarter.starts_on}: its form is made from that day on")
    told_of = {tape.quarter for tape in live_tapes(session, facility=facility)}
    told_of |= set(waiting(session, facility, quarter))
    until = max((each for each in told_of if each < quarter), default=None)
    return Start(
        tuple(
            OpenLoan(facts, Money.parse(facts["principal_outstanding"]))
            for facts in _last_told(session, facility, quarter).values()
        ),
        cash_before(session, facility, holder, quarter),
        until,
        quarter.previous if until is not None and until != quarter.previous else None,
    )


def cash_before(session: ReadSession, facility: str, intermediary: str, quarter: Quarter) -> Money | None:
    """What the books leave a facility in cash on the day of a return, before anything that it tells has moved.

    A version that counts for the quarter is taken out, and what was attested for quarters before it and waits is taken
    in. Below nothing it is what was paid of money that was not ours. None where a later quarter's return took effect
    on the same day: then the cash is compared there.
    """
    day, _ = open_day(quarter.ends_on, books.watermark(session))
    counting = {tape.quarter: tape for tape in live_tapes(session, facility=facility)}
    if any(tape.quarter > quarter and tape.effective_on == day for tape in counting.values()):
        return None
    cash, put_in = (books.balance_at(session, intermediary, f"{role}:{facility}", day) for role in ("1000", "2200"))
    left = cash + put_in
    first, waiting_ones = _waiting(session, facility, quarter)
    state = prior_state(session, facility, first) if waiting_ones else {}
    for row in waiting_ones:
        rows = list(map(row_from_texts, told_by(session, row)))
        left += Money.total(Quarterly.of(one, state.get(one.loan_ref)).cash for one in rows)
        state = _after(rows, state)
    taken_out = {row.quarter for row in waiting_ones} | {quarter}
    return left - Money.total(
        cash_moved(session, tape.return_id) for each, tape in counting.items() if each in taken_out
    )


def _waiting(session: ReadSession, facility: str, quarter: Quarter) -> tuple[Quarter, list[Return]]:
    """What waits on top of what is accepted before a quarter: the first quarter of it, and every return since."""
    pending = waiting(session, facility, quarter)
    if not pending:
        return quarter, []
    counting = {tape.quarter: tape.return_id for tape in live_tapes(session, facility=facility)}
    first = min(pending)
    later = sorted({*pending, *(one for one in counting if first < one < quarter)})
    return first, [pending.get(each) or session.get_one(Return, counting[each]) for each in later]


def recheck(session: ReadSession, row: Return, prior: Mapping[str, PriorLoan]) -> Checked:
    """The return as it came, checked against another state of the loans. What it carried on, it still carries on."""
    run = session.get(ReturnRun, row.id)
    went_on = frozenset(run.carried if run is not None else ())
    against = Against(
        prior,
        manner_of(run.manner if run is not None else "whole"),
        {facts["loan_ref"]: facts for facts in told_by(session, row) if facts["loan_ref"] in went_on}
        if went_on
        else {},
        elsewhere(session, row.facility, row.intermediary),
    )
    return check(
        row.original,
        quarter=row.quarter,
        facility=row.facility,
        cash_held=row.cash_held,
        filename=row.filename,
        content_type=row.content_type,
        against=against,
        filing=True,
    )


def elsewhere(session: ReadSession, facility: str, intermediary: str) -> frozenset[str]:
    """The references that are loans of another facility of the same lender."""
    return frozenset(ref for ref, (_, other) in loans_by_ref(session, intermediary).items() if other != facility)


def _standing(session: ReadSession, facility: str, accepted: str) -> Return:
    """The newest correction of an accepted return that is attested and waits, or else the accepted return itself."""
    row = session.get_one(Return, accepted)
    for version, state in versions(session, facility, row.quarter):
        if state == "attested" and version.version > row.version:
            return version
    return row


def _after(loans: Iterable[LoanRow], prior: Mapping[str, PriorLoan]) -> dict[str, PriorLoan]:
    return {**prior, **{row.loan_ref: PriorLoan.after(row, prior.get(row.loan_ref)) for row in loans}}


def _told(checked: Checked) -> str:
    first = checked.errors[0]
    more = f", and {len(checked.errors) - 1} more" if len(checked.errors) > 1 else ""
    return f"{first.where}: {first.message}{more}"
