"""What a statement shows as proof: trial balances, linked pairs, ties, returns, and what is now known otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bank.figures.books import InShort
from bank.figures.evidence import Evidence
from bank.quarters.queries import MISSING_ACCEPTED
from intermediaries.loans import queries as loans
from intermediaries.loans.views import LoanMovement
from intermediaries.returns.queries import corrections
from intermediaries.returns.views import Correction as CorrectedReturn
from intermediaries.returns.views import Tie
from ledger import queries, trail
from ledger.chart import PLANS
from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from ledger.queries import Known
from ledger.store.journal import EPOCH
from reports.statements.inputs import BookBalance, Correction, Proof, ReturnLine, TieBreak

_MOVED: Final = {
    "drawn": "Drawn by borrowers",
    "repaid": "Repaid by borrowers",
    "interest": "Interest from borrowers",
    "written_off": "Written off",
    "recovered": "Recovered",
}
"""What a corrected return may have changed, the bank's share of the quarter's movement."""


_LONGEST: Final = 160
_EMPTY: Final = InShort(0, 0, NOTHING, NOTHING)
_TOLD_WITH_ITS_RETURN: Final = "return"
"""The kind of entry whose reversal is told as the correction of its return."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which corrections a statement lists: those accepted since the statement of the quarter before.

    None is the beginning. A statement that replaces one of its own quarter lists, from `own_since` on, corrections of
    that quarter too.
    """

    since: datetime | None = None
    own_since: datetime | None = None
    statement: str = ""
    """That earlier statement, whose figures are worked out again as known now."""


def proof(evidence: Evidence, window: Window) -> Proof:
    """Everything that shows whether the books hold."""
    return Proof(
        books=tuple(book_balances(evidence)),
        pairs_checked=evidence.books.pairs(),
        pairs_that_disagree=len(queries.pairs_that_disagree(evidence.session, evidence.known)),
        ties_checked=len(evidence.ties),
        breaks=tuple(_break(evidence, tie) for tie in evidence.ties if tie.unexplained),
        corrections=tuple(restatements(evidence, window)),
        returns=tuple(return_lines(evidence)),
        closed_over=closed_over(evidence),
        provenance=evidence.provenance(
            "every posting of every book by the day, as known then; linked pairs over the whole journal; the returns "
            f"for {evidence.quarter}"
        ),
    )


def book_balances(evidence: Evidence) -> Iterator[BookBalance]:
    """Each book's trial balance in one line, the house's own first, then the intermediaries' by name."""
    found = evidence.books.in_short(evidence.as_at)
    for code, title in _titles(evidence, set(found)):
        told = found.get(code, _EMPTY)
        yield BookBalance(
            book=code,
            title=title,
            accounts=told.accounts,
            entries=told.entries,
            debits=told.debits,
            credits=told.credits,
        )


def _titles(evidence: Evidence, in_use: set[str]) -> Iterator[tuple[str, str]]:
    """The house's books, and of the intermediaries' those with anything in them by the day."""
    partners = set(evidence.books.partners)
    for code in queries.books(evidence.session):
        if code not in partners:
            yield code, PLANS[code].name if code in PLANS else code
    names = evidence.knowledge.names
    for code in sorted(partners & in_use, key=lambda one: (names.get(one, one), one)):
        yield code, f"Memorandum book of {names.get(code, code)}"


def _break(evidence: Evidence, tie: Tie) -> TieBreak:
    said = [f"{one.sentence}, {one.in_hand}." for one in tie.breaks if one.remaining]
    return TieBreak(
        facility=tie.facility,
        intermediary=evidence.knowledge.names.get(tie.intermediary, tie.intermediary),
        in_our_book=tie.owed,
        in_their_book=tie.own_outstanding,
        explained=tie.difference - tie.unexplained,
        difference=tie.unexplained,
        explanation=" ".join(f"{one[:1].upper()}{one[1:]}" for one in said) or "Not explained yet.",
    )


