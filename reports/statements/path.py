"""The money's path as it is drawn: boxes in one unit, rounded together, so that what is printed adds as printed.

A drawing in which one bar is taken off another is a sum that a reader makes with a finger on the page. So its amounts
are the cells of a table (not laid out: the drawing is its picture), in one unit, fitted as the cells of every table are
(`reports.rounding`): the totals keep their own rounding, and of the parts that nearest to the half yields by one unit
of the last digit where they would miss it. Both checks follow the same rule, since the table says what adds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ledger.money import NOTHING, Money
from reports import charts
from reports.document import Chart, Print
from reports.figures import Adding, Column, Figure, Movement, Row, Table
from reports.statements.inputs import MoneyPath
from reports.statements.pictures import share_said
from reports.statements.tables import NATIONS, measures_of, text
from reports.statements.telling import Bundle

PATH: Final = "money-path"
HEADROOM: Final = "headroom-path"
UNPASSED: Final = "unpassed"
"""What the fund has of what it received besides what it paid, keeps back and passed on; its own income stands against
it."""
_IN_MILLIONS: Final = Money(10_000_000_00)
"""From here on the largest amount of a drawing is written in millions, and all others with it; below, in thousands."""
_UNITS: Final = {"millions": "£ million", "thousands": "£ thousand"}

INTO_THE_BANK: Final = (
    ("received", "Received from dormant accounts", ""),
    ("reclaimed", "less reclaims paid", "off"),
    ("reserved", "less reserve held for reclaims", "off"),
    (UNPASSED, "less surplus not passed on", "off"),
    ("distributed", "Distributed", ""),
    ("nations", "The four nations' shares", ""),
    ("trust", "England's, paid to the trust", ""),
    ("bank", "Subscribed to the bank", ""),
)
OUT_OF_THE_BANK: Final = (
    ("in_principle", "Committed in principle", ""),
    ("signed", "Signed", ""),
    ("drawn", "Drawn", ""),
    ("lent", "At the front line", ""),
    ("outstanding", "Outstanding with borrowers", ""),
)
_OWN_INCOME: Final = "with income of the fund's own"
"""What the line is called where more was passed on than what was received had left."""
_NAMES: Final = {
    "england": "England",
    "scotland": "Scotland",
    "wales": "Wales",
    "northern_ireland": "N. Ireland",
}
_REMARKS: Final = {
    "reclaimed": ("reclaimed.closing / received.closing", "{} of what was received"),
    "reserved": ("reserved.closing / received.closing", "{} of what was received"),
    "in_principle": ("in_principle.closing / {capital}", "{} of the bank's capital"),
    "signed": ("signed.closing / in_principle.closing", "{} of it"),
    "drawn": ("drawn.closing / signed.closing", "{} of it"),
    "lent": ("lent.closing / drawn.closing", "{} of it"),
    "outstanding": ("outstanding.closing / lent.closing", "{} of it"),
}


def path_table(boxes: Iterable[Movement]) -> Table:
    """What each box holds, in one unit, and which of them add: the table that is drawn."""
    given = {box.code: box for box in boxes}
    held = {code: box.closing for code, box in given.items()}
    taken = ("reclaimed", "reserved", "distributed")
    rest = held["received"] - Money.total(held[code] for code in taken)
    titles = {code: box.measure.title for code, box in given.items()}
    if rest:
        held[UNPASSED] = abs(rest)
        titles[UNPASSED] = "Surplus not passed on" if rest > NOTHING else "From the fund's own income"
    return Table(
        code=PATH,
        title="The money's path",
        columns=_columns(held.values()),
        rows=tuple(Row(key=code, cells=(titles[code], amount)) for code, amount in held.items()),
        provenance=tuple(box.provenance for box in given.values()),
        adding=(
            Adding(
                whole="received",
                parts=(*taken, *((UNPASSED,) if rest > NOTHING else ())),
                less=(UNPASSED,) if rest < NOTHING else (),
            ),
            Adding(whole="distributed", parts=NATIONS),
        ),
    )


def headroom_table(liquidity: Sequence[Figure]) -> tuple[Table, ...]:
    """Cash and treasury together, what comes off, and what is left; nothing where there is no cash."""
    sums = {figure.code: figure.value for figure in liquidity if isinstance(figure.value, Money)}
    if not {"cash", "treasury", "bank_reserve", "undrawn_commitments", "headroom"} <= sums.keys() or not sums["cash"]:
        return ()
    lines = {
        "held": ("Cash and treasury", sums["cash"] + sums["treasury"]),
        "bank_reserve": ("less the reserve", sums["bank_reserve"]),
        "undrawn_commitments": ("less what is promised", sums["undrawn_commitments"]),
        "headroom": ("Headroom", sums["headroom"]),
    }
    return (
        Table(
            code=HEADROOM,
            title="From cash to headroom",
            columns=_columns(amount for _, amount in lines.values()),
            rows=tuple(Row(key=code, cells=line) for code, line in lines.items()),
            provenance=tuple(figure.provenance for figure in liquidity),
            adding=(Adding(whole="headroom", parts=("held",), less=("bank_reserve", "undrawn_commitments")),),
        ),
    )


def _columns(amounts: Iterable[Money]) -> tuple[Column, Column]:
    style = "millions" if max(abs(amount) for amount in amounts) >= _IN_MILLIONS else "thousands"
    return text("box", "Box"), Column(code="held", title="Held", unit="money", style=style)


def _unit(table: Table) -> str:
    return _UNITS[table.columns[1].style]


def money_path(path: MoneyPath, bundle: Bundle) -> tuple[Chart, Chart]:
    """The way from dormant accounts to borrowers, one bar a box: into the bank, then out of it at a larger scale."""
    boxes = {box.code: box for box in path.boxes()}
    unit = _unit(bundle.tables[PATH])
    return (
        drawn_path(
            boxes,
            bundle,
            INTO_THE_BANK,
            "From dormant accounts to the bank",
            f"{unit}, to date. The lighter end came in the quarter; pink was taken off the bar above.",
        ),
        drawn_path(
            boxes,
            bundle,
            OUT_OF_THE_BANK,
            "From the bank to the front line",
            f"{unit}, to date, on a larger scale than above. The bars are stages of the same money, and never added.",
        ),
    )


def drawn_path(
    boxes: Mapping[str, Movement],
    bundle: Bundle,
    some: Sequence[tuple[str, str, str]],
    heading: str,
    subtitle: str = "",
) -> Chart:
    """Some boxes of the path, one bar a box."""
    prints: list[Print] = []
    unit = _unit(bundle.tables[PATH])
    shown = [one for one in some if one[0] != UNPASSED or _keyed(bundle, UNPASSED)]
    steps = [_step(boxes, bundle, prints, *one) for one in shown]
    return Chart(
        heading=heading,
        subtitle=subtitle
        or f"{unit}, to date. The lighter end of a bar was added in the quarter; pink was taken off the bar above.",
        svg=charts.cascade(steps, f"{heading}, {unit}, to date. " + " ".join(_spoken(step) for step in steps)),
        prints=tuple(prints),
        behind=measures_of(code for code, _, _ in some if code not in {"nations", UNPASSED}),
    )


def _keyed(bundle: Bundle, code: str) -> Money:
    held = {row.key: row.cells[1] for row in bundle.tables[PATH].rows}.get(code)
    return held if isinstance(held, Money) else NOTHING


def _spoken(step: charts.Step) -> str:
    remark = f", {step.remark}" if step.remark else ""
    return f"{step.label}: {step.text}{remark}."


def _written(bundle: Bundle, prints: list[Print], table: str, code: str) -> str:
    shown = bundle.written(f"{table}.{code}.held", bundle.tables[table].columns[1].style)
    prints.append(shown)
    return shown.text


def _step(
    boxes: Mapping[str, Movement], bundle: Bundle, prints: list[Print], code: str, label: str, tone: str
) -> charts.Step:
    if code == "nations":
        return _nations(boxes, bundle, prints)
    shown = _written(bundle, prints, PATH, code)
    if code == UNPASSED:
        rest, end = _keyed(bundle, UNPASSED).pence, boxes["distributed"].closing.pence
        if UNPASSED in bundle.tables[PATH].adding[0].less:
            return charts.Step(label=_OWN_INCOME, amount=rest, text=shown)
        return charts.Step(label=label, amount=rest, text=shown, start=max(end, 0), tone="off")
    box = boxes[code]
    start = boxes["received"].closing.pence - boxes["reclaimed"].closing.pence if tone else 0
    if code == "reserved":
        start -= boxes["reserved"].closing.pence
    return charts.Step(
        label=label,
        amount=max(box.closing.pence, 0),
        text=shown,
        added=box.change.pence,
        start=max(start, 0),
        remark=_remark(bundle, prints, code),
        tone="off" if tone else "kept",
    )


def _remark(bundle: Bundle, prints: list[Print], code: str) -> str:
    reference, words = _REMARKS.get(code, ("", ""))
    return share_said(bundle, prints, reference.replace("{capital}", bundle.capital), words, short=True)


def _nations(boxes: Mapping[str, Movement], bundle: Bundle, prints: list[Print]) -> charts.Step:
    parts = tuple((name, max(boxes[code].closing.pence, 0)) for code, name in _NAMES.items())
    england, *others = [f"{name} {_written(bundle, prints, PATH, code)}" for code, name in _NAMES.items()]
    return charts.Step(
        label="The four nations' shares",
        amount=sum(amount for _, amount in parts),
        text=england,
        remark=", ".join(others),
        parts=parts,
    )


def headroom(bundle: Bundle) -> Chart | None:
    """What cash and treasury come to, what is kept back and promised of it, and what is left; none without cash."""
    table = bundle.tables.get(HEADROOM)
    if table is None:
        return None
    prints: list[Print] = []
    steps: list[charts.Step] = []
    end = 0
    for row in table.rows:
        label, amount = row.cells
        pence = amount.pence if isinstance(amount, Money) else 0
        off = row.key in table.adding[0].less
        end = end - pence if off else pence
        steps.append(
            charts.Step(
                str(label),
                max(pence, 0),
                _written(bundle, prints, HEADROOM, row.key),
                start=max(end, 0) if off else 0,
                tone="off" if off else "kept",
            )
        )
    unit = _unit(table)
    spoken = " ".join(_spoken(step) for step in steps)
    return Chart(
        heading="From cash to headroom",
        subtitle=f"{unit}, on the day; pink is taken off",
        svg=charts.cascade(steps, f"From cash to headroom, {unit}. {spoken}", width=432, left=128, tail=64),
        prints=tuple(prints),
        behind=measures_of(("cash", "treasury", "bank_reserve", "undrawn_commitments", "headroom")),
    )
