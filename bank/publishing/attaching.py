"""What is attached to a statement beside its figures: each loan and each facility, as its readers may see them.

In the trustees' form no line names a borrower: it has no name, no register's number, no lender's own reference and no
place smaller than a region, and the region or other group of a loan is not written beside it where there are fewer
borrowers in it than may be shown. That keeps a line from being known at sight. It is no secret from the trustees: their
pages tell groups of any size with their sums, and whoever holds a line against them may find the group of a cell that
is withheld. So their form is not one to hand on. The whole form has all of it, for those who work with it. In that for
the public a line is never a loan: it is a group of as many borrowers as the floor says, or more, and so is every row of
its pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from bank.figures.breakdowns import region_of
from bank.figures.evidence import Evidence
from bank.publishing.rules import TRUSTEES, WHOLE, Form
from intermediaries.loans.views import Lent
from intermediaries.returns.findings import guarded
from ledger.verification import verifier_file
from reports.attached import CSV, PYTHON, WITHHELD, Attached, Sum, as_csv
from reports.contents import Contents
from reports.forms import BLOCKS, GROUPED, LIST, LOANS, NAMED
from reports.statements.inputs import AllocationLine
from reports.statements.public import MEASURES, table_code
from reports.statements.public_inputs import FACILITY_SUMS, Block

_SUMS_OF_FACILITIES: Final = tuple(
    Sum(reference=f"{'owed' if column == 'outstanding' else column}.closing", column=column) for column in FACILITY_SUMS
)
_SUMS_OF_LOANS: Final = (
    Sum(reference="lent.closing", column="drawn"),
    Sum(reference="outstanding.closing", column="outstanding"),
    Sum(reference="onward_written_off.closing", column="written_off"),
    Sum(reference="onward_recovered.closing", column="recovered"),
)
INTERMEDIARIES: Final = ("facility", "intermediary", "product", "return", "filed_on", *FACILITY_SUMS)
_PUBLIC_FACILITIES: Final = ("facility", "intermediary", "product", *FACILITY_SUMS)


def files(
    evidence: Evidence, lines: Sequence[AllocationLine], form: Form = TRUSTEES, *, fewest: int
) -> tuple[Attached, ...]:
    """The files of a statement for those who see each loan: of its loans, of any facilities, and the verifier."""
    facilities = (intermediaries_list(lines),) if lines else ()
    return (*facilities, loans_list(evidence, form, fewest=fewest), own_verifier())


def public_files(blocks: Sequence[Block], lines: Sequence[AllocationLine]) -> tuple[Attached, ...]:
    """The files of a statement for the public: of blocks of loans, of any facilities told of, and the verifier."""
    facilities = (_public_facilities(lines),) if lines else ()
    return (*facilities, public_loans(blocks), own_verifier())


def loans_list(evidence: Evidence, form: Form = TRUSTEES, *, fewest: int) -> Attached:
    """`loans.csv`: each onward loan by its last return, our share of its money to date.

    But in the whole form, nobody's name, and beside no loan the name of a group of fewer borrowers than `fewest`.
    """
    states = sorted(evidence.states, key=lambda state: (state.intermediary, state.id))
    named = form == WHOLE
    lines = map(_loan, states, _groups(states, 0 if named else fewest))
    return Attached(
        name=LIST,
        media=CSV,
        description=f"Each onward loan, {'with' if named else 'without'} its borrower: our share of its money to date",
        content=as_csv((*LOANS, *NAMED), ((*line, *_named(state)) for line, state in zip(lines, states, strict=True)))
        if named
        else as_csv(LOANS, lines),
        sums=_SUMS_OF_LOANS,
    )


def public_loans(blocks: Sequence[Block]) -> Attached:
    """`loans.csv` for the public: a line for each block, and every row of the pages as lines of it that come to it."""
    return Attached(
        name=LIST,
        media=CSV,
        description="Onward loans in groups of enough borrowers: our share of their money to date",
        content=as_csv(BLOCKS, ([str(getattr(one, name)) for name in BLOCKS] for one in blocks)),
        sums=tuple(_sums_of_blocks(blocks)),
    )


def _sums_of_blocks(blocks: Sequence[Block]) -> Iterator[Sum]:
    for measure in MEASURES:
        some = [one for one in blocks if one.measure == measure]
        for side, column in (("area", "outcome_area"), ("region", "region")):
            table = table_code(measure, side)
            rows = {getattr(one, column): {"measure": measure, column: getattr(one, column)} for one in some}
            for key, where in {**rows, **({"total": {"measure": measure}} if some else {})}.items():
                yield Sum(column="amount", reference=f"{table}.{key}.amount", where=where)
                yield Sum(column="loans", reference=f"{table}.{key}.loans", where=where, counted=True)


def intermediaries_list(lines: Iterable[AllocationLine]) -> Attached:
    """`intermediaries.csv`: each facility that was ever approved, with its sums."""
    return Attached(
        name="intermediaries.csv",
        media=CSV,
        description="Each facility, with its sums and its return",
        content=as_csv(INTERMEDIARIES, map(_facility, lines)),
        sums=_SUMS_OF_FACILITIES,
    )


def _public_facilities(lines: Iterable[AllocationLine]) -> Attached:
    """`intermediaries.csv` for the public: each facility that may be told of, and the others in one line."""
    return Attached(
        name="intermediaries.csv",
        media=CSV,
        description="Each facility that may be told of by itself, with its sums, and the others together",
        content=as_csv(
            _PUBLIC_FACILITIES, ([str(getattr(line, name)) for name in _PUBLIC_FACILITIES] for line in lines)
        ),
        sums=_SUMS_OF_FACILITIES,
    )


def own_verifier() -> Attached:
    """The one file of Python that checks the ledger's exports, checkpoints and proofs without the bank's software."""
    return Attached(
        name="verifier.py",
        media=PYTHON,
        description="Checks the ledger's exports, checkpoints and proofs without the bank's software",
        relationship="Supplement",
        content=Contents(verifier_file().encode()),
    )


def _groups_of(state: Lent) -> tuple[str, ...]:
    """What a loan is grouped by, in the order of the columns."""
    return (
        region_of(state.place),
        state.legal_form,
        state.purpose,
        state.outcome_area,
        state.beneficiary_group,
    )


def _few(told: Mapping[str, AbstractSet[str]], fewest: int) -> dict[str, str]:
    """The groups that are not named: those of too few borrowers, and one more where only one is, or they stay few."""
    by_size = sorted(told, key=lambda name: (len(told[name]), name))
    hidden = [name for name in by_size if len(told[name]) < fewest]
    for name in by_size[len(hidden) :]:
        if not hidden or (len(hidden) > 1 and len(set().union(*(told[one] for one in hidden))) >= fewest):
            break
        hidden.append(name)
    return dict.fromkeys(hidden, WITHHELD)


def _groups(states: Sequence[Lent], fewest: int) -> list[tuple[str, ...]]:
    """The names of each loan's groups as they may be shown; the loans are gone through once, for there may be many."""
    found = [_groups_of(state) for state in states]
    if not fewest:
        return found
    alike: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for state, names in zip(states, found, strict=True):
        alike[names].add(state.organisation)
    told: list[defaultdict[str, set[str]]] = [defaultdict(set) for _ in GROUPED]
    for names, some in alike.items():
        for bodies, name in zip(told, names, strict=True):
            bodies[name] |= some
    hidden = [_few(one, fewest) for one in told]
    shown = {names: tuple(dark.get(name, name) for dark, name in zip(hidden, names, strict=True)) for names in alike}
    return [shown[names] for names in found]


