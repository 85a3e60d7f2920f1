"""The verbs of returns: submit, attest, accept, reject, and explain what does not tie."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Text, func, insert, select, type_coerce

from intermediaries.loans.commands import Tape, take_in
from intermediaries.loans.model import LoanTape
from intermediaries.places.queries import gazetteer
from intermediaries.register.queries import hold_facility, own_facility
from intermediaries.returns import acceptance
from intermediaries.returns.breaks.kinds import EXPLAINED_BY, STANDING, Category
from intermediaries.returns.breaks.queries import break_
from intermediaries.returns.cash import clear_breaks, settle_cash
from intermediaries.returns.checking import Against, Checked, Manner, check, header_in, why_unread
from intermediaries.returns.findings import findings_json
from intermediaries.returns.grounds import grounds_of
from intermediaries.returns.model import Return, ReturnBreakEvent, ReturnEvent, ReturnPart, ReturnRun
from intermediaries.returns.packing import PackedRows, parts
from intermediaries.returns.queries import filed, return_, state_of, versions
from intermediaries.returns.questions.commands import carry_answers
from intermediaries.returns.questions.policies import refuse_unanswered
from intermediaries.returns.refusals import (
    BadExplanation,
    HeaderMissing,
    NobodyNamed,
    NotAcceptable,
    NotAttestable,
)
from intermediaries.returns.rows import texts
from intermediaries.returns.rules import rules_of
from intermediaries.returns.structure import Header
from intermediaries.returns.tying import tie
from intermediaries.returns.views import Acceptance, BreakView, ReturnView, Tie
from ledger import queries as books
from ledger import trail
from ledger.commands import post, sub_account
from ledger.dates import Quarter
from ledger.entries import Entry, Posting, Recorded
from ledger.money import NOTHING, Money
from ledger.periods import QuarterNotOver, open_day
from ledger.refusals import NotAllowed
from ledger.store.work import Work, command

_STANDS = frozenset({"checked", "attested", "accepted"})
_WAITS = frozenset({"checked", "queried", "attested"})
_PARTS = ReturnPart.metadata.tables[ReturnPart.__tablename__]


@command
def submit_return(
    work: Work,
    *,
    data: bytes,
    filename: str | None = None,
    content_type: str | None = None,
    facility: str | None = None,
    quarter: Quarter | None = None,
    cash_held: Money | None = None,
    only_changes: bool = False,
    key: str,
) -> ReturnView:
    """File a return: kept as it came, checked against the last accepted one, with everything found in it.

    With `only_changes` every open loan that has no row in the file goes on as last told, with nothing moved, where
    nothing of it was due or late; the whole is then checked like any other return. Without it an open loan that has no
    row is a finding, for nobody could tell a forgotten loan from one on which nothing happened.

    An intermediary files its own; a fund manager or operator may enter one for it. A return with errors is kept as
    queried and posts nothing; the next submission is its new version. The same content sent again is the return that
    is already there, and answers given to questions of earlier versions go on to the same questions of this one.
    Refuses a file whose facility or quarter cannot be told (`HeaderMissing`), a facility that is not
    there or not the actor's, and a quarter that has not ended (`QuarterNotOver`).
    """
    del key
    if work.actor.kind != "intermediary":
        work.actor.require("intermediary", "fund-manager", "operator")
    if facility is not None:
        own_facility(work.session, work.actor, facility)
    facility, quarter = _meant_for(data, Header(facility, quarter, cash_held), filename, content_type)
    sent = _Sent(data, filename, content_type, "only-changes" if only_changes else "whole")
    return _file(work, sent, facility, quarter, cash_held)


@command
def file_nil_return(work: Work, *, facility: str, quarter: Quarter, cash_held: Money, key: str) -> ReturnView:
    """File a return that says that a facility has no loan: none was made yet, or all have come to their end.

    It is kept, checked, attested and accepted like any other; where a loan is open that is found, and it is queried.
    """
    del key
    if work.actor.kind != "intermediary":
        work.actor.require("intermediary", "fund-manager", "operator")
    said = {"facility": facility, "quarter": str(quarter), "cash_held": str(cash_held), "loans": []}
    sent = _Sent((json.dumps(said, indent=2) + "\n").encode(), f"nil-{quarter}.json", "application/json", "nil")
    return _file(work, sent, facility, quarter, cash_held)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A file as it came, and how it says that it was sent."""

    data: bytes
    filename: str | None
    content_type: str | None
    manner: Manner


