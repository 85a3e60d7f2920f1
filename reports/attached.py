"""What goes into a statement's file beside its figures, and what of it can be added up again to come to them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from operator import itemgetter
from typing import Any, Final, Literal

from ledger.money import Money
from ledger.refusals import Malformed
from reports.figures import Frozen, Value

CSV: Final = "text/csv"
PYTHON: Final = "text/x-python"


class Sum(Frozen):
    """A column of an attached table that comes to a figure: the sum of its amounts, or with no column its lines."""

    column: str = ""
    reference: str


class Attached(Frozen):
    """One file: its name, what it is, its bytes, and what its columns come to."""

    name: str
    media: str
    description: str
    relationship: Literal["Data", "Source", "Supplement"] = "Data"
    content: bytes
    sums: tuple[Sum, ...] = ()


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """A table as CSV in UTF-8, a line a row, the columns in the order given: the same bytes for the same rows.

    A row has every column; what it has besides is left out. Most rows have nothing in them that has to be quoted, and
    are joined as they are: a hundred thousand loans so take a quarter of the library's writer's time.
    """
    if len(columns) == 1:
        return _quoted((columns, *([row[columns[0]]] for row in rows))).encode("utf-8", "replace")
    chosen = itemgetter(*columns)
    lines = map(_line, chain((tuple(columns),), map(chosen, rows)))
    return "".join(lines).encode("utf-8", "replace")


def _line(cells: Sequence[str]) -> str:
    line = ",".join(cells)
    if line.count(",") == len(cells) - 1 and '"' not in line and "\n" not in line and "\r" not in line:
        return line + "\n"
    return _quoted((cells,))


def _quoted(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def listed(one: Attached, digest: str, told: AbstractSet[str]) -> dict[str, Any]:
    """How a file is named among the figures: with its digest, so that the digest of the figures stands for it too.

    `told` are the references that the statement has a value for: its other sums belong to another kind of statement.
    """
    return {
        "name": one.name,
        "media": one.media,
        "sha256": digest,
        "size": len(one.content),
        "sums": [each.model_dump() for each in one.sums if each.reference in told],
    }


def came_to(content: bytes, sums: Iterable[Mapping[str, str]]) -> Iterator[tuple[str, Value]]:
    """Each reference with what the column that is said to come to it does come to. Refuses what is no such table."""
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    for each in sums:
        column = each["column"]
        if not column:
            yield each["reference"], len(rows)
            continue
        try:
            yield each["reference"], Money.total(Money.parse(row[column]) for row in rows)
        except KeyError as lacking:
            raise Malformed(f"the table has no column {column!r:.60}") from lacking
