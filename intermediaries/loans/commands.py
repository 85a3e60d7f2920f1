"""The verb of onward lending, a part of accepting a return: take a tape in, post what moved, undo what was wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Final, NamedTuple

from intermediaries.frontline.commands import ensure_organisations
from intermediaries.frontline.rules import Filing
from intermediaries.loans.model import Loan, LoanReport, LoanTape
from intermediaries.loans.postings import Quarterly
from intermediaries.loans.queries import entries_of, live_tapes, loans_by_ref, reports_of
from intermediaries.places.queries import gazetteer
from intermediaries.places.rules import Place, place_of
from intermediaries.returns.rows import Answer, LoanRow, PriorLoan, row_from_texts
from ledger import queries as books
from ledger.commands import post_many, reverse, sub_accounts
from ledger.dates import Quarter
from ledger.entries import Entry
from ledger.periods import open_day
from ledger.store.many import insert_many
from ledger.store.work import Work

_AT_ONCE: Final = 2_000
"""So many loans of a tape are taken in together."""

_LOANS, _REPORTS = (one.metadata.tables[one.__tablename__] for one in (Loan, LoanReport))


@dataclass(frozen=True, slots=True)
class Tape:
    """An attested return about to count: whose it is, for which quarter, and its loans in canonical text."""

    return_id: str
    facility: str
    intermediary: str
    quarter: Quarter
    version: int
    told: Iterable[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking a tape in did: the day it took effect, what was posted and undone, and the tape it took over from."""

    effective_on: date
    posted: int
    reversed: int
    took_over_from: str | None


def take_in(work: Work, tape: Tape, prior: Mapping[str, PriorLoan]) -> Taken:
    """Make a tape the one that counts for its facility's quarter: organisations, loans, entries and reports.

    Each loan's movements are one entry in the intermediary's book, effective on the quarter's last day, or on the
    first open day where the quarter is closed for good. Against a tape that counted before, only what changed is
    reversed and posted again. The rows have passed the checks against `prior`. They are taken some thousand at a time,
    so that no more of a tape than that is there at once, however long it is.
    """
    effective_on, original = open_day(tape.quarter.ends_on, books.watermark(work.session))
    before = next(iter(live_tapes(work.session, facility=tape.facility, quarter=tape.quarter)), None)
    taking = _Taking(work, tape, prior, effective_on, original, before.return_id if before is not None else None)
    taking.begin()
    told = iter(tape.told)
    while some := list(islice(told, _AT_ONCE)):
        taking.take(some)
    taking.undo_what_is_gone()
    return Taken(effective_on, taking.posted, taking.reversed, taking.before)


@dataclass(slots=True)
class _Taking:
    """A tape on its way in, some of its loans at a time."""

    work: Work
    tape: Tape
    prior: Mapping[str, PriorLoan]
    effective_on: date
    original: date | None
    before: str | None
    known: dict[str, str] = field(default_factory=dict)
    """The id of each loan of the lender, by its reference."""
    told: dict[str, int | None] = field(default_factory=dict)
    """The entries of the tape that counted before, by reference, of the loans that did not come up yet."""
    posted: int = 0
    reversed: int = 0

    def begin(self) -> None:
        """The tape itself, and what is known before its first loan."""
        session, tape = self.work.session, self.tape
        self.known = {ref: loan for ref, (loan, _) in loans_by_ref(session, tape.intermediary).items()}
        self.told = {} if self.before is None else entries_of(session, self.before)
        session.add(
            LoanTape(
                return_id=tape.return_id,
                facility=tape.facility,
                intermediary=tape.intermediary,
                quarter=tape.quarter,
                version=tape.version,
                effective_on=self.effective_on,
                recorded_at=self.work.now,
            )
        )
        session.flush()

    def take(self, told: Sequence[Mapping[str, str]]) -> None:
        """Some of the loans: met, what was wrong undone, what moved posted, and what was told of them kept."""
        work, tape = self.work, self.tape
        rows = list(map(row_from_texts, told))
        filings = [Filing(row.borrower_name, row.legal_form, row.borrower_ids, tape.intermediary) for row in rows]
        bodies = ensure_organisations(work, filings)
        ids = _ensure_loans(work, tape, rows, self.known)
        self.known |= ids
        moved = {row.loan_ref: Quarterly.of(row, self.prior.get(row.loan_ref)) for row in rows}
        kept = self._kept(moved)
        fresh = {ref: (ids[ref], each) for ref, each in moved.items() if ref not in kept}
        placed = _post(work, tape, fresh, self.effective_on, self.original)
        self.posted += len(placed)
        seqs, places = {**kept, **placed}, _looked_up(work, tape, rows)
        reports = [
            _report(tape, facts, row, ids[row.loan_ref], moved[row.loan_ref], places[_where(row)])
            | {"organisation": body, "entry_seq": seqs.get(row.loan_ref)}
            for facts, row, body in zip(told, rows, bodies, strict=True)
        ]
        insert_many(work.session, _REPORTS, reports)

    def _kept(self, moved: Mapping[str, Quarterly]) -> dict[str, int | None]:
        """The entries of the tape before that say the same; of the loans that moved otherwise, theirs are undone."""
        there = [ref for ref in moved if ref in self.told]
        if not there or self.before is None:
            return {}
        earlier = reports_of(self.work.session, self.before, [self.known[ref] for ref in there])
        kept = {ref: report.entry_seq for ref, report in earlier.items() if _same(report, moved[ref])}
        for report in earlier.values():
            self.work.session.expunge(report)
        for ref in there:
            seq = self.told.pop(ref)
            if ref not in kept:
                self._undo(seq)
        return kept

    def undo_what_is_gone(self) -> None:
        """Undo what was told of loans that the tape does not tell of."""
        for seq in self.told.values():
            self._undo(seq)

    def _undo(self, seq: int | None) -> None:
        if seq is None:
            return
        self.reversed += 1
        reverse(
            self.work,
            seq,
            key=f"{self.tape.return_id}/undo/{seq}",
            effective_on=self.effective_on,
            reason=f"corrected by version {self.tape.version} of the return for {self.tape.quarter}",
        )