def _file(work: Work, sent: _Sent, facility: str, quarter: Quarter, cash_held: Money | None) -> ReturnView:
    holder = own_facility(work.session, work.actor, facility)
    if quarter.ends_on >= work.today:
        raise QuarterNotOver(f"{quarter} ends on {quarter.ends_on}: its return is taken from the day after")
    hold_facility(work.session, facility)
    changes = sent.manner == "only-changes"
    prior = acceptance.presumed_state(work.session, facility, quarter)
    elsewhere = acceptance.elsewhere(work.session, facility, holder)
    against = Against(
        prior,
        sent.manner,
        acceptance.carried_on(work.session, facility, quarter) if changes else {},
        elsewhere,
        acceptance.cash_before(work.session, facility, holder, quarter),
        lambda postcodes, lsoas: gazetteer(work.session, postcodes=postcodes, lsoas=lsoas),
    )
    checked = check(
        sent.data,
        quarter=quarter,
        facility=facility,
        cash_held=cash_held,
        filename=sent.filename,
        content_type=sent.content_type,
        against=against,
        filing=True,
    )
    before = versions(work.session, facility, quarter)
    if before and before[0][1] in _STANDS and before[0][0].content_sha256 == checked.content_sha256:
        trail.record(work, action="return.received-again", subject=before[0][0].id)
        return return_(work.session, before[0][0].id, viewer=work.actor)
    row = _keep(work, sent, (facility, quarter, holder), checked, before)
    _keep_run(work, row, sent.manner, checked, grounds_of(quarter, prior, elsewhere))
    carry_answers(work, [version for version, _ in before], row, checked.findings)
    _tell_of_filing(work, row, checked, before, sent.manner)
    return return_(work.session, row.id, viewer=work.actor)


@command
def attest_return(work: Work, *, return_id: str, name: str, role: str, key: str | None = None) -> ReturnView:
    """Record that a named person of the intermediary stands by its return.

    Only an actor of that very intermediary may. Refuses a return with errors or past its turn (`NotAttestable`), and,
    where the policy of the day says so, one with questions unanswered (`QuestionsUnanswered`).
    """
    del key
    row = filed(work.session, return_id, work.actor)
    if work.actor.kind != "intermediary":
        raise NotAllowed(f"{work.actor.name} may not attest a return: only the intermediary that filed it can")
    name, role = name.strip(), role.strip()
    if not name or not role:
        raise NobodyNamed("Name the person who attests the return, and the person's role")
    if not (name.isprintable() and role.isprintable()):
        raise NobodyNamed("Write the person's name and role each in one line, in letters that are printed")
    hold_facility(work.session, row.facility)
    state = state_of(work.session, row.id)
    if state in {"attested", "accepted"}:
        raise NotAttestable(f"The return {row.id} for {row.quarter} was attested already, and is {state}", state=state)
    if state != "checked":
        raise NotAttestable(_not_now(row, state, "attested", "checked and free of errors"), state=state)
    refuse_unanswered(work, row)
    _tell(work, row.id, "attested", name=name, role=role)
    trail.record(work, action="return.attest", subject=row.id, name=name, role=role)
    return return_(work.session, row.id, viewer=work.actor)


@command
def reject_return(work: Work, *, return_id: str, reason: str, key: str | None = None) -> ReturnView:
    """Turn a return down that has not been accepted, for a reason the intermediary reads. Takes a fund manager."""
    del key
    row = filed(work.session, return_id, work.actor)
    work.actor.require("fund-manager")
    if not reason.strip():
        raise NobodyNamed("Say why the return is turned down: the intermediary reads it")
    hold_facility(work.session, row.facility)
    state = state_of(work.session, row.id)
    if state not in _WAITS:
        raise NotAcceptable(_not_now(row, state, "rejected", "waiting"), state=state)
    _tell(work, row.id, "rejected", reason=reason.strip())
    trail.record(work, action="return.reject", subject=row.id, reason=reason.strip())
    return return_(work.session, row.id, viewer=work.actor)


@command
def accept_return(work: Work, *, return_id: str, explanation: str | None = None, key: str) -> Acceptance:
    """Accept an attested return: its loans' movements go to the intermediary's book, and it ties with its facility.

    Takes a fund manager. It is checked once more against what is accepted by now; see `acceptance.chain` for what is
    refused then, and for corrections of later quarters that are accepted with it. A version accepted before is
    superseded, and only what changed is reversed and posted again. A quarter closed for good takes nothing: the
    entries go to the first open day. Cash short of what the books leave, cash beyond it, and more lent than came in
    are each a named break.
    """
    del key
    row = filed(work.session, return_id, work.actor)
    work.actor.require("fund-manager")
    hold_facility(work.session, row.facility)
    state = state_of(work.session, row.id)
    if state != "attested":
        raise NotAcceptable(_not_now(row, state, "accepted", "attested by the intermediary"), state=state)
    links = acceptance.chain(work.session, row)
    done = [_take(work, link, explanation or "", row) for link in links]
    settle_cash(work, row.facility, row.intermediary, min(taken[0] for taken in done))
    return Acceptance(
        accepted=return_(work.session, row.id, viewer=work.actor),
        tie=tie(work.session, row.id, known=None),
        posted=sum(posted for _, posted, _ in done),
        reversed=sum(undone for _, _, undone in done),
        also_accepted=tuple(link.row.id for link in links[1:]),
    )


