"""What goes into a statement's file beside its figures, and what of it can be added up again to come to them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, islice
from typing import Any, Final, Literal

from pydantic import Field

from ledger.money import Money
from ledger.refusals import Malformed
from reports.contents import Contents
from reports.figures import Frozen, Value

CSV: Final = "text/csv"
PYTHON: Final = "text/x-python"


class Sum(Frozen):
    """A column of an attached table that comes to a figure: the sum of its amounts, or with no column its lines."""

    column: str = ""
    reference: str
    where: Mapping[str, str] = Field(default_factory=dict)
    """Of which lines: those that say this in these columns; with none, of all."""
    counted: bool = False
    """Whether the column holds whole numbers and not amounts."""


class Attached(Frozen):
    """One file: its name, what it is, its bytes, and what its columns come to."""

    name: str
    media: str
    description: str
    relationship: Literal["Data", "Source", "Supplement"] = "Data"
    content: Contents
    sums: tuple[Sum, ...] = ()


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Contents:
    """A table as CSV in UTF-8, a line a row, its cells in the order of the columns: the same bytes for the same rows.

    Most rows have nothing in them that has to be quoted. Some hundreds are joined at a time, and where more separators
    stand in them than there are cells to part, each by itself: so a hundred thousand loans take a sixth of the
    library's writer's time.
    """
    waiting = chain((columns,), rows)
    parts = []
    while some := list(islice(waiting, _AT_ONCE)):
        parts.append(_lines(some, len(columns)).encode("utf-8", "replace"))
    return Contents(*parts)


_AT_ONCE: Final = 500
"""Rows that are joined at a time: what they come to stays at hand meanwhile."""


def _lines(rows: Sequence[Sequence[str]], wide: int) -> str:
    lines = list(map(",".join, rows))
    cells = ",".join(lines)
    plain = wide > 1 and not any(mark in cells for mark in '\n\r"') and set(map(len, rows)) == {wide}
    if plain and cells.count(",") == len(rows) * wide - 1:
        return "\n".join((*lines, ""))
    return _quoted(rows) if len(rows) == 1 or wide == 1 else "".join(_lines((row,), wide) for row in rows)


def _quoted(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def listed(one: Attached, told: AbstractSet[str]) -> dict[str, Any]:
    """How a file is named among the figures: with its digest, so that the digest of the figures stands for it too.

    `told` are the references that the statement has a value for: its other sums belong to another kind of statement.
    """
    return {
        "name": one.name,
        "media": one.media,
        "sha256": one.content.sha256,
        "size": one.content.size,
        "sums": [_sum(each) for each in one.sums if each.reference in told],
    }


def _sum(one: Sum) -> dict[str, Any]:
    """A sum as it is written: what it does not say is left out, as it was when there was nothing more to say."""
    more = {"where": dict(one.where)} if one.where else {}
    return {"column": one.column, "reference": one.reference, **more, **({"counted": True} if one.counted else {})}


def text_of(name: str, content: bytes) -> str:
    """What an attached file says. Refuses one that is no text, and names it."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise Malformed(
            f"{name} is no text: its byte {fault.start + 1} is {content[fault.start]:#04x}, where UTF-8 was expected"
        ) from fault


def lines_of(name: str, content: bytes) -> list[dict[str, str]]:
    """The lines of an attached table. Refuses what is no table."""
    return list(csv.DictReader(io.StringIO(text_of(name, content), newline=""), strict=True))


def came_to(name: str, content: bytes, sums: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Value]]:
    """Each reference with what the column that is said to come to it does come to. Refuses what is no such table."""
    lines = lines_of(name, content)
    for each in sums:
        column = each["column"]
        try:
            rows = [row for row in lines if all(row[name] == said for name, said in each.get("where", {}).items())]
            if not column:
                yield each["reference"], len(rows)
            elif each.get("counted"):
                yield each["reference"], sum(_whole(row[column]) for row in rows)
            else:
                yield each["reference"], Money.total(Money.parse(row[column]) for row in rows)
        except KeyError as lacking:
            raise Malformed(f"{name} has no column {lacking.args[0]!r:.60}") from lacking


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Malformed(f"{text!r:.40} is not a whole number")
    return int(text)


WITHHELD: Final = "withheld"
"""What stands in an attached table in the place of a group that is not told of by itself."""


def withheld_in(files: Mapping[str, bytes]) -> Iterator[str]:
    """What tables that stand for several loans or facilities a line withhold, in a sentence for each measure."""
    for name, content in sorted(files.items()):
        if not name.endswith(".csv"):
            continue
        lines = lines_of(name, content)
        dark = [row for row in lines if WITHHELD in {row.get("region"), row.get("facility")} and "loan" not in row]
        for measure in dict.fromkeys(row.get("measure", "") for row in dark):
            some = [row for row in dark if row.get("measure", "") == measure]
            loans = sum(_whole(row["loans"]) for row in some if "loans" in row)
            money = Money.total(Money.parse(row["amount"]) for row in some if "amount" in row)
            of = f"{loans} loans, £{money} {measure.replace('_', ' ')}" if measure else f"{some[0]['intermediary']}"
            yield f"{name} withholds {of}: told of together, and added up with the rest"
