"""Limits and how near each is, the cash and what it must cover, and what lending through others costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final

from ledger.money import NOTHING, Money
from reports import plots
from reports.document import Block, Chart, Pair, Print, Prose, Said, Section, Tabulated
from reports.figures import Adding, Column, Figure, Frozen, Provenance, Row, Table, Value
from reports.formatting import in_words, number_word, times
from reports.statements import path
from reports.statements.tables import figures, measured, measures_of, summed, text
from reports.statements.telling import Bundle, begun, plural


class LimitLine(Frozen):
    """One limit in force: what it bounds, where that stands, and the bound; the worst case where it bounds many.

    `stands` is None where it is not known, which is never within. A `floor` must not be gone below.
    """

    key: str
    title: str
    of: str
    hard: bool
    floor: bool
    stands: Money | Fraction | None
    bound: Money | Fraction
    within: bool
    outside: bool = False
    """Set by law or by the approval of state aid, not by the bank."""


class CostLine(Frozen):
    """What one intermediary's costs took out of what it drew, and the cash of it that it holds.

    `charged` is what of it the bank itself took in fees and default interest: it earns that, so it is no cost.
    """

    key: str
    name: str
    drawn: Money
    charged: Money = NOTHING
    costs: Money
    held: Money


class Bounds(Frozen):
    """What holds the bank: limits, liquidity, costs."""

    limits: tuple[LimitLine, ...]
    at_each_act: tuple[str, ...]
    """Titles of limits that bound each act alone, so that nothing stands against them."""
    cover: Figure
    """Liquidity cover."""
    intermediation: Figure
    days_to_money: Figure
    costs: tuple[CostLine, ...]
    limits_provenance: Provenance
    costs_provenance: Provenance


MOST_ROWS: Final = 15
HEADROOM: Final = Adding(whole="headroom", parts=("cash", "treasury"), less=("bank_reserve", "undrawn_commitments"))


def tables(given: Bounds, liquidity: Sequence[Figure]) -> tuple[Table, ...]:
    """Every table of this page."""
    return (
        _limits(given),
        _values(given),
        figures(liquidity, "liquidity", "Cash and headroom", adding=(HEADROOM,)),
        _costs(given),
    )


def _limits(given: Bounds) -> Table:
    columns = (
        text("limit", "Limit", 46),
        text("of", "Nearest to it", 44),
        text("stands", "Stands at", 18),
        text("bound", "Bound", 22),
        Column(code="used", title="Of the bound, %", unit="share", width=14, unknown="not known"),
        text("verdict", "Verdict", 14),
    )
    rows = tuple(
        Row(
            key=one.key,
            cells=(
                begun(Said(text=one.title)).text + ("" if one.hard else " (soft)"),
                one.of,
                _written(one.stands),
                f"{'at least' if one.floor else 'at most'} {_written(one.bound)}",
                _used(one),
                "within" if one.within else "breached",
            ),
            mark="" if one.within else "warn",
        )
        for one in given.limits
    )
    return Table(code="limits", title="Limits", columns=columns, rows=rows, provenance=(given.limits_provenance,))


def _written(value: Money | Fraction | None) -> str:
    if value is None:
        return "not known"
    return in_words(value) if isinstance(value, Money) else f"{times(value)} times"


def _used(line: LimitLine) -> Fraction | None:
    if isinstance(line.stands, Money) and isinstance(line.bound, Money):
        return Fraction(line.stands.pence, line.bound.pence) if line.bound else None
    if isinstance(line.stands, Fraction) and isinstance(line.bound, Fraction):
        return line.stands / line.bound if line.bound else None
    return None


def _values(given: Bounds) -> Table:
    """The same figures in their own units, for whoever checks the words."""
    columns = (
        Column(code="stands_money", title="Stands at", unit="money"),
        Column(code="bound_money", title="Bound", unit="money"),
        Column(code="stands_times", title="Stands at, times", unit="share"),
        Column(code="bound_times", title="Bound, times", unit="share"),
    )
    rows = []
    for one in given.limits:
        money = [value if isinstance(value, Money) else None for value in (one.stands, one.bound)]
        times = [value if isinstance(value, Fraction) else None for value in (one.stands, one.bound)]
        rows.append(Row(key=one.key, cells=(*money, *times)))
    return Table(
        code="limit-values",
        title="Limits in their units",
        columns=columns,
        rows=tuple(rows),
        provenance=(given.limits_provenance,),
    )


def _costs(given: Bounds) -> Table:
    columns = (
        text("name", "Intermediary", 46),
        measured("drawn", "Drawn", 14),
        measured("cost_of", width=14),
        measured("cost_pence", "Costs to drawn, %", 16),
        measured("charged_by_bank", width=14),
        measured("held_cash", width=14),
    )
    rows = tuple(Row(key=one.key, cells=_cost_cells(one)) for one in _with_costs(given))
    total = summed(columns, rows, "All intermediaries")
    if total is not None:
        whole = CostLine(key="total", name="All intermediaries", **_cost_sums(given.costs))
        total = total.model_copy(update={"cells": _cost_cells(whole)})
    return Table(
        code="costs", title="Costs", columns=columns, rows=rows, total=total, provenance=(given.costs_provenance,)
    )


def _cost_cells(line: CostLine) -> tuple[Value, ...]:
    return (line.name, line.drawn, line.costs, _part(line.costs, line.drawn), line.charged, line.held)


def _cost_sums(lines: Iterable[CostLine]) -> dict[str, Money]:
    some = tuple(lines)
    return {name: Money.total(getattr(one, name) for one in some) for name in ("drawn", "charged", "costs", "held")}


def _part(part: Money, whole: Money) -> Fraction | None:
    return Fraction(part.pence, whole.pence) if whole else None


def _with_costs(given: Bounds) -> list[CostLine]:
    """Intermediaries that took costs or hold cash, the most costly first; those beyond the longest table are left."""
    ranked = sorted(given.costs, key=lambda one: (-one.costs.pence, -one.held.pence, one.key))
    kept = [one for one in ranked if one.costs or one.charged or one.held][: MOST_ROWS - 1]
    rest = [one for one in given.costs if one not in kept]
    if len(rest) == 1 and kept:
        kept += rest
    elif rest and kept:
        kept.append(CostLine(key="others", name=f"{len(rest)} others", **_cost_sums(rest)))
    return kept


def section(given: Bounds, bundle: Bundle) -> Section:
    """The page."""
    return Section(
        code="limits",
        heading=finding(given, bundle),
        blocks=(*_limited(given, bundle), *_liquid(given, bundle), *_spent(given, bundle)),
        new_page=True,
    )


def finding(given: Bounds, bundle: Bundle) -> Said:
    """Whether every limit holds, and which is nearest."""
    breached = [one for one in given.limits if not one.within]
    if not given.limits:
        return bundle.tell("No limit is in force")
    if breached and len(given.limits) == 1:
        return bundle.tell("The one limit in force is breached")
    if breached:
        return begun(
            bundle.tell(
                "{count} of {all} limits {verb} breached",
                count=("count limits verdict breached", "number-word"),
                all=("rows limits", "number-word"),
                verb=plural(len(breached), "is", "are"),
            )
        )
    near = [one for one in given.limits if not one.floor and _used(one) is not None]
    if not near:
        return bundle.tell("Every limit holds")
    nearest = max(near, key=lambda one: _used(one) or Fraction(0))
    return bundle.tell(
        "Every limit holds; the nearest is {share} used: {what}",
        what=nearest.title,
        share=(f"limits.{nearest.key}.used", "whole-percent"),
    )


def bounds_in_words(number: int) -> str:
    """All of so many limits, at the beginning of a sentence."""
    return {1: "The one limit", 2: "Both limits"}.get(number, f"All {number_word(number)} limits")


def _limited(given: Bounds, bundle: Bundle) -> tuple[Block, ...]:
    prints: list[Print] = []
    for one in given.limits:
        unit, style = ("money", "in-words") if isinstance(one.bound, Money) else ("times", "times")
        prints.extend(
            bundle.written(f"limit-values.{one.key}.{side}_{unit}", style)
            for side in ("stands", "bound")
            if getattr(one, side) is not None
        )
    beside = f" Each act is held to these besides: {', '.join(given.at_each_act)}." if given.at_each_act else ""
    return (
        Tabulated(
            heading="Every limit in force, with what stands nearest to it",
            caption="On the day, as known then; for a limit on many, the one that is nearest to it",
            table=bundle.tables["limits"],
            empty="No limit has been approved.",
            note=Said(text=f"A soft limit may be passed with a reason that is kept; a hard one is refused.{beside}"),
            prints=tuple(prints),
            small=True,
        ),
        *_drawn(given, bundle),
    )


def _drawn(given: Bounds, bundle: Bundle) -> tuple[Chart, ...]:
    """How much of each bound is used, each on its own scale; a bound that must not be gone below has no such part."""
    prints: list[Print] = []
    rows = []
    for one in given.limits:
        used = _used(one)
        if one.floor or used is None:
            continue
        shown = bundle.written(f"limits.{one.key}.used", "percent")
        prints.append(shown)
        rows.append(plots.Bullet(begun(Said(text=one.title)).text, 0, 1000, int(used * 1000), (shown.text,)))
    if not rows:
        return ()
    spoken = " ".join(f"{row.label}: {row.texts[0]}." for row in rows)
    return (
        Chart(
            heading="How near each limit is",
            subtitle="Dark: used. Upright mark: the bound. Each on its own scale.",
            svg=plots.bullets(rows, ("Used",), f"How much of each bound is used. {spoken}"),
            prints=tuple(prints),
            behind=measures_of(("used",)),
        ),
    )


def _liquid(given: Bounds, bundle: Bundle) -> tuple[Block | Pair, ...]:
    table = Tabulated(
        heading="What may still be committed",
        caption="On the day, £ thousand",
        table=bundle.tables["liquidity"],
        empty="The bank has no account yet.",
        small=True,
    )
    picture = path.headroom(bundle)
    note = _cover_note(given, bundle)
    shown: tuple[Block | Pair, ...] = (table,) if picture is None else (Pair(left=picture, right=table),)
    return (*shown, Prose(said=(note,))) if note.text else shown


def _cover_note(given: Bounds, bundle: Bundle) -> Said:
    if given.cover.value is None:
        return Said()
    return bundle.tell(
        "Cash and treasury cover undrawn commitments, guarantees and a year's costs {times} times.",
        times=("liquidity_cover", "multiple"),
    )


def _spent(given: Bounds, bundle: Bundle) -> tuple[Block, ...]:
    return (
        Tabulated(
            heading="What lending through others costs",
            caption="£ thousand, to date, by the intermediaries' memorandum books",
            table=bundle.tables["costs"],
            empty=_NO_COSTS if given.costs else "No intermediary has drawn yet.",
            note=_cost_note(given, bundle),
            small=True,
        ),
    )


_NO_COSTS: Final = "No intermediary has met any costs from what it drew, and none holds cash of it."


def _cost_note(given: Bounds, bundle: Bundle) -> Said:
    if given.days_to_money.value is None:
        return bundle.tell("How long an enquiry takes to become money is not known of any facility.")
    return bundle.tell(
        "From enquiry to first money the middle facility took {days} days, known of {known} of {of} "
        f"{plural(bundle.worth('days_to_money.of'), 'facility', 'facilities')}.",
        days=("days_to_money", "days"),
        known=("days_to_money.known", "count"),
        of=("days_to_money.of", "count"),
    )
