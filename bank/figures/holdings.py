"""How the bank's money has done, by product, vintage and intermediary, for the portfolio statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from bank.allocations.products.registry import PRODUCTS
from bank.allocations.queries import FacilityView
from bank.figures.evidence import Evidence
from bank.figures.flows import Flows, together
from bank.figures.money import FOLDS
from bank.figures.portfolio import at_risk, by_vintage, performance, vintage_of
from bank.figures.registry import REGISTRY
from ledger.money import NOTHING, Money
from reports.statements.holdings import HoldingLine, Holdings, Vintage, VintagePoint

FIGURES = ("dpi", "rvpi", "tvpi", "xirr")
QUARTERS = 12
_RATE = Decimal("0.000001")


def holdings(evidence: Evidence) -> Holdings:
    """Everything the page on the portfolio's course prints."""
    exposed, names = at_risk(evidence), evidence.knowledge.names
    lines = _Lines(evidence, exposed)
    return Holdings(
        figures=tuple(REGISTRY[code].work_out(evidence).figure for code in FIGURES),
        whole=lines.line("all", "All facilities", evidence.facilities),
        products=tuple(lines.grouped(lambda view: view.product, lambda key: PRODUCTS[key].title)),
        vintages=tuple(lines.vintages()),
        intermediaries=tuple(lines.grouped(lambda view: view.intermediary, lambda key: names.get(key, key))),
        courses=tuple(courses(evidence)),
        provenance=evidence.provenance(
            "the bank's cash under each facility, what is left there in accounts 12xx and 13xx, and what is promised, "
            "guaranteed, lent and invested; the yield is the rate at which the dated flows balance, Actual/365",
            [FOLDS["drawn"][0], FOLDS["owed"][0], FOLDS["undrawn"][0]],
        ),
    )


class _Lines:
    """Facilities put together, the most at risk first."""

    def __init__(self, evidence: Evidence, exposed: Mapping[str, Money]) -> None:
        self._evidence = evidence
        self._exposed = exposed

    def line(self, key: str, name: str, views: Iterable[FacilityView], *, exposed: bool = True) -> HoldingLine:
        """Some facilities as one."""
        some = list(views)
        told = performance(
            "", key, name, together(self._evidence.flows[view.id] for view in some), self._evidence.as_at
        )
        return HoldingLine(
            key=key,
            name=name,
            exposed=Money.total(self._exposed.get(view.id, NOTHING) for view in some) if exposed else None,
            paid_in=told.paid_in,
            paid_back=told.paid_back,
            left=told.value,
            dpi=told.dpi,
            rvpi=told.rvpi,
            tvpi=told.tvpi,
            xirr=None if told.xirr is None else Decimal(told.xirr).quantize(_RATE),
            reason=told.reason,
        )

    def grouped(self, of: Callable[[FacilityView], str], name: Callable[[str], str]) -> list[HoldingLine]:
        """Facilities by what they have in common, where anything is promised or was paid."""
        parts: defaultdict[str, list[FacilityView]] = defaultdict(list)
        for view in self._evidence.facilities:
            if self._exposed.get(view.id) or self._evidence.flows[view.id].dated:
                parts[of(view)].append(view)
        lines = [self.line(key, name(key), views) for key, views in parts.items()]
        return sorted(lines, key=lambda one: (-(one.exposed or NOTHING).pence, one.key))

    def vintages(self) -> Iterator[HoldingLine]:
        """Facilities by the year in which the bank first paid, and last those under which it only received."""
        for year, views in by_vintage(self._evidence).items():
            key, name = vintage_of(year)
            yield self.line(key, name, views, exposed=False)


def courses(evidence: Evidence) -> Iterator[Vintage]:
    """The net cash of each vintage at each quarter's end, twelve at most, and what is left in it."""
    vintages = {
        year: together(evidence.flows[view.id] for view in views)
        for year, views in by_vintage(evidence).items()
        if year is not None
    }
    quarters = evidence.quarters_to_date(QUARTERS)
    for year, told in vintages.items():
        yield Vintage(
            year=year,
            left=told.value,
            points=tuple(
                VintagePoint(quarter=quarter, net=_net(told, evidence, quarter.ends_on)) for quarter in quarters
            ),
        )


def _net(told: Flows, evidence: Evidence, ends_on: date) -> Money | None:
    by_then = [amount for day, amount in told.dated if day <= min(ends_on, evidence.as_at)]
    return Money.total(by_then) if by_then else None