@command
def tie_again(work: Work, *, return_id: str) -> Tie:
    """Tie an accepted return with the books as they are now, after something else was booked for its quarter.

    Takes a fund manager. The intermediary's own money is levelled again, and breaks are opened or cleared.
    """
    row = filed(work.session, return_id, work.actor)
    work.actor.require("fund-manager")
    hold_facility(work.session, row.facility)
    found = tie(work.session, row.id)
    settle_cash(work, row.facility, row.intermediary, found.as_at)
    trail.record(work, action="return.tie-again", subject=row.id)
    return tie(work.session, row.id)


@command
def explain_break(
    work: Work, *, break_id: str, category: Category, reason: str, amount: Money | None = None, key: str
) -> BreakView:
    """Explain a break, or a part of it. Takes a fund manager and a reason.

    Fees and costs that the facility's cash paid are posted to the intermediary's book; other reasons are told beside
    the tie. Of money too much it can be said whose it is, the intermediary's own or its co-investors': that holds for
    later quarters too, as long as the money is there. Refuses more than is unexplained, and what cannot explain a
    break of this kind (`BadExplanation`).
    """
    del key
    work.actor.require("fund-manager")
    found = break_(work.session, break_id)
    hold_facility(work.session, found.facility)
    found = break_(work.session, break_id)
    part = found.remaining if amount is None else amount
    explains = EXPLAINED_BY[found.kind]
    if category not in explains:
        raise BadExplanation(
            f"{category!r:.40} does not explain this break ({found.sentence}): write one of {', '.join(explains)}"
        )
    if not reason.strip():
        raise BadExplanation("Say what explains the break: the reason is kept with it")
    if not NOTHING < part <= found.remaining:
        raise BadExplanation(
            f"{found.remaining} of this break is unexplained: explain at most that, and more than 0.00"
        )
    posted = _post_costs(work, found, part, reason) if category == "fees-and-costs" else None
    work.session.add(
        ReturnBreakEvent(
            break_id=break_id,
            event="explained",
            category=category,
            amount=part,
            reason=reason.strip(),
            recorded_at=work.now,
            actor=work.actor.id,
            actor_name=work.actor.name,
            entry_seq=posted.seq if posted else None,
            effective_on=posted.entry.effective_on if posted else None,
        )
    )
    work.session.flush()
    if posted is not None or category in STANDING:
        settle_cash(
            work, found.facility, found.intermediary, work.session.get_one(LoanTape, found.return_id).effective_on
        )
    trail.record(
        work,
        action="return.explain-break",
        subject=found.return_id,
        reason=reason.strip(),
        of=break_id,
        category=category,
        amount=str(part),
    )
    return break_(work.session, break_id)


def _meant_for(data: bytes, told: Header, filename: str | None, content_type: str | None) -> tuple[str, Quarter]:
    """The facility and the quarter a return is for; the file itself is asked only for what is not said with it."""
    if told.facility is not None and told.quarter is not None:
        return told.facility, told.quarter
    found = header_in(data, told, filename=filename, content_type=content_type)
    facility, quarter = told.facility or found.facility, told.quarter or found.quarter
    if facility is None or quarter is None:
        lacks = " and ".join(name for name, said in (("facility", facility), ("quarter", quarter)) if said is None)
        why = why_unread(data, filename=filename, content_type=content_type)
        raise HeaderMissing(
            f"{f'{why} So it' if why else 'This return'} does not say which {lacks} it is for: name it beside the "
            "file, or take the template of the facility's next return, which says it"
        )
    return facility, quarter


