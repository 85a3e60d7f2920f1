"""How the bank's money has done: by product, vintage and intermediary, what came back, what is left, and yields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from reports import plots
from reports.document import Block, Chart, Pair, Print, Prose, Said, Section, Tabulated
from reports.figures import Column, Figure, Frozen, Provenance, Row, Table
from reports.statements.tables import measured, measures_of, text
from reports.statements.telling import Bundle, joined


class HoldingLine(Frozen):
    """Some facilities together: what is at risk there, what was paid in and came back, what is left; yields or why not.

    `exposed` is None where what is promised is not shown so, as for a vintage.
    """

    key: str
    name: str
    exposed: Money | None
    paid_in: Money
    paid_back: Money
    left: Money
    dpi: Decimal | None
    rvpi: Decimal | None
    tvpi: Decimal | None
    xirr: Decimal | None
    reason: str = ""


class VintagePoint(Frozen):
    """What the facilities of one vintage had paid back less what was paid in, by the end of a quarter."""

    quarter: Quarter
    net: Money | None
    """None before its first payment."""


class Vintage(Frozen):
    """One year's facilities and their cash over the quarters."""

    year: int
    points: tuple[VintagePoint, ...]
    left: Money


class Holdings(Frozen):
    """The portfolio from every side on which it is judged."""

    figures: tuple[Figure, ...]
    """The multiples and the yield of the whole: dpi, rvpi, tvpi, xirr."""
    whole: HoldingLine
    products: tuple[HoldingLine, ...]
    vintages: tuple[HoldingLine, ...]
    intermediaries: tuple[HoldingLine, ...]
    courses: tuple[Vintage, ...]
    provenance: Provenance


MOST_ROWS: Final = 20
"""Intermediaries shown; how many are left out is said under the table."""
LEFT_OUT: Final = "intermediaries-left-out"


def tables(given: Holdings) -> tuple[Table, ...]:
    """Every table of this page."""
    return (
        _lines(given, "by-product", "Product", given.products),
        _lines(given, "by-vintage", "Year", given.vintages, exposed=False),
        _lines(given, "by-intermediary", "Intermediary", _largest(given)),
        *_left_out(given),
        _courses(given),
    )


def _largest(given: Holdings) -> Sequence[HoldingLine]:
    """The intermediaries that are shown: one left over alone would take as much room to be told of."""
    lines = given.intermediaries
    return lines[:MOST_ROWS] if len(lines) > MOST_ROWS + 1 else lines


def _left_out(given: Holdings) -> tuple[Table, ...]:
    """How many intermediaries are in the total alone, where some are."""
    number = len(given.intermediaries) - len(_largest(given))
    columns = (text("what", "What"), Column(code="number", title="Intermediaries", unit="count"))
    rows = (Row(key="all", cells=("In the total alone", number)),)
    table = Table(
        code=LEFT_OUT,
        title="Intermediaries left out",
        columns=columns,
        rows=rows,
        provenance=(given.provenance,),
    )
    return (table,) if number else ()


_NO_MULTIPLE: Final = "none"
"""Where nothing was paid in there is no multiple of it: that is known."""


def _lines(given: Holdings, code: str, title: str, lines: Sequence[HoldingLine], *, exposed: bool = True) -> Table:
    columns = (
        text("name", title, 71 if exposed else 17),
        *((measured("exposed", width=12),) if exposed else ()),
        measured("paid_in", width=12),
        measured("paid_back", width=12),
        measured("left", width=12),
        measured("dpi", "Back to paid in", 11, "multiple", _NO_MULTIPLE),
        measured("rvpi", "Left to paid in", 11, "multiple", _NO_MULTIPLE),
        measured("tvpi", "Both", 10, "multiple", _NO_MULTIPLE),
        measured("xirr", "Yearly yield", 15, unknown="none*"),
    )
    whole = given.whole.model_copy(update={"name": "All facilities"})
    return Table(
        code=code,
        title=title,
        columns=columns,
        rows=tuple(_row(line, exposed=exposed) for line in lines),
        total=_row(whole, exposed=exposed) if lines else None,
        provenance=(given.provenance,),
    )


def _row(line: HoldingLine, *, exposed: bool) -> Row:
    sums = (line.paid_in, line.paid_back, line.left, line.dpi, line.rvpi, line.tvpi, line.xirr)
    return Row(key=line.key, cells=(line.name, *((line.exposed,) if exposed else ()), *sums))


