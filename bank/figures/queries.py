"""The looks at figures: all of them or one, of any day, as known at any moment, down to the entries behind each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from bank.figures.books import PARTNERS, Selection
from bank.figures.breakdowns import BREAKDOWNS, RURAL_URBAN, deprivation, rural_urban
from bank.figures.covered import in_words
from bank.figures.evidence import Evidence, Found, Knowledge
from bank.figures.money import FOLDS
from bank.figures.onward import OnwardRecord, onward_record
from bank.figures.portfolio import PortfolioView
from bank.figures.portfolio import portfolio as portfolio_of
from bank.figures.registry import REGISTRY
from ledger.money import Money
from ledger.queries import Known, Line, entries_behind, known
from ledger.refusals import NotFound
from ledger.store.database import ReadSession
from ledger.store.work import View
from reports.figures import AnyValue, Coverage, Provenance, Unit
from reports.statements.inputs import Breakdown


class NoSuchFigure(NotFound):
    """No measure of this code."""

    slug = "no-such-figure"


class DefinitionView(View):
    """What a figure means."""

    code: str
    title: str
    unit: Unit
    definition: str


class FigureView(View):
    """One figure: what it means, what it comes to, what its quarter did to it, and what it rests on.

    `opening`, `added` and `taken` are of the quarter of the day, as far as it has run; they stand where a sum of money
    is followed through it. A value of None is not known, which is not nought. `rests_on` is the coverage in words.
    `rests_on_earlier` names each facility without an accepted return for the quarter, and the earlier return that it
    rests on instead.
    """

    code: str
    title: str
    unit: Unit
    definition: str
    value: AnyValue
    opening: Money | None
    added: Money | None
    taken: Money | None
    coverage: Coverage | None
    rests_on: str
    rests_on_earlier: tuple[str, ...]
    provenance: Provenance


class FigureSheet(View):
    """Every figure of a day, as known at a moment."""

    as_at: date
    known_at: datetime
    known_seq: int
    figures: tuple[FigureView, ...]


class FigureDetail(View):
    """One figure with the postings behind it, a page at a time."""

    figure: FigureView
    lines: tuple[Line, ...]
    next_after: int | None


def evidence_at(session: ReadSession, as_at: date | None = None, at: Known | None = None) -> Evidence:
    """What figures of a day are worked out from, as known then; today and now unless told."""
    return Evidence(Knowledge(session, at or known(session)), as_at or session.now.date())


def definitions() -> list[DefinitionView]:
    """Every figure the bank gives and what it means, in the order they are shown."""
    return [
        DefinitionView(code=code, title=one.measure.title, unit=one.measure.unit, definition=one.measure.definition)
        for code, one in REGISTRY.items()
    ]


def figures(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> FigureSheet:
    """Every figure of a day, as known then."""
    evidence = evidence_at(session, as_at, at)
    return FigureSheet(
        as_at=evidence.as_at,
        known_at=evidence.known.instant,
        known_seq=evidence.known.seq,
        figures=tuple(_view(evidence, one.work_out(evidence)) for one in REGISTRY.values()),
    )


def figure(
    session: ReadSession,
    code: str,
    *,
    as_at: date | None = None,
    at: Known | None = None,
    after: int = 0,
    limit: int = 200,
) -> FigureDetail:
    """One figure down to the postings that make it, from after a place in the journal on; refuses an unknown code.

    About `limit` postings at a time: the postings of one entry are never torn apart.
    """
    if code not in REGISTRY:
        raise NoSuchFigure(f"There is no figure {code!r:.60}: the figures are {', '.join(REGISTRY)}", found=code[:60])
    evidence = evidence_at(session, as_at, at)
    found = REGISTRY[code].work_out(evidence)
    lines = _lines(evidence, found, after)
    last = lines[limit - 1].seq if len(lines) > limit else None
    page = tuple(line for line in lines if last is None or line.seq <= last)
    return FigureDetail(
        figure=_view(evidence, found),
        lines=page,
        next_after=last if len(page) < len(lines) else None,
    )


def portfolio(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> PortfolioView:
    """How the bank's money has done and where it lies, by facility, intermediary and vintage."""
    return portfolio_of(evidence_at(session, as_at, at))


def onward(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> OnwardRecord:
    """The record of onward lending: at risk both ways, arrears, losses, vintages, first-time borrowers and sizes."""
    return onward_record(evidence_at(session, as_at, at))


def breakdown(session: ReadSession, code: str, *, as_at: date | None = None, at: Known | None = None) -> Breakdown:
    """Onward lending to date by one classification; refuses an unknown one."""
    if code == RURAL_URBAN:
        found = rural_urban(evidence_at(session, as_at, at))
        if found is None:
            raise NoSuchFigure(
                "No list of rural and urban places is held: load one with `bank places load --kind rural-urban`"
            )
        return found
    if code not in BREAKDOWNS:
        raise NoSuchFigure(
            f"There is no breakdown {code!r:.60}: they are {', '.join((*BREAKDOWNS, RURAL_URBAN))}", found=code[:60]
        )
    return BREAKDOWNS[code](evidence_at(session, as_at, at))


def breakdowns(session: ReadSession, *, as_at: date | None = None, at: Known | None = None) -> list[Breakdown]:
    """Every breakdown of onward lending to date, and each nation's deprivation by its own index."""
    evidence = evidence_at(session, as_at, at)
    return [*(sort(evidence) for sort in BREAKDOWNS.values()), *deprivation(evidence)]


def _view(evidence: Evidence, found: Found) -> FigureView:
    measure = found.measure
    earlier = evidence.earlier_returns if found.provenance.returns else {}
    return FigureView(
        code=measure.code,
        title=measure.title,
        unit=measure.unit,
        definition=measure.definition,
        value=found.value,
        opening=found.opening,
        added=found.added,
        taken=found.taken,
        coverage=found.coverage,
        rests_on="" if found.coverage is None else in_words(found.coverage),
        rests_on_earlier=tuple(sorted(earlier[one] for one in found.provenance.returns if one in earlier)),
        provenance=found.provenance,
    )


def _lines(evidence: Evidence, found: Found, after: int) -> list[Line]:
    """The postings a figure rests on: of a fold exactly those it adds up, of any other all on the accounts it names."""
    source = found.provenance
    selections = (
        [FOLDS[found.measure.code][0]]
        if found.measure.code in FOLDS
        else [Selection(book, source.accounts) for book in source.book.split(", ") if source.accounts]
    )
    return sorted(
        (line for selection in selections for line in _postings(evidence, selection, after)),
        key=lambda line: (line.seq, line.account),
    )


def _postings(evidence: Evidence, selection: Selection, after: int) -> Iterator[Line]:
    wanted = {(leg.seq, leg.account, leg.amount) for leg in evidence.books.taken(selection)}
    for book in evidence.books.partners if selection.book == PARTNERS else (selection.book,):
        for account in selection.accounts:
            lines = entries_behind(evidence.session, book, account, None, evidence.as_at, evidence.known, after=after)
            yield from (line for line in lines if (line.seq, line.account, line.amount) in wanted)