def _keep(
    work: Work, sent: _Sent, whose: tuple[str, Quarter, str], checked: Checked, before: list[tuple[Return, str]]
) -> Return:
    facility, quarter, holder = whose
    row = Return(
        id=work.new_id("ret"),
        facility=facility,
        intermediary=holder,
        quarter=quarter,
        version=len(before) + 1,
        supersedes=before[0][0].id if before else None,
        format=checked.format,
        filename=sent.filename[:300] if sent.filename else None,
        content_type=sent.content_type[:200] if sent.content_type else None,
        size=len(sent.data),
        original_sha256=hashlib.sha256(sent.data).hexdigest(),
        content_sha256=checked.content_sha256,
        cash_held=checked.header.cash_held,
        loans=checked.row_count,
        errors=len(checked.errors),
        questions=len(checked.questions),
        totals={
            name: str(amount)
            for name in checked.totals.__dataclass_fields__
            if isinstance(amount := getattr(checked.totals, name), Money)
        },
        submitted_by=work.actor.id,
        submitted_by_name=work.actor.name,
        received_at=work.now,
        findings=findings_json(checked.findings),
        rows=[] if isinstance(checked.rows, PackedRows) else [texts(loan) for loan in checked.rows],
        original=sent.data,
    )
    work.session.add(row)
    work.session.flush()
    for number, part in enumerate(parts(checked.rows)):
        as_it_is = type_coerce(part, Text())
        work.session.execute(insert(_PARTS).values(return_id=row.id, part=number, rows=as_it_is))
    return row


def _keep_run(work: Work, row: Return, manner: Manner, checked: Checked, grounds: str) -> None:
    work.session.add(
        ReturnRun(
            return_id=row.id,
            manner=manner,
            rules_version=checked.rules_version,
            rules=[check.name for check in rules_of(row.quarter).checks],
            carried=list(checked.carried),
            grounds_sha256=grounds,
        )
    )
    work.session.flush()


def _tell_of_filing(
    work: Work, row: Return, checked: Checked, before: list[tuple[Return, str]], manner: Manner
) -> None:
    """Tell what became of a return that was filed, and of the versions whose place it takes."""
    _tell(work, row.id, "received")
    _tell(work, row.id, "checked" if checked.ok else "queried")
    for version, state in before:
        if state in _WAITS and (checked.ok or state == "queried"):
            _tell(work, version.id, "superseded", by_return=row.id)
    trail.record(
        work,
        action="return.submit",
        subject=row.id,
        facility=row.facility,
        quarter=str(row.quarter),
        version=row.version,
        manner=manner,
        loans=row.loans,
        errors=row.errors,
        questions=row.questions,
        sha256=row.original_sha256,
    )


def _take(work: Work, link: acceptance.Link, explanation: str, asked: Return) -> tuple[date, int, int]:
    row = link.row
    with_it = "" if row is asked else f"accepted with the correction {asked.id} that it follows from"
    taken = take_in(
        work,
        Tape(row.id, row.facility, row.intermediary, row.quarter, row.version, link.told),
        link.prior,
    )
    _tell(work, row.id, "accepted", reason=with_it or explanation, effective_on=taken.effective_on)
    if taken.took_over_from is not None:
        clear_breaks(work, taken.took_over_from, f"corrected by version {row.version} of the return")
    for version, state in versions(work.session, row.facility, row.quarter):
        if version.version < row.version and state in {*_WAITS, "accepted"}:
            _tell(work, version.id, "superseded", by_return=row.id)
    trail.record(
        work,
        action="return.accept",
        subject=row.id,
        reason=with_it or explanation,
        facility=row.facility,
        quarter=str(row.quarter),
        version=row.version,
        effective_on=str(taken.effective_on),
        posted=taken.posted,
        reversed=taken.reversed,
        superseded=taken.took_over_from,
    )
    return taken.effective_on, taken.posted, taken.reversed


def _post_costs(work: Work, found: BreakView, part: Money, reason: str) -> Recorded:
    tape = work.session.get_one(LoanTape, found.return_id)
    effective_on, original = open_day(tape.effective_on, books.watermark(work.session))
    sub_account(work, found.intermediary, "5300", found.facility, name=f"Facility {found.facility}")
    count = work.session.scalar(select(func.count()).where(ReturnBreakEvent.break_id == found.id))
    return post(
        work,
        Entry(
            key=f"{found.id}/costs/{count}",
            book=found.intermediary,
            effective_on=effective_on,
            description=f"Costs and fees met from facility {found.facility}: {reason.strip()}"[:1000],
            postings=(Posting(f"5300:{found.facility}", part), Posting(f"1000:{found.facility}", -part)),
            kind="adjustment",
            original_effective_on=original,
        ),
    )


def _tell(
    work: Work,
    return_id: str,
    state: str,
    *,
    name: str = "",
    role: str = "",
    reason: str = "",
    effective_on: date | None = None,
    by_return: str | None = None,
) -> None:
    work.session.add(
        ReturnEvent(
            return_id=return_id,
            state=state,
            recorded_at=work.now,
            actor=work.actor.id,
            actor_name=work.actor.name,
            name=name,
            role=role,
            reason=reason,
            effective_on=effective_on,
            by_return=by_return,
        )
    )
    work.session.flush()


def _not_now(row: Return, state: str, wanted: str, needed: str) -> str:
    return f"The return {row.id} for {row.quarter} is {state} and cannot be {wanted}: it has to be {needed}"