def _courses(given: Holdings) -> Table:
    quarters = [point.quarter for point in given.courses[0].points] if given.courses else []
    columns = (
        text("quarter", "Quarter"),
        *(measured("net_paid", f"{one.year}").model_copy(update={"code": f"net-{one.year}"}) for one in given.courses),
    )
    rows = tuple(
        Row(key=str(quarter), cells=(str(quarter), *(one.points[place].net for one in given.courses)))
        for place, quarter in enumerate(quarters)
    )
    return Table(code="vintage-course", title="Vintages", columns=columns, rows=rows, provenance=(given.provenance,))


def section(given: Holdings, bundle: Bundle) -> Section:
    """The page."""
    return Section(
        code="holdings",
        heading=finding(bundle),
        blocks=(
            *_vintages(given, bundle),
            _table(bundle, "by-product", "By product", given),
            _table(bundle, "by-intermediary", "By intermediary", given),
            *((Prose(said=(why,), tone="note"),) if (why := why_none(given)).text else ()),
        ),
        new_page=True,
    )


def _table(bundle: Bundle, code: str, heading: str, given: Holdings) -> Tabulated:
    return Tabulated(
        heading=heading,
        caption="£ thousand, to date; multiples to each £1 paid in",
        table=bundle.tables[code],
        empty="Nothing has been paid under any facility yet.",
        note=_others_said(given, bundle) if code == "by-intermediary" else Said(),
        small=True,
    )


def _others_said(given: Holdings, bundle: Bundle) -> Said:
    """How many are left out; they are called smaller only where the bank has less at risk with each."""
    if LEFT_OUT not in bundle.tables:
        return Said()
    shown, others = ((one.exposed or NOTHING) for one in given.intermediaries[MOST_ROWS - 1 : MOST_ROWS + 1])
    return bundle.tell(
        "{number} {which} intermediaries are in the total alone.",
        number=(f"{LEFT_OUT}.all.number", "count"),
        which="smaller" if others < shown else "other",
    )


def finding(bundle: Bundle) -> Said:
    """What each pound paid in has come to, and the yield where there is one."""
    if bundle.worth("tvpi") is None:
        return bundle.tell("Nothing has been paid out under a facility yet")
    come = bundle.tell("{worth} has come back or is left of each £1 paid in", worth=("tvpi", "pound-multiple"))
    if bundle.worth("xirr") is None:
        return come
    return joined(
        Said(text=f"{come.text}:", prints=come.prints), bundle.tell("a yield of {rate} a year", rate=("xirr", "rate"))
    )


def _vintages(given: Holdings, bundle: Bundle) -> tuple[Block | Pair, ...]:
    """What each year's facilities have come to, beside the course of their cash."""
    told = _table(bundle, "by-vintage", "By vintage: the year in which the bank first paid", given)
    return (Pair(left=told, right=_curves(given, bundle)),) if given.courses else (told,)


def _curves(given: Holdings, bundle: Bundle) -> Chart:
    """The cash of each vintage over the quarters: down as it is paid in, up as it comes back."""
    prints: list[Print] = []
    lines = []
    last = given.courses[0].points[-1].quarter
    for one in given.courses:
        net = bundle.written(f"vintage-course.{last}.net-{one.year}", "millions")
        left = bundle.written(f"by-vintage.{one.year}.left", "millions")
        prints.extend((net, left))
        amounts = tuple(None if point.net is None else point.net.pence for point in one.points)
        lines.append(plots.Track(f"{one.year}; left {left.text}", amounts, net.text))
    ends = (str(given.courses[0].points[0].quarter), str(last))
    spoken = " ".join(f"{line.label} million, net cash {line.text} million." for line in lines)
    return Chart(
        heading="Each vintage's cash so far",
        subtitle="£ million: come back less paid in; what is left in it",
        svg=plots.tracks(
            lines,
            ends,
            f"Cash of each vintage, £ million, from {ends[0]} to {ends[1]}. {spoken}",
            width=240,
            high=124,
            key=100,
        ),
        prints=tuple(prints),
        behind=measures_of(("net_paid", "left")),
    )


def _shown(given: Holdings) -> tuple[HoldingLine, ...]:
    return (*given.products, *given.vintages, *_largest(given))


_RATES: Final = re.compile(r" \(about [^)]*\)")
"""Rates that are no yield, and no figures of the statement: the registry's own reason names them."""


def why_none(given: Holdings) -> Said:
    """Why a line has no yield, by name, each reason once."""
    reasons: dict[str, list[str]] = {}
    for line in _shown(given):
        if line.xirr is None:
            why = _RATES.sub("", line.reason) or "no rate balances its flows"
            reasons.setdefault(why, []).append(line.name)
    told = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
    return Said(text=f"* No yield. {told}.") if told else Said()
