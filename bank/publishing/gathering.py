"""From figures to the input of a statement: which figures each statement carries, all of one day and one knowledge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bank.allocations.queries import FacilityView
from bank.figures import borrowers, breakdowns, course
from bank.figures.accounts import accounts
from bank.figures.adequacy import adequacy
from bank.figures.bounds import bounds
from bank.figures.commitments import commitments
from bank.figures.evidence import Evidence, Found
from bank.figures.holdings import holdings
from bank.figures.lending import lent_late
from bank.figures.money import FOLDS
from bank.figures.quality import quality
from bank.figures.registry import REGISTRY
from bank.figures.stages import stages
from bank.publishing import attaching
from bank.publishing.floors.queries import listed_on
from bank.publishing.proof import Window, proof
from bank.publishing.redaction import Redaction, house_withheld, lending_told
from bank.publishing.rules import PUBLIC, TRUSTEES, Kind, statement_id
from bank.publishing.telling import case_studies
from bank.publishing.vouching import Vouched, head_files
from intermediaries.returns.views import Lateness
from ledger import queries
from ledger.money import Money
from reports.attached import Attached
from reports.document import Document
from reports.figures import Movement
from reports.seal import VERSION
from reports.statements import impact, portfolio, public
from reports.statements.inputs import (
    AllocationLine,
    ImpactStatement,
    Issue,
    Losses,
    MoneyPath,
    SealHead,
)
from reports.statements.portfolio_inputs import Judged, PortfolioStatement
from reports.statements.public_inputs import PublicHouse, PublicStatement

HISTORY: Final = ("received", "bank", "signed", "drawn", "lent", "outstanding")
LIQUIDITY: Final = ("cash", "treasury", "bank_reserve", "undrawn_commitments", "headroom")
PUBLIC_HISTORY: Final = ("received", "bank", "signed", "drawn")
PUBLIC_BOXES: Final = (
    *("received", "reclaimed", "reserved", "distributed", "england", "wales", "scotland", "northern_ireland"),
    *("trust", "bank", "in_principle", "signed", "drawn", "undrawn", "repaid", "owed", "written_off", "bank_recovered"),
)
"""What is of the bank's own books: nothing of what intermediaries report of their borrowers."""
FURTHER_MOVEMENTS: Final = (
    "b_shares",
    "cash",
    "signed_with_match",
    "drawn_with_match",
    "undrawn",
    "owed",
    "owed_as_debt",
    "interests_at_cost",
    "value_beyond_cost",
    "investment_income",
    "repaid",
    "interest_accrued",
    "repaid_interest",
    "interest_due",
    "co_invested",
    "held_by_intermediaries",
    "own_money",
    "costs",
)
_ALLOCATION_SUMS: Final = {
    "in_principle": "in_principle",
    "signed": "signed",
    "drawn": "drawn",
    "undrawn": "undrawn",
    "repaid": "repaid",
    "outstanding": "owed",
    "written_off": "written_off",
}
"""By the column of the allocations table: the figure whose part of one facility stands in it."""


def compose(
    evidence: Evidence,
    kind: Kind,
    *,
    window: Window,
    supersedes: str = "",
    caution: str = "",
    vouched: Vouched | None = None,
    redaction: Redaction | None = None,
    version: int | None = VERSION,
) -> Document:
    """The document of a statement, from the books as known then: the same for the same evidence, to the byte.

    It names the `version` that composed it: another is named only to compare it with a file that names that one.
    Without `vouched` it carries no head of the books beside the one printed, as statements once did; without a
    `redaction` it has the form that they had from the first.
    """
    by = redaction or as_from_the_first(evidence)
    head = issue(evidence, kind, supersedes=supersedes, caution=caution, vouched=vouched, redaction=by)
    head = head.model_copy(update={"version": version})
    if by.form == PUBLIC:
        return public.compose(kind, public_input(evidence, kind, head, by))
    if kind == "portfolio":
        return portfolio.compose(portfolio_input(evidence, head, window))
    return impact.compose(impact_input(evidence, head, window))


def as_from_the_first(evidence: Evidence) -> Redaction:
    """The form and the floor that every statement had before there were others."""
    return Redaction(listed_on(TRUSTEES, evidence.known.instant.date()))


