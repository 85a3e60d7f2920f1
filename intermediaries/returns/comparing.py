"""What the fund manager looks at before accepting a return: what a version changed, and the signs in what it tells."""

from __future__ import annotations

from collections.abc import Mapping

from intermediaries.loans.model import LoanTape
from intermediaries.loans.queries import told_by_quarter
from intermediaries.returns.layout import TOTALLED
from intermediaries.returns.model import Return, ReturnRun
from intermediaries.returns.queries import filed, told_by, versions
from intermediaries.returns.rows import row_from_texts
from intermediaries.returns.signs import RULES, Told, signs
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
    after_rows = {facts["loan_ref"]: facts for facts in told_by(session, row)}
    before_rows = {facts["loan_ref"]: facts for facts in told_by(session, before)} if before else after_rows
    return Difference(
        return_id=row.id,
        against=before.id if before else None,
        against_state=state,
        lines=tuple(
            DifferenceLine(
                loan_ref=ref, column=column, before=before_rows[ref].get(column), after=after_rows[ref].get(column)
            )
            for ref in after_rows
            if ref in before_rows
            for column in {**before_rows[ref], **after_rows[ref]}
            if before_rows[ref].get(column) != after_rows[ref].get(column)
        ),
        totals=_totals(before_rows, after_rows),
        added=tuple(ref for ref in after_rows if ref not in before_rows),
        removed=tuple(ref for ref in before_rows if ref not in after_rows),
        carried=tuple(run.carried) if (run := session.get(ReturnRun, row.id)) is not None else (),
        cash_held_before=before.cash_held if before else row.cash_held,
        cash_held_after=row.cash_held,
    )


def _against(session: ReadSession, row: Return) -> tuple[Return | None, str | None]:
    """The earlier version whose place this one takes, with its state: one that was accepted, before any other."""
    earlier = [each for each in versions(session, row.facility, row.quarter) if each[0].version < row.version]
    taken = [each for each in earlier if session.get(LoanTape, each[0].id) is not None]
    return next(iter((*taken, *earlier)), (None, None))


def _totals(
    before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]
) -> tuple[TotalChanged, ...]:
    found = []
    for column in TOTALLED:
        then, now = (_sum(rows, column) for rows in (before, after))
        if then != now:
            found.append(TotalChanged(column=column, before=then, after=now, change=now - then))
    return tuple(found)


def _sum(rows: Mapping[str, Mapping[str, str]], column: str) -> Money:
    return Money.total(Money.parse(facts[column]) if column in facts else NOTHING for facts in rows.values())


def signs_in(session: ReadSession, return_id: str, *, viewer: Actor) -> list[SignView]:
    """The signs in what a return tells, beside everything accepted for the intermediary before its quarter.

    Takes a fund manager: an intermediary that knew them would know what to avoid. A return that waits is looked at as
    it was filed.
    """
    viewer.require("fund-manager", "operator")
    row = filed(session, return_id, viewer)
    told = told_by_quarter(session, row.intermediary, before=row.quarter)
    histories = {ref: [Told(quarter, loan) for quarter, loan in each] for ref, each in told.items()}
    for facts in told_by(session, row):
        loan = row_from_texts(facts)
        histories.setdefault(loan.loan_ref, []).append(Told(row.quarter, loan))
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