def _loan(state: Lent, groups: Sequence[str]) -> tuple[str, ...]:
    """A line, in the order of `LOANS`: a hundred thousand are made of each statement of a large bank."""
    return (
        state.id,
        state.intermediary,
        state.facility,
        state.return_id,
        str(state.quarter),
        state.agreed_on.isoformat(),
        "" if state.maturity_on is None else state.maturity_on.isoformat(),
        state.status,
        format(state.our_share, "f"),
        "" if state.annual_rate is None else format(state.annual_rate, "f"),
        str(state.days_past_due),
        "yes" if state.restructured else "no",
        *groups,
        str(state.committed),
        str(state.drawn),
        str(state.repaid),
        str(state.interest),
        str(state.written_off),
        str(state.recovered),
        str(state.outstanding),
        str(state.arrears),
    )


def _named(state: Lent) -> tuple[str, ...]:
    """Who owes a loan and where it is at work, as a spreadsheet takes it for words."""
    place = state.place.local_authority or ""
    return tuple(map(guarded, (state.loan_ref, state.organisation, state.borrower_name, place)))


def _facility(line: AllocationLine) -> tuple[str, ...]:
    """A line, in the order of `INTERMEDIARIES`."""
    return (
        line.facility,
        line.intermediary,
        line.product,
        line.return_status,
        "" if line.return_filed_on is None else line.return_filed_on.isoformat(),
        *(str(getattr(line, column)) for column in FACILITY_SUMS),
    )