def _ensure_loans(work: Work, tape: Tape, rows: Sequence[LoanRow], known: Mapping[str, str]) -> dict[str, str]:
    """The id of each of these loans by its reference, met now if no return named it before."""
    met = {row.loan_ref: work.new_id("lon") for row in rows if row.loan_ref not in known}
    about = {
        "intermediary": tape.intermediary,
        "facility": tape.facility,
        "first_return": tape.return_id,
        "recorded_at": work.now,
    }
    insert_many(work.session, _LOANS, [{"id": loan, "loan_ref": ref, **about} for ref, loan in met.items()])
    return {row.loan_ref: met.get(row.loan_ref) or known[row.loan_ref] for row in rows}


def _post(
    work: Work,
    tape: Tape,
    moved: Mapping[str, tuple[str, Quarterly]],
    effective_on: date,
    original: date | None,
) -> dict[str, int]:
    """Post one entry for each loan on which something moved; answers the entry's place by the loan's reference."""
    entries: dict[str, Entry] = {}
    for ref, (loan, quarterly) in moved.items():
        postings = quarterly.postings(tape.facility, loan)
        if postings:
            entries[ref] = Entry(
                key=f"{tape.return_id}/{loan}",
                book=tape.intermediary,
                effective_on=effective_on,
                description=f"Loan {ref}: return for {tape.quarter}, version {tape.version}",
                postings=postings,
                kind="return",
                original_effective_on=original,
            )
    _open_accounts(work, tape, entries)
    done = post_many(work, list(entries.values())) if entries else []
    return {ref: recorded.seq for ref, recorded in zip(entries, done, strict=True)}


def _open_accounts(work: Work, tape: Tape, entries: Mapping[str, Entry]) -> None:
    named: dict[str, str] = {}
    for ref, entry in entries.items():
        for code in (leg.account for leg in entry.postings):
            is_of_the_loan = code.count(":") > 1
            named[code] = f"Loan {ref}" if is_of_the_loan else f"Facility {tape.facility}"
    sub_accounts(work, tape.intermediary, named)


def _same(report: LoanReport, moved: Quarterly) -> bool:
    """Whether an earlier report's entry says the same as the movements now would."""
    return (
        report.drawn == moved.whole.drawn
        and report.principal_received == moved.whole.repaid
        and report.written_off == moved.whole.written_off
        and report.own_drawn == moved.own.drawn
        and report.own_principal_received == moved.own.repaid
        and report.own_written_off == moved.own.written_off
        and report.own_interest_received == moved.own_interest
        and report.own_recovered == moved.own_recovered
    )


def _report(
    tape: Tape, facts: Mapping[str, str], row: LoanRow, loan: str, moved: Quarterly, place: Place
) -> dict[str, object]:
    worst = place.deprivation
    return {  # a row of `LoanReport`, but for its organisation and its entry
        "return_id": tape.return_id,
        "loan": loan,
        "quarter": tape.quarter,
        "facts": facts,
        "status": row.status,
        "outcome_area": row.outcome_area,
        "beneficiary_group": row.beneficiary_group,
        "our_share": row.our_share,
        "days_past_due": row.days_past_due,
        "amount_committed": row.amount_committed,
        "drawn": moved.whole.drawn,
        "principal_received": moved.whole.repaid,
        "interest_received": moved.interest,
        "written_off": moved.whole.written_off,
        "recovered": moved.recovered,
        "principal_outstanding": row.principal_outstanding,
        "arrears_principal": row.arrears_principal,
        "own_drawn": moved.own.drawn,
        "own_principal_received": moved.own.repaid,
        "own_interest_received": moved.own_interest,
        "own_written_off": moved.own.written_off,
        "own_recovered": moved.own_recovered,
        "place_given": place.given[:80],
        "lsoa": place.lsoa,
        "local_authority": place.local_authority.code if place.local_authority else None,
        "local_authority_name": place.local_authority.name if place.local_authority else None,
        "region": place.region.code if place.region else None,
        "nation": place.nation,
        "vanguard": place.vanguard,
        "decile": worst.decile if worst else None,
        "deprivation_index": place.index,
        "deprivation_missing": place.deprivation_missing,
    }


def _looked_up(work: Work, tape: Tape, rows: Sequence[LoanRow]) -> dict[_Where, Place]:
    """The places of a tape, as the tables know them now.

    Each has its deprivation by the index that its nation had when the quarter ended, and the authority of that day.
    """
    asked = {_where(row) for row in rows}
    tables = gazetteer(
        work.session,
        postcodes=[one.postcode for one in asked if one.postcode],
        lsoas=[one.lsoa for one in asked if one.lsoa],
    )
    return {one: place_of(**one._asdict(), on=tape.quarter.ends_on, gazetteer=tables) for one in asked}


class _Where(NamedTuple):
    """What a row says of its place."""

    postcode: str | None
    lsoa: str | None
    local_authority: str | None


def _where(row: LoanRow) -> _Where:
    return _Where(_written(row.postcode), _written(row.lsoa), _written(row.local_authority))


def _written(answer: str | Answer | None) -> str | None:
    return None if answer is None or isinstance(answer, Answer) else answer
