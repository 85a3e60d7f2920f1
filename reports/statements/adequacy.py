"""Capital and the reserve: what is kept back, whose the capital is, and how long each holds under each scenario."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from ledger.dates import Quarter
from ledger.money import NOTHING, Money
from reports import plots
from reports.document import Block, Chart, Listing, Pair, Print, Said, Section, Tabulated
from reports.drawing import SMALL, width_of
from reports.figures import Column, Frozen, Provenance, Row, Table
from reports.statements.tables import measured, measures_of, summed, text
from reports.statements.telling import Bundle, begun, joined, plural


class ReserveQuarter(Frozen):
    """What the reclaim fund had received, paid back, kept back and passed on by the end of a quarter, to date."""

    quarter: Quarter
    received: Money
    reclaimed: Money
    reserved: Money
    distributed: Money


class HolderLine(Frozen):
    """One shareholder: what it was called for, what it paid, and its parts of the capital and of the votes."""

    holder: str
    share_class: str
    called: Money
    paid: Money
    economic: Fraction
    voting: Fraction


class StressQuarter(Frozen):
    """What the reclaim fund and the bank would have at the end of a quarter to come: at once, and placed."""

    quarter: Quarter
    fund: Money
    bank: Money


class StressLine(Frozen):
    """What one scenario comes to: the first quarter in which each thing fails, or none."""

    scenario: str
    must_hold: int
    """Quarters for which it must hold; nought where it is only shown."""
    holds: bool
    fund_reserve: Quarter | None
    fund_cash: Quarter | None
    bank_reserve: Quarter | None
    bank_cash: Quarter | None
    course: tuple[StressQuarter, ...]


class Adequacy(Frozen):
    """How well the reserve, the capital and the cash would bear what may come."""

    reserve: tuple[ReserveQuarter, ...]
    reserve_rate: Decimal | None
    holders: tuple[HolderLine, ...]
    stress: tuple[StressLine, ...]
    reserve_provenance: Provenance
    capital_provenance: Provenance
    stress_provenance: Provenance


_SUMS: Final = ("received", "distributed", "reserved", "reclaimed")
_NAMES: Final = {"received": "received", "distributed": "passed on", "reserved": "kept back", "reclaimed": "reclaimed"}
_YEAR: Final = 4


def tables(given: Adequacy) -> tuple[Table, ...]:
    """Every table of this page."""
    return _history(given), _holders(given), _stress(given), _course(given, "fund"), _course(given, "bank")


def _history(given: Adequacy) -> Table:
    columns = (text("quarter", "Quarter"), *(measured(code) for code in _SUMS))
    rows = tuple(
        Row(key=str(one.quarter), cells=(str(one.quarter), *(getattr(one, code) for code in _SUMS)))
        for one in given.reserve
    )
    return Table(
        code="reserve", title="The reserve", columns=columns, rows=rows, provenance=(given.reserve_provenance,)
    )


def _holders(given: Adequacy) -> Table:
    columns = (
        text("holder", "Holder", 40),
        text("class", "Shares", 12),
        measured("called", width=18),
        measured("paid_up", width=18),
        measured("economic", "Of the capital, %", 16),
        measured("voting", "Of the votes, %", 16),
    )
    rows = tuple(
        Row(
            key=f"holder-{number}",
            cells=(one.holder, one.share_class, one.called, one.paid, one.economic, one.voting),
        )
        for number, one in enumerate(given.holders, start=1)
    )
    total = summed(columns, rows, "All holders")
    return Table(
        code="holders",
        title="Holders",
        columns=columns,
        rows=rows,
        total=None if total is None else _wholes(total),
        provenance=(given.capital_provenance,),
    )


def _wholes(total: Row) -> Row:
    return total.model_copy(update={"cells": (*total.cells[:-2], Fraction(1), Fraction(1))})


def _stress(given: Adequacy) -> Table:
    columns = (
        text("scenario", "Scenario", 40),
        text("must", "Must hold for", 22),
        *(text(code, title, 18) for code, title in _FAILS.items()),
    )
    rows = tuple(
        Row(
            key=f"scenario-{number}",
            cells=(
                begun(Said(text=one.scenario)).text,
                f"{one.must_hold} quarters" if one.must_hold else "shown only",
                *(_fails(getattr(one, code)) for code in _FAILS),
            ),
            mark="" if one.holds else "warn",
        )
        for number, one in enumerate(given.stress, start=1)
    )
    return Table(code="stress", title="Scenarios", columns=columns, rows=rows, provenance=(given.stress_provenance,))


_FAILS: Final = {
    "fund_reserve": "Fund's reserve",
    "fund_cash": "Fund's cash",
    "bank_reserve": "Bank's reserve",
    "bank_cash": "Bank's cash",
}


def _fails(quarter: Quarter | None) -> str:
    return "holds" if quarter is None else f"fails {quarter}"


def _course(given: Adequacy, whose: str) -> Table:
    """Quarters down, scenarios across: what there would be, at once and placed."""
    quarters = [one.quarter for one in given.stress[0].course] if given.stress else []
    columns = (
        text("quarter", "Quarter"),
        *(
            Column(code=f"scenario-{number}", title=one.scenario, unit="money")
            for number, one in enumerate(given.stress, start=1)
        ),
    )
    rows = tuple(
        Row(
            key=str(quarter),
            cells=(str(quarter), *(getattr(one.course[place], whose) for one in given.stress)),
        )
        for place, quarter in enumerate(quarters)
    )
    return Table(
        code=f"stress-{whose}",
        title=f"Cash and what is placed of the {'reclaim fund' if whose == 'fund' else whose} under each scenario",
        columns=columns,
        rows=rows,
        provenance=(given.stress_provenance,),
    )


def section(given: Adequacy, bundle: Bundle) -> Section:
    """The page."""
    return Section(
        code="adequacy",
        heading=finding(given, bundle),
        blocks=(*_pictures(given, bundle), *_stressed(given, bundle), *_owned(bundle, given)),
        new_page=True,
    )


def finding(given: Adequacy, bundle: Bundle) -> Said:
    """What is kept back of each pound, and whether whatever must hold does."""
    if not bundle.holds("received.closing"):
        return bundle.tell("No dormant money has come in, so none is kept back")
    kept = bundle.tell(
        "{share} of every pound received is kept back for reclaims",
        share=("reserved.closing / received.closing", "pence-in-the-pound"),
    )
    return joined(_semicolon(kept), _of_scenarios(given, bundle)) if given.stress else kept


def _semicolon(said: Said) -> Said:
    return Said(text=f"{said.text};", prints=said.prints)


def _of_scenarios(given: Adequacy, bundle: Bundle) -> Said:
    """Whether what must hold does; then how many would break something later, or need not hold."""
    failing = [one for one in given.stress if _first(one) is not None]
    if any(not one.holds for one in given.stress):
        return bundle.tell("a scenario that must hold does not")
    every = len(given.stress)
    if not failing:
        return bundle.tell("every scenario leaves the fund and the bank standing")
    if any(one.must_hold for one in failing):
        but = plural(len(failing), "not while it must hold", "none while it must hold")
    else:
        but = "need not hold"
    return bundle.tell("{which} would break the fund or bank, but {but}", which=_which(len(failing), every), but=but)


def _which(failing: int, every: int) -> str:
    if failing < every:
        return f"{_word(failing)} of {_word(every)} scenarios"
    return {1: "the one scenario", 2: "both scenarios"}.get(every, f"all {_word(every)} scenarios")


def _word(number: int) -> str:
    return _WORDS[number - 1] if number <= len(_WORDS) else str(number)


_WORDS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _first(line: StressLine) -> Quarter | None:
    found = [one for one in (line.fund_reserve, line.fund_cash, line.bank_reserve, line.bank_cash) if one is not None]
    return min(found, default=None)


def _pictures(given: Adequacy, bundle: Bundle) -> tuple[Block | Pair, ...]:
    if len(given.reserve) < 2:  # noqa: PLR2004 -- a line needs two points
        return (Listing(heading="The reserve", said=_covers(given, bundle)),)
    prints: list[Print] = []
    lines = []
    for code in _SUMS:
        shown = bundle.written(f"reserve.{given.reserve[-1].quarter}.{code}", "millions")
        prints.append(shown)
        amounts = tuple(getattr(one, code).pence for one in given.reserve)
        lines.append(plots.Track(_NAMES[code], amounts, shown.text))
    ends = (str(given.reserve[0].quarter), str(given.reserve[-1].quarter))
    spoken = " ".join(f"{one.label}: {one.text}." for one in lines)
    return (
        Pair(
            left=Chart(
                heading="Received, passed on, kept back and paid back to owners",
                subtitle="£ million, to date at each quarter's end",
                svg=plots.tracks(
                    lines,
                    ends,
                    f"The reclaim fund from {ends[0]} to {ends[1]}, £ million to date. {spoken}",
                    width=432,
                    high=160,
                    key=112,
                ),
                prints=tuple(prints),
                behind=measures_of(_SUMS),
            ),
            right=Listing(heading="What the reserve covers", said=_covers(given, bundle)),
        ),
    )


def _covers(given: Adequacy, bundle: Bundle) -> tuple[Said, ...]:
    """The reserve against what came in and against what owners have asked for; less where less is known."""
    said = []
    if bundle.holds("reserved.closing / received.closing"):
        said.append(
            bundle.tell(
                "{kept} is kept back, {share} of what was received.",
                kept=("reserved.closing", "in-words"),
                share=("reserved.closing / received.closing", "percent"),
            )
        )
    if bundle.holds("reclaimed.closing"):
        said.append(
            bundle.tell(
                "Owners have had {paid} back: {share} of what was received.",
                paid=("reclaimed.closing", "in-words"),
                share=("reclaimed.closing / received.closing", "percent"),
            )
        )
    if len(given.reserve) > _YEAR:
        before = given.reserve[-1 - _YEAR].quarter
        cover = f"reserved.closing / reclaimed.closing - reserve.{before}.reclaimed"
        if bundle.holds(cover):
            said.append(
                bundle.tell(
                    "It would pay what owners reclaimed in the last four quarters {times} times.",
                    times=(cover, "times"),
                )
            )
    return tuple(said) or (bundle.tell("Nothing is kept back yet."),)


def _stressed(given: Adequacy, bundle: Bundle) -> tuple[Block | Pair, ...]:
    if not given.stress:
        return (
            Tabulated(
                heading="Under stress",
                caption="What each approved scenario comes to",
                table=bundle.tables["stress"],
                empty="No scenario has been approved, so nothing has been put under stress.",
            ),
        )
    return (
        Pair(left=_fan(given, bundle, "fund"), right=_fan(given, bundle, "bank"), equal=True),
        Tabulated(
            heading="The first quarter in which anything fails",
            caption="Twenty quarters ahead under each approved scenario: arithmetic, not a forecast",
            table=bundle.tables["stress"],
            small=True,
        ),
    )


_WHOSE: Final = {
    "fund": "The reclaim fund's money under each scenario",
    "bank": "The bank's money under each scenario",
}


def _fan(given: Adequacy, bundle: Bundle, whose: str) -> Chart:
    """Cash and what is placed, a line a scenario."""
    prints: list[Print] = []
    lines = []
    last = given.stress[0].course[-1].quarter
    for number, one in enumerate(given.stress, start=1):
        shown = bundle.written(f"stress-{whose}.{last}.scenario-{number}", "millions")
        prints.append(shown)
        amounts = tuple(getattr(point, whose).pence for point in one.course)
        lines.append(plots.Track(_short(one.scenario), amounts, shown.text))
    ends = (str(given.stress[0].course[0].quarter), str(last))
    key = 22 + max(int(width_of(line.text, SMALL) + width_of(line.label, SMALL)) for line in lines)
    spoken = " ".join(f"{one.scenario}: {line.text} in {last}." for one, line in zip(given.stress, lines, strict=True))
    return Chart(
        heading=_WHOSE[whose],
        subtitle="Cash and placed, £ million",
        svg=plots.tracks(lines, ends, f"Cash and what is placed, £ million. {spoken}", width=340, high=124, key=key),
        prints=tuple(prints),
        behind=measures_of(("cash", "treasury")),
    )


def _short(scenario: str) -> str:
    return scenario if len(scenario) <= _LONGEST else f"{scenario[:_LONGEST]}\N{HORIZONTAL ELLIPSIS}"


_LONGEST: Final = 26


def _owned(bundle: Bundle, given: Adequacy) -> tuple[Block, ...]:
    return (
        Tabulated(
            heading=_owners_heading(given),
            caption="Share capital to date, £ thousand; votes follow agreements, not capital",
            table=bundle.tables["holders"],
            empty="No share has been subscribed yet.",
            small=True,
        ),
    )


def _owners_heading(given: Adequacy) -> str:
    unpaid = Money.total(one.called - one.paid for one in given.holders)
    if not given.holders:
        return "Whose the capital is"
    if unpaid > NOTHING:
        return "Some of what was called is still to be paid"
    number = plural(len(given.holders), "the only holder has", "every holder has")
    return f"{number[:1].upper()}{number[1:]} paid what it was called for"
