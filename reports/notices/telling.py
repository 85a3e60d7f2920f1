"""How a notice is put together: words cut to what one page holds, and the whole of them in the attached data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from reports.document import BigFigure, Block, Document, Pair, Said, Section, Tabulated
from reports.figures import Column, Figure, Provenance, Row, Table
from reports.notices.measures import named
from reports.statements.inputs import Issue
from reports.statements.telling import Bundle

MOST_LETTERS: Final = 82
"""What a name or a reason may take up on the page; the whole of it is attached."""
MOST_ROWS: Final = 3
"""How many rows of one kind the page holds, and one more of one line each; the others are attached."""
_LETTERS_A_LINE: Final = 115
"""What a line of a table holds from edge to edge."""
_CUT: Final = "\N{HORIZONTAL ELLIPSIS}"


def cut(text: str, most: int = MOST_LETTERS) -> str:
    """The text in one line, ended between two words with an ellipsis where it is longer than a page has room for."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    head, space, _ = line[:most].rpartition(" ")
    return f"{head if space and len(head) > most // 2 else line[:most]}{_CUT}"


def lines(
    code: str,
    title: str,
    columns: Sequence[tuple[str, str, int]],
    rows: Iterable[Sequence[str]],
    source: Provenance,
    *,
    deep: int = 2,
) -> tuple[Table, Table]:
    """Words in columns (code, title, width): as the page has room for them, and as they are, for the data alone.

    A cell of the page has so many lines (`deep`).
    """
    heads = tuple(Column(code=name, title=head, unit="text", width=width) for name, head, width in columns)
    told = [tuple(row) for row in rows]
    whole = Table(
        code=f"{code}_in_full",
        title=f"{title}, in full",
        columns=heads,
        rows=tuple(Row(key=f"r{place}", cells=row) for place, row in enumerate(told, start=1)),
        provenance=(source,),
    )
    all_widths = sum(width for *_, width in columns)
    room = [deep * _LETTERS_A_LINE * width // all_widths for *_, width in columns]
    shown = tuple(
        Row(key=f"r{place}", cells=tuple(cut(cell, most) for cell, most in zip(row, room, strict=True)))
        for place, row in enumerate(told[: MOST_ROWS if deep > 1 else MOST_ROWS + 1], start=1)
    )
    return Table(code=code, title=title, columns=heads, rows=shown, provenance=(source,)), whole


def facts(
    code: str, title: str, pairs: Iterable[tuple[str, str]], source: Provenance, prose: Collection[str] = ()
) -> tuple[Table, Table]:
    """Names with what belongs to each; a name with nothing is left out. `prose` names what has twice the room."""
    told = [(name, text) for name, text in pairs if text]
    columns = (
        Column(code="what", title="What", unit="text", width=24),
        Column(code="told", title="As recorded", unit="text", width=76),
    )
    rows = tuple(Row(key=f"r{place}", cells=pair) for place, pair in enumerate(told, start=1))
    shown = tuple(
        row.model_copy(
            update={"cells": (row.cells[0], cut(str(row.cells[1]), (1 + (row.cells[0] in prose)) * MOST_LETTERS))}
        )
        for row in rows
    )
    return (
        Table(code=code, title=title, columns=columns, rows=shown, provenance=(source,)),
        Table(code=f"{code}_in_full", title=f"{title}, in full", columns=columns, rows=rows, provenance=(source,)),
    )


def sums(code: str, title: str, figures: Iterable[Figure], source: Provenance, total: str = "") -> Table:
    """Sums of money one under another, to the penny; the one named `total` is drawn as one."""
    return Table(
        code=code,
        title=title,
        columns=(
            Column(code="what", title="", unit="text", width=70),
            Column(code="sum", title="£", unit="money", style="pounds", width=30),
        ),
        rows=tuple(
            Row(
                key=figure.code,
                cells=(figure.measure.title, figure.value),
                mark="sum" if figure.code == total else "",
            )
            for figure in figures
        ),
        provenance=(source,),
    )


def laid(table: Table, heading: str, caption: str, *, whole: Table | None = None, empty: str = "None.") -> Tabulated:
    """A table on the page; says how many lines of it stand in the data alone."""
    more = 0 if whole is None else len(whole.rows) - len(table.rows)
    note = Said(text=f"and more, which figures.json has in full as {table.code}_in_full") if more else Said()
    return Tabulated(heading=heading, caption=caption, table=table, empty=empty, small=True, note=note)


def big(bundle: Bundle, label: str, code: str, style: str, under: Said | None = None) -> BigFigure:
    """A figure that is read from across the table."""
    sign = "£" if style == "pounds" else ""
    return BigFigure(label=label, figure=bundle.tell(f"{sign}{{value}}", value=(code, style)), under=under or Said())


def bound(
    bundle: Bundle,
    *,
    kind: str,
    title: str,
    issue: Issue,
    headline: Said,
    standfirst: Said,
    blocks: Sequence[Block | Pair],
) -> Document:
    """The notice, with the data that belongs to it."""
    return bundle.bind(
        kind=kind,
        title=title,
        issue=issue,
        headline=headline,
        standfirst=standfirst,
        cover=tuple(blocks),
        sections=_NO_SECTIONS,
        measures=named(figure.code for figure in bundle.figures),
    )


_NO_SECTIONS: Final[tuple[Section, ...]] = ()