def issue(
    evidence: Evidence,
    kind: Kind,
    *,
    supersedes: str,
    caution: str,
    vouched: Vouched | None = None,
    redaction: Redaction | None = None,
) -> Issue:
    """Which statement it is, of which day, as known when, anchored to which head of the journal.

    That for the public has no table attached yet: they follow from what it may tell.
    """
    found = queries.head(evidence.session, evidence.known)
    head = SealHead(seq=found.seq, root=found.root, recorded_at=found.recorded_at if found.seq else None)
    by, known = redaction or as_from_the_first(evidence), evidence.known
    form = by.form
    formed = {} if form == TRUSTEES else {"form": form, "fewest": by.fewest}
    tables: tuple[Attached, ...] = ()
    if form != PUBLIC:
        lines = tuple(allocation_lines(evidence)) if kind == "portfolio" else ()
        tables = attaching.files(evidence, lines, form, fewest=by.fewest)
    return Issue(
        statement=statement_id(kind, evidence.quarter, known.seq, known.instant, caution, form),
        quarter=evidence.quarter,
        as_at=evidence.as_at,
        known_at=known.instant,
        known_seq=known.seq,
        head=head,
        caution=caution,
        supersedes=supersedes,
        version=VERSION,
        attached=(*tables, *(head_files(evidence, head, vouched) if vouched else ())),
        **formed,
    )


def public_input(evidence: Evidence, kind: Kind, head: Issue, by: Redaction) -> PublicStatement:
    """Everything that a statement for the public prints, held against those before it."""
    lending = lending_told(evidence, by)
    house = public_house(evidence, by) if kind == "portfolio" else None
    tables = attaching.public_files(lending.blocks, house.facilities if house else ())
    return PublicStatement(
        issue=head.model_copy(update={"attached": (*tables, *head.attached)}), lending=lending, house=house
    )


def public_house(evidence: Evidence, by: Redaction) -> PublicHouse:
    """The bank's own money, with the facilities of few borrowers in one line."""
    lines = tuple(allocation_lines(evidence))
    shown, dark = house_withheld(evidence, lines, by)
    return PublicHouse(
        boxes=tuple(moved(evidence, code) for code in PUBLIC_BOXES),
        history=tuple(course.series(evidence, code) for code in PUBLIC_HISTORY),
        facilities=shown,
        facilities_withheld=dark,
        facilities_provenance=evidence.provenance(
            "for each facility the debits and credits of its own accounts below 9110, 9100 or 9130, and of "
            "principal in the bank's book, by what was done",
            [FOLDS[fold][0] for fold in _ALLOCATION_SUMS.values()],
        ),
        accounts=accounts(evidence),
    )


def portfolio_input(evidence: Evidence, head: Issue, window: Window) -> PortfolioStatement:
    """Everything the portfolio statement prints."""
    return PortfolioStatement(
        issue=head,
        path=MoneyPath(**{code: moved(evidence, code) for code in MoneyPath.model_fields}),
        lent_late=lent_late(evidence),
        history=tuple(course.series(evidence, code) for code in HISTORY),
        allocations=tuple(allocation_lines(evidence)),
        allocations_provenance=evidence.provenance(
            "for each facility the debits and credits of its own accounts below 9110, 9100 or 9130, and of "
            "principal in the bank's book, by what was done; the punctuality of its return as known then",
            [FOLDS[fold][0] for fold in _ALLOCATION_SUMS.values()],
        ),
        liquidity=tuple(worked_out(evidence, code).figure for code in LIQUIDITY),
        onward=breakdowns.onward(evidence),
        arrears=course.arrears(evidence),
        losses=losses(evidence),
        movements=tuple(moved(evidence, code) for code in FURTHER_MOVEMENTS),
        adequacy=adequacy(evidence),
        commitments=commitments(evidence),
        undrawn_over_a_year=worked_out(evidence, "undrawn_over_a_year").figure,
        holdings=holdings(evidence),
        bounds=bounds(evidence),
        stages=stages(evidence),
        quality=quality(evidence, window.since, window.statement),
        accounts=accounts(evidence),
        judged=judged(evidence),
        proof=proof(evidence, window),
    )