def return_lines(evidence: Evidence) -> Iterator[ReturnLine]:
    """What became of each return for the quarter, as known then."""
    names = evidence.knowledge.names
    for line in sorted(evidence.lateness, key=lambda one: (names.get(one.intermediary, ""), one.facility)):
        filed = line.status in {"on-time", "late"}
        yield ReturnLine(
            facility=line.facility,
            intermediary=names.get(line.intermediary, line.intermediary),
            due_on=line.due_on,
            status=line.status,
            filed_on=line.filed_on,
            accepted_on=line.accepted_on,
            loans=line.loans if filed else None,
        )


def closed_over(evidence: Evidence) -> str:
    """Why the quarter was closed although returns were missing, if it was, as known then."""
    lines = trail.lines(evidence.session, subject=str(evidence.quarter), action=MISSING_ACCEPTED)
    told = [line.reason for line in lines if line.recorded_at <= evidence.known.instant]
    return told[-1] if told else ""


def restatements(evidence: Evidence, window: Window) -> Iterator[Correction]:
    """What earlier quarters' statements showed and is now known otherwise: corrected returns, then reversed entries."""
    for one in corrections(evidence.session, EPOCH, evidence.known.instant, evidence.known):
        if _is_listed(one.quarter, one.accepted_at, evidence.quarter, window):
            yield from _changes(evidence, one)
    for seq in evidence.books.reversals(but=_TOLD_WITH_ITS_RETURN):
        yield from _reversed(evidence, seq, window)


def _is_listed(of: Quarter, recorded_at: datetime, quarter: Quarter, window: Window) -> bool:
    if of < quarter:
        return window.since is None or recorded_at > window.since
    return of == quarter and window.own_since is not None and recorded_at > window.own_since


def _reversed(evidence: Evidence, seq: int, window: Window) -> Iterator[Correction]:
    """An entry of an earlier quarter that was taken back or, that being taken back, done again; returns apart."""
    reversal = undone = queries.entry(evidence.session, seq)
    times = 0
    while (before := undone.entry.reverses) is not None and before < undone.seq:
        undone, times = queries.entry(evidence.session, before), times + 1
    quarter = Quarter.of(undone.entry.effective_on)
    if _is_listed(quarter, reversal.recorded_at, evidence.quarter, window):
        yield Correction(
            quarter=quarter,
            subject=evidence.knowledge.names.get(undone.entry.book, undone.entry.book),
            what=f"Entry {undone.seq}: {undone.entry.description}"[:_LONGEST],
            before=undone.entry.gross if times % 2 else NOTHING,
            after=NOTHING if times % 2 else undone.entry.gross,
            recorded_at=reversal.recorded_at,
            reason=reversal.entry.description,
        )


def _changes(evidence: Evidence, one: CorrectedReturn) -> Iterator[Correction]:
    before = _moved(evidence, one, queries.known(evidence.session, one.accepted_at - timedelta(microseconds=1)))
    after = _moved(evidence, one, queries.known(evidence.session, one.accepted_at))
    subject = evidence.knowledge.names.get(one.intermediary, one.intermediary)
    changed = {name: words for name, words in _MOVED.items() if before[name] != after[name]}
    for name, words in changed.items():
        yield Correction(
            quarter=one.quarter,
            subject=subject,
            what=words,
            before=before[name],
            after=after[name],
            recorded_at=one.accepted_at,
            reason=one.explanation,
        )
    if not changed:
        noun = "loan" if one.loans_changed == 1 else "loans"
        yield Correction(
            quarter=one.quarter,
            subject=subject,
            what=f"Particulars of {one.loans_changed} {noun}, no money",
            before=None,
            after=None,
            recorded_at=one.accepted_at,
            reason=one.explanation,
        )


def _moved(evidence: Evidence, one: CorrectedReturn, known: Known) -> dict[str, Money]:
    rows: Iterable[LoanMovement] = loans.movements(evidence.session, one.quarter, known, facility=one.facility)
    sums = dict.fromkeys(_MOVED, NOTHING)
    for row in rows:
        for name in sums:
            sums[name] += getattr(row, name).ours
    return sums
