"""What the fund manager looks at before accepting a return: what a version changed, and the signs in what it tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b

from intermediaries.loans.model import LoanTape
from intermediaries.loans.queries import told_by_quarter
from intermediaries.returns.layout import TOTALLED
from intermediaries.returns.model import Return, ReturnRun
from intermediaries.returns.queries import filed, told_by, versions
from intermediaries.returns.signs import RULES, Glance, Told, signs
from intermediaries.returns.views import Difference, DifferenceLine, SignView, TotalChanged
from ledger.money import NOTHING, Money
from ledger.store.database import ReadSession
from ledger.store.work import Actor


def difference(session: ReadSession, return_id: str, *, viewer: Actor) -> Difference:
    """What a version changed, cell by cell, against the version that counts or, where none does, the one before it.

    Of an accepted or superseded return it is what it changed against the one before. Nothing for a first version.
    """
    row = filed(session, return_id, viewer)
    before, state = _against(session, row)
    now = _prints(session, row)
    then = _prints(session, before) if before else now
    changed = {ref: place for place, ref in enumerate(now) if ref in then and now[ref] != then[ref]}
    return Difference(
        return_id=row.id,
        against=before.id if before else None,
        against_state=state,
        lines=tuple(_lines(session, before, row, changed)) if before and changed else (),
        totals=tuple(_totals(before.totals, row.totals)) if before else (),
        added=tuple(ref for ref in now if ref not in then),
        removed=tuple(ref for ref in then if ref not in now),
        carried=tuple(run.carried) if (run := session.get(ReturnRun, row.id)) is not None else (),
        cash_held_before=before.cash_held if before else row.cash_held,
        cash_held_after=row.cash_held,
    )


def _prints(session: ReadSession, row: Return) -> dict[str, bytes]:
    """A print of each loan's row, by reference: of very many loans no more is there at a time than that."""
    return {facts["loan_ref"]: _print(facts) for facts in told_by(session, row)}


def _print(facts: Mapping[str, str]) -> bytes:
    return blake2b(repr(sorted(facts.items())).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _lines(session: ReadSession, before: Return, after: Return, changed: Mapping[str, int]) -> Iterator[DifferenceLine]:
    """What changed on each loan, cell by cell; only the rows that differ are ever there together."""
    was = {facts["loan_ref"]: facts for facts in told_by(session, before) if facts["loan_ref"] in changed}
    now = {facts["loan_ref"]: facts for facts in told_by(session, after) if facts["loan_ref"] in changed}
    for ref in changed:
        for column in {**was[ref], **now[ref]}:
            if was[ref].get(column) != now[ref].get(column):
                yield DifferenceLine(
                    loan_ref=ref, column=column, before=was[ref].get(column), after=now[ref].get(column)
                )


def _against(session: ReadSession, row: Return) -> tuple[Return | None, str | None]:
    """The earlier version whose place this one takes, with its state: one that was accepted, before any other."""
    earlier = [each for each in versions(session, row.facility, row.quarter) if each[0].version < row.version]
    taken = [each for each in earlier if session.get(LoanTape, each[0].id) is not None]
    return next(iter((*taken, *earlier)), (None, None))


def _totals(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[TotalChanged]:
    for column in TOTALLED:
        then, now = (Money.parse(totals[column]) if column in totals else NOTHING for totals in (before, after))
        if then != now:
            yield TotalChanged(column=column, before=then, after=now, change=now - then)


def signs_in(session: ReadSession, return_id: str, *, viewer: Actor) -> list[SignView]:
    """The signs in what a return tells, beside everything accepted for the intermediary before its quarter.

    Takes a fund manager: an intermediary that knew them would know what to avoid. A return that waits is looked at as
    it was filed.
    """
    viewer.require("fund-manager", "operator")
    row = filed(session, return_id, viewer)
    histories: dict[str, list[Told]] = {}
    for ref, quarter, facts in told_by_quarter(session, row.intermediary, before=row.quarter):
        histories.setdefault(ref, []).append(Told(quarter, Glance.of(facts)))
    for facts in told_by(session, row):
        histories.setdefault(facts["loan_ref"], []).append(Told(row.quarter, Glance.of(facts)))
    whose = _borrowers({ref: each[-1] for ref, each in histories.items()})
    return [
        SignView(
            rule=sign.rule,
            sentence=RULES[sign.rule],
            loan_ref=sign.loan_ref,
            borrower_name=histories[sign.loan_ref][-1].row.borrower_name,
            seen=sign.seen,
        )
        for sign in signs(histories, row.quarter, whose)
    ]


def _borrowers(last: Mapping[str, Told]) -> dict[str, str]:
    """Whose each loan is: those that share a register number, or a name where there is none, are one borrower's."""
    parent: dict[str, str] = {}

    def root(mark: str) -> str:
        while parent.setdefault(mark, mark) != mark:
            mark = parent[mark]
        return mark

    marks = {ref: told.row.borrower_ids or (told.row.borrower_name.casefold(),) for ref, told in last.items()}
    for known_by in marks.values():
        for mark in known_by[1:]:
            parent[root(mark)] = root(known_by[0])
    return {ref: root(known_by[0]) for ref, known_by in marks.items()}