def judged(evidence: Evidence) -> Judged:
    """What the trustees' questions rest on besides the pages."""
    return Judged(
        eligibility=breakdowns.eligibility(evidence),
        asset_locks=breakdowns.asset_locks(evidence),
        organisations=worked_out(evidence, "organisations").figure,
        deprived=worked_out(evidence, "deprived_half").figure,
        moved=worked_out(evidence, "moved_on").figure,
    )


def impact_input(evidence: Evidence, head: Issue, window: Window) -> ImpactStatement:
    """Everything the impact statement prints."""
    return ImpactStatement(
        issue=head,
        lent=moved(evidence, "lent"),
        lent_late=lent_late(evidence),
        co_invested=moved(evidence, "co_invested"),
        loans=worked_out(evidence, "loans").figure,
        organisations=worked_out(evidence, "organisations").figure,
        places=worked_out(evidence, "places").figure,
        history=tuple(course.series(evidence, code) for code in ("lent", "co_invested")),
        onward=breakdowns.onward(evidence),
        legal_forms=breakdowns.legal_forms(evidence),
        asset_locks=breakdowns.asset_locks(evidence),
        purposes=breakdowns.purposes(evidence),
        sizes=breakdowns.sizes(evidence),
        vanguard=breakdowns.vanguard(evidence),
        rural_urban=breakdowns.rural_urban(evidence),
        borrowers=tuple(worked_out(evidence, code).figure for code in borrowers.BORROWERS),
        people=borrowers.people_reached(evidence),
        people_provenance=borrowers.from_last_returns(
            evidence, "people_reached of each loan's last return, by outcome area and by what is counted"
        ),
        indicators=borrowers.indicators(evidence),
        indicators_provenance=borrowers.from_last_returns(
            evidence, "baseline, target and actual of indicators of one name in one outcome area, added up"
        ),
        answers=borrowers.answers(evidence),
        answers_provenance=borrowers.from_last_returns(evidence, "answers in each loan's last return, counted"),
        cases=case_studies(evidence),
        losses=losses(evidence),
        proof=proof(evidence, window),
    )


def worked_out(evidence: Evidence, code: str) -> Found:
    """One figure of the registry."""
    return REGISTRY[code].work_out(evidence)


def moved(evidence: Evidence, code: str) -> Movement:
    """One figure of the registry as the quarter's movement."""
    return worked_out(evidence, code).movement


def losses(evidence: Evidence) -> Losses:
    """What was written off and what came back, at both levels."""
    return Losses(
        onward_written_off=moved(evidence, "onward_written_off"),
        onward_recovered=moved(evidence, "onward_recovered"),
        bank_written_off=moved(evidence, "written_off"),
        bank_recovered=moved(evidence, "bank_recovered"),
    )


def allocation_lines(evidence: Evidence) -> Iterator[AllocationLine]:
    """Each facility that was ever approved, with its sums from its own accounts; the largest approval first."""
    returns = {line.facility: line for line in evidence.lateness}
    lines = [(view, _sums(evidence, view.id)) for view in evidence.facilities]
    for view, sums in sorted(lines, key=lambda line: (-line[1]["in_principle"].pence, line[0].id)):
        if view.approved_on is not None and any(sums.values()):
            yield _allocation_line(evidence, view, sums, returns.get(view.id))


def _sums(evidence: Evidence, facility: str) -> dict[str, Money]:
    return {
        column: evidence.books.balance(FOLDS[fold][0].below(facility), evidence.as_at)
        for column, fold in _ALLOCATION_SUMS.items()
    }


def _allocation_line(
    evidence: Evidence, view: FacilityView, sums: dict[str, Money], filed: Lateness | None
) -> AllocationLine:
    status = "not-due" if filed is None else filed.status
    return AllocationLine(
        facility=view.id,
        intermediary=evidence.knowledge.names.get(view.intermediary, view.intermediary),
        product=view.product_title,
        name=view.name,
        return_status=status,
        return_filed_on=filed.filed_on if filed is not None and status in {"on-time", "late"} else None,
        **sums,
    )
