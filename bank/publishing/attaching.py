"""What is attached to a statement beside its figures: each loan and each facility, as its readers may see them.

A statement goes to the trustees, and from them to whoever they give it. So nothing in it names a borrower or leads to
one: no name, no register's number, no lender's own reference, no place smaller than a region, and no region or other
group in which there are fewer borrowers than may be shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from bank.figures.breakdowns import region_of
from bank.figures.evidence import Evidence
from intermediaries.loans.views import LoanState
from ledger.money import Money
from ledger.verification import verifier_file
from reports.attached import CSV, PYTHON, Attached, Sum, as_csv
from reports.statements.inputs import AllocationLine

WITHHELD: Final = "withheld"
FEWEST: Final = 5
"""Of how many borrowers a group is, at the least, that is named in an attached list."""

_MONEY: Final = ("committed", "drawn", "repaid", "interest", "written_off", "recovered", "outstanding", "arrears")
_GROUPED: Final = ("region", "legal_form", "purpose", "outcome_area", "beneficiary_group")
LOANS: Final = (
    *("loan", "intermediary", "facility", "return", "quarter", "agreed_on", "maturity_on", "status", "our_share"),
    *("annual_rate", "days_past_due", "restructured"),
    *_GROUPED,
    *_MONEY,
)
_SUMS_OF_LOANS: Final = (
    Sum(reference="lent.closing", column="drawn"),
    Sum(reference="outstanding.closing", column="outstanding"),
    Sum(reference="onward_written_off.closing", column="written_off"),
    Sum(reference="onward_recovered.closing", column="recovered"),
)
_OF_FACILITIES: Final = ("in_principle", "signed", "drawn", "undrawn", "repaid", "outstanding", "written_off")
INTERMEDIARIES: Final = ("facility", "intermediary", "product", "return", "filed_on", *_OF_FACILITIES)


def files(evidence: Evidence, lines: Sequence[AllocationLine]) -> tuple[Attached, ...]:
    """The files of one statement: of its loans, of these facilities if there are any, and the verifier."""
    facilities = (intermediaries_list(lines),) if lines else ()
    return (*facilities, loans_list(evidence), own_verifier())


def loans_list(evidence: Evidence) -> Attached:
    """`loans.csv`: each onward loan by its last return, our share of its money to date, and nobody's name."""
    states = sorted(evidence.states, key=lambda state: (state.intermediary, state.id))
    hidden = {group: _few(states, _GROUP[group]) for group in _GROUPED}
    return Attached(
        name="loans.csv",
        media=CSV,
        description="Each onward loan, without its borrower: our share of its money to date",
        content=as_csv(LOANS, (_loan(state, hidden) for state in states)),
        sums=_SUMS_OF_LOANS,
    )


def intermediaries_list(lines: Iterable[AllocationLine]) -> Attached:
    """`intermediaries.csv`: each facility that was ever approved, with its sums."""
    return Attached(
        name="intermediaries.csv",
        media=CSV,
        description="Each facility, with its sums and its return",
        content=as_csv(INTERMEDIARIES, map(_facility, lines)),
        sums=tuple(
            Sum(reference=f"{'owed' if column == 'outstanding' else column}.closing", column=column)
            for column in _OF_FACILITIES
        ),
    )


def own_verifier() -> Attached:
    """The one file of Python that checks the ledger's exports, checkpoints and proofs without the bank's software."""
    return Attached(
        name="verifier.py",
        media=PYTHON,
        description="Checks the ledger's exports, checkpoints and proofs without the bank's software",
        relationship="Supplement",
        content=verifier_file().encode(),
    )


_GROUP: Final[dict[str, Callable[[LoanState], str]]] = {
    "region": lambda state: region_of(state.place),
    "legal_form": lambda state: state.legal_form,
    "purpose": lambda state: state.purpose,
    "outcome_area": lambda state: state.outcome_area,
    "beneficiary_group": lambda state: state.beneficiary_group,
}


def _few(states: Sequence[LoanState], group: Callable[[LoanState], str]) -> set[str]:
    """The groups that are not named: those of too few borrowers, and one more where only one is, or they stay few."""
    told: defaultdict[str, set[str]] = defaultdict(set)
    for state in states:
        told[group(state)].add(state.organisation)
    by_size = sorted(told, key=lambda name: (len(told[name]), name))
    hidden = [name for name in by_size if len(told[name]) < FEWEST]
    for name in by_size[len(hidden) :]:
        if not hidden or (len(hidden) > 1 and len(set().union(*(told[one] for one in hidden))) >= FEWEST):
            break
        hidden.append(name)
    return set(hidden)


def _loan(state: LoanState, hidden: dict[str, set[str]]) -> dict[str, str]:
    row = {
        "loan": state.id,
        "intermediary": state.intermediary,
        "facility": state.facility,
        "return": state.return_id,
        "quarter": str(state.quarter),
        "agreed_on": state.agreed_on.isoformat(),
        "maturity_on": "" if state.maturity_on is None else state.maturity_on.isoformat(),
        "status": state.status,
        "our_share": format(state.our_share, "f"),
        "annual_rate": "" if state.annual_rate is None else format(state.annual_rate, "f"),
        "days_past_due": str(state.days_past_due),
        "restructured": "yes" if state.restructured else "no",
    }
    for group in _GROUPED:
        name = _GROUP[group](state)
        row[group] = WITHHELD if name in hidden[group] else name
    return row | {name: str(amount) for name, amount in _amounts(state)}


def _amounts(state: LoanState) -> Iterator[tuple[str, Money]]:
    yield "committed", state.commitment.ours
    for name in _MONEY[1:]:
        yield name, getattr(state, name).ours


def _facility(line: AllocationLine) -> dict[str, str]:
    return {
        "facility": line.facility,
        "intermediary": line.intermediary,
        "product": line.product,
        "return": line.return_status,
        "filed_on": "" if line.return_filed_on is None else line.return_filed_on.isoformat(),
        **{column: str(getattr(line, column)) for column in _OF_FACILITIES},
    }
